-- Rejected records are kept as they were sent for a year: until then the source has corrected them, or won't.

CREATE FUNCTION intake.drop_originals(before timestamptz) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH dropped AS (
        DELETE FROM intake.original o
         USING intake.batch b
         WHERE b.batch_id = o.batch_id AND b.received_at < before
         RETURNING 1
    )
    SELECT count(*)::integer FROM dropped
$$;
COMMENT ON FUNCTION intake.drop_originals IS 'Deletes the originals of batches that were received before a moment; the worker calls it';
ALTER FUNCTION intake.drop_originals OWNER TO dancu_loader;
REVOKE EXECUTE ON FUNCTION intake.drop_originals FROM PUBLIC;
GRANT EXECUTE ON FUNCTION intake.drop_originals TO dancu_app;
