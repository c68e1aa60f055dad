-- By which model records are weighed, by every process alike: the latest that was put in force; without one, that of
-- the program.

CREATE TABLE intake.model (
    model_id bigint PRIMARY KEY,
    since timestamptz NOT NULL,
    put_by text NOT NULL,
    version text NOT NULL,
    told text NOT NULL
);
COMMENT ON TABLE intake.model IS 'Linkage models that were put in force; the latest one is';
COMMENT ON COLUMN intake.model.told IS 'the model as JSON; dancu.linkage.model';
CREATE INDEX model_since ON intake.model (since);
GRANT SELECT ON intake.model TO dancu_app, dancu_verifier;
GRANT SELECT, INSERT ON intake.model TO dancu_loader;
