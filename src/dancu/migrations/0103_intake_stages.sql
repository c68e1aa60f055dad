-- Stages that can't lose a row: a batch is received, staged, validated, matched, applied and reconciled, and at every
-- stage its records are the accepted and the rejected ones. The database refuses a count that does not add up.

ALTER TABLE intake.batch
    DROP CONSTRAINT batch_state_known,
    ADD COLUMN lines integer,
    ADD COLUMN agreement text,
    ADD COLUMN form_version text,
    ADD COLUMN declared_records integer,
    ADD COLUMN reject_limit real NOT NULL DEFAULT 0.05,
    ADD COLUMN supersedes bigint,
    ADD COLUMN corrects bigint,
    ADD COLUMN released_at timestamptz,
    ADD COLUMN released_by text,
    ADD COLUMN released_why text,
    ADD CONSTRAINT batch_state_known CHECK (state IN (
        'received', 'loading', 'staged', 'refused', 'held', 'validated', 'matched', 'applied', 'reconciled',
        'superseded', 'reverted')),
    ADD CONSTRAINT batch_released_by_somebody CHECK (
        (released_at IS NULL) = (released_by IS NULL) AND (released_at IS NULL) = (released_why IS NULL));
COMMENT ON COLUMN intake.batch.lines IS 'lines or sheet rows of the file; each belongs to a record or to the remainder';
COMMENT ON COLUMN intake.batch.form_version IS 'version of the form that the manifest says the file has';
COMMENT ON COLUMN intake.batch.reject_limit IS 'share of rejected records above which the file is held whole';
COMMENT ON COLUMN intake.batch.supersedes IS 'the batch that this file corrects as a whole';
COMMENT ON COLUMN intake.batch.corrects IS 'the batch whose rejected records come again in this file';
CREATE INDEX batch_supersedes ON intake.batch (supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX batch_corrects ON intake.batch (corrects) WHERE corrects IS NOT NULL;

ALTER TABLE intake.chunk
    ADD COLUMN last_lines integer[],
    ADD COLUMN digests bigint[],
    ADD COLUMN scores real[],
    ADD COLUMN planned boolean NOT NULL DEFAULT true,
    ADD COLUMN written boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT chunk_whole CHECK (
        cardinality(decisions) = records AND cardinality(reasons) = records AND cardinality(lines) = records
        AND cardinality(persons) = records
        AND (last_lines IS NULL OR cardinality(last_lines) = records)
        AND (digests IS NULL OR cardinality(digests) = records)
        AND (scores IS NULL OR cardinality(scores) = records));
COMMENT ON COLUMN intake.chunk.last_lines IS 'last line of each record in the file';
COMMENT ON COLUMN intake.chunk.digests IS 'digest of each normal record, to know it again in a corrected file';
COMMENT ON COLUMN intake.chunk.scores IS 'how sure the matching was, 0 to 1; NaN where nothing was matched';
COMMENT ON COLUMN intake.chunk.planned IS 'false while a record is staged only: its decision is 0, or rejected by a rule';
COMMENT ON COLUMN intake.chunk.written IS 'what is written set by set is written, in the transaction that says so';

CREATE TABLE intake.stage (
    batch_id bigint NOT NULL,
    stage text NOT NULL,
    reached_at timestamptz NOT NULL,
    records integer NOT NULL,
    accepted integer NOT NULL,
    rejected integer NOT NULL,
    created integer,
    updated integer,
    unchanged integer,
    queued integer,
    CONSTRAINT stage_pkey PRIMARY KEY (batch_id, stage),
    CONSTRAINT stage_known CHECK (stage IN ('received', 'staged', 'validated', 'matched', 'applied', 'reconciled')),
    CONSTRAINT stage_loses_nothing CHECK (records = accepted + rejected),
    CONSTRAINT stage_decides_all CHECK (created IS NULL OR accepted = created + updated + unchanged + queued)
);
COMMENT ON TABLE intake.stage IS 'How many records of a batch reached each stage, and what became of them there';

CREATE TABLE intake.original (
    batch_id bigint NOT NULL,
    record integer NOT NULL,
    told bytea NOT NULL,
    CONSTRAINT original_pkey PRIMARY KEY (batch_id, record)
);
COMMENT ON TABLE intake.original IS 'Rejected records as they were sent, so that they can go back in the form sent';
COMMENT ON COLUMN intake.original.told IS 'the bytes of the record, or its cells as JSON; sealed; record 0 is the header';

CREATE TABLE intake.left_standing (
    batch_id bigint NOT NULL,
    person_id bigint NOT NULL,
    seq integer NOT NULL,
    reason text NOT NULL,
    noted_at timestamptz NOT NULL,
    CONSTRAINT left_standing_pkey PRIMARY KEY (batch_id, person_id, seq)
);
COMMENT ON TABLE intake.left_standing IS 'What taking a batch back, or its correction, left for a clerk, and why';

GRANT SELECT, INSERT, UPDATE, DELETE ON intake.stage, intake.original, intake.left_standing TO dancu_loader;
GRANT SELECT ON intake.stage, intake.original, intake.left_standing TO dancu_verifier;
