-- Words of names, for search that forgives a typo.

CREATE FUNCTION register.name_words(percent real) RETURNS TABLE (word text, frequency bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT w.word, count(*)
      FROM register.person p TABLESAMPLE SYSTEM (percent), unnest(string_to_array(p.name_key, ' ')) AS w (word)
     GROUP BY w.word
    HAVING count(*) >= 2 OR percent >= 100
$$;
COMMENT ON FUNCTION register.name_words IS
    'The vocabulary of names over the nation, from a sample of blocks: words and how often, not whose';
ALTER FUNCTION register.name_words OWNER TO dancu_loader;
REVOKE EXECUTE ON FUNCTION register.name_words FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.name_words TO dancu_app;
