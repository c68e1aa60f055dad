-- Yardstick (b), tables. 220 bytes of a person in the heap, 250 bytes of a log row. Not to be changed once measured.
CREATE SCHEMA yard_b;
CREATE TABLE yard_b.person (
    number text COLLATE "C" NOT NULL,
    a bigint NOT NULL, b bigint NOT NULL, c bigint NOT NULL, d bigint NOT NULL,
    e timestamptz NOT NULL, f integer NOT NULL, g integer NOT NULL, h smallint NOT NULL, i smallint NOT NULL,
    name text NOT NULL, rest text NOT NULL
) WITH (fillfactor = 90);
INSERT INTO yard_b.person
SELECT lpad(n::text, 12, '0'), n, n, n, n, now(), 1, 19800101, 1, 2, 'nguyen thi huong ' || n % 1000, repeat('x', 78)
  FROM generate_series(1, :people) n;
ALTER TABLE yard_b.person ADD PRIMARY KEY (number);
CREATE TABLE yard_b.log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL, person bigint NOT NULL, officer bigint NOT NULL, dossier bigint, fields integer NOT NULL,
    count integer NOT NULL, operation smallint NOT NULL, outcome smallint NOT NULL, channel smallint NOT NULL,
    request uuid NOT NULL, office text NOT NULL, role text NOT NULL, purpose text NOT NULL, ground text NOT NULL,
    salt bytea NOT NULL, commitment bytea NOT NULL
);
VACUUM ANALYZE yard_b.person;
