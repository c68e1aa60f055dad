-- Yardstick (c), tables. A person of 220 bytes, an event of 300, a feed row, a log row of 250.
CREATE SCHEMA yard_c;
CREATE TABLE yard_c.person (
    id bigint NOT NULL, version integer NOT NULL,
    a bigint NOT NULL, b bigint NOT NULL, c bigint NOT NULL, e timestamptz NOT NULL, g integer NOT NULL,
    h smallint NOT NULL, i smallint NOT NULL, name text NOT NULL, rest text NOT NULL
) WITH (fillfactor = 90);
INSERT INTO yard_c.person
SELECT n, 1, n, n, n, now(), 19800101, 1, 2, 'nguyen thi huong ' || n % 1000, repeat('x', 98)
  FROM generate_series(1, :people) n;
ALTER TABLE yard_c.person ADD PRIMARY KEY (id);
CREATE TABLE yard_c.event (
    person bigint NOT NULL, seq integer NOT NULL, act bigint NOT NULL, at timestamptz NOT NULL, valid_on integer NOT NULL,
    kind smallint NOT NULL, payload text NOT NULL, hash bytea NOT NULL
);
CREATE INDEX ON yard_c.event (person, seq);
CREATE TABLE yard_c.feed (act bigint NOT NULL, at timestamptz NOT NULL);
CREATE INDEX ON yard_c.feed (act);
CREATE TABLE yard_c.log (LIKE yard_b.log INCLUDING IDENTITY);
VACUUM ANALYZE yard_c.person;
