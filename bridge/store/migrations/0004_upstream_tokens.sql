-- RERO+'s tokens of patrons, where the operator has them kept: one row a patron, `sealed`
-- readable with the sealing key only. Whatever ends the last session and the last grant
-- with offline_access of a patron ends them, too.

CREATE TABLE upstream_tokens (
    subject TEXT PRIMARY KEY NOT NULL,
    ends_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE INDEX upstream_tokens_by_ends_at ON upstream_tokens (ends_at);

CREATE TRIGGER upstream_tokens_after_sessions AFTER DELETE ON sessions BEGIN
    DELETE FROM upstream_tokens WHERE subject = OLD.subject
    AND NOT EXISTS (SELECT 1 FROM sessions WHERE subject = OLD.subject)
    AND NOT EXISTS (
        SELECT 1 FROM grants WHERE subject = OLD.subject
        AND instr(' ' || scope || ' ', ' offline_access ') > 0
    );
END;

CREATE TRIGGER upstream_tokens_after_grants AFTER DELETE ON grants BEGIN
    DELETE FROM upstream_tokens WHERE subject = OLD.subject
    AND NOT EXISTS (SELECT 1 FROM sessions WHERE subject = OLD.subject)
    AND NOT EXISTS (
        SELECT 1 FROM grants WHERE subject = OLD.subject
        AND instr(' ' || scope || ' ', ' offline_access ') > 0
    );
END;
