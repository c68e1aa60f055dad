-- What a clerk decided on a queued record stands beside it.

ALTER TABLE intake.queued
    ADD COLUMN outcome smallint,
    ADD COLUMN person_id bigint,
    ADD COLUMN dossier_id bigint;
COMMENT ON COLUMN intake.queued.outcome IS 'dancu.intake.decisions.Decision, once it is settled';
COMMENT ON COLUMN intake.queued.person_id IS 'whom it turned out to be about';
