-- The log names the act that an access recorded, so that acts and log can be matched both ways.

CREATE TABLE audit.acts_named (
    since timestamptz PRIMARY KEY
);
COMMENT ON TABLE audit.acts_named IS
    'From when on the log names acts; what was recorded before can''t be matched. Local: one row';
INSERT INTO audit.acts_named (since) VALUES (now());

GRANT SELECT ON audit.acts_named TO dancu_verifier;

COMMENT ON COLUMN audit.access_log.reason IS
    'why it was refused; of an act that was recorded, act:<act_id>; of a load, what was done with which batch';
