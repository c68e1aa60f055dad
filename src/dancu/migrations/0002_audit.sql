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
    first_day date := date_trunc('month', month)::date;
    next_month date := (date_trunc('month', month) + interval '1 month')::date;
    name text := 'access_log_' || to_char(month, 'YYYY_MM');
BEGIN
    IF to_regclass('audit.' || quote_ident(name)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE audit.%I PARTITION OF audit.access_log FOR VALUES FROM (%L) TO (%L)',
        name, first_day::timestamp AT TIME ZONE 'UTC', next_month::timestamp AT TIME ZONE 'UTC'
    );
    RETURN true;
END
$$;
COMMENT ON FUNCTION audit.make_partition IS
    'Makes the partition of a month (UTC) unless it is there. The worker calls it ahead of time; rows that come without it go to the rest';
REVOKE EXECUTE ON FUNCTION audit.make_partition FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.make_partition TO dancu_app, dancu_loader;

SELECT audit.make_partition((date_trunc('month', now()) + n * interval '1 month')::date) FROM generate_series(0, 2) AS n;

GRANT SELECT, INSERT ON audit.access_log TO dancu_app;
GRANT INSERT ON audit.access_log TO dancu_loader;
GRANT SELECT ON audit.access_log TO dancu_verifier;
