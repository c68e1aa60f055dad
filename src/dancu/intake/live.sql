-- Live matching: one round trip for a record, or for a chunk of them.

-- name: alike
-- As the role that loads: everybody.
SELECT a.person_id, a.status, a.sex, a.born, a.personal_number, a.surname, a.middle, a.given_name, a.name_key,
       a.province_code, a.commune_code, a.birth_registration_unit, a.father, a.mother, a.old_numbers,
       a.former_numbers, true
  FROM register.alike(%(numbers)s::text[], %(names)s::text[], %(born_from)s::integer[], %(born_to)s::integer[],
                      %(days)s::integer[], %(given)s::text[], %(homes)s::text[], %(home_days)s::integer[],
                      %(most)s) a

-- name: alike_anywhere
-- As an officer: who is out of scope is marked.
SELECT a.person_id, a.status, a.sex, a.born, a.personal_number, a.surname, a.middle, a.given_name, a.name_key,
       a.province_code, a.commune_code, a.birth_registration_unit, a.father, a.mother, a.old_numbers,
       a.former_numbers, a.shown
  FROM register.alike_anywhere(%(numbers)s::text[], %(names)s::text[], %(born_from)s::integer[],
                               %(born_to)s::integer[], %(days)s::integer[], %(given)s::text[], %(homes)s::text[],
                               %(home_days)s::integer[], %(most)s) a
