-- Live matching: one round trip for a record, or for a chunk of them.

-- name: alike
-- As the role that loads: everybody.
SELECT a.person_id, a.status, a.sex, a.born, a.personal_number, a.surname, a.middle, a.given_name, a.name_key,
       a.province_code, a.commune_code, a.birth_registration_unit, a.father, a.mother, a.old_numbers,
       a.former_numbers, true, (SELECT m.model_id FROM intake.model m ORDER BY m.since DESC LIMIT 1)
  FROM register.alike(%(numbers)s::text[], %(names)s::text[], %(born_from)s::integer[], %(born_to)s::integer[],
                      %(days)s::integer[], %(given)s::text[], %(homes)s::text[], %(home_days)s::integer[],
                      %(most)s) a

-- name: alike_anywhere
-- As an officer: who is out of scope is marked.
SELECT a.person_id, a.status, a.sex, a.born, a.personal_number, a.surname, a.middle, a.given_name, a.name_key,
       a.province_code, a.commune_code, a.birth_registration_unit, a.father, a.mother, a.old_numbers,
       a.former_numbers, a.shown, (SELECT m.model_id FROM intake.model m ORDER BY m.since DESC LIMIT 1)
  FROM register.alike_anywhere(%(numbers)s::text[], %(names)s::text[], %(born_from)s::integer[],
                               %(born_to)s::integer[], %(days)s::integer[], %(given)s::text[], %(homes)s::text[],
                               %(home_days)s::integer[], %(most)s) a

-- name: model
SELECT m.told FROM intake.model m WHERE m.model_id = %(model_id)s

-- name: model_in_force
SELECT m.model_id, m.told FROM intake.model m ORDER BY m.since DESC LIMIT 1

-- name: put_in_force
INSERT INTO intake.model (model_id, since, put_by, version, told)
VALUES (%(model_id)s, %(now)s, %(by)s, %(version)s, %(told)s)
