-- The worker drops stays at the end of retention; that nobody can drop what is not a year old stays in the function.

CREATE OR REPLACE FUNCTION register.drop_stay_months(before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    month text;
    dropped integer := 0;
BEGIN
    IF before > current_date - 365 THEN
        RAISE 'stays are kept for a year at least' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR month IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'register.stay_notice'::regclass AND c.relname ~ '^stay_notice_\d{4}_\d{2}$'
           AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before
    LOOP
        EXECUTE format('DROP TABLE register.%I', month);
        dropped := dropped + 1;
    END LOOP;
    -- Notices of months that had no partition when they came, nor later.
    DELETE FROM register.stay_notice_rest WHERE night < date_trunc('month', before)::date;
    RETURN dropped;
END
$$;
COMMENT ON FUNCTION register.drop_stay_months IS
    'The end of retention: drops whole months that ended before a day, and what came too late for a month of its own';
GRANT EXECUTE ON FUNCTION register.drop_stay_months TO dancu_app;
