-- The card that a patron chose at a client: as long as the session, and no longer. What
-- it is stands in `sealed`, readable with the sealing key only.

CREATE TABLE card_choices (
    session_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (session_id, client_id)
) STRICT, WITHOUT ROWID;

-- However a session ends, logged out or cleaned away.
CREATE TRIGGER card_choices_end_with_session AFTER DELETE ON sessions
BEGIN
    DELETE FROM card_choices WHERE session_id = old.session_id;
END;
