-- Notices of logouts are claimed and tried again; clients push requests (RFC 9126) and
-- authenticate by assertions (RFC 7523). A notice that was there is due at once.

ALTER TABLE logout_notices ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE logout_notices ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;

CREATE INDEX logout_notices_by_due_at ON logout_notices (due_at);

-- For a logout that names its session by `sid` alone.
CREATE INDEX grants_by_sid ON grants (client_id, sid) WHERE sid IS NOT NULL;

CREATE TABLE pushed_requests (
    request_id BLOB PRIMARY KEY NOT NULL,
    client_id TEXT NOT NULL,
    ends_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE INDEX pushed_requests_by_client ON pushed_requests (client_id, ends_at);
CREATE INDEX pushed_requests_by_ends_at ON pushed_requests (ends_at);

-- Assertions that were used: client and jti, known by their digest.
CREATE TABLE assertions (
    digest BLOB PRIMARY KEY NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX assertions_by_ends_at ON assertions (ends_at);
