-- How many responses are in the batches of each stream, by key. Rollups are an agency's, which may have several streams; a
-- collector that was restored from a backup asks for its own.
CREATE TABLE stream_total (
    stream        TEXT NOT NULL REFERENCES stream (id),
    service       TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version       INTEGER NOT NULL,
    assurance     TEXT NOT NULL,
    responses     INTEGER NOT NULL,
    PRIMARY KEY (stream, service, questionnaire, version, assurance)
) STRICT, WITHOUT ROWID;
