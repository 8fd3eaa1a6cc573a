-- What a login leaves behind. Instants are whole seconds since the epoch, scopes are
-- text parted by single spaces, `sealed` is readable with the sealing key only.
-- Rows of sessions and grants are wide: they keep their rowid, so that new ones stand
-- side by side on few pages, and `sealed` stands last.

PRAGMA application_id = 0x5245524F; -- "RERO": a file of another program is refused

CREATE TABLE sessions (
    session_id TEXT PRIMARY KEY NOT NULL,
    secret_digest BLOB NOT NULL,
    subject TEXT NOT NULL,
    upstream_scopes TEXT NOT NULL,
    auth_time INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    ticket_id BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX sessions_by_secret_digest ON sessions (secret_digest);
CREATE INDEX sessions_by_subject ON sessions (subject, auth_time);
CREATE INDEX sessions_by_ends_at ON sessions (ends_at);

CREATE TABLE grants (
    grant_id BLOB PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    client_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    session_id TEXT,
    sid TEXT,
    scope TEXT NOT NULL,
    generation INTEGER NOT NULL,
    access_epoch INTEGER NOT NULL,
    swapped_at INTEGER NOT NULL,
    swapped_scope INTEGER NOT NULL,
    refresh_limit INTEGER NOT NULL,
    refresh_end INTEGER NOT NULL,
    key_id BLOB NOT NULL,
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT,
    nonce TEXT,
    auth_time INTEGER NOT NULL,
    logout_until INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE INDEX grants_by_session ON grants (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX grants_by_subject ON grants (subject, client_id, issued_at);
CREATE INDEX grants_by_expires_at ON grants (expires_at);

-- Tickets that were used: the primary key is what makes a ticket single use.
CREATE TABLE tickets (
    ticket_id BLOB PRIMARY KEY NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tickets_by_ends_at ON tickets (ends_at);

-- `allowed` is a JSON list of scopes and claims, sorted.
CREATE TABLE consents (
    subject TEXT NOT NULL,
    client_id TEXT NOT NULL,
    allowed TEXT NOT NULL,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (subject, client_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE upstreams (
    upstream_id TEXT PRIMARY KEY NOT NULL,
    base_url TEXT NOT NULL,
    has_user_ids INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: the number of a notice that was sent never comes back.
CREATE TABLE logout_notices (
    notice_id INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id TEXT NOT NULL,
    sid TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- One row that the readiness check writes and reads back.
CREATE TABLE readiness (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    checks INTEGER NOT NULL
) STRICT;
