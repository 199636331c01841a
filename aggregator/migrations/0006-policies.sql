-- Every policy that was ever in force, by its number: a batch is judged by the one that it was sealed under.
CREATE TABLE policy (
    version INTEGER NOT NULL PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;
