-- Sums of the batches that have been sealed: what the public pages show. Live tallies would give the latest answer away to
-- whoever reads them before and after it; these change by whole batches only. The period is the batch's reference month.
CREATE TABLE sealed_tally (
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    assurance     TEXT NOT NULL,
    period        TEXT NOT NULL,
    question      TEXT NOT NULL,
    option        TEXT NOT NULL,
    n             INTEGER NOT NULL,
    PRIMARY KEY (service, questionnaire, version, assurance, period, question, option)
) STRICT, WITHOUT ROWID;
