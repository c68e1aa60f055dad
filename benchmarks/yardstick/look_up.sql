-- Yardstick (b), one transaction: a person by number, and a log row.
\set n random(1, :people)
BEGIN;
SELECT number, a, b, c, d, e, f, g, h, i, name, rest FROM yard_b.person WHERE number = lpad(:n::text, 12, '0');
INSERT INTO yard_b.log (at, person, officer, fields, count, operation, outcome, channel, request, office, role, purpose, ground, salt, commitment)
VALUES (now(), :n, 77, 7, 1, 4, 1, 1, '6f1c1d5e-5f5c-4b57-8a3e-2f1c0a9b8d7e', '26740', 'civil_registrar', 'civil_status',
        'Luật Hộ tịch 60/2014/QH13, Điều 7', '\x00112233445566778899aabbccddeeff',
        '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff');
COMMIT;
