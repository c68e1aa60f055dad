-- As for every function with wider rights: a type of the caller's own session must not be found before the real one.

ALTER FUNCTION intake.others_of_doubt SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION register.alike SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION register.alike_anywhere SET search_path = pg_catalog, pg_temp;
