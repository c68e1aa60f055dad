-- What a clerk must decide is kept sealed: a whole record of a person, for years where it is settled.
-- Rows of before are JSON in the clear until the key ring seals them: `dancu migrate` does, right after this.

ALTER TABLE intake.queued ALTER COLUMN told TYPE bytea USING convert_to(told::text, 'UTF8');
COMMENT ON COLUMN intake.queued.told IS 'the normal record as JSON, sealed; dancu.intake.store';
