-- What becomes of a dossier: states, the steps between them, a term that can pause, an end of access, proposed acts.

-- Only wrong guesses count as guesses: who is refused for having guessed too often must get out again.

DROP FUNCTION audit.refusals(bigint, smallint, timestamptz);

CREATE FUNCTION audit.refusals(wanted_officer bigint, wanted_operation smallint, wanted_reason text, since timestamptz)
RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*) FROM audit.access_log l
     WHERE l.officer_id = wanted_officer AND l.logged_at >= since AND l.operation = wanted_operation AND l.outcome = 2
       AND l.reason = wanted_reason
$$;
COMMENT ON FUNCTION audit.refusals IS 'How often an officer was refused for one reason: guessing has its limit';
ALTER FUNCTION audit.refusals OWNER TO dancu_verifier;
REVOKE EXECUTE ON FUNCTION audit.refusals FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.refusals TO dancu_app;

ALTER TABLE dossiers.dossier
    DROP CONSTRAINT dossier_state_known,
    DROP CONSTRAINT dossier_closed_when_not_open,
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN days_left smallint,
    ADD COLUMN opens_until date,
    ADD COLUMN outcome text COLLATE "C";

UPDATE dossiers.dossier
   SET outcome = CASE state WHEN 'closed' THEN 'granted' WHEN 'refused' THEN 'refused' END,
       opens_until = coalesce(deadline_on, opened_at::date) + 30,
       state = CASE state WHEN 'open' THEN 'in_work' ELSE 'closed' END;

ALTER TABLE dossiers.dossier
    ALTER COLUMN opens_until SET NOT NULL,
    ADD CONSTRAINT dossier_state_known CHECK (
        state IN ('received', 'in_work', 'waiting_applicant', 'waiting_approval', 'decided', 'closed')),
    ADD CONSTRAINT dossier_outcome_known CHECK (outcome IN ('granted', 'refused', 'withdrawn')),
    ADD CONSTRAINT dossier_outcome_when_decided CHECK ((outcome IS NOT NULL) = (state IN ('decided', 'closed'))),
    ADD CONSTRAINT dossier_closed_when_closed CHECK ((closed_at IS NOT NULL) = (state = 'closed')),
    ADD CONSTRAINT dossier_days_left_while_paused CHECK (days_left IS NULL OR state = 'waiting_applicant');
COMMENT ON COLUMN dossiers.dossier.version IS 'number of steps; who takes the next one must have seen this one';
COMMENT ON COLUMN dossiers.dossier.deadline_on IS 'last day of the term; NULL while it pauses';
COMMENT ON COLUMN dossiers.dossier.days_left IS 'working days of the term that are left when the applicant has answered';
COMMENT ON COLUMN dossiers.dossier.opens_until IS 'last day on which the dossier opens anybody, unless it is prolonged';

CREATE TABLE dossiers.step (
    dossier_id bigint NOT NULL,
    officer_id bigint NOT NULL,
    office_id bigint NOT NULL,
    taken_at timestamptz NOT NULL,
    deadline_on date,
    step_no integer NOT NULL,
    move text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    legal_ground text NOT NULL,
    CONSTRAINT step_pkey PRIMARY KEY (dossier_id, step_no)
);
COMMENT ON TABLE dossiers.step IS 'What was done with a dossier, when, by whom and why: append only';
COMMENT ON COLUMN dossiers.step.state IS 'the state after it';
COMMENT ON COLUMN dossiers.step.reason IS 'for the applicant, where the step is a request or a refusal';
COMMENT ON COLUMN dossiers.step.legal_ground IS 'of a refusal: the law that it rests on';

CREATE TABLE dossiers.proposal (
    dossier_id bigint NOT NULL,
    proposal_id bigint NOT NULL,
    office_id bigint NOT NULL,
    officer_id bigint NOT NULL,
    decided_by bigint,
    act_id bigint,
    proposed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decided_at timestamptz,
    state text COLLATE "C" NOT NULL,
    act text COLLATE "C" NOT NULL,
    legal_ground text NOT NULL,
    reason text NOT NULL,
    answer text NOT NULL DEFAULT '',
    digest bytea NOT NULL,
    command bytea NOT NULL,
    CONSTRAINT proposal_pkey PRIMARY KEY (dossier_id, proposal_id),
    CONSTRAINT proposal_state_known CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn')),
    CONSTRAINT proposal_decided_when_not_waiting CHECK ((decided_at IS NOT NULL) = (state <> 'waiting')),
    CONSTRAINT proposal_decided_by_somebody CHECK ((decided_by IS NOT NULL) = (state <> 'waiting')),
    CONSTRAINT proposal_four_eyes CHECK (state IN ('waiting', 'withdrawn') OR decided_by <> officer_id),
    CONSTRAINT proposal_act_when_approved CHECK ((act_id IS NOT NULL) = (state = 'approved'))
);
COMMENT ON TABLE dossiers.proposal IS 'An act that one officer filed and a second one decides';
COMMENT ON COLUMN dossiers.proposal.act IS 'name of the kind of act';
COMMENT ON COLUMN dossiers.proposal.reason IS 'why it is proposed';
COMMENT ON COLUMN dossiers.proposal.answer IS 'why it was refused or withdrawn';
COMMENT ON COLUMN dossiers.proposal.digest IS 'SHA-256 of the command in the clear: what was approved is what was proposed';
COMMENT ON COLUMN dossiers.proposal.command IS 'the command as canonical JSON, encrypted';
CREATE INDEX proposal_waiting ON dossiers.proposal (office_id, expires_at) WHERE state = 'waiting';

ALTER TABLE dossiers.step ENABLE ROW LEVEL SECURITY;
ALTER TABLE dossiers.proposal ENABLE ROW LEVEL SECURITY;
CREATE POLICY step_of_office ON dossiers.step TO dancu_app
    USING (EXISTS (SELECT FROM dossiers.dossier d WHERE d.dossier_id = step.dossier_id));
CREATE POLICY proposal_of_office ON dossiers.proposal TO dancu_app
    USING (EXISTS (SELECT FROM dossiers.dossier d WHERE d.dossier_id = proposal.dossier_id));

GRANT SELECT, INSERT ON dossiers.step TO dancu_app;
GRANT SELECT, INSERT, UPDATE ON dossiers.proposal TO dancu_app;
GRANT SELECT ON dossiers.step, dossiers.proposal TO dancu_verifier;

-- Who seconded an act whose kind takes four eyes.

ALTER TABLE register.act ADD COLUMN approver_id bigint;
COMMENT ON COLUMN register.act.approver_id IS 'the second officer, of an act that takes four eyes';
ALTER TABLE register.act ADD CONSTRAINT act_four_eyes CHECK (approver_id <> officer_id);
