-- The web takes what source systems push and may not apply it: it lies here, sealed, until the worker has answered.
-- The web proves the key against its digest, and puts requests down; it can neither read another key nor change one.

CREATE TABLE intake.pushed (
    push_id bigint PRIMARY KEY,
    credential_id bigint NOT NULL,
    source text NOT NULL,
    received_at timestamptz NOT NULL,
    answered_at timestamptz,
    changes integer NOT NULL,
    problem text,
    sent bytea,
    answer bytea,
    CONSTRAINT pushed_answered CHECK (answered_at IS NULL OR (answer IS NULL) <> (problem IS NULL))
);
COMMENT ON TABLE intake.pushed IS 'Requests of source systems, until they are answered, and their answers for a while';
COMMENT ON COLUMN intake.pushed.sent IS 'the changes as JSON, sealed; gone once they are answered';
COMMENT ON COLUMN intake.pushed.answer IS 'the answers as JSON, sealed';
COMMENT ON COLUMN intake.pushed.problem IS 'the class of the error where nothing was applied';
CREATE INDEX pushed_waiting ON intake.pushed (received_at) WHERE answered_at IS NULL;
CREATE INDEX pushed_lately ON intake.pushed (source, received_at);

GRANT INSERT ON intake.pushed TO dancu_app;
GRANT SELECT (push_id, credential_id, source, received_at, answered_at, changes, problem, answer) ON intake.pushed
    TO dancu_app;
GRANT SELECT (credential_id, source, key_sha256, agreement, discloses, changes_per_minute, revoked_at)
    ON intake.credential TO dancu_app;
GRANT SELECT, UPDATE, DELETE ON intake.pushed TO dancu_loader;
GRANT SELECT ON intake.pushed TO dancu_verifier;
