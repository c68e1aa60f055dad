-- The tables of a person ask the person's row whether it is shown; row-level security has answered that when the row
-- is there at all, so the rule need not be told again for each of their rows.

DO $$
DECLARE
    part text;
BEGIN
    FOREACH part IN ARRAY ARRAY['event', 'identifier', 'residence', 'membership', 'former_name'] LOOP
        EXECUTE format(
            'ALTER POLICY %I ON register.%I USING ((SELECT true FROM register.person p WHERE p.person_id = %I.person_id))',
            part || '_scope', part, part
        );
    END LOOP;
END
$$;
