-- What a collector keeps. No table that holds answers has a rowid: rows stand in the order of random keys, so that they
-- cannot be lined up with anybody's log of arrivals. No column beside an answer is finer than the day.

-- Facts about this installation: agency, stream, epoch, and the secret under which form tokens and tickets are made.
CREATE TABLE installation (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Hashes of submission keys and tickets that have counted. Nothing leads from here to a response.
CREATE TABLE nullifier (
    hash BLOB PRIMARY KEY,
    day  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Responses that have entered no batch yet. The key is the hash of the withdrawal code.
CREATE TABLE pool (
    key           BLOB PRIMARY KEY,
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    assurance     TEXT NOT NULL,
    day           TEXT NOT NULL,
    language      TEXT NOT NULL,
    answers       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Responses that have entered a batch, kept until their month's breakdowns are made. Which batch is not recorded: its
-- hour would be finer than the day.
CREATE TABLE sealed (
    key           BLOB PRIMARY KEY,
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    assurance     TEXT NOT NULL,
    day           TEXT NOT NULL,
    language      TEXT NOT NULL,
    answers       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Those of them that were sealed today. They move once a day, in the order of their random keys, so that not even their
-- place within a page tells which of them left together.
CREATE TABLE sealed_today (
    key           BLOB PRIMARY KEY,
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    assurance     TEXT NOT NULL,
    day           TEXT NOT NULL,
    language      TEXT NOT NULL,
    answers       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Suggestions of today, and those of earlier days. They move once a day too.
CREATE TABLE suggestion_today (
    key           BLOB PRIMARY KEY,
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    day           TEXT NOT NULL,
    language      TEXT NOT NULL,
    overall       INTEGER NOT NULL,
    text          TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE suggestion (
    key           BLOB PRIMARY KEY,
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    day           TEXT NOT NULL,
    language      TEXT NOT NULL,
    overall       INTEGER NOT NULL,
    text          TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What the agency's live pages read: a page costs the same at a hundred and at ten million responses.
CREATE TABLE tally (
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    assurance     TEXT NOT NULL,
    day           TEXT NOT NULL,
    question      TEXT NOT NULL,
    option        TEXT NOT NULL,
    -- A withdrawal takes away what its response added, never more.
    n             INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (service, questionnaire, version, assurance, day, question, option)
) STRICT, WITHOUT ROWID;

-- Messages, as they were made and as they are sent. A body stays until its receipt has been verified, and after: it is
-- what the agency shows when somebody asks what it told Istat.
CREATE TABLE outbox (
    epoch      INTEGER NOT NULL,
    sequence   INTEGER NOT NULL,
    body       BLOB NOT NULL,
    receipt    TEXT,
    quarantine TEXT,
    PRIMARY KEY (epoch, sequence)
) STRICT, WITHOUT ROWID;

-- Receipts for messages that the aggregator has lost since and was sent again: they prove what it had accepted.
CREATE TABLE receipt_superseded (
    epoch    INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    receipt  TEXT NOT NULL,
    PRIMARY KEY (epoch, sequence, receipt)
) STRICT, WITHOUT ROWID;

-- Signed documents pulled from the aggregator, as they came.
CREATE TABLE document (
    name  TEXT PRIMARY KEY,
    etag  TEXT,
    token TEXT NOT NULL
) STRICT, WITHOUT ROWID;
