-- Changes that source systems push: who may, what came, and in which order it is true.

CREATE TABLE intake.credential (
    credential_id bigint PRIMARY KEY,
    source text NOT NULL,
    key_sha256 bytea NOT NULL,
    agreement text NOT NULL,
    discloses text NOT NULL,
    changes_per_minute integer NOT NULL,
    issued_at timestamptz NOT NULL,
    issued_by text NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT credential_key CHECK (octet_length(key_sha256) = 32),
    CONSTRAINT credential_discloses CHECK (discloses IN ('nothing', 'reference', 'number'))
);
COMMENT ON TABLE intake.credential IS 'Keys of source systems; only their SHA-256 is kept';
COMMENT ON COLUMN intake.credential.discloses IS 'what the agreement lets the answer tell of a person';

CREATE TABLE intake.change (
    source text NOT NULL,
    change_key text NOT NULL,
    batch_id bigint NOT NULL,
    record integer NOT NULL,
    source_key text NOT NULL,
    occurred_at timestamptz NOT NULL,
    sequence bigint NOT NULL,
    received_at timestamptz NOT NULL,
    erases boolean NOT NULL,
    ground text,
    fields text[] NOT NULL,
    sent_sha256 bytea NOT NULL,
    CONSTRAINT change_pkey PRIMARY KEY (source, change_key),
    CONSTRAINT change_erased_by_law CHECK (NOT erases OR ground IS NOT NULL)
);
COMMENT ON TABLE intake.change IS 'One change as a source system sent it: its key makes sending it twice harmless';
COMMENT ON COLUMN intake.change.fields IS 'names of the fields that it told: a late change does not tell them again';
COMMENT ON COLUMN intake.change.sent_sha256 IS 'SHA-256 of what was sent: the same key with another content is refused';
CREATE INDEX change_of_key ON intake.change (source, source_key, occurred_at, sequence);
CREATE INDEX change_received ON intake.change (source, received_at);
CREATE INDEX change_batch ON intake.change (batch_id, record);

CREATE TABLE intake.reference (
    source text NOT NULL,
    person_id bigint NOT NULL,
    reference uuid NOT NULL,
    CONSTRAINT reference_pkey PRIMARY KEY (source, person_id)
);
COMMENT ON TABLE intake.reference IS 'The random name under which one source knows a person: two sources can not compare theirs';

GRANT SELECT, INSERT, UPDATE ON intake.credential, intake.change, intake.reference TO dancu_loader;
GRANT SELECT ON intake.credential, intake.change, intake.reference TO dancu_verifier;
