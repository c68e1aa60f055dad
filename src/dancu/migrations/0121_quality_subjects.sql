-- How many a figure is about: what tells of too few is not shown.
ALTER TABLE quality.value ADD COLUMN subjects bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN quality.value.subjects IS 'persons, cases or sources that were counted; 0 of estimates';
