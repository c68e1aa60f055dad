-- A key that is destroyed takes with it all that it sealed, in every backup too once its wrapping key is gone.

ALTER TABLE keys.data_key ADD COLUMN destroyed_at timestamptz;
COMMENT ON COLUMN keys.data_key.destroyed_at IS 'what it sealed is lost on purpose, or since the wrapping key was lost';
ALTER TABLE keys.data_key
    ADD CONSTRAINT data_key_destroyed_is_empty CHECK ((destroyed_at IS NULL) = (octet_length(wrapped) > 0));
