-- Doubts that clerks decide: records of files like somebody known, and records of the register like each other.

CREATE TABLE intake.doubt (
    doubt_id bigint PRIMARY KEY,
    batch_id bigint,
    chosen bigint,
    held_by bigint,
    decided_by bigint,
    dossier_id bigint,
    proposal_id bigint,
    opened_at timestamptz NOT NULL,
    held_until timestamptz,
    decided_at timestamptz,
    settled_at timestamptz,
    due_on date NOT NULL,
    record integer,
    part smallint NOT NULL DEFAULT 0,
    kind smallint NOT NULL,
    reason smallint NOT NULL,
    answer smallint,
    raised boolean NOT NULL DEFAULT false,
    known_answer boolean NOT NULL DEFAULT false,
    state text COLLATE "C" NOT NULL DEFAULT 'waiting',
    checked text COLLATE "C" NOT NULL DEFAULT 'no',
    province_code text COLLATE "C",
    persons bigint[] NOT NULL,
    scores real[] NOT NULL,
    shown bytea,
    CONSTRAINT doubt_of_record UNIQUE (batch_id, record, part),
    CONSTRAINT doubt_is_about_something CHECK ((batch_id IS NOT NULL AND record IS NOT NULL) OR cardinality(persons) >= 2),
    CONSTRAINT doubt_scores_persons CHECK (cardinality(persons) = cardinality(scores)),
    CONSTRAINT doubt_state_known CHECK (state IN ('waiting', 'proposed', 'decided', 'settled', 'parked')),
    CONSTRAINT doubt_checked_known CHECK (checked IN ('no', 'wanted', 'agreed', 'differs')),
    CONSTRAINT doubt_answered CHECK ((answer IS NOT NULL) = (state IN ('proposed', 'decided', 'settled')))
);
COMMENT ON TABLE intake.doubt IS 'A group that a clerk must look at: a record and whom it is like, or records of the register that are alike';
COMMENT ON COLUMN intake.doubt.part IS '0: the person of the record; 1: of a marriage, the wife';
COMMENT ON COLUMN intake.doubt.kind IS 'dancu.intake.adjudication.model.Kind';
COMMENT ON COLUMN intake.doubt.answer IS 'dancu.intake.adjudication.model.Answer';
COMMENT ON COLUMN intake.doubt.chosen IS 'who of the persons it is, where the answer says the same';
COMMENT ON COLUMN intake.doubt.raised IS 'the province could not say, or may not do: the Center decides';
COMMENT ON COLUMN intake.doubt.known_answer IS 'two clerks agreed on it unknown to each other: it measures others';
COMMENT ON COLUMN intake.doubt.checked IS 'whether a second clerk looks at it blindly, and what came of it';
COMMENT ON COLUMN intake.doubt.province_code IS 'today''s province whose officers decide; NULL: the Center';
COMMENT ON COLUMN intake.doubt.persons IS 'the likeliest first';
COMMENT ON COLUMN intake.doubt.scores IS 'posterior probability of each';
COMMENT ON COLUMN intake.doubt.shown IS 'what the clerk saw who decided, as JSON, sealed: evidence, and what others are shown blindly';
CREATE INDEX doubt_waiting ON intake.doubt (province_code, due_on) WHERE state = 'waiting';
CREATE INDEX doubt_decided ON intake.doubt (decided_at) WHERE state = 'decided';
CREATE INDEX doubt_persons ON intake.doubt USING gin (persons);
CREATE INDEX doubt_to_check ON intake.doubt (decided_at) WHERE checked = 'wanted';
CREATE INDEX doubt_known ON intake.doubt (decided_at) WHERE known_answer;
CREATE INDEX queued_open ON intake.queued (batch_id, record) WHERE settled_at IS NULL;

CREATE TABLE intake.verdict (
    verdict_id bigint NOT NULL,
    doubt_id bigint NOT NULL,
    officer_id bigint NOT NULL,
    chosen bigint,
    given_at timestamptz NOT NULL,
    seconds real NOT NULL,
    role smallint NOT NULL,
    answer smallint NOT NULL,
    agrees boolean,
    note text NOT NULL DEFAULT '',
    CONSTRAINT verdict_pkey PRIMARY KEY (doubt_id, verdict_id)
);
COMMENT ON TABLE intake.verdict IS 'What a clerk said of a doubt';
COMMENT ON COLUMN intake.verdict.role IS 'dancu.intake.adjudication.model.Part';
COMMENT ON COLUMN intake.verdict.seconds IS 'how long it lay before the clerk';
COMMENT ON COLUMN intake.verdict.agrees IS 'of a blind check or a known answer: with the answer that stands';
CREATE INDEX verdict_of_officer ON intake.verdict (officer_id, given_at);

CREATE TABLE intake.on_desk (
    officer_id bigint PRIMARY KEY,
    doubt_id bigint NOT NULL,
    since timestamptz NOT NULL,
    role smallint NOT NULL
);
COMMENT ON TABLE intake.on_desk IS 'What each clerk has before him or her, in which part, and since when';

CREATE TABLE intake.skipped (
    officer_id bigint NOT NULL,
    doubt_id bigint NOT NULL,
    skipped_at timestamptz NOT NULL,
    CONSTRAINT skipped_pkey PRIMARY KEY (officer_id, doubt_id)
);
COMMENT ON TABLE intake.skipped IS 'What a clerk left for later: it comes again when nothing else waits';

-- A doubt is seen in its province, and by the Center: the territorial rule of persons. ------------------------------

ALTER TABLE intake.doubt ENABLE ROW LEVEL SECURITY;
ALTER TABLE intake.verdict ENABLE ROW LEVEL SECURITY;
ALTER TABLE intake.skipped ENABLE ROW LEVEL SECURITY;
ALTER TABLE intake.queued ENABLE ROW LEVEL SECURITY;
ALTER TABLE intake.finding ENABLE ROW LEVEL SECURITY;
CREATE POLICY doubt_scope ON intake.doubt TO dancu_app USING (register.in_scope(province_code, NULL, 0));
CREATE POLICY verdict_scope ON intake.verdict TO dancu_app
    USING ((SELECT true FROM intake.doubt d WHERE d.doubt_id = verdict.doubt_id));
CREATE POLICY skipped_scope ON intake.skipped TO dancu_app
    USING ((SELECT true FROM intake.doubt d WHERE d.doubt_id = skipped.doubt_id));
CREATE POLICY queued_scope ON intake.queued TO dancu_app USING (
    EXISTS (SELECT FROM intake.doubt d WHERE d.batch_id = queued.batch_id AND d.record = queued.record));
CREATE POLICY finding_scope ON intake.finding TO dancu_app USING (
    EXISTS (SELECT FROM intake.doubt d WHERE d.batch_id = finding.batch_id AND d.record = finding.record));

GRANT SELECT ON intake.doubt TO dancu_app;
-- What it is about stands; only what becomes of it is written.
GRANT UPDATE (chosen, held_by, held_until, decided_by, decided_at, settled_at, dossier_id, proposal_id, due_on, answer,
              raised, known_answer, state, checked, shown) ON intake.doubt TO dancu_app;
GRANT SELECT, INSERT ON intake.verdict TO dancu_app;
GRANT SELECT, INSERT, DELETE ON intake.skipped TO dancu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON intake.on_desk TO dancu_app;
GRANT SELECT ON intake.queued, intake.finding TO dancu_app;
GRANT SELECT (batch_id, received_at, source, file_name, synthetic, state) ON intake.batch TO dancu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON intake.doubt, intake.verdict, intake.on_desk, intake.skipped TO dancu_loader;
GRANT SELECT ON intake.doubt, intake.verdict, intake.on_desk, intake.skipped TO dancu_verifier;

-- A decision on a record of a source is approved before the register records any act of it.
ALTER TABLE dossiers.proposal DROP CONSTRAINT proposal_act_when_approved;
ALTER TABLE dossiers.proposal ADD CONSTRAINT proposal_act_when_approved CHECK (
    (act_id IS NOT NULL) = (state = 'approved' AND act <> 'record_matched'));

-- Looks wider than the scope, for what the caller may decide on. ----------------------------------------------------

CREATE FUNCTION intake.others_of_doubt(wanted bigint)
RETURNS TABLE (person_id bigint, born integer, sex smallint, name_key text, personal_number text, unit_code text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.person_id, p.born, p.sex, p.name_key, p.personal_number,
           coalesce(p.commune_code, p.province_code, p.birth_registration_unit, '')
      FROM intake.doubt d
      JOIN register.person p ON p.person_id = ANY (d.persons)
     WHERE d.doubt_id = wanted
       AND register.in_scope(d.province_code, NULL, 0)
       AND register.shown(p.province_code, p.commune_code, p.person_id, p.protected) IS NOT TRUE
$$;
COMMENT ON FUNCTION intake.others_of_doubt IS
    'The candidates of a doubt whom the clerk may not see: it is told in which facts they agree, and whose office can be asked. The caller logs it';
ALTER FUNCTION intake.others_of_doubt OWNER TO dancu_loader;
REVOKE EXECUTE ON FUNCTION intake.others_of_doubt FROM PUBLIC;
GRANT EXECUTE ON FUNCTION intake.others_of_doubt TO dancu_app;
