-- From a chunk of told persons to the rows of every table, in DuckDB.
-- Each statement is the set-based twin of a pure function; tests/model/test_bulk_equals_single.py holds them together.
-- $known_at: microseconds since 1970; $known_on: the day of it; $act_id.

-- name: quoted
-- The twin of a JSON string as msgspec writes it.
CREATE OR REPLACE MACRO quoted(t) AS to_json(t::VARCHAR)::VARCHAR

-- name: first_day
-- The twin of PartialDate.earliest.
CREATE OR REPLACE MACRO first_day(n) AS
    make_date(n // 10000, greatest(n // 100 % 100, 1), greatest(n % 100, 1))

-- name: place
CREATE OR REPLACE MACRO place(unit, detail) AS
    CASE WHEN coalesce(unit, '') <> '' OR coalesce(detail, '') <> ''
         THEN '[' || quoted(coalesce(unit, '')) || ',' || quoted(coalesce(detail, '')) || ']' END

-- name: kin
-- The twin of payloads.Kin: keys in order, defaults left out.
CREATE OR REPLACE MACRO kin(person, name, number) AS
    CASE WHEN person IS NOT NULL OR coalesce(name, '') <> '' OR coalesce(number, '') <> ''
         THEN '{' || concat_ws(',',
              CASE WHEN coalesce(number, '') <> '' THEN '"i":' || quoted(number) END,
              CASE WHEN coalesce(name, '') <> '' THEN '"n":' || quoted(name) END,
              CASE WHEN person IS NOT NULL THEN '"p":' || person END) || '}' END

-- name: stay_json
CREATE OR REPLACE MACRO stay_json(kind, unit, detail, since, until) AS
    CASE WHEN coalesce(unit, '') <> '' OR coalesce(detail, '') <> ''
         THEN '{' || concat_ws(',',
              CASE WHEN coalesce(detail, '') <> '' THEN '"d":' || quoted(detail) END,
              CASE WHEN since IS NOT NULL THEN '"f":"' || since || '"' END,
              '"k":' || kind,
              CASE WHEN until IS NOT NULL THEN '"t":"' || until || '"' END,
              '"u":' || quoted(coalesce(unit, ''))) || '}' END

-- name: number_json
CREATE OR REPLACE MACRO number_json(scheme, value) AS
    CASE WHEN coalesce(value, '') <> '' THEN '{"s":' || scheme || ',"v":' || quoted(value) || '}' END

-- name: member
-- Key and value of an object, or nothing.
CREATE OR REPLACE MACRO member(key, value) AS '"' || key || '":' || value

-- name: read
-- A view: a statement below computes what it uses, which is less work than keeping all columns once.
CREATE OR REPLACE TEMP VIEW r AS
SELECT told.*, told.unit_day AS ud,
       CASE WHEN died_on IS NOT NULL THEN first_day(died_on) END AS died_first,
       kin(spouse_id, concat_ws(' ', nullif(spouse_surname, ''), nullif(spouse_middle, ''), nullif(spouse_given, '')),
           spouse_number) AS spouse
  FROM told

-- name: stays
-- The twin of model._told for residences, with model._died.
CREATE OR REPLACE TEMP TABLE stay AS
SELECT person_id, kind, unit, detail, ud, since,
       CASE WHEN died_first IS NOT NULL AND (until IS NULL OR until > died_first) THEN died_first ELSE until END AS until
  FROM (
    SELECT person_id, 1::SMALLINT AS kind, coalesce(permanent_unit, '') AS unit, coalesce(permanent_address, '') AS detail,
           ud, permanent_since AS since, NULL::DATE AS until, died_first FROM r
    UNION ALL
    SELECT person_id, 2, coalesce(temporary_unit, ''), coalesce(temporary_address, ''), ud, temporary_since,
           temporary_until, died_first FROM r
    UNION ALL
    SELECT person_id, 3, coalesce(current_unit, ''), coalesce(current_address, ''), ud, current_since, NULL,
           died_first FROM r
  ) s
 WHERE (unit <> '' OR detail <> '')
   AND NOT coalesce(died_first IS NOT NULL AND (until IS NULL OR until > died_first)
                    AND coalesce(since, DATE '0001-01-01') >= died_first, false)

-- name: units
SELECT DISTINCT unit, ud FROM stay

-- name: undecided
SELECT DISTINCT s.unit, s.ud, s.detail FROM stay s JOIN whole w ON w.unit = s.unit AND w.ud = s.ud
 WHERE w.commune IS NULL AND s.detail <> ''

-- name: abodes
-- The twin of projection.scope_of.
CREATE OR REPLACE TEMP TABLE abode AS
SELECT s.person_id, coalesce(d.province, w.province) AS province, coalesce(d.commune, w.commune) AS commune
  FROM (
    SELECT *, (since IS NULL OR since <= $known_on) AND (until IS NULL OR $known_on < until) AS covers
      FROM stay
   QUALIFY row_number() OVER (
        PARTITION BY person_id
        ORDER BY covers DESC, CASE WHEN covers THEN kind ELSE 0 END DESC, coalesce(until, DATE '9999-12-31') DESC,
                 coalesce(since, DATE '0001-01-01') DESC, kind) = 1
  ) s
  LEFT JOIN whole w ON w.unit = s.unit AND w.ud = s.ud
  LEFT JOIN detailed d ON d.unit = s.unit AND d.ud = s.ud AND d.detail = s.detail

-- name: events
-- The twin of payloads.encode(genesis_payload(...)) and ledger.chain_hash. Keys in alphabetical order.
SELECT person_id, $act_id::BIGINT AS act_id, make_timestamptz($known_at::BIGINT) AS known_at, 1::INTEGER AS seq,
       valid_on, 1::SMALLINT AS kind, payload,
       unhex(sha256('[' || person_id || ',1,1,' || valid_on || ',' || $known_at::BIGINT || ',' || $act_id::BIGINT || ','
                    || payload || ']')) AS hash
  FROM (
    SELECT person_id, coalesce(born, year($known_on) * 10000 + month($known_on) * 100 + day($known_on))::INTEGER AS valid_on,
           '{' || concat_ws(',',
               member('b', born), member('bp', place(birth_place_unit, birth_place_text)),
               member('br', place(birth_registration_unit, NULL)), member('di', died_on), member('e', ethnicity),
               member('fa', kin(father_id, father_name, father_number)),
               CASE WHEN household_id IS NOT NULL THEN
                   '"hh":{' || concat_ws(',', CASE WHEN permanent_since IS NOT NULL THEN '"f":"' || permanent_since || '"' END,
                                         '"h":' || household_id, '"r":' || coalesce(nullif(relation, 0), 11)) || '}' END,
               member('id', '[' || nullif(concat_ws(',', number_json(1, personal_number), number_json(2, cmnd9),
                                                    number_json(3, passport)), '') || ']'),
               member('ln', record), member('m', marital),
               CASE WHEN spouse IS NOT NULL THEN
                   '"ma":{' || concat_ws(',', member('f', married_on), '"s":' || spouse) || '}' END,
               member('mo', kin(mother_id, mother_name, mother_number)),
               CASE WHEN coalesce(surname, '') <> '' OR coalesce(given, '') <> '' THEN
                   '"n":[' || quoted(coalesce(surname, '')) || ',' || quoted(coalesce(middle, '')) || ','
                           || quoted(coalesce(given, '')) || ']' END,
               member('na', quoted(nationality)), member('og', place(origin_unit, origin_text)),
               member('on', quoted(other_name)),
               member('re', '[' || nullif(concat_ws(',',
                   stay_json(1, permanent_unit, permanent_address, permanent_since, NULL::DATE),
                   stay_json(2, temporary_unit, temporary_address, temporary_since, temporary_until),
                   stay_json(3, current_unit, current_address, current_since, NULL::DATE)), '') || ']'),
               member('s', sex), CASE WHEN subject <> 1 THEN '"st":' || subject END, '"ud":"' || ud || '"', member('x', quoted(sealed))
           ) || '}' AS payload
      FROM r
  ) e

-- name: persons
-- The twin of projection.person_row.
SELECT r.person_id, father_id, mother_id,
       CASE WHEN died_on IS NULL AND spouse IS NOT NULL THEN spouse_id END AS spouse_id,
       CASE WHEN died_on IS NULL AND (permanent_since IS NULL OR permanent_since <= $known_on) THEN household_id END
           AS household_id,
       make_timestamptz($known_at::BIGINT) AS known_at, 1::INTEGER AS version, born, died_on AS died,
       CASE WHEN died_on IS NULL THEN 1 ELSE 2 END::SMALLINT AS status, coalesce(subject, 1)::SMALLINT AS subject_type,
       coalesce(sex, 0)::SMALLINT AS sex, coalesce(marital, 0)::SMALLINT AS marital,
       coalesce(ethnicity, 0)::SMALLINT AS ethnicity,
       CASE WHEN died_on IS NULL AND household_id IS NOT NULL AND (permanent_since IS NULL OR permanent_since <= $known_on)
            THEN coalesce(nullif(relation, 0), 11) END::SMALLINT AS relation,
       personal_number, coalesce(name_key, '') AS name_key, coalesce(surname, '') AS surname,
       coalesce(middle, '') AS middle, coalesce(given, '') AS given, coalesce(nationality, '') AS nationality,
       nullif(birth_registration_unit, '') AS birth_registration_unit, nullif(origin_unit, '') AS origin_unit,
       a.province AS province_code, a.commune AS commune_code
  FROM r LEFT JOIN abode a ON a.person_id = r.person_id

-- name: identifiers
SELECT person_id, NULL::DATE AS valid_from, NULL::DATE AS valid_to, scheme::SMALLINT AS scheme, ordinal::SMALLINT AS ordinal,
       false AS cancelled, value
  FROM (
    SELECT person_id, 1 AS scheme, 0 AS ordinal, personal_number AS value FROM r WHERE personal_number IS NOT NULL
    UNION ALL SELECT person_id, 2, coalesce(cmnd9_ordinal, 0), cmnd9 FROM r WHERE cmnd9 IS NOT NULL
    UNION ALL SELECT person_id, 3, coalesce(passport_ordinal, 0), passport FROM r WHERE passport IS NOT NULL
  ) i

-- name: residences
SELECT person_id, make_timestamptz($known_at::BIGINT) AS known_from, since AS valid_from, until AS valid_to, ud AS unit_day,
       row_number() OVER (PARTITION BY person_id ORDER BY kind)::SMALLINT AS row_no, kind::SMALLINT AS kind, unit AS unit_code,
       detail
  FROM stay

-- name: memberships
SELECT person_id, household_id, make_timestamptz($known_at::BIGINT) AS known_from, permanent_since AS valid_from,
       died_first AS valid_to, 1::SMALLINT AS row_no, coalesce(nullif(relation, 0), 11)::SMALLINT AS relation
  FROM r
 WHERE household_id IS NOT NULL
   AND NOT coalesce(coalesce(permanent_since, DATE '0001-01-01') >= died_first, false)

-- name: former_names
SELECT person_id, 1::SMALLINT AS row_no, true AS other, born, other_name_key AS name_key
  FROM r WHERE coalesce(other_name, '') <> ''

-- name: households
-- One row for each new household, at the place of its head, else of anybody in it.
SELECT household_id, first(permanent_since) AS formed_on, first(ud) AS unit_day,
       coalesce(first(permanent_unit), '') AS unit_code, first(household_no) AS file_no,
       coalesce(first(permanent_address), '') AS detail
  FROM (SELECT * FROM r WHERE household_id IS NOT NULL AND forms_household
        QUALIFY row_number() OVER (PARTITION BY household_id ORDER BY relation = 1 DESC, record) = 1) h
 GROUP BY household_id

-- name: blocks
-- In order, so that two loads that wait for one another's rows do so one way round.
SELECT personal_number[1:6] AS blocks, count(*)::INTEGER AS used
  FROM r WHERE personal_number IS NOT NULL GROUP BY blocks ORDER BY blocks
