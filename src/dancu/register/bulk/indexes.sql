-- name: index_definitions
-- Constraints first: their indexes go with them. Statements to drop and to make.
SELECT 'ALTER TABLE register.' || quote_ident(c.relname) || ' DROP CONSTRAINT ' || quote_ident(k.conname),
       'ALTER TABLE register.' || quote_ident(c.relname) || ' ADD CONSTRAINT ' || quote_ident(k.conname) || ' '
       || pg_get_constraintdef(k.oid)
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid
 WHERE k.contype = 'p'
   AND k.conrelid = ANY ('{register.person,register.event,register.identifier,register.residence,register.membership,
                           register.former_name}'::regclass[])
 UNION ALL
SELECT 'DROP INDEX register.' || quote_ident(i.relname), pg_get_indexdef(x.indexrelid)
  FROM pg_index x
  JOIN pg_class i ON i.oid = x.indexrelid
 WHERE NOT x.indisprimary
   AND x.indrelid = ANY ('{register.person,register.event,register.identifier,register.residence,register.membership,
                           register.former_name,register.household}'::regclass[])

-- name: remember
INSERT INTO register.deferred_index (definition) VALUES (%(definition)s)

-- name: remembered
SELECT d.definition FROM register.deferred_index d ORDER BY d.definition

-- name: forget
DELETE FROM register.deferred_index WHERE definition = %(definition)s

-- name: analyse
ANALYZE register.person, register.event, register.identifier, register.residence, register.membership,
        register.former_name, register.household

-- name: analyze
ANALYZE register.person, register.event, register.identifier, register.residence, register.membership,
        register.former_name, register.household
