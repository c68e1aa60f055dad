-- name: data_keys
SELECT k.key_id, k.purpose, k.version, k.wrapped_by, k.wrapped, k.destroyed_at
  FROM keys.data_key k
 ORDER BY k.key_id

-- name: insert_data_key
INSERT INTO keys.data_key (purpose, version, wrapped_by, wrapped)
VALUES (%(purpose)s, %(version)s, %(wrapped_by)s, %(wrapped)s)
ON CONFLICT (purpose, version) DO NOTHING

-- name: wrap_anew
UPDATE keys.data_key
   SET wrapped_by = %(wrapped_by)s, wrapped = %(wrapped)s
 WHERE key_id = %(key_id)s AND wrapped_by = %(was_wrapped_by)s AND destroyed_at IS NULL

-- name: destroy
UPDATE keys.data_key
   SET wrapped = '', destroyed_at = now()
 WHERE key_id = %(key_id)s AND destroyed_at IS NULL

-- name: key_columns
SELECT a.attname
  FROM pg_index i
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
 WHERE i.indrelid = %(relation)s::regclass AND i.indisprimary
 ORDER BY array_position(i.indkey::smallint[], a.attnum)
