-- The log of every access to personal data. Rows are only ever added.

CREATE SCHEMA audit;
COMMENT ON SCHEMA audit IS 'Who read or wrote which personal data, when, why and with what result';
GRANT USAGE ON SCHEMA audit TO dancu_app, dancu_loader, dancu_verifier;

CREATE TABLE audit.access_log (
    log_id bigint GENERATED ALWAYS AS IDENTITY,
    logged_at timestamptz NOT NULL,
    person_id bigint,
    officer_id bigint,
    dossier_id bigint,
    fields integer NOT NULL,
    result_count integer NOT NULL,
    operation smallint NOT NULL,
    outcome smallint NOT NULL,
    channel smallint NOT NULL,
    actor smallint NOT NULL,
    written_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    request_id uuid NOT NULL,
    office text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    legal_ground text NOT NULL,
    reason text COLLATE "C",
    persons bigint[],
    persons_digest bytea,
    salt bytea NOT NULL,
    commitment bytea NOT NULL,
    CONSTRAINT access_log_pkey PRIMARY KEY (log_id, logged_at),
    CONSTRAINT access_log_salt CHECK (octet_length(salt) = 16),
    CONSTRAINT access_log_commitment CHECK (octet_length(commitment) = 32)
) PARTITION BY RANGE (logged_at);
COMMENT ON TABLE audit.access_log IS 'One row for each access, refused ones included; written before the data leave';
COMMENT ON COLUMN audit.access_log.person_id IS 'of a search NULL: see persons';
COMMENT ON COLUMN audit.access_log.actor IS '1 an officer, 2 a citizen, 3 an agency, 4 a program';
COMMENT ON COLUMN audit.access_log.legal_ground IS 'empty: the ground of the purpose on that day, as listed in dancu.access.roles';
COMMENT ON COLUMN audit.access_log.written_in IS
    'transaction that wrote the row: sealing takes rows below the snapshot''s xmin, for log_id is not the order of commits';
COMMENT ON COLUMN audit.access_log.persons IS 'who was listed by one search';
COMMENT ON COLUMN audit.access_log.persons_digest IS 'of a bulk act: SHA-256 over the list of its persons';
COMMENT ON COLUMN audit.access_log.fields IS 'bit n - 1 stands for group n of Article 9, Law 26/2023';
COMMENT ON COLUMN audit.access_log.commitment IS 'SHA-256(salt || row in the encoding of dancu.audit.entry): the leaf that is sealed';

CREATE INDEX access_log_person ON audit.access_log (person_id, logged_at) WHERE person_id IS NOT NULL;
CREATE INDEX access_log_officer ON audit.access_log (officer_id, logged_at);
CREATE INDEX access_log_persons ON audit.access_log USING gin (persons) WHERE persons IS NOT NULL;

CREATE TABLE audit.access_log_rest PARTITION OF audit.access_log DEFAULT;

CREATE FUNCTION audit.make_partition(month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    since timestamptz := date_trunc('month', month)::timestamp AT TIME ZONE 'UTC';
    until timestamptz := (date_trunc('month', month) + interval '1 month')::timestamp AT TIME ZONE 'UTC';
    name text := 'access_log_' || to_char(month, 'YYYY_MM');
BEGIN
    IF month NOT BETWEEN date '2020-01-01' AND current_date + 400 THEN
        RAISE 'there is no log of %', month USING ERRCODE = 'datetime_field_overflow';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('audit.make_partition'));
    IF to_regclass('audit.' || quote_ident(name)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE audit.%I (LIKE audit.access_log INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    LOCK TABLE audit.access_log_rest IN ACCESS EXCLUSIVE MODE;
    EXECUTE format(
        'INSERT INTO audit.%I SELECT rest.* FROM audit.access_log_rest rest WHERE logged_at >= %L AND logged_at < %L',
        name, since, until
    );
    DELETE FROM audit.access_log_rest WHERE logged_at >= since AND logged_at < until;
    EXECUTE format(
        'ALTER TABLE audit.access_log ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', name, since, until
    );
    RETURN true;
END
$$;
COMMENT ON FUNCTION audit.make_partition IS
    'Makes the partition of a month (UTC) unless it is there, and moves rows into it that came before it was. The worker calls it ahead of time';
REVOKE EXECUTE ON FUNCTION audit.make_partition FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.make_partition TO dancu_app, dancu_loader;

SELECT audit.make_partition((date_trunc('month', now()) + n * interval '1 month')::date) FROM generate_series(0, 2) AS n;

-- Nobody may change or delete rows; the application reads them through the doors of 0022_who_looked.sql only.
GRANT INSERT ON audit.access_log TO dancu_app, dancu_loader;
GRANT SELECT ON audit.access_log TO dancu_verifier;
