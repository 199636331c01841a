-- Sealed responses stand under the service and in the reference month of their batch, so that the breakdowns of a month are about
-- the very people whom its batches count. A month is coarser than the day that stands there already.
ALTER TABLE sealed ADD COLUMN period TEXT NOT NULL DEFAULT '';
ALTER TABLE sealed_today ADD COLUMN period TEXT NOT NULL DEFAULT '';
UPDATE sealed SET period = substr(day, 1, 7);
UPDATE sealed_today SET period = substr(day, 1, 7);

-- The budget of each table of each month, once spent: a second release of the same cells would let their noise be averaged away.
-- A row also stands for a table that was given up.
CREATE TABLE breakdown_budget (
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    assurance     TEXT NOT NULL,
    period        TEXT NOT NULL,
    crossing      TEXT NOT NULL,
    PRIMARY KEY (service, questionnaire, version, assurance, period, crossing)
) STRICT, WITHOUT ROWID;
