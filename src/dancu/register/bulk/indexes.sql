-- name: index_definitions
-- Constraints first: their indexes go with them. Statements to drop and to make.
SELECT format('ALTER TABLE register.%%I DROP CONSTRAINT %%I', c.relname, k.conname),
       format('ALTER TABLE register.%%I ADD CONSTRAINT %%I %%s', c.relname, k.conname, pg_get_constraintdef(k.oid))
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid
 WHERE k.contype = 'p'
   AND k.conrelid = ANY ('{register.person,register.event,register.identifier,register.residence,register.membership,
                           register.former_name}'::regclass[])
 UNION ALL
SELECT format('DROP INDEX register.%%I', i.relname), pg_get_indexdef(x.indexrelid)
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
