-- Stays of some nights: notified by whoever lodges a guest, about 100,000 a night. They are no events of a life.

CREATE TABLE register.stay_notice (
    notice_id bigint NOT NULL,
    person_id bigint,
    request_id uuid NOT NULL,
    arrived_at timestamptz NOT NULL,
    notified_at timestamptz NOT NULL,
    night date NOT NULL,
    until date NOT NULL,
    born integer,
    lodging_kind smallint NOT NULL,
    channel smallint NOT NULL,
    late boolean NOT NULL,
    unit_code text COLLATE "C" NOT NULL,
    province_code text COLLATE "C",
    commune_code text COLLATE "C",
    number text COLLATE "C" NOT NULL,
    nationality text COLLATE "C" NOT NULL,
    guest_name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    lodging text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT stay_notice_pkey PRIMARY KEY (notice_id, night),
    CONSTRAINT stay_notice_ends_later CHECK (until > night)
) PARTITION BY RANGE (night);
COMMENT ON TABLE register.stay_notice IS
    'Who stays where for less than 30 nights (Law 68/2020, Article 30); dropped by the month at the end of retention';
COMMENT ON COLUMN register.stay_notice.notice_id IS 'made of the request and the place in its list, so that a retry adds nothing';
COMMENT ON COLUMN register.stay_notice.night IS 'the first night; a month of these is a partition';
COMMENT ON COLUMN register.stay_notice.until IS 'the day on which the guest leaves';
COMMENT ON COLUMN register.stay_notice.person_id IS 'whose number it is, where there is a record';
COMMENT ON COLUMN register.stay_notice.late IS 'notified after 23:00 of the first day, or of a later arrival after 08:00 of the next';

CREATE INDEX stay_notice_person ON register.stay_notice (person_id, night) WHERE person_id IS NOT NULL;
CREATE INDEX stay_notice_commune ON register.stay_notice (commune_code, night);
CREATE INDEX stay_notice_number ON register.stay_notice (number, night);

CREATE TABLE register.stay_notice_rest PARTITION OF register.stay_notice DEFAULT;

CREATE FUNCTION register.make_stay_month(month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    since date := date_trunc('month', month)::date;
    following date := (date_trunc('month', month) + interval '1 month')::date;
    name text := 'stay_notice_' || to_char(month, 'YYYY_MM');
BEGIN
    IF month NOT BETWEEN date '2020-01-01' AND current_date + 400 THEN
        RAISE 'there are no stays of %', month USING ERRCODE = 'datetime_field_overflow';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('register.make_stay_month'));
    IF to_regclass('register.' || quote_ident(name)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE register.%I (LIKE register.stay_notice INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    LOCK TABLE register.stay_notice_rest IN ACCESS EXCLUSIVE MODE;
    EXECUTE format(
        'INSERT INTO register.%I SELECT rest.* FROM register.stay_notice_rest rest WHERE night >= %L AND night < %L',
        name, since, following
    );
    DELETE FROM register.stay_notice_rest WHERE night >= since AND night < following;
    EXECUTE format(
        'ALTER TABLE register.stay_notice ATTACH PARTITION register.%I FOR VALUES FROM (%L) TO (%L)',
        name, since, following
    );
    RETURN true;
END
$$;
COMMENT ON FUNCTION register.make_stay_month IS
    'Makes the partition of a month unless it is there, and moves notices into it that came before it was. The worker calls it ahead of time';

CREATE FUNCTION register.drop_stay_months(before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    month text;
    dropped integer := 0;
BEGIN
    IF before > current_date - 365 THEN
        RAISE 'stays are kept for a year at least' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR month IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'register.stay_notice'::regclass AND c.relname ~ '^stay_notice_\d{4}_\d{2}$'
           AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before
    LOOP
        EXECUTE format('DROP TABLE register.%I', month);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;
COMMENT ON FUNCTION register.drop_stay_months IS 'The end of retention: drops whole months that ended before a day';

CREATE FUNCTION register.holders_of(wanted text[]) RETURNS TABLE (number text, person_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT i.value, register.survivor_of(i.person_id)
      FROM register.identifier i
     WHERE i.value = ANY (wanted) AND i.scheme = 1
$$;
COMMENT ON FUNCTION register.holders_of IS
    'Ties a notice to the record of its guest, wherever that is; who sends it is told nothing';

CREATE FUNCTION register.stay_shown(guest bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT guest IS NULL OR register.unmasked(guest)
        OR NOT EXISTS (SELECT FROM register.person p WHERE p.person_id = guest AND p.protected)
$$;
COMMENT ON FUNCTION register.stay_shown IS 'A stay of a masked person is shown to nobody who has not given a reason';

ALTER FUNCTION register.holders_of OWNER TO dancu_loader;
ALTER FUNCTION register.stay_shown OWNER TO dancu_loader;
REVOKE EXECUTE ON FUNCTION register.make_stay_month, register.drop_stay_months, register.holders_of,
    register.stay_shown FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.make_stay_month, register.holders_of, register.stay_shown TO dancu_app, dancu_loader;
GRANT EXECUTE ON FUNCTION register.drop_stay_months TO dancu_loader;

ALTER TABLE register.stay_notice ENABLE ROW LEVEL SECURITY;
CREATE POLICY stay_notice_scope ON register.stay_notice TO dancu_app
    USING (register.in_scope(province_code, commune_code, person_id) AND register.stay_shown(person_id));
GRANT SELECT, INSERT ON register.stay_notice TO dancu_app, dancu_loader;
GRANT SELECT ON register.stay_notice TO dancu_verifier;

SELECT register.make_stay_month((date_trunc('month', now()) + n * interval '1 month')::date) FROM generate_series(0, 2) AS n;
