-- Dossiers: the case that an official act, or a look beyond one's own territory, hangs on.

CREATE SCHEMA dossiers;
COMMENT ON SCHEMA dossiers IS 'Who asks the State for what, about whom, and until when it must answer';
GRANT USAGE ON SCHEMA dossiers TO dancu_app, dancu_verifier;

CREATE TABLE dossiers.dossier (
    dossier_id bigint PRIMARY KEY,
    office_id bigint NOT NULL,
    officer_id bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    deadline_on date,
    state text COLLATE "C" NOT NULL,
    matter text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    requester text NOT NULL,
    legal_ground text NOT NULL,
    CONSTRAINT dossier_state_known CHECK (state IN ('open', 'closed'))
);
COMMENT ON TABLE dossiers.dossier IS 'One case. An open one gives its office access to the persons whom it names';
COMMENT ON COLUMN dossiers.dossier.matter IS 'procedure; dancu.dossiers.matters';
COMMENT ON COLUMN dossiers.dossier.number IS 'number that people use: unit, year, serial';
CREATE INDEX dossier_office ON dossiers.dossier (office_id, state, opened_at);

CREATE TABLE dossiers.named_person (
    dossier_id bigint NOT NULL,
    person_id bigint NOT NULL,
    named_at timestamptz NOT NULL,
    CONSTRAINT named_person_pkey PRIMARY KEY (dossier_id, person_id)
);
COMMENT ON TABLE dossiers.named_person IS 'Whom a dossier names, and so opens';

GRANT SELECT, INSERT, UPDATE ON dossiers.dossier TO dancu_app;
GRANT SELECT, INSERT ON dossiers.named_person TO dancu_app;
GRANT SELECT ON ALL TABLES IN SCHEMA dossiers TO dancu_verifier;
