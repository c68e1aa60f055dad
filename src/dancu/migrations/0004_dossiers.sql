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
    CONSTRAINT dossier_state_known CHECK (state IN ('open', 'closed', 'refused')),
    CONSTRAINT dossier_closed_when_not_open CHECK ((state = 'open') = (closed_at IS NULL))
);
COMMENT ON TABLE dossiers.dossier IS 'One case. An open one gives its office access to the persons whom it names';
COMMENT ON COLUMN dossiers.dossier.matter IS 'procedure; dancu.dossiers.matters';
COMMENT ON COLUMN dossiers.dossier.number IS 'number that people use: unit, authority, year, serial';
CREATE INDEX dossier_office ON dossiers.dossier (office_id, state, opened_at);

CREATE TABLE dossiers.series (
    office_id bigint NOT NULL,
    year smallint NOT NULL,
    last integer NOT NULL,
    CONSTRAINT series_pkey PRIMARY KEY (office_id, year)
);
COMMENT ON TABLE dossiers.series IS 'The last serial that an office gave to a dossier in a year';

CREATE TABLE dossiers.named_person (
    dossier_id bigint NOT NULL,
    person_id bigint NOT NULL,
    named_at timestamptz NOT NULL,
    part text COLLATE "C" NOT NULL,
    CONSTRAINT named_person_pkey PRIMARY KEY (dossier_id, person_id)
);
COMMENT ON TABLE dossiers.named_person IS 'Whom a dossier names, and so opens';
COMMENT ON COLUMN dossiers.named_person.part IS 'subject: whom the case is about; established: whom it brought into the register';

-- dancu.offices: ids of the offices that the caller works for, separated by commas; without it no dossier is seen.

CREATE FUNCTION dossiers.of_own_office(office bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT office = ANY (string_to_array(nullif(current_setting('dancu.offices', true), ''), ',')::bigint[])
$$;
COMMENT ON FUNCTION dossiers.of_own_office IS 'The rule of the policies below';

ALTER TABLE dossiers.dossier ENABLE ROW LEVEL SECURITY;
ALTER TABLE dossiers.named_person ENABLE ROW LEVEL SECURITY;
CREATE POLICY dossier_of_office ON dossiers.dossier TO dancu_app USING (dossiers.of_own_office(office_id));
CREATE POLICY named_person_of_office ON dossiers.named_person TO dancu_app
    USING (EXISTS (SELECT FROM dossiers.dossier d WHERE d.dossier_id = named_person.dossier_id));

GRANT SELECT, INSERT, UPDATE ON dossiers.dossier, dossiers.series TO dancu_app;
GRANT SELECT, INSERT ON dossiers.named_person TO dancu_app;
GRANT SELECT ON ALL TABLES IN SCHEMA dossiers TO dancu_verifier;
