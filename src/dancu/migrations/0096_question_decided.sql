-- What a clerk decides on an event after an undone merge says why, and hangs on a dossier.

ALTER TABLE register.question ADD COLUMN dossier_id bigint, ADD COLUMN because text;
COMMENT ON COLUMN register.question.because IS 'why the clerk decided so';
COMMENT ON COLUMN register.question.dossier_id IS 'the case that the decision hangs on';
GRANT UPDATE (dossier_id, because) ON register.question TO dancu_app;
