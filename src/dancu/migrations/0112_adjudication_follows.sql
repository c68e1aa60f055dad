-- Who carries out what was decided sees what became of the proposals that decisions wait for.

GRANT USAGE ON SCHEMA dossiers TO dancu_loader;
GRANT SELECT (dossier_id, proposal_id, state, act, expires_at, decided_by) ON dossiers.proposal TO dancu_loader;

-- A record may be settled otherwise meanwhile: its file was taken back, or came again corrected.
ALTER TABLE intake.doubt
    DROP CONSTRAINT doubt_state_known,
    ADD COLUMN trouble text NOT NULL DEFAULT '',
    ADD CONSTRAINT doubt_state_known CHECK (
        state IN ('waiting', 'proposed', 'decided', 'settled', 'parked', 'dropped'));
COMMENT ON COLUMN intake.doubt.trouble IS 'why what was decided could not be carried out';
