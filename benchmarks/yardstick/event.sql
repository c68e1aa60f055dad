-- Yardstick (c), one transaction: one person updated, one event, one feed row, one log row.
\set n random(1, :people)
\set act random(1, 9000000000000000000)
BEGIN;
UPDATE yard_c.person SET version = version + 1, e = now(), rest = repeat('y', 98) WHERE id = :n;
INSERT INTO yard_c.event VALUES (:n, 2, :act, now(), 20260101, 3, repeat('p', 200),
    '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff');
INSERT INTO yard_c.feed VALUES (:act, now());
INSERT INTO yard_c.log (at, person, officer, fields, count, operation, outcome, channel, request, office, role, purpose, ground, salt, commitment)
VALUES (now(), :n, 77, 7, 1, 6, 1, 1, '6f1c1d5e-5f5c-4b57-8a3e-2f1c0a9b8d7e', '26740', 'civil_registrar', 'civil_status',
        'Luật Hộ tịch 60/2014/QH13, Điều 7', '\x00112233445566778899aabbccddeeff',
        '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff');
COMMIT;
