-- Counts that are kept by reading the feed.
--   dancu_counter  reads the feed, and of persons what is counted; it writes the counts
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dancu_counter') THEN
        CREATE ROLE dancu_counter NOLOGIN;
    END IF;
END
$$;

CREATE SCHEMA stats;
COMMENT ON SCHEMA stats IS 'Counts, derived from the register; all of it can be made again';
GRANT USAGE ON SCHEMA stats TO dancu_counter, dancu_verifier;
GRANT USAGE ON SCHEMA register TO dancu_counter;

CREATE TABLE stats.population (
    unit text COLLATE "C" NOT NULL,
    base smallint NOT NULL,
    sex smallint NOT NULL,
    born_year smallint NOT NULL,
    persons bigint NOT NULL,
    CONSTRAINT population_pkey PRIMARY KEY (unit, base, sex, born_year)
) WITH (fillfactor = 70);
COMMENT ON TABLE stats.population IS 'How many living persons a unit of today has, by sex and year of birth';
COMMENT ON COLUMN stats.population.unit IS
    'today''s commune; the province where only that is certain; empty where neither is';
COMMENT ON COLUMN stats.population.base IS 'dancu.stats.cells.Base: 1 the one place where a person counts, 2 permanent, 3 temporary';
COMMENT ON COLUMN stats.population.born_year IS '0 where it is not known';

CREATE TABLE stats.counted (
    person_id bigint NOT NULL,
    version integer NOT NULL,
    due_on date,
    born_year smallint NOT NULL,
    sex smallint NOT NULL,
    abode text COLLATE "C",
    permanent text COLLATE "C",
    temporary text COLLATE "C",
    CONSTRAINT counted_pkey PRIMARY KEY (person_id)
) WITH (fillfactor = 90);
COMMENT ON TABLE stats.counted IS 'As what each person is counted: what must be taken away when something else is so';
COMMENT ON COLUMN stats.counted.version IS 'events of the person that were known then';
COMMENT ON COLUMN stats.counted.due_on IS 'the day on which a stay begins or ends by itself, and the person must be looked at again';
COMMENT ON COLUMN stats.counted.abode IS 'unit; NULL where the person does not count';
CREATE INDEX counted_due ON stats.counted (due_on) WHERE due_on IS NOT NULL;

CREATE TABLE stats.place (
    subscriber text PRIMARY KEY,
    sequence bigint NOT NULL,
    within integer NOT NULL
);
COMMENT ON TABLE stats.place IS 'How far the subscribers of this slice have read the feed';
INSERT INTO stats.place (subscriber, sequence, within) VALUES ('population', 0, 0);

GRANT SELECT, INSERT, UPDATE, DELETE ON stats.population, stats.counted TO dancu_counter;
GRANT SELECT, INSERT, UPDATE ON stats.place TO dancu_counter;
GRANT SELECT ON ALL TABLES IN SCHEMA stats TO dancu_verifier;

GRANT SELECT ON register.feed, register.feed_head, register.outbox TO dancu_counter;
GRANT SELECT (act_id, persons) ON register.act TO dancu_counter;
GRANT SELECT (person_id, seq, act_id, kind) ON register.event TO dancu_counter;
GRANT SELECT (person_id, version, status, sex, born) ON register.person TO dancu_counter;
GRANT SELECT ON register.residence TO dancu_counter;
CREATE POLICY event_counter ON register.event FOR SELECT TO dancu_counter USING (true);
CREATE POLICY person_counter ON register.person FOR SELECT TO dancu_counter USING (true);
CREATE POLICY residence_counter ON register.residence FOR SELECT TO dancu_counter USING (true);
