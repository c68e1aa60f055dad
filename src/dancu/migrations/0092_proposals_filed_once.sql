-- A proposal that is sent twice is filed once, and so is the dossier that was opened for it.

ALTER TABLE dossiers.proposal
    ADD COLUMN request_id uuid,
    ADD CONSTRAINT proposal_of_request UNIQUE (dossier_id, request_id);
COMMENT ON COLUMN dossiers.proposal.request_id IS 'idempotency key: a retry finds this proposal; NULL before there was one';

CREATE TABLE dossiers.request (
    request_id uuid PRIMARY KEY,
    dossier_id bigint NOT NULL
);
COMMENT ON TABLE dossiers.request IS 'The dossier that was opened for what was sent: makes a retry harmless. Distributed by request_id';

ALTER TABLE dossiers.request ENABLE ROW LEVEL SECURITY;
CREATE POLICY request_of_office ON dossiers.request FOR SELECT TO dancu_app
    USING (EXISTS (SELECT FROM dossiers.dossier d WHERE d.dossier_id = request.dossier_id));
-- The request is claimed before its dossier is written, in the same transaction: of two at once, the second waits.
CREATE POLICY request_claimed ON dossiers.request FOR INSERT TO dancu_app WITH CHECK (true);

GRANT SELECT, INSERT ON dossiers.request TO dancu_app;
GRANT SELECT ON dossiers.request TO dancu_verifier;
