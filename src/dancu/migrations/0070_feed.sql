-- The feed: what happened to whom, numbered without gaps after it was certain. See docs/decisions/0010-one-sequencer.md.
--   dancu_sequencer  moves acts from the outbox into the feed
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dancu_sequencer') THEN
        CREATE ROLE dancu_sequencer NOLOGIN;
    END IF;
END
$$;
GRANT USAGE ON SCHEMA register TO dancu_sequencer;

-- The outbox is emptied now, and no index of random keys burdens the writers.
ALTER TABLE register.outbox RENAME TO outbox_by_act;
CREATE TABLE register.outbox (
    act_id bigint NOT NULL,
    known_at timestamptz NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
COMMENT ON TABLE register.outbox IS 'Acts that the feed has yet to number. A local table of the coordinator';
COMMENT ON COLUMN register.outbox.position IS
    'taken when the row is written, after the locks: of two acts on one person the later one has the higher position. The sequence must not be cached in sessions';
INSERT INTO register.outbox (act_id, known_at)
SELECT o.act_id, o.known_at FROM register.outbox_by_act o ORDER BY o.known_at, o.txid, o.ctid;
DROP TABLE register.outbox_by_act;

CREATE TABLE register.feed (
    sequence bigint NOT NULL,
    act_id bigint NOT NULL,
    person_id bigint,
    survivor_id bigint,
    known_at timestamptz NOT NULL,
    seq integer,
    persons integer NOT NULL,
    kind smallint NOT NULL,
    CONSTRAINT feed_pkey PRIMARY KEY (sequence)
) PARTITION BY RANGE (sequence);
COMMENT ON TABLE register.feed IS
    'Thin events, one for each event of a person, or one for a whole act of many. A local table of the coordinator; append only';
COMMENT ON COLUMN register.feed.sequence IS '1, 2, 3 ... without gaps';
COMMENT ON COLUMN register.feed.person_id IS 'NULL: the entry stands for all events of its act, a load for instance';
COMMENT ON COLUMN register.feed.survivor_id IS 'of merged records: the record that goes on';
COMMENT ON COLUMN register.feed.seq IS 'of the event in the ledger of the person';
COMMENT ON COLUMN register.feed.persons IS 'for how many persons the entry stands';
COMMENT ON COLUMN register.feed.kind IS 'dancu.register.kinds.EventKind; 0 where the outbox named an act that is not there';

CREATE TABLE register.feed_head (
    single boolean PRIMARY KEY DEFAULT true,
    sequence bigint NOT NULL,
    CONSTRAINT feed_head_is_single CHECK (single)
);
COMMENT ON TABLE register.feed_head IS 'The last number of the feed. Who holds the lock of its only row is the sequencer';
INSERT INTO register.feed_head (sequence) VALUES (0);

CREATE FUNCTION register.make_feed_partition(number bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    name text := 'feed_' || number;
BEGIN
    IF number NOT BETWEEN 0 AND (SELECT h.sequence / 10000000 + 1 FROM register.feed_head h) THEN
        RAISE 'the feed has not come so far' USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    IF to_regclass('register.' || quote_ident(name)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE register.%I (LIKE register.feed INCLUDING ALL)', name);
    EXECUTE format(
        'ALTER TABLE register.feed ATTACH PARTITION register.%I FOR VALUES FROM (%L) TO (%L)',
        name, number * 10000000, (number + 1) * 10000000
    );
    RETURN true;
END
$$;
COMMENT ON FUNCTION register.make_feed_partition IS
    'Makes the partition of ten million numbers unless it is there. The sequencer calls it ahead of time';
REVOKE EXECUTE ON FUNCTION register.make_feed_partition FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.make_feed_partition TO dancu_sequencer;
SELECT register.make_feed_partition(0);

GRANT INSERT ON register.outbox TO dancu_app, dancu_loader;
GRANT SELECT, DELETE, MAINTAIN ON register.outbox TO dancu_sequencer;
GRANT SELECT, UPDATE ON register.feed_head TO dancu_sequencer;
GRANT INSERT ON register.feed TO dancu_sequencer;
GRANT SELECT ON register.act, register.event TO dancu_sequencer;
CREATE POLICY event_sequencer ON register.event FOR SELECT TO dancu_sequencer USING (true);
GRANT SELECT ON register.outbox, register.feed, register.feed_head TO dancu_verifier;
