-- Quality counts in which fields sources agree with the register, and in which they differ.
GRANT SELECT (person_id, agrees, batches, differs, sealed) ON intake.claim TO dancu_quality;
CREATE POLICY claim_quality ON intake.claim FOR SELECT TO dancu_quality USING (true);
