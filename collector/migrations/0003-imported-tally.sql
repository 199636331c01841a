-- Ratings that another component collected before, counted from its export. Apart from `tally`, so that no figure mixes them
-- with answers that came here; nothing of them is sealed or sent.
CREATE TABLE imported_tally (
    service  TEXT NOT NULL,
    source   TEXT NOT NULL,
    day      TEXT NOT NULL,
    question TEXT NOT NULL,
    option   TEXT NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (service, source, day, question, option)
) STRICT, WITHOUT ROWID;
