-- Records of one person: which one a merged record leads to, and what a clerk must decide when a merge is undone.

ALTER TABLE register.person ADD COLUMN merged_into bigint;
COMMENT ON COLUMN register.person.merged_into IS 'of a merged record: the one that it was merged into, as its ledger tells';
CREATE INDEX person_merged_into ON register.person (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE register.question (
    person_id bigint NOT NULL,
    seq integer NOT NULL,
    other_id bigint NOT NULL,
    act_id bigint NOT NULL,
    settled_by bigint,
    settled_at timestamptz,
    reason text NOT NULL,
    answer text,
    CONSTRAINT question_pkey PRIMARY KEY (person_id, seq, act_id),
    CONSTRAINT question_settled CHECK ((settled_at IS NULL) = (answer IS NULL))
);
COMMENT ON TABLE register.question IS
    'Events filed while two records were merged, of which nobody can tell by rule whom they mean now that the merge is undone';
COMMENT ON COLUMN register.question.other_id IS 'the other of the two records';
COMMENT ON COLUMN register.question.act_id IS 'the act that undid the merge';
CREATE INDEX question_open ON register.question (other_id) WHERE settled_at IS NULL;

ALTER TABLE register.question ENABLE ROW LEVEL SECURITY;
CREATE POLICY question_scope ON register.question TO dancu_app USING (
    (SELECT register.in_scope(p.province_code, p.commune_code, p.person_id) FROM register.person p
      WHERE p.person_id = question.person_id)
);
GRANT SELECT, INSERT, UPDATE ON register.question TO dancu_app;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON register.question TO dancu_loader;
GRANT SELECT ON register.question TO dancu_verifier;

-- A merged record lies in nobody's territory; these lead from it to the one that carries on, and tell nothing else.

CREATE FUNCTION register.survivor_of(wanted bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    here bigint := wanted;
    following bigint;
BEGIN
    FOR hop IN 1..100 LOOP
        SELECT p.merged_into INTO following FROM register.person p WHERE p.person_id = here;
        EXIT WHEN following IS NULL;
        here := following;
    END LOOP;
    RETURN here;
END
$$;
COMMENT ON FUNCTION register.survivor_of IS 'The record that carries on for a merged one; for any other, itself';

CREATE FUNCTION register.with_merged(wanted bigint) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    found bigint[] := ARRAY[wanted];
    more bigint[] := ARRAY[wanted];
BEGIN
    FOR hop IN 1..100 LOOP
        SELECT array_agg(p.person_id) INTO more FROM register.person p
         WHERE p.merged_into = ANY (more) AND p.person_id <> ALL (found);
        EXIT WHEN more IS NULL;
        found := found || more;
    END LOOP;
    RETURN found;
END
$$;
COMMENT ON FUNCTION register.with_merged IS 'A record and all that were merged into it: relatives may name any of them';

CREATE FUNCTION register.survivors_of(wanted bigint[]) RETURNS TABLE (person_id bigint, survivor_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.person_id, register.survivor_of(p.person_id)
      FROM register.person p WHERE p.person_id = ANY (wanted) AND p.merged_into IS NOT NULL
$$;
COMMENT ON FUNCTION register.survivors_of IS 'Of some records, those that were merged, and which one carries on';

CREATE FUNCTION register.survivor_by_number(wanted text) RETURNS TABLE (person_id bigint, survivor_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.person_id, register.survivor_of(p.person_id)
      FROM register.identifier i
      JOIN register.person p ON p.person_id = i.person_id
     WHERE i.value = wanted AND i.scheme = 1 AND p.merged_into IS NOT NULL
$$;
COMMENT ON FUNCTION register.survivor_by_number IS
    'The number of a merged record leads to the one that carries on; who may not read that one sees nothing of it';

CREATE FUNCTION register.persons_of_act(wanted bigint) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT a.persons FROM register.act a WHERE a.act_id = wanted
$$;
COMMENT ON FUNCTION register.persons_of_act IS
    'An act of several persons is annulled as a whole, wherever they live. Ids only';

CREATE OR REPLACE FUNCTION register.open_by_number(wanted_number text, wanted_name_key text, wanted_born integer)
RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT s.person_id
      FROM register.identifier i
      JOIN register.person p ON p.person_id = i.person_id
      JOIN register.person s ON s.person_id = register.survivor_of(p.person_id)
     WHERE i.value = wanted_number AND i.scheme = 1
       AND ((p.name_key = wanted_name_key AND p.born = wanted_born)
            OR (s.name_key = wanted_name_key AND s.born = wanted_born))
       AND s.status NOT IN (5, 6)
$$;

ALTER FUNCTION register.survivor_of OWNER TO dancu_loader;
ALTER FUNCTION register.survivors_of OWNER TO dancu_loader;
ALTER FUNCTION register.with_merged OWNER TO dancu_loader;
ALTER FUNCTION register.survivor_by_number OWNER TO dancu_loader;
ALTER FUNCTION register.persons_of_act OWNER TO dancu_loader;
REVOKE EXECUTE ON FUNCTION register.survivor_of, register.survivors_of, register.with_merged,
    register.survivor_by_number, register.persons_of_act FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.survivor_of, register.survivors_of, register.with_merged,
    register.survivor_by_number, register.persons_of_act TO dancu_app, dancu_loader;
