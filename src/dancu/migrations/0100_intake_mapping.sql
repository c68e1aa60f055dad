-- What the columns of a source's files mean, as it was understood each time that this changed.

CREATE TABLE intake.mapping (
    source text NOT NULL,
    version integer NOT NULL,
    kept_at timestamptz NOT NULL,
    kept_by bigint,
    headers text[] NOT NULL,
    told jsonb NOT NULL,
    CONSTRAINT mapping_pkey PRIMARY KEY (source, version),
    CONSTRAINT mapping_version_counts CHECK (version > 0)
);
COMMENT ON TABLE intake.mapping IS 'What the columns of a source mean; a file of the source is read by the version whose headers are most like its own';
COMMENT ON COLUMN intake.mapping.kept_by IS 'the officer who said so; none: it was suggested from the headers';
COMMENT ON COLUMN intake.mapping.told IS 'as dancu.intake.mapping.of_data reads it';
GRANT SELECT, INSERT ON intake.mapping TO dancu_loader;
GRANT SELECT ON intake.mapping TO dancu_verifier;

-- The application keeps mappings, too: they are about files and about no person.
GRANT USAGE ON SCHEMA intake TO dancu_app;
GRANT SELECT, INSERT ON intake.mapping TO dancu_app;
