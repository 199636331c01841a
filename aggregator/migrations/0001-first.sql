-- What the aggregator keeps. Everything in the ledger is public, being anonymous; nothing here was ever about one person.

CREATE TABLE agency (
    key         TEXT PRIMARY KEY,   -- the codice IPA in lower case
    code        TEXT NOT NULL,      -- as the index of public bodies writes it
    name        TEXT NOT NULL,
    category    TEXT NOT NULL,
    territory   TEXT NOT NULL,
    fiscal_code TEXT
) STRICT, WITHOUT ROWID;

-- One row for each certificate that was issued to a collector, by the SHA-256 of its DER.
CREATE TABLE certificate (
    thumbprint BLOB PRIMARY KEY,
    agency     TEXT NOT NULL REFERENCES agency (key),
    stream     TEXT NOT NULL,
    purpose    TEXT NOT NULL CHECK (purpose IN ('tls', 'seal')),
    point      BLOB NOT NULL,
    serial     BLOB NOT NULL,
    not_before INTEGER NOT NULL,
    not_after  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Join tokens, by the SHA-256 of their secret. Once redeemed, bound to the keys that redeemed it and to the reply that they
-- got: the same keys get the same again, other keys are refused and counted.
CREATE TABLE invitation (
    secret_hash BLOB PRIMARY KEY,
    agency      TEXT NOT NULL REFERENCES agency (key),
    expires     INTEGER NOT NULL,
    keys        BLOB,
    reply       TEXT,
    refusals    INTEGER NOT NULL DEFAULT 0,
    CHECK ((keys IS NULL) = (reply IS NULL))
) STRICT, WITHOUT ROWID;

-- The end of each stream. Digest is null before the first message of an epoch.
CREATE TABLE stream (
    id       TEXT PRIMARY KEY,
    agency   TEXT NOT NULL REFERENCES agency (key),
    epoch    INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    digest   BLOB,
    state    TEXT NOT NULL CHECK (state IN ('open', 'quarantined', 'revoked')),
    changed  INTEGER NOT NULL       -- when the state was set, seconds since the Unix epoch
) STRICT, WITHOUT ROWID;

-- Ids of tokens, until they expire.
CREATE TABLE token_seen (
    jti     TEXT PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The ledger: bodies as they arrived, with what proves who sent them and what was answered.
CREATE TABLE entry (
    leaf_index  INTEGER PRIMARY KEY,
    stream      TEXT NOT NULL REFERENCES stream (id),
    epoch       INTEGER NOT NULL,
    sequence    INTEGER NOT NULL,
    body        BLOB NOT NULL,
    leaf_hash   BLOB NOT NULL,
    signature   TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    receipt     TEXT NOT NULL,
    UNIQUE (stream, epoch, sequence)
) STRICT;

-- Roots of full tiles: the hashes of the tree's rows above the leaves, level 1 and up.
CREATE TABLE tile_root (
    level INTEGER NOT NULL,
    tile  INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (level, tile)
) STRICT, WITHOUT ROWID;

-- A second body for a number that was taken: kept, for the person who has to find out why.
CREATE TABLE equivocation (
    stream      TEXT NOT NULL,
    epoch       INTEGER NOT NULL,
    sequence    INTEGER NOT NULL,
    body        BLOB NOT NULL,
    signature   TEXT NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;

CREATE TABLE service (
    agency TEXT NOT NULL REFERENCES agency (key),
    id     TEXT NOT NULL,
    name   TEXT NOT NULL,
    kind   TEXT NOT NULL,
    PRIMARY KEY (agency, id)
) STRICT, WITHOUT ROWID;

-- Sums of batches.
CREATE TABLE rollup (
    id            INTEGER PRIMARY KEY,
    agency        TEXT NOT NULL REFERENCES agency (key),
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    assurance     TEXT NOT NULL,
    period        TEXT NOT NULL,
    responses     INTEGER NOT NULL,
    UNIQUE (agency, service, questionnaire, version, assurance, period)
) STRICT;

CREATE TABLE rollup_count (
    rollup   INTEGER NOT NULL REFERENCES rollup (id),
    question TEXT NOT NULL,
    option   TEXT NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (rollup, question, option)
) STRICT, WITHOUT ROWID;

-- Every questionnaire that was ever published, as it was signed.
CREATE TABLE questionnaire (
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    token   TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;
