-- Reference data with time. Written by load_reference() only; the application reads.
-- On Citus every table here is a reference table: small, and copied to every node.
CREATE SCHEMA reference;
COMMENT ON SCHEMA reference IS 'code tables with validity in time; sources in src/dancu/reference/data/SOURCES';

CREATE TABLE reference.unit (
    code text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_from_precision text COLLATE "C" NOT NULL,
    valid_to date,
    valid_to_precision text COLLATE "C",
    level text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    province_code text COLLATE "C" NOT NULL,
    district_code text COLLATE "C",
    lat double precision,
    lon double precision,
    area_km2 double precision,
    CONSTRAINT unit_pkey PRIMARY KEY (code, valid_from),
    CONSTRAINT unit_period CHECK (valid_to IS NULL OR valid_from < valid_to),
    CONSTRAINT unit_precision CHECK (
        valid_from_precision IN ('day', 'before', 'between')
        AND (valid_to IS NULL) = (valid_to_precision IS NULL)
        AND valid_to_precision IN ('day', 'between')
    ),
    CONSTRAINT unit_level CHECK (
        (level, length(code)) IN (('province', 2), ('district', 3), ('commune', 5))
    ),
    CONSTRAINT unit_kind CHECK (
        kind IN ('tinh', 'tptw', 'quan', 'huyen', 'thi_xa', 'thanh_pho', 'xa', 'phuong', 'thi_tran', 'dac_khu')
    ),
    CONSTRAINT unit_district CHECK (district_code IS NULL OR level = 'commune'),
    CONSTRAINT unit_place CHECK (lat BETWEEN 6 AND 24 AND lon BETWEEN 102 AND 118)
);
COMMENT ON TABLE reference.unit IS 'one row per version of an administrative unit, of all eras';
COMMENT ON COLUMN reference.unit.code IS 'official code: 2 digits province, 3 district (until 2025-06-30), 5 commune';
COMMENT ON COLUMN reference.unit.valid_from_precision IS
    'day: by a legal act; before: there on that day and maybe older; between: changed between 2022-10-01 and 2025-03-01';
COMMENT ON COLUMN reference.unit.valid_to IS 'half-open; null: still there';
COMMENT ON COLUMN reference.unit.name IS 'without its kind, NFC';
COMMENT ON COLUMN reference.unit.name_key IS 'folded name';
CREATE INDEX unit_within ON reference.unit (province_code, level);
CREATE INDEX unit_name ON reference.unit (name_key);

CREATE TABLE reference.unit_succession (
    day date NOT NULL,
    from_code text COLLATE "C" NOT NULL,
    to_code text COLLATE "C" NOT NULL,
    part text COLLATE "C" NOT NULL,
    is_default boolean NOT NULL,
    CONSTRAINT unit_succession_pkey PRIMARY KEY (day, from_code, to_code),
    CONSTRAINT unit_succession_part CHECK (part IN ('whole', 'split', 'hint')),
    CONSTRAINT unit_succession_hint CHECK (part <> 'hint' OR NOT is_default)
);
COMMENT ON TABLE reference.unit_succession IS 'what became of a unit on a day; a code without a row went on under its code or ended';
COMMENT ON COLUMN reference.unit_succession.part IS
    'whole, split (only an address tells which), hint (a former name in the source, not an act of law)';
COMMENT ON COLUMN reference.unit_succession.is_default IS 'the successor that took the seat or most of a split unit, says the source';
CREATE INDEX unit_succession_to ON reference.unit_succession (to_code, day);

CREATE TABLE reference.code (
    list text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    name_vi text COLLATE "C" NOT NULL,
    name_en text COLLATE "C" NOT NULL,
    CONSTRAINT code_pkey PRIMARY KEY (list, code)
);
COMMENT ON TABLE reference.code IS 'small lists: sex, marital_status, blood_type, relation_to_head, religion';

CREATE TABLE reference.ethnic_group (
    scheme text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    group_key text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    CONSTRAINT ethnic_group_pkey PRIMARY KEY (scheme, code),
    CONSTRAINT ethnic_group_one_code UNIQUE (scheme, group_key),
    CONSTRAINT ethnic_group_scheme CHECK (scheme IN ('tctk-1979', 'gso-census'))
);
COMMENT ON TABLE reference.ethnic_group IS 'two numberings exist: a code means nothing without its scheme';
COMMENT ON COLUMN reference.ethnic_group.group_key IS 'same group, same key, in every scheme';

CREATE TABLE reference.country (
    alpha2 text COLLATE "C" NOT NULL,
    alpha3 text COLLATE "C" NOT NULL,
    numeric_code text COLLATE "C" NOT NULL,
    name_vi text COLLATE "C" NOT NULL,
    name_en text COLLATE "C" NOT NULL,
    CONSTRAINT country_pkey PRIMARY KEY (alpha2),
    CONSTRAINT country_alpha3 UNIQUE (alpha3),
    CONSTRAINT country_numeric UNIQUE (numeric_code)
);
COMMENT ON TABLE reference.country IS 'ISO 3166-1';

CREATE TABLE reference.number_place (
    place text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    kind text COLLATE "C" NOT NULL,
    unit_or_country text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    CONSTRAINT number_place_pkey PRIMARY KEY (place, valid_from),
    CONSTRAINT number_place_period CHECK (valid_to IS NULL OR valid_from < valid_to),
    CONSTRAINT number_place_kind CHECK (kind IN ('province', 'country')),
    CONSTRAINT number_place_status CHECK (status IN ('law', 'assumed', 'published'))
);
COMMENT ON TABLE reference.number_place IS 'the first three digits of a personal number, by the day of allocation';
COMMENT ON COLUMN reference.number_place.status IS
    'law: annex of the circular; published: a public copy of the annex; assumed: survivor code since the mergers of 2025';

CREATE TABLE reference.holiday (
    day date NOT NULL,
    name_vi text COLLATE "C" NOT NULL,
    name_en text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    law text COLLATE "C" NOT NULL,
    CONSTRAINT holiday_pkey PRIMARY KEY (day, name_vi),
    CONSTRAINT holiday_kind CHECK (kind IN ('public', 'compensatory', 'swapped_off', 'swapped_work')),
    CONSTRAINT holiday_status CHECK (status IN ('law', 'announced', 'estimated', 'unconfirmed'))
);
COMMENT ON TABLE reference.holiday IS 'days off, and the Saturdays worked in exchange (swapped_work)';

CREATE TABLE reference.loaded (
    only_row boolean NOT NULL DEFAULT true,
    digest text COLLATE "C" NOT NULL,
    CONSTRAINT loaded_pkey PRIMARY KEY (only_row),
    CONSTRAINT loaded_one CHECK (only_row)
);
COMMENT ON TABLE reference.loaded IS 'SHA-256 of the files that the tables above were loaded from';

GRANT USAGE ON SCHEMA reference TO dancu_app, dancu_loader, dancu_verifier;
GRANT SELECT ON ALL TABLES IN SCHEMA reference TO dancu_app, dancu_loader, dancu_verifier;
