-- Who stands near persons: for finding out whether officers look at their own people.

-- name: relatives
WITH own AS (
    SELECT p.person_id, p.father_id, p.mother_id, p.spouse_id, p.household_id
      FROM register.person p WHERE p.person_id = ANY (%(person_ids)s::bigint[])
)
SELECT own.person_id, parent.person_id
  FROM own CROSS JOIN LATERAL (VALUES (own.father_id), (own.mother_id), (own.spouse_id)) parent (person_id)
 WHERE parent.person_id IS NOT NULL
UNION
SELECT own.person_id, near.person_id FROM own JOIN register.person near ON near.father_id = own.person_id
UNION
SELECT own.person_id, near.person_id FROM own JOIN register.person near ON near.mother_id = own.person_id
UNION
SELECT own.person_id, near.person_id FROM own JOIN register.person near ON near.father_id = own.father_id
UNION
SELECT own.person_id, near.person_id FROM own JOIN register.person near ON near.mother_id = own.mother_id
UNION
SELECT own.person_id, near.person_id FROM own JOIN register.person near ON near.household_id = own.household_id

-- name: neighbours
SELECT own.person_id, other.person_id
  FROM register.residence own
  JOIN register.residence other ON other.unit_code = own.unit_code AND other.detail = own.detail
 WHERE own.person_id = ANY (%(person_ids)s::bigint[]) AND own.known_to IS NULL AND own.valid_to IS NULL
   AND own.detail <> '' AND other.known_to IS NULL AND other.valid_to IS NULL
 LIMIT 200000
