-- How good the register is: measures by unit, age and source, what there is to put right, and clerical samples.
--   dancu_quality  reads what is measured, and writes the measures
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dancu_quality') THEN
        CREATE ROLE dancu_quality NOLOGIN;
    END IF;
    IF NOT pg_has_role('dancu_worker', 'dancu_quality', 'MEMBER') THEN
        GRANT dancu_quality TO dancu_worker WITH INHERIT FALSE, SET TRUE;
    END IF;
END
$$;

CREATE SCHEMA quality;
COMMENT ON SCHEMA quality IS 'Measures of the register, derived from it, and checks of samples against documents';
GRANT USAGE ON SCHEMA quality TO dancu_app, dancu_quality, dancu_loader, dancu_verifier;
GRANT USAGE ON SCHEMA register, intake, stats, reference TO dancu_quality;

CREATE FUNCTION quality.age_group(born integer, day date) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN born IS NULL THEN -1 WHEN a.age < 6 THEN 0 WHEN a.age < 15 THEN 6 WHEN a.age < 35 THEN 15
                WHEN a.age < 60 THEN 35 WHEN a.age < 80 THEN 60 ELSE 80 END::smallint
      FROM (SELECT extract(year FROM day)::integer - born / 10000
                   - (born % 10000 > extract(month FROM day)::integer * 100 + extract(day FROM day)::integer)::integer
                   AS age) a
$$;
COMMENT ON FUNCTION quality.age_group IS 'The youngest age of the group; -1 where the birth is not known';

-- What sources and demography are expected to bring -----------------------------------------------------------------

CREATE TABLE quality.source (
    source text NOT NULL,
    independent boolean NOT NULL DEFAULT false,
    lag_days integer NOT NULL DEFAULT 31,
    CONSTRAINT source_pkey PRIMARY KEY (source),
    CONSTRAINT source_lag CHECK (lag_days BETWEEN 1 AND 3650)
);
COMMENT ON TABLE quality.source IS 'What was agreed with a source, and whether its list arose independently of the register';
COMMENT ON COLUMN quality.source.independent IS 'for dual-system estimates, and a record of it is a sign of life';
COMMENT ON COLUMN quality.source.lag_days IS 'how old its last file may be, in days';

CREATE TABLE quality.expectation (
    event text NOT NULL,
    year smallint NOT NULL,
    province text COLLATE "C" NOT NULL,
    persons double precision,
    rate_per_1000 double precision,
    origin text NOT NULL,
    CONSTRAINT expectation_pkey PRIMARY KEY (event, year, province),
    CONSTRAINT expectation_event CHECK (event IN ('birth', 'death')),
    CONSTRAINT expectation_one_way CHECK ((persons IS NULL) <> (rate_per_1000 IS NULL))
);
COMMENT ON TABLE quality.expectation IS 'Births and deaths that demography expects of a year: as persons, or as a rate of the counted population';
COMMENT ON COLUMN quality.expectation.province IS 'empty: the nation';
COMMENT ON COLUMN quality.expectation.origin IS 'who published it, and where';

-- What is measured ---------------------------------------------------------------------------------------------------

CREATE UNLOGGED TABLE quality.subject (
    person_id bigint NOT NULL,
    last_sign date,
    years_known smallint NOT NULL,
    sign_years smallint NOT NULL,
    age_group smallint NOT NULL,
    living boolean NOT NULL,
    province text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    source text NOT NULL,
    CONSTRAINT subject_pkey PRIMARY KEY (person_id)
);
COMMENT ON TABLE quality.subject IS 'Every person by unit, age and source, made anew before measuring';
COMMENT ON COLUMN quality.subject.last_sign IS 'the last day on which the person was met: an act, a stay, a record of an independent source';
COMMENT ON COLUMN quality.subject.sign_years IS 'bit 0: a sign in the last 12 months; bit 1: in the 12 before; up to 8 years';
COMMENT ON COLUMN quality.subject.age_group IS 'youngest age of the group; -1 where the birth is not known';

CREATE TABLE quality.run (
    day date NOT NULL,
    measure text COLLATE "C" NOT NULL,
    finished_at timestamptz NOT NULL,
    seconds real NOT NULL,
    CONSTRAINT run_pkey PRIMARY KEY (day, measure)
);
COMMENT ON TABLE quality.run IS 'Which measures of a day are done: going on after an interruption measures the rest';

CREATE TABLE quality.cell (
    measure text COLLATE "C" NOT NULL,
    province text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    age_group smallint NOT NULL,
    source text NOT NULL,
    days integer NOT NULL DEFAULT 0,
    numerator double precision NOT NULL,
    denominator double precision NOT NULL,
    variance double precision NOT NULL DEFAULT 0,
    subjects bigint NOT NULL,
    CONSTRAINT cell_pkey PRIMARY KEY (measure, province, unit, age_group, source, days)
);
COMMENT ON TABLE quality.cell IS 'The last measurement in its finest parts';
COMMENT ON COLUMN quality.cell.days IS 'of a measure of time: how many days; the row is one bar of the histogram';
COMMENT ON COLUMN quality.cell.variance IS 'of a numerator that is a sum of probabilities';

CREATE TABLE quality.value (
    day date NOT NULL,
    measure text COLLATE "C" NOT NULL,
    province text COLLATE "C" NOT NULL,
    age_group smallint NOT NULL,
    source text NOT NULL,
    numerator double precision NOT NULL,
    denominator double precision NOT NULL,
    value double precision,
    low double precision,
    high double precision,
    middle double precision,
    CONSTRAINT value_pkey PRIMARY KEY (measure, day, province, age_group, source)
);
COMMENT ON TABLE quality.value IS 'Measures by day: of the nation and each province, by age group and by source';
COMMENT ON COLUMN quality.value.province IS 'empty: the nation';
COMMENT ON COLUMN quality.value.age_group IS '-2: all ages';
COMMENT ON COLUMN quality.value.source IS '*: all sources';
COMMENT ON COLUMN quality.value.low IS 'with high: the interval at 95 %';
COMMENT ON COLUMN quality.value.middle IS 'of a measure of time: the median';

CREATE TABLE quality.to_fix (
    measure text COLLATE "C" NOT NULL,
    person_id bigint NOT NULL,
    province text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    age_group smallint NOT NULL,
    source text NOT NULL,
    CONSTRAINT to_fix_pkey PRIMARY KEY (measure, person_id)
);
COMMENT ON TABLE quality.to_fix IS 'Records that a measure found wanting, up to some hundred of each unit: work for its office';
CREATE INDEX to_fix_unit ON quality.to_fix (measure, province, unit, person_id);

-- Clerical checks ----------------------------------------------------------------------------------------------------

CREATE TABLE quality.sample (
    sample_id bigint NOT NULL,
    seed bigint NOT NULL,
    drawn_by bigint NOT NULL,
    dossier_id bigint NOT NULL,
    drawn_at timestamptz NOT NULL,
    doubled real NOT NULL,
    kind text COLLATE "C" NOT NULL,
    province text COLLATE "C" NOT NULL,
    CONSTRAINT sample_pkey PRIMARY KEY (sample_id),
    CONSTRAINT sample_kind CHECK (kind IN ('persons', 'links')),
    CONSTRAINT sample_doubled CHECK (doubled BETWEEN 0 AND 1)
);
COMMENT ON TABLE quality.sample IS 'A stratified random sample to be checked against documents; the seed gives it again from the same register';
COMMENT ON COLUMN quality.sample.doubled IS 'share that a second clerk checks, too';
COMMENT ON COLUMN quality.sample.province IS 'where it was drawn; empty: the nation';

CREATE TABLE quality.stratum (
    sample_id bigint NOT NULL,
    population bigint NOT NULL,
    drawn integer NOT NULL,
    stratum text COLLATE "C" NOT NULL,
    CONSTRAINT stratum_pkey PRIMARY KEY (sample_id, stratum),
    CONSTRAINT stratum_drawn CHECK (drawn BETWEEN 0 AND population)
);
COMMENT ON TABLE quality.stratum IS 'How many there were in each stratum, and how many of them were drawn: the weights';

CREATE TABLE quality.item (
    sample_id bigint NOT NULL,
    person_id bigint NOT NULL,
    batch_id bigint,
    item integer NOT NULL,
    record integer,
    score real,
    doubled boolean NOT NULL,
    stratum text COLLATE "C" NOT NULL,
    province text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    CONSTRAINT item_pkey PRIMARY KEY (sample_id, item)
);
COMMENT ON TABLE quality.item IS 'What was drawn: a person, or a record of a source and the person it was linked to';

CREATE TABLE quality.finding (
    sample_id bigint NOT NULL,
    officer_id bigint NOT NULL,
    dossier_id bigint NOT NULL,
    found_at timestamptz NOT NULL,
    item integer NOT NULL,
    part smallint NOT NULL,
    answer smallint NOT NULL,
    field text COLLATE "C" NOT NULL,
    CONSTRAINT finding_pkey PRIMARY KEY (sample_id, item, field, part),
    CONSTRAINT finding_part CHECK (part IN (1, 2)),
    CONSTRAINT finding_answer CHECK (answer IN (1, 2, 3))
);
COMMENT ON TABLE quality.finding IS 'What a clerk found when checking a field against the document';
COMMENT ON COLUMN quality.finding.part IS '1: the first check; 2: the second one, by another clerk';
COMMENT ON COLUMN quality.finding.answer IS '1 right, 2 wrong, 3 not checkable';

-- Who sees what: the territorial rule of persons, for figures too; those of the nation are for all. -----------------

DO $$
DECLARE
    part text;
BEGIN
    FOREACH part IN ARRAY ARRAY['cell', 'value', 'to_fix', 'sample', 'stratum', 'item', 'finding'] LOOP
        EXECUTE format('ALTER TABLE quality.%I ENABLE ROW LEVEL SECURITY', part);
        EXECUTE format('CREATE POLICY %I ON quality.%I TO dancu_quality USING (true)', part || '_quality', part);
    END LOOP;
END
$$;
CREATE POLICY cell_scope ON quality.cell TO dancu_app USING (register.in_scope(province, NULL, 0));
CREATE POLICY value_scope ON quality.value TO dancu_app USING (province = '' OR register.in_scope(province, NULL, 0));
CREATE POLICY to_fix_scope ON quality.to_fix TO dancu_app USING (register.in_scope(province, NULL, 0));
CREATE POLICY sample_scope ON quality.sample TO dancu_app USING (register.in_scope(province, NULL, 0));
CREATE POLICY stratum_scope ON quality.stratum TO dancu_app USING (
    (SELECT true FROM quality.sample s WHERE s.sample_id = stratum.sample_id));
CREATE POLICY item_scope ON quality.item TO dancu_app USING (
    (SELECT true FROM quality.sample s WHERE s.sample_id = item.sample_id));
CREATE POLICY finding_scope ON quality.finding TO dancu_app USING (
    (SELECT true FROM quality.sample s WHERE s.sample_id = finding.sample_id));

GRANT SELECT ON quality.cell, quality.value, quality.to_fix, quality.run, quality.source TO dancu_app;
GRANT SELECT, INSERT ON quality.sample, quality.stratum, quality.item, quality.finding TO dancu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA quality TO dancu_quality;
GRANT TRUNCATE, MAINTAIN ON quality.subject TO dancu_quality;
REVOKE INSERT, UPDATE, DELETE ON quality.sample, quality.stratum, quality.item, quality.finding FROM dancu_quality;
GRANT SELECT ON ALL TABLES IN SCHEMA quality TO dancu_verifier, dancu_loader;

-- What the measures read. --------------------------------------------------------------------------------------------

GRANT SELECT ON register.person, register.stay_notice, register.deferred_index TO dancu_quality;
GRANT SELECT (act_id, kind, valid_on, known_at, source, batch_id, persons) ON register.act TO dancu_quality;
GRANT SELECT (person_id, seq, act_id, kind, known_at) ON register.event TO dancu_quality;
CREATE POLICY person_quality ON register.person FOR SELECT TO dancu_quality USING (true);
CREATE POLICY event_quality ON register.event FOR SELECT TO dancu_quality USING (true);
CREATE POLICY stay_notice_quality ON register.stay_notice FOR SELECT TO dancu_quality USING (true);
GRANT SELECT ON reference.unit, reference.unit_succession, reference.number_place, reference.country,
    reference.code, reference.ethnic_group TO dancu_quality;
GRANT SELECT ON stats.population TO dancu_quality;
GRANT SELECT (batch_id, received_at, finished_at, source, state, records, mapping) ON intake.batch TO dancu_quality;
GRANT SELECT (batch_id, first_record, applied, decisions, reasons, scores, persons) ON intake.chunk TO dancu_quality;
GRANT SELECT (batch_id, record, rule, field, severity) ON intake.finding TO dancu_quality;
GRANT SELECT (batch_id, record, reason, candidates, settled_at) ON intake.queued TO dancu_quality;
GRANT SELECT (doubt_id, batch_id, record, kind, state, opened_at, province_code, persons, scores, raised)
    ON intake.doubt TO dancu_quality;
CREATE POLICY finding_quality ON intake.finding FOR SELECT TO dancu_quality USING (true);
CREATE POLICY queued_quality ON intake.queued FOR SELECT TO dancu_quality USING (true);
CREATE POLICY doubt_quality ON intake.doubt FOR SELECT TO dancu_quality USING (true);

-- The links of sources to persons, for drawing samples: batches and scores, nothing else of what they told. ---------

CREATE FUNCTION quality.links() RETURNS TABLE (
    batch_id bigint, record integer, person_id bigint, score real, decision smallint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.batch_id, (c.first_record + u.at - 1)::integer, u.person_id, u.score, u.decision
      FROM intake.chunk c
      JOIN intake.batch b ON b.batch_id = c.batch_id AND b.state NOT IN ('reverted', 'superseded')
     CROSS JOIN LATERAL unnest(c.persons, c.scores, c.decisions) WITH ORDINALITY
           AS u (person_id, score, decision, at)
     WHERE c.applied AND u.person_id <> 0 AND u.decision IN (1, 2, 3)
$$;
COMMENT ON FUNCTION quality.links IS 'Records of sources and the persons they were linked to: only who the caller sees in register.person is drawn';
ALTER FUNCTION quality.links OWNER TO dancu_loader;
REVOKE EXECUTE ON FUNCTION quality.links FROM PUBLIC;
GRANT EXECUTE ON FUNCTION quality.links TO dancu_app;
