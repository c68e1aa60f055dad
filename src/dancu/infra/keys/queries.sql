-- name: data_keys
SELECT k.key_id, k.purpose, k.version, k.wrapped_by, k.wrapped FROM keys.data_key k ORDER BY k.key_id

-- name: insert_data_key
INSERT INTO keys.data_key (purpose, version, wrapped_by, wrapped)
VALUES (%(purpose)s, %(version)s, %(wrapped_by)s, %(wrapped)s)
ON CONFLICT (purpose, version) DO NOTHING
