-- Answers that were stored under suspicion, by service, day and reason: a number, and no link to any answer.
CREATE TABLE suspected_tally (
    service TEXT NOT NULL,
    day     TEXT NOT NULL,
    reason  TEXT NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (service, day, reason)
) STRICT, WITHOUT ROWID;
