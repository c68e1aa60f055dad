-- The population register.
-- Distribution column of every table about a person: person_id. See docs/decisions for the rules of distribution.

CREATE SCHEMA register;
COMMENT ON SCHEMA register IS 'Civil events, and the current state that is folded from them';
GRANT USAGE ON SCHEMA register TO dancu_app, dancu_loader, dancu_verifier;

-- The official act -----------------------------------------------------------------------------------------------

CREATE TABLE register.act (
    act_id bigint PRIMARY KEY,
    kind smallint NOT NULL,
    valid_on integer NOT NULL,
    known_at timestamptz NOT NULL,
    authority smallint NOT NULL,
    office text NOT NULL,
    officer_id bigint,
    dossier_id bigint,
    request_id uuid NOT NULL,
    legal_ground text NOT NULL,
    registration jsonb,
    evidence jsonb,
    source text,
    batch_id bigint,
    persons bigint[] NOT NULL
);
COMMENT ON TABLE register.act IS 'One official act; it has one event for each person that it touches, in one transaction';
COMMENT ON COLUMN register.act.kind IS 'dancu.register.kinds.EventKind';
COMMENT ON COLUMN register.act.valid_on IS 'yyyymmdd, zeros for what is unknown: when it is true in the world';
COMMENT ON COLUMN register.act.known_at IS 'when the register recorded it';
COMMENT ON COLUMN register.act.authority IS 'dancu.kernel.codes.Authority: whose act it is';
COMMENT ON COLUMN register.act.office IS 'unit code of the office, of the units of known_at';
COMMENT ON COLUMN register.act.request_id IS 'idempotency key: a retry finds this act';
COMMENT ON COLUMN register.act.registration IS 'civil-status book, volume, number, signer';
COMMENT ON COLUMN register.act.persons IS 'the persons that have an event of this act';

CREATE INDEX act_batch ON register.act (batch_id) WHERE batch_id IS NOT NULL;

CREATE TABLE register.request (
    request_id uuid PRIMARY KEY,
    act_id bigint NOT NULL,
    subject_id bigint NOT NULL
);
COMMENT ON TABLE register.request IS 'Makes a retry harmless. Distributed by request_id';
COMMENT ON COLUMN register.request.subject_id IS 'the person whom the act is about: of a birth, the child';

CREATE TABLE register.outbox (
    act_id bigint PRIMARY KEY,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    known_at timestamptz NOT NULL
);
COMMENT ON TABLE register.outbox IS 'Acts that the feed has yet to put in order: commit order is not id order';

-- The ledger -----------------------------------------------------------------------------------------------------

CREATE TABLE register.event (
    person_id bigint NOT NULL,
    act_id bigint NOT NULL,
    known_at timestamptz NOT NULL,
    seq integer NOT NULL,
    valid_on integer NOT NULL,
    kind smallint NOT NULL,
    payload json NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (person_id, seq),
    CONSTRAINT event_seq_positive CHECK (seq > 0),
    CONSTRAINT event_hash_is_sha256 CHECK (octet_length(hash) = 32)
);
COMMENT ON TABLE register.event IS 'What happened to a person: append only, chained by hash';
COMMENT ON COLUMN register.event.payload IS
    'dancu.register.payloads: the very text that was hashed; json, since jsonb would take 1.6 times the bytes and of these rows there are most';
COMMENT ON COLUMN register.event.hash IS 'SHA-256 over the hash before and this event; dancu.register.ledger.chain_hash';

-- The current state ----------------------------------------------------------------------------------------------

CREATE TABLE register.person (
    person_id bigint NOT NULL,
    father_id bigint,
    mother_id bigint,
    spouse_id bigint,
    household_id bigint,
    known_at timestamptz NOT NULL,
    version integer NOT NULL,
    born integer,
    died integer,
    status smallint NOT NULL,
    subject_type smallint NOT NULL,
    sex smallint NOT NULL,
    marital smallint NOT NULL,
    ethnicity smallint NOT NULL,
    religion smallint,
    relation smallint,
    blood smallint NOT NULL,
    personal_number text COLLATE "C",
    name_key text COLLATE "C" NOT NULL,
    surname text NOT NULL,
    middle text NOT NULL,
    given text NOT NULL,
    nationality text NOT NULL,
    birth_registration_unit text COLLATE "C",
    origin_unit text COLLATE "C",
    province_code text COLLATE "C",
    commune_code text COLLATE "C",
    CONSTRAINT person_pkey PRIMARY KEY (person_id),
    CONSTRAINT person_name_key_folded CHECK (name_key = lower(name_key)),
    CONSTRAINT person_id_positive CHECK (person_id > 0)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
COMMENT ON TABLE register.person IS 'The person as the ledger tells, one row for search, lists and look-ups. Never deleted';
COMMENT ON COLUMN register.person.version IS 'number of events; a writer must have seen this one';
COMMENT ON COLUMN register.person.born IS 'yyyymmdd, zeros for what is unknown';
COMMENT ON COLUMN register.person.commune_code IS
    'today''s commune of the current abode: the scope key. NULL where a split commune could not be resolved';
COMMENT ON COLUMN register.person.ethnicity IS 'scheme * 100 + code; scheme 1 tctk-1979, 2 gso-census; 0 unknown';

CREATE INDEX person_name_born ON register.person (name_key, born);
CREATE INDEX person_born_given ON register.person (born, surname, given);
CREATE INDEX person_household ON register.person (household_id);
CREATE INDEX person_commune ON register.person (commune_code, person_id);
CREATE INDEX person_mother ON register.person (mother_id) WHERE mother_id IS NOT NULL;
CREATE INDEX person_father ON register.person (father_id) WHERE father_id IS NOT NULL;

CREATE TABLE register.identifier (
    person_id bigint NOT NULL,
    valid_from date,
    valid_to date,
    scheme smallint NOT NULL,
    ordinal smallint NOT NULL DEFAULT 0,
    cancelled boolean NOT NULL DEFAULT false,
    value text COLLATE "C" NOT NULL,
    CONSTRAINT identifier_pkey PRIMARY KEY (value, scheme, ordinal),
    CONSTRAINT identifier_personal_number_is_unique CHECK (scheme <> 1 OR ordinal = 0)
);
COMMENT ON TABLE register.identifier IS
    'Numbers by which a person is found, cancelled ones included. Distributed by value';
COMMENT ON COLUMN register.identifier.ordinal IS
    '0 for the first holder; a 9-digit CMND may have further ones, a personal number never';
CREATE INDEX identifier_person ON register.identifier (person_id);

CREATE TABLE register.residence (
    person_id bigint NOT NULL,
    known_from timestamptz NOT NULL,
    known_to timestamptz,
    valid_from date,
    valid_to date,
    unit_day date NOT NULL,
    row_no smallint NOT NULL,
    kind smallint NOT NULL,
    unit_code text COLLATE "C" NOT NULL,
    detail text NOT NULL,
    CONSTRAINT residence_pkey PRIMARY KEY (person_id, row_no)
);
COMMENT ON TABLE register.residence IS 'Stays, valid and known; rows with known_to are what the register once believed';
COMMENT ON COLUMN register.residence.unit_day IS 'the day whose units unit_code is of: an address keeps its unit';
CREATE INDEX residence_unit ON register.residence (unit_code);

CREATE TABLE register.membership (
    person_id bigint NOT NULL,
    household_id bigint NOT NULL,
    known_from timestamptz NOT NULL,
    known_to timestamptz,
    valid_from date,
    valid_to date,
    row_no smallint NOT NULL,
    relation smallint NOT NULL,
    CONSTRAINT membership_pkey PRIMARY KEY (person_id, row_no)
);
COMMENT ON TABLE register.membership IS 'Who belonged to which household, valid and known';
CREATE INDEX membership_household ON register.membership (household_id);

CREATE TABLE register.former_name (
    person_id bigint NOT NULL,
    row_no smallint NOT NULL,
    other boolean NOT NULL,
    born integer,
    name_key text COLLATE "C" NOT NULL,
    CONSTRAINT former_name_pkey PRIMARY KEY (person_id, row_no)
);
COMMENT ON TABLE register.former_name IS 'Names that a person had, or has besides the first: for search';
CREATE INDEX former_name_key ON register.former_name (name_key, born);

CREATE TABLE register.household (
    household_id bigint PRIMARY KEY,
    formed_on date,
    unit_day date NOT NULL,
    unit_code text COLLATE "C" NOT NULL,
    file_no text COLLATE "C" NOT NULL,
    detail text NOT NULL
);
COMMENT ON TABLE register.household IS 'A household at an address; its members and head are told by their own events';
COMMENT ON COLUMN register.household.file_no IS 'residence file number';
CREATE INDEX household_file_no ON register.household (file_no);

CREATE TABLE register.clock (
    clock_id bigint PRIMARY KEY,
    person_id bigint,
    household_id bigint,
    act_id bigint NOT NULL,
    ended_by bigint,
    since date NOT NULL,
    due_on date,
    kind text NOT NULL,
    CONSTRAINT clock_has_a_subject CHECK (person_id IS NOT NULL OR household_id IS NOT NULL)
);
COMMENT ON TABLE register.clock IS 'States to which the law gives time, such as a household without a head, and late registrations';
CREATE INDEX clock_person ON register.clock (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX clock_household ON register.clock (household_id) WHERE household_id IS NOT NULL;

CREATE TABLE register.number_block (
    block text COLLATE "C" PRIMARY KEY,
    used integer NOT NULL
);
COMMENT ON TABLE register.number_block IS 'How many of the million serials of place, sex and year were given out';

CREATE TABLE register.deferred_index (
    definition text PRIMARY KEY
);
COMMENT ON TABLE register.deferred_index IS 'Indexes that a first load dropped and that must be made before anything else';

-- Row-level security ---------------------------------------------------------------------------------------------
-- dancu.scope:  nation | province:NN | commune:NNNNN | none (a missing setting is none)
-- dancu.opened: person ids that a dossier opens, separated by commas

CREATE FUNCTION register.in_scope(province text, commune text, person bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT current_setting('dancu.scope', true) = 'nation'
        OR current_setting('dancu.scope', true) = 'commune:' || commune
        OR current_setting('dancu.scope', true) = 'province:' || province
        OR person = ANY (string_to_array(nullif(current_setting('dancu.opened', true), ''), ',')::bigint[])
$$;
COMMENT ON FUNCTION register.in_scope IS 'The territorial rule of access; inlined into every policy below';

ALTER TABLE register.person ENABLE ROW LEVEL SECURITY;
CREATE POLICY person_scope ON register.person TO dancu_app
    USING (register.in_scope(province_code, commune_code, person_id));

DO $$
DECLARE
    part text;
BEGIN
    FOREACH part IN ARRAY ARRAY['event', 'identifier', 'residence', 'membership', 'former_name'] LOOP
        EXECUTE format('ALTER TABLE register.%I ENABLE ROW LEVEL SECURITY', part);
        EXECUTE format(
            -- A scalar subquery is looked up person by person; an EXISTS may become a hash of everybody in scope.
            'CREATE POLICY %I ON register.%I TO dancu_app USING ((SELECT register.in_scope(p.province_code, p.commune_code,'
            ' p.person_id) FROM register.person p WHERE p.person_id = %I.person_id))',
            part || '_scope', part, part
        );
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE ON register.person TO dancu_app;
GRANT SELECT, INSERT ON register.event TO dancu_app;
GRANT SELECT, INSERT, UPDATE ON register.identifier, register.residence, register.membership TO dancu_app;
GRANT SELECT, INSERT, DELETE ON register.former_name TO dancu_app;
GRANT SELECT, INSERT, UPDATE ON register.household, register.clock, register.number_block TO dancu_app;
GRANT SELECT, INSERT ON register.request TO dancu_app;
GRANT INSERT ON register.act, register.outbox TO dancu_app;
GRANT SELECT (act_id, kind, valid_on, known_at, authority, office, officer_id, dossier_id, request_id, legal_ground,
              registration, evidence, source, batch_id) ON register.act TO dancu_app;

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA register TO dancu_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA register TO dancu_verifier;

-- The few functions that must look wider than the scope. Each says why. -------------------------------------------

CREATE FUNCTION register.open_by_number(wanted_number text, wanted_name_key text, wanted_born integer) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.person_id
      FROM register.identifier i
      JOIN register.person p ON p.person_id = i.person_id
     WHERE i.value = wanted_number AND i.scheme = 1
       AND p.name_key = wanted_name_key AND p.born = wanted_born
       AND p.status NOT IN (5, 6)
$$;
COMMENT ON FUNCTION register.open_by_number IS
    'A dossier opens the person whom it names by number, name and birth date, nationwide (Decree 70/2024, Article 10). The caller logs it';

CREATE FUNCTION register.number_is_taken(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT FROM register.identifier WHERE value = wanted AND scheme = 1)
$$;
COMMENT ON FUNCTION register.number_is_taken IS 'Numbers are unique over the nation, whoever may see their holders';

CREATE FUNCTION register.next_ordinal(wanted text, wanted_scheme smallint) RETURNS smallint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce(max(ordinal) + 1, 0)::smallint FROM register.identifier WHERE value = wanted AND scheme = wanted_scheme
$$;
COMMENT ON FUNCTION register.next_ordinal IS 'A 9-digit CMND may have two holders, of whom the caller sees one';

CREATE FUNCTION register.other_members(wanted_household bigint, leaving bigint[]) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*) FROM register.person p
     WHERE p.household_id = wanted_household AND p.status = 1 AND p.person_id <> ALL (leaving)
$$;
COMMENT ON FUNCTION register.other_members IS
    'Whether a household is left without a head matters to the law wherever its members are; only their number is told';

CREATE FUNCTION register.head_of(wanted_household bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.person_id FROM register.person p
     WHERE p.household_id = wanted_household AND p.status = 1 AND p.relation = 1
$$;
COMMENT ON FUNCTION register.head_of IS 'A household has one head; the id tells nothing to who may not read the person';

ALTER FUNCTION register.open_by_number OWNER TO dancu_loader;
ALTER FUNCTION register.other_members OWNER TO dancu_loader;
ALTER FUNCTION register.head_of OWNER TO dancu_loader;
ALTER FUNCTION register.number_is_taken OWNER TO dancu_loader;
ALTER FUNCTION register.next_ordinal OWNER TO dancu_loader;
REVOKE EXECUTE ON FUNCTION register.open_by_number, register.number_is_taken, register.next_ordinal,
    register.other_members, register.head_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.open_by_number, register.number_is_taken, register.next_ordinal,
    register.other_members, register.head_of TO dancu_app;
