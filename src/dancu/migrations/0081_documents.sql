-- Documents of dossiers: in the database, so that a backup holds them and row-level security guards them.
-- See docs/decisions for what was weighed.

GRANT SELECT (approver_id) ON register.act TO dancu_app;

CREATE TABLE dossiers.document (
    dossier_id bigint NOT NULL,
    document_id bigint NOT NULL,
    officer_id bigint NOT NULL,
    attached_at timestamptz NOT NULL,
    dropped_at timestamptz,
    size integer NOT NULL,
    chunks smallint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    name bytea NOT NULL,
    CONSTRAINT document_pkey PRIMARY KEY (dossier_id, document_id),
    CONSTRAINT document_kind_known CHECK (kind IN ('pdf', 'jpeg', 'png', 'heic')),
    CONSTRAINT document_digest_is_sha256 CHECK (octet_length(digest) = 32),
    CONSTRAINT document_size_in_bounds CHECK (size BETWEEN 1 AND 10485760)
);
COMMENT ON TABLE dossiers.document IS 'A paper or picture that belongs to a dossier; the same one is kept once in it';
COMMENT ON COLUMN dossiers.document.dropped_at IS 'when its content was deleted at the end of retention; the row stays';
COMMENT ON COLUMN dossiers.document.digest IS 'SHA-256 of the content';
COMMENT ON COLUMN dossiers.document.name IS 'name of the file, encrypted: people put names of people there';

CREATE UNIQUE INDEX document_once ON dossiers.document (dossier_id, digest) WHERE dropped_at IS NULL;

CREATE TABLE dossiers.document_chunk (
    dossier_id bigint NOT NULL,
    document_id bigint NOT NULL,
    chunk_no smallint NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT document_chunk_pkey PRIMARY KEY (dossier_id, document_id, chunk_no)
);
COMMENT ON TABLE dossiers.document_chunk IS 'The content of a document in encrypted pieces of at most 256 KiB';
ALTER TABLE dossiers.document_chunk ALTER COLUMN content SET STORAGE EXTERNAL;

ALTER TABLE dossiers.document ENABLE ROW LEVEL SECURITY;
ALTER TABLE dossiers.document_chunk ENABLE ROW LEVEL SECURITY;
CREATE POLICY document_of_office ON dossiers.document TO dancu_app
    USING (EXISTS (SELECT FROM dossiers.dossier d WHERE d.dossier_id = document.dossier_id));
CREATE POLICY document_chunk_of_office ON dossiers.document_chunk TO dancu_app
    USING (EXISTS (SELECT FROM dossiers.dossier d WHERE d.dossier_id = document_chunk.dossier_id));

GRANT SELECT, INSERT ON dossiers.document, dossiers.document_chunk TO dancu_app;
GRANT SELECT ON dossiers.document, dossiers.document_chunk TO dancu_verifier;
GRANT USAGE ON SCHEMA dossiers TO dancu_loader;
GRANT SELECT ON dossiers.dossier TO dancu_loader;
GRANT SELECT, UPDATE ON dossiers.document TO dancu_loader;
GRANT SELECT, DELETE ON dossiers.document_chunk TO dancu_loader;

CREATE FUNCTION dossiers.drop_documents(of_matters text[], closed_before timestamptz, at timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH due AS (
        SELECT o.dossier_id, o.document_id
          FROM dossiers.document o
          JOIN dossiers.dossier d ON d.dossier_id = o.dossier_id
         WHERE o.dropped_at IS NULL AND d.state = 'closed' AND d.closed_at < closed_before
           AND d.matter = ANY (of_matters)
         LIMIT 500
    ), gone AS (
        DELETE FROM dossiers.document_chunk c USING due
         WHERE c.dossier_id = due.dossier_id AND c.document_id = due.document_id
    ), noted AS (
        UPDATE dossiers.document o SET dropped_at = at FROM due
         WHERE o.dossier_id = due.dossier_id AND o.document_id = due.document_id
        RETURNING o.document_id
    )
    SELECT count(*) FROM noted
$$;
COMMENT ON FUNCTION dossiers.drop_documents IS
    'Deletes the content of documents at the end of retention, at most 500 at a time; the worker calls it until there are none';
ALTER FUNCTION dossiers.drop_documents OWNER TO dancu_loader;
REVOKE EXECUTE ON FUNCTION dossiers.drop_documents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dossiers.drop_documents TO dancu_app;
