-- Data keys, each wrapped by a key that is not in this database: a copy of the database alone opens nothing.

CREATE SCHEMA keys;
COMMENT ON SCHEMA keys IS 'Keys of sealed columns, wrapped; what unwraps them lies in DANCU_HOME/keys or in a hardware module';
GRANT USAGE ON SCHEMA keys TO dancu_app, dancu_loader, dancu_verifier;

-- On Citus a reference table: small, and read by every node.
CREATE TABLE keys.data_key (
    key_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version smallint NOT NULL,
    wrapped_by smallint NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    purpose text COLLATE "C" NOT NULL,
    wrapped bytea NOT NULL,
    CONSTRAINT data_key_version UNIQUE (purpose, version)
);
COMMENT ON TABLE keys.data_key IS 'One version of the key of a purpose: the highest seals, all of them open';
COMMENT ON COLUMN keys.data_key.key_id IS 'stands in every sealed value';
COMMENT ON COLUMN keys.data_key.wrapped_by IS 'number of the key-encryption key';
COMMENT ON COLUMN keys.data_key.purpose IS 'dancu.infra.keys.Purpose';

-- Rotation and wrapping anew are the owner's business.
GRANT SELECT, INSERT ON keys.data_key TO dancu_app, dancu_loader;
GRANT SELECT ON keys.data_key TO dancu_verifier;
