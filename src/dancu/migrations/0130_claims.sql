-- What each source told of a person, beside what the ledger took over of it. Distribution column: person_id.

CREATE TABLE intake.claim (
    person_id bigint NOT NULL,
    claim_id bigint NOT NULL,
    version integer NOT NULL,
    agrees integer NOT NULL,
    told_on date,
    confidence real,
    batches bigint[] NOT NULL,
    differs json,
    sealed bytea,
    CONSTRAINT claim_pkey PRIMARY KEY (person_id, claim_id),
    CONSTRAINT claim_tells CHECK (agrees <> 0 OR differs IS NOT NULL OR sealed IS NOT NULL),
    CONSTRAINT claim_batches CHECK (cardinality(batches) >= 2 AND cardinality(batches) % 2 = 0)
);
COMMENT ON TABLE intake.claim IS 'What records told of a person that the ledger does not hold: that they agree, or what they say otherwise';
COMMENT ON COLUMN intake.claim.version IS 'how many events the ledger had: what agrees is what stood by them';
COMMENT ON COLUMN intake.claim.agrees IS 'bits of dancu.intake.survivorship.claims.Field';
COMMENT ON COLUMN intake.claim.batches IS 'batch and record of each telling, one after another, the earliest first; the wife of a marriage has the record below 0';
COMMENT ON COLUMN intake.claim.differs IS 'a payload of what is told otherwise';
COMMENT ON COLUMN intake.claim.sealed IS 'the sensitive facts of it, sealed';

-- Persons of a batch are found by its chunks; these do not name wives.
CREATE INDEX claim_of_wives ON intake.claim ((batches[1])) WHERE batches[2] < 0;

CREATE TABLE intake.source_document (
    source text NOT NULL,
    since date NOT NULL,
    document smallint NOT NULL,
    said_at timestamptz NOT NULL,
    said_by text NOT NULL,
    CONSTRAINT source_document_pkey PRIMARY KEY (source, since)
);
COMMENT ON TABLE intake.source_document IS 'On what the facts of a source rest: dancu.intake.survivorship.claims.Document';

ALTER TABLE intake.claim ENABLE ROW LEVEL SECURITY;
-- Who sees the person sees what was told of it.
CREATE POLICY claim_scope ON intake.claim TO dancu_app
    USING ((SELECT true FROM register.person p WHERE p.person_id = claim.person_id));
GRANT SELECT ON intake.claim, intake.source_document TO dancu_app, dancu_verifier;
GRANT SELECT, INSERT, UPDATE, DELETE ON intake.claim, intake.source_document TO dancu_loader;
