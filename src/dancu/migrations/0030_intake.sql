-- Intake: every file that a source sends, and what became of each of its records.
-- These tables live on one node (the coordinator of a cluster): they are about files, not about persons.

CREATE SCHEMA intake;
COMMENT ON SCHEMA intake IS 'Files received from sources, and the decision on every record';
GRANT USAGE ON SCHEMA intake TO dancu_app, dancu_loader, dancu_verifier;

CREATE TABLE intake.batch (
    batch_id bigint PRIMARY KEY,
    received_at timestamptz NOT NULL,
    finished_at timestamptz,
    unit_day date,
    records integer NOT NULL DEFAULT 0,
    synthetic boolean NOT NULL,
    source text NOT NULL,
    file_name text NOT NULL,
    file_format text NOT NULL,
    encoding text NOT NULL,
    sha256 bytea NOT NULL,
    state text NOT NULL,
    mapping jsonb NOT NULL,
    remainder jsonb,
    CONSTRAINT batch_state_known CHECK (state IN ('received', 'loading', 'applied', 'reverted')),
    CONSTRAINT batch_sha256 CHECK (octet_length(sha256) = 32)
);
COMMENT ON TABLE intake.batch IS 'One file as it was received';
COMMENT ON COLUMN intake.batch.remainder IS 'lines that belong to no record, and why';
CREATE INDEX batch_file ON intake.batch (sha256, source);

CREATE TABLE intake.chunk (
    batch_id bigint NOT NULL,
    first_record integer NOT NULL,
    records integer NOT NULL,
    applied boolean NOT NULL DEFAULT false,
    decisions smallint[] NOT NULL,
    reasons smallint[] NOT NULL,
    lines integer[] NOT NULL,
    persons bigint[] NOT NULL,
    CONSTRAINT chunk_pkey PRIMARY KEY (batch_id, first_record)
);
COMMENT ON TABLE intake.chunk IS 'Decisions on up to 50,000 records in order; arrays, since each record has one of each';
COMMENT ON COLUMN intake.chunk.applied IS 'false while its changes are being made: going on after an interruption repeats them harmlessly';
COMMENT ON COLUMN intake.chunk.decisions IS 'dancu.intake.decisions.Decision';
COMMENT ON COLUMN intake.chunk.reasons IS 'dancu.intake.decisions.Reason';
COMMENT ON COLUMN intake.chunk.lines IS 'first line of each record in the file';
COMMENT ON COLUMN intake.chunk.persons IS 'whom each record is about; 0 for nobody';

CREATE TABLE intake.finding (
    batch_id bigint NOT NULL,
    record integer NOT NULL,
    first_line integer NOT NULL,
    field text NOT NULL,
    rule text NOT NULL,
    severity text NOT NULL,
    CONSTRAINT finding_pkey PRIMARY KEY (batch_id, record, rule, field)
);
COMMENT ON TABLE intake.finding IS 'Rules that records broke';

CREATE TABLE intake.queued (
    batch_id bigint NOT NULL,
    record integer NOT NULL,
    reason smallint NOT NULL,
    candidates bigint[] NOT NULL,
    told jsonb NOT NULL,
    settled_at timestamptz,
    settled_by bigint,
    CONSTRAINT queued_pkey PRIMARY KEY (batch_id, record)
);
COMMENT ON TABLE intake.queued IS 'Records that a clerk must decide: what is not certain is not guessed';
COMMENT ON COLUMN intake.queued.told IS 'the normal record';

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA intake TO dancu_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA intake TO dancu_verifier;
