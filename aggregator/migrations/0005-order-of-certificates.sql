-- In which order a stream got its certificates, from 0, each purpose by itself. Their dates do not tell: they are those of a clock
-- that may have been set back between two of them.
ALTER TABLE certificate ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
UPDATE certificate SET number = (
    SELECT COUNT(*) FROM certificate AS earlier
    WHERE earlier.stream = certificate.stream AND earlier.purpose = certificate.purpose
      AND earlier.not_before < certificate.not_before
);
