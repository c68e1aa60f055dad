-- Reference data is replaced as a whole, in one transaction, when the committed files have changed.

-- name: loaded_digest
SELECT digest FROM reference.loaded;

-- name: remember_digest
INSERT INTO reference.loaded (only_row, digest) VALUES (true, %(digest)s)
ON CONFLICT (only_row) DO UPDATE SET digest = excluded.digest;

-- name: lock_loaded
LOCK TABLE reference.loaded IN SHARE ROW EXCLUSIVE MODE;

-- name: clear_units
DELETE FROM reference.unit;

-- name: clear_successions
DELETE FROM reference.unit_succession;

-- name: clear_codes
DELETE FROM reference.code;

-- name: clear_ethnic_groups
DELETE FROM reference.ethnic_group;

-- name: clear_countries
DELETE FROM reference.country;

-- name: clear_number_places
DELETE FROM reference.number_place;

-- name: clear_holidays
DELETE FROM reference.holiday;

-- name: copy_units
COPY reference.unit (code, valid_from, valid_from_precision, valid_to, valid_to_precision, level, kind, name,
    name_key, province_code, district_code, lat, lon, area_km2) FROM STDIN;

-- name: copy_successions
COPY reference.unit_succession (day, from_code, to_code, part, is_default) FROM STDIN;

-- name: copy_codes
COPY reference.code (list, code, name_vi, name_en) FROM STDIN;

-- name: copy_ethnic_groups
COPY reference.ethnic_group (scheme, code, group_key, name) FROM STDIN;

-- name: copy_countries
COPY reference.country (alpha2, alpha3, numeric_code, name_vi, name_en) FROM STDIN;

-- name: copy_number_places
COPY reference.number_place (place, kind, unit_or_country, name, valid_from, valid_to, status) FROM STDIN;

-- name: copy_holidays
COPY reference.holiday (day, kind, status, name_vi, name_en, law) FROM STDIN;
