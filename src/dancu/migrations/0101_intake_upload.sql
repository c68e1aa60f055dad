-- Files that data engineers send through the desk: sealed until the worker has loaded them.

CREATE TABLE intake.upload (
    upload_id bigint PRIMARY KEY,
    office_id bigint NOT NULL,
    officer_id bigint NOT NULL,
    size bigint NOT NULL,
    parts integer NOT NULL,
    received_at timestamptz NOT NULL,
    finished_at timestamptz,
    done integer NOT NULL DEFAULT 0,
    source text NOT NULL,
    file_name text NOT NULL,
    state text NOT NULL,
    said text NOT NULL DEFAULT '',
    batches bigint[] NOT NULL DEFAULT '{}',
    told jsonb,
    CONSTRAINT upload_state_known CHECK (state IN ('received', 'waiting', 'loading', 'loaded', 'refused', 'withdrawn'))
);
COMMENT ON TABLE intake.upload IS 'A file that was sent through the desk, and how far its loading is';
COMMENT ON COLUMN intake.upload.told IS 'the mapping that the officer agreed to, as dancu.intake.mapping.of_data reads it; none: suggested for each file';
COMMENT ON COLUMN intake.upload.done IS 'records that are loaded';
COMMENT ON COLUMN intake.upload.said IS 'why it was refused, without personal data';

CREATE TABLE intake.upload_part (
    upload_id bigint NOT NULL,
    part integer NOT NULL,
    kind smallint NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT upload_part_pkey PRIMARY KEY (upload_id, kind, part)
);
COMMENT ON TABLE intake.upload_part IS 'The file in pieces, sealed; later what became of its records';
COMMENT ON COLUMN intake.upload_part.kind IS '0 = the file as it was sent, 1 = result, 2 = rejected records in the form sent';

ALTER TABLE intake.upload ENABLE ROW LEVEL SECURITY;
ALTER TABLE intake.upload_part ENABLE ROW LEVEL SECURITY;
CREATE POLICY upload_of_office ON intake.upload TO dancu_app USING (dossiers.of_own_office(office_id));
CREATE POLICY upload_part_of_office ON intake.upload_part TO dancu_app
    USING (EXISTS (SELECT FROM intake.upload u WHERE u.upload_id = upload_part.upload_id));
CREATE POLICY upload_loader ON intake.upload TO dancu_loader USING (true);
CREATE POLICY upload_part_loader ON intake.upload_part TO dancu_loader USING (true);

GRANT SELECT, INSERT ON intake.upload TO dancu_app;
GRANT UPDATE (state, source, told, finished_at) ON intake.upload TO dancu_app;
GRANT SELECT, INSERT, DELETE ON intake.upload_part TO dancu_app;
GRANT SELECT ON intake.upload TO dancu_loader;
GRANT UPDATE (state, done, said, batches, finished_at) ON intake.upload TO dancu_loader;
GRANT SELECT, INSERT, DELETE ON intake.upload_part TO dancu_loader;
GRANT SELECT ON intake.upload TO dancu_verifier;
