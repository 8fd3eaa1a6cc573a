-- Whom a logout reaches: the clients at which a session was used and that take part in
-- logouts. Grants come and go; this stays as long as the session, and no longer.

CREATE TABLE session_clients (
    session_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    sid TEXT NOT NULL,
    PRIMARY KEY (session_id, client_id)
) STRICT, WITHOUT ROWID;

-- For a logout that names its session by `sid` alone.
CREATE INDEX session_clients_by_sid ON session_clients (client_id, sid);
DROP INDEX grants_by_sid;

INSERT OR IGNORE INTO session_clients (session_id, client_id, sid)
SELECT session_id, client_id, sid FROM grants
WHERE logout_until > 0 AND sid IS NOT NULL
AND session_id IN (SELECT session_id FROM sessions);

-- However a session ends, logged out or cleaned away.
CREATE TRIGGER session_clients_end_with_session AFTER DELETE ON sessions
BEGIN
    DELETE FROM session_clients WHERE session_id = old.session_id;
END;

-- Nothing is refreshed any more by a session that is gone, and no access token lives
-- longer than a day: what is left may go a day after the last swap.
CREATE TRIGGER grants_run_out_after_session AFTER DELETE ON sessions
BEGIN
    UPDATE grants SET
        expires_at = min(expires_at, max(issued_at, swapped_at) + 86400)
    WHERE session_id = old.session_id
    AND instr(' ' || scope || ' ', ' offline_access ') = 0;
END;
