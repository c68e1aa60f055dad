-- Everybody whose record stands, as what is compared; for the matching of whole files.

-- name: everybody
SELECT p.person_id AS id, concat_ws(' ', nullif(p.surname, ''), nullif(p.middle, ''), p.given) AS name, p.born, p.sex,
       p.personal_number AS number,
       (SELECT string_agg(i.value, ' ') FROM register.identifier i
         WHERE i.person_id = p.person_id AND i.scheme = 2) AS cmnd9s,
       concat_ws(' ', nullif(m.surname, ''), nullif(m.middle, ''), m.given) AS mother,
       concat_ws(' ', nullif(f.surname, ''), nullif(f.middle, ''), f.given) AS father,
       p.birth_registration_unit, p.commune_code AS residence
  FROM register.person p
  LEFT JOIN register.person m ON m.person_id = p.mother_id
  LEFT JOIN register.person f ON f.person_id = p.father_id
 WHERE p.status NOT IN (5, 6)
 ORDER BY p.person_id
