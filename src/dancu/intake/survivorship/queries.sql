-- What sources told of persons beside what the ledger took over.

-- name: claims_of_persons
SELECT c.person_id, c.claim_id, c.version, c.agrees, c.told_on, c.confidence, c.batches, c.differs::text, c.sealed,
       b.source, b.received_at
  FROM intake.claim c
  JOIN intake.batch b ON b.batch_id = c.batches[1]
 WHERE c.person_id = ANY (%(person_ids)s)
 ORDER BY c.person_id, c.claim_id

-- name: acts
SELECT a.act_id, a.source, a.batch_id, a.known_at FROM register.act a WHERE a.act_id = ANY (%(act_ids)s)

-- name: documents
SELECT d.source, d.since, d.document FROM intake.source_document d ORDER BY d.source, d.since

-- name: declare_document
INSERT INTO intake.source_document (source, since, document, said_by, said_at)
VALUES (%(source)s, %(since)s, %(document)s, %(by)s, %(now)s)
ON CONFLICT (source, since) DO UPDATE
   SET document = excluded.document, said_by = excluded.said_by, said_at = excluded.said_at

-- name: keep
INSERT INTO intake.claim (person_id, claim_id, version, agrees, told_on, confidence, batches, differs, sealed)
VALUES (%(person_id)s, %(claim_id)s, %(version)s, %(agrees)s, %(told_on)s, %(confidence)s, %(batches)s,
        %(differs)s::json, %(sealed)s)

-- name: copy_claims
COPY intake.claim (person_id, claim_id, version, agrees, told_on, confidence, batches, differs, sealed) FROM STDIN

-- name: told_again
UPDATE intake.claim SET batches = batches || %(batches)s::bigint[]
 WHERE person_id = %(person_id)s AND claim_id = %(claim_id)s

-- name: claims_of_batch
SELECT DISTINCT c.person_id, c.claim_id, c.batches
  FROM intake.chunk k
 CROSS JOIN LATERAL unnest(k.persons) AS one (person_id)
  JOIN intake.claim c ON c.person_id = one.person_id
 WHERE k.batch_id = %(batch_id)s AND %(batch_id)s = ANY (c.batches)
UNION
SELECT c.person_id, c.claim_id, c.batches
  FROM intake.claim c
 WHERE c.batches[1] = %(batch_id)s AND c.batches[2] < 0

-- name: set_batches
UPDATE intake.claim SET batches = %(batches)s WHERE person_id = %(person_id)s AND claim_id = %(claim_id)s

-- name: forget
DELETE FROM intake.claim WHERE person_id = %(person_id)s AND claim_id = %(claim_id)s

-- name: persons_from
SELECT p.person_id
  FROM register.person p
 WHERE p.person_id > %(after)s AND p.status NOT IN (5, 6)
   AND (%(unit)s::text IS NULL OR p.commune_code = %(unit)s OR p.province_code = %(unit)s)
 ORDER BY p.person_id
 LIMIT %(most)s

-- name: bearer
SELECT i.person_id FROM register.identifier i WHERE i.value = %(value)s AND i.scheme = 1
