-- Yardstick (a) of the first national load: what PostgreSQL itself needs for the same rows.
-- Written before our load was measured; not to be changed to suit it. README.md in this folder says how it runs.
-- Which tables, columns and indexes: read from the catalogue, so that they are the load's own.

-- name: tables
-- Every table into which the load wrote, largest first.
SELECT c.oid::regclass::text AS loaded, n.nspname || '_' || c.relname AS copied
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname IN ('register', 'intake') AND pg_relation_size(c.oid) > 0
 ORDER BY pg_table_size(c.oid) DESC

-- name: make_schema
CREATE SCHEMA yardstick

-- name: make_table
-- No primary key, no CHECK, no policy; logged, with the fill factor of the original.
CREATE TABLE yardstick.{copied} (LIKE {loaded}) WITH (fillfactor = {fillfactor})

-- name: fillfactor
SELECT coalesce((SELECT o.option_value FROM pg_options_to_table(c.reloptions) o WHERE o.option_name = 'fillfactor'), '100')
  FROM pg_class c WHERE c.oid = %(loaded)s::regclass

-- name: dump
-- Before the clock starts.
COPY {loaded} TO {file} WITH (FORMAT binary)

-- name: copy
COPY yardstick.{copied} FROM {file} WITH (FORMAT binary)

-- name: indexes
-- Definitions of all indexes of a table, keys included, for its copy.
SELECT regexp_replace(pg_get_indexdef(x.indexrelid), '^(CREATE (UNIQUE )?INDEX) \S+ ON (ONLY )?\S+', '\1 ON yardstick.{copied}')
  FROM pg_index x
 WHERE x.indrelid = %(loaded)s::regclass
 ORDER BY x.indexrelid

-- name: analyze
ANALYZE yardstick.{copied}

-- name: clear
DROP SCHEMA yardstick CASCADE
