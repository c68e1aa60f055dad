-- The tree over the access log: what makes a rewritten log evident.
--   dancu_sealer  reads numbers and commitments of log rows, never the rows, and writes the tree; see dancu.audit.sealing
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dancu_sealer') THEN
        CREATE ROLE dancu_sealer NOLOGIN;
    END IF;
END
$$;
GRANT USAGE ON SCHEMA audit TO dancu_sealer;

CREATE TABLE audit.tree (
    tree_id smallint NOT NULL,
    size bigint NOT NULL,
    sealed_to bigint NOT NULL,
    origin text COLLATE "C" NOT NULL,
    log_key text COLLATE "C" NOT NULL,
    peaks bytea NOT NULL,
    CONSTRAINT tree_pkey PRIMARY KEY (tree_id),
    CONSTRAINT tree_is_one CHECK (tree_id = 1),
    CONSTRAINT tree_peaks CHECK (octet_length(peaks) = 32 * bit_count(size::bit(64)))
);
COMMENT ON TABLE audit.tree IS 'How far the log is sealed, and what it takes to go on: one row';
COMMENT ON COLUMN audit.tree.sealed_to IS 'number of the last row of the log that is in the tree; none at or below it will come';
COMMENT ON COLUMN audit.tree.origin IS 'name of the log, from its key';
COMMENT ON COLUMN audit.tree.log_key IS 'public key of the log, as C2SP signed-note writes it';
COMMENT ON COLUMN audit.tree.peaks IS 'roots of the complete subtrees, the largest first, 32 bytes each';

CREATE TABLE audit.bundle (
    bundle_no bigint NOT NULL,
    last_log_id bigint NOT NULL,
    entries bytea NOT NULL,
    CONSTRAINT bundle_pkey PRIMARY KEY (bundle_no),
    CONSTRAINT bundle_whole CHECK (octet_length(entries) % 40 = 0 AND octet_length(entries) BETWEEN 40 AND 10240)
);
ALTER TABLE audit.bundle ALTER COLUMN entries SET STORAGE EXTERNAL;
CREATE INDEX bundle_last ON audit.bundle (last_log_id);
COMMENT ON TABLE audit.bundle IS 'The leaves of the tree, 256 a row: they outlive the rows of the log, of which they tell nothing';
COMMENT ON COLUMN audit.bundle.entries IS 'leaves, 40 bytes each: number of the row, 8 bytes big-endian, and its commitment';

CREATE TABLE audit.tile (
    level smallint NOT NULL,
    tile_no bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT tile_pkey PRIMARY KEY (level, tile_no),
    CONSTRAINT tile_whole CHECK (octet_length(hashes) % 32 = 0 AND octet_length(hashes) BETWEEN 32 AND 8192)
);
ALTER TABLE audit.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
COMMENT ON TABLE audit.tile IS 'Inner nodes of the tree: each hash of level n is the root over a whole tile of level n - 1, level 0 being the bundles';

CREATE TABLE audit.checkpoint (
    size bigint NOT NULL,
    made_at timestamptz NOT NULL,
    note text NOT NULL,
    CONSTRAINT checkpoint_pkey PRIMARY KEY (size)
);
COMMENT ON TABLE audit.checkpoint IS 'What the log was at a size, signed by it; C2SP tlog-checkpoint';

CREATE TABLE audit.cosignature (
    size bigint NOT NULL,
    signed_at timestamptz NOT NULL,
    witness text COLLATE "C" NOT NULL,
    line text NOT NULL,
    CONSTRAINT cosignature_pkey PRIMARY KEY (size, witness)
);
COMMENT ON TABLE audit.cosignature IS 'Which witness signed which checkpoint; C2SP tlog-cosignature';
CREATE INDEX cosignature_witness ON audit.cosignature (witness, size);

GRANT SELECT (log_id, commitment) ON audit.access_log TO dancu_sealer;
GRANT SELECT ON SEQUENCE audit.access_log_log_id_seq TO dancu_sealer;
GRANT SELECT, INSERT, UPDATE ON audit.tree, audit.bundle, audit.tile TO dancu_sealer;
GRANT SELECT, INSERT ON audit.checkpoint, audit.cosignature TO dancu_sealer;
GRANT SELECT ON audit.tree, audit.bundle, audit.tile, audit.checkpoint, audit.cosignature TO dancu_app, dancu_verifier;
