-- What the operator says of subjects, kept as long as the subjects are; `sealed` is
-- readable with the salt of the subjects only. The fingerprint of that salt is written
-- with the next login where it is not there yet.

ALTER TABLE upstreams ADD COLUMN salt_fingerprint TEXT NOT NULL DEFAULT '';

-- An identity that stands for another one.
CREATE TABLE subject_links (
    subject TEXT PRIMARY KEY NOT NULL,
    into_subject TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX subject_links_by_into_subject ON subject_links (into_subject);

-- A sub that stands in the place of the computed one, at the clients of a sector;
-- `digest` tells it from others.
CREATE TABLE imported_subs (
    subject TEXT NOT NULL,
    sector TEXT NOT NULL,
    digest TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (subject, sector)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX imported_subs_by_digest ON imported_subs (digest);
