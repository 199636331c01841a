-- Every public key that was ever certified, so that no key speaks for two streams or comes back in another pair.
CREATE TABLE collector_key (
    point  BLOB PRIMARY KEY,
    stream TEXT NOT NULL REFERENCES stream (id)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO collector_key (point, stream) SELECT point, stream FROM certificate;

-- Renewed pairs, by the hash of both keys: the same keys get the same reply again while its certificates are valid. Rows of
-- expired pairs go when the stream's next pair comes.
CREATE TABLE renewal (
    keys    BLOB PRIMARY KEY,
    stream  TEXT NOT NULL REFERENCES stream (id),
    expires INTEGER NOT NULL,
    reply   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A stream's certificates are looked for by stream when they are renewed and when they are revoked.
CREATE INDEX certificate_by_stream ON certificate (stream, purpose, not_before);

-- How often the stream has recovered since a person last approved.
ALTER TABLE stream ADD COLUMN recoveries INTEGER NOT NULL DEFAULT 0;
