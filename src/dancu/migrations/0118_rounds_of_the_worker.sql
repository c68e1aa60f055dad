-- The worker looks every two seconds for what is new: it must not go through what waits already.

ALTER TABLE intake.queued ADD COLUMN opened_at timestamptz;
COMMENT ON COLUMN intake.queued.opened_at IS 'when a doubt was opened about it; NULL: the worker will';
DROP INDEX intake.queued_open;
CREATE INDEX queued_unopened ON intake.queued (batch_id, record) WHERE settled_at IS NULL AND opened_at IS NULL;
CREATE INDEX doubt_proposed ON intake.doubt (dossier_id) WHERE state = 'proposed';
CREATE INDEX doubt_group ON intake.doubt (decided_at) WHERE kind = 2 AND state = 'settled' AND cardinality(persons) > 2;
