-- Breakdowns: noisy cross-tables of one service and month. Each stream releases them once: of a second draw, with other noise, the
-- average would tell more than either.
CREATE TABLE breakdown (
    id            INTEGER PRIMARY KEY,
    stream        TEXT NOT NULL REFERENCES stream (id),
    agency        TEXT NOT NULL REFERENCES agency (key),
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    assurance     TEXT NOT NULL,
    period        TEXT NOT NULL,
    responses     INTEGER NOT NULL,
    mechanism     TEXT NOT NULL,    -- JSON, as it came
    tables        TEXT NOT NULL,    -- JSON, as they came: they are published whole and never added up
    UNIQUE (stream, service, questionnaire, version, assurance, period)
) STRICT;

-- Sums of batches with noise, apart from `rollup`: exact and noisy counts are never mixed in one figure. The variance is that of the
-- noise of each count.
CREATE TABLE noisy_rollup (
    id            INTEGER PRIMARY KEY,
    agency        TEXT NOT NULL REFERENCES agency (key),
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    assurance     TEXT NOT NULL,
    period        TEXT NOT NULL,
    responses     INTEGER NOT NULL,
    variance      REAL NOT NULL,
    UNIQUE (agency, service, questionnaire, version, assurance, period)
) STRICT;

CREATE TABLE noisy_count (
    rollup   INTEGER NOT NULL REFERENCES noisy_rollup (id),
    question TEXT NOT NULL,
    option   TEXT NOT NULL,
    n        INTEGER NOT NULL,      -- below zero where noise says so
    PRIMARY KEY (rollup, question, option)
) STRICT, WITHOUT ROWID;

ALTER TABLE service ADD COLUMN sensitive INTEGER NOT NULL DEFAULT 0 CHECK (sensitive IN (0, 1));
