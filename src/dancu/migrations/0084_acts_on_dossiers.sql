-- Every act of an officer hangs on a dossier, by whatever path it comes; programs and loads have none.
-- NOT VALID: acts that officers recorded before this rule stay as they are.

ALTER TABLE register.act ADD CONSTRAINT act_of_officer_on_dossier
    CHECK (officer_id IS NULL OR dossier_id IS NOT NULL OR batch_id IS NOT NULL) NOT VALID;
