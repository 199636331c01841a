-- What a collector has to know in order to come back from a backup without counting anybody twice.

-- A stranded message is one that can never be delivered: the aggregator has begun a later epoch without it.
ALTER TABLE outbox ADD COLUMN stranded INTEGER NOT NULL DEFAULT 0 CHECK (stranded IN (0, 1));

-- How many responses have left under each key, in messages that are not stranded. After a restore the aggregator's totals are
-- held against these: where they differ, something was sent that this file does not know.
CREATE TABLE sent_total (
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    assurance     TEXT NOT NULL,
    responses     INTEGER NOT NULL CHECK (responses >= 0),
    PRIMARY KEY (service, questionnaire, version, assurance)
) STRICT, WITHOUT ROWID;

-- Keys of the responses in the pool that came out of a backup, until the aggregator has said what it has of them.
CREATE TABLE restored (
    key BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
