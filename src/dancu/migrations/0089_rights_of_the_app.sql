-- The application may change what its statements change, and nothing beside it: a mistake or an injected statement
-- then can't rewrite what was filed, when, by whom and under which number.

-- A writer of the log chooses neither the number of a row nor the transaction that wrote it, also not by
-- OVERRIDING SYSTEM VALUE: numbers are the order in which rows are sealed.
DO $$
DECLARE
    writable text;
BEGIN
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO writable
      FROM pg_attribute a
     WHERE a.attrelid = 'audit.access_log'::regclass AND a.attnum > 0 AND NOT a.attisdropped
       AND a.attname NOT IN ('log_id', 'written_in');
    REVOKE INSERT ON audit.access_log FROM dancu_app, dancu_loader;
    EXECUTE format('GRANT INSERT (%s) ON audit.access_log TO dancu_app, dancu_loader', writable);
END
$$;

-- The same of the place in the feed.
REVOKE INSERT ON register.outbox FROM dancu_app, dancu_loader;
GRANT INSERT (act_id, known_at) ON register.outbox TO dancu_app, dancu_loader;

-- What was proposed stands; only what became of it is written.
REVOKE UPDATE ON dossiers.proposal FROM dancu_app;
GRANT UPDATE (state, decided_by, decided_at, act_id, answer) ON dossiers.proposal TO dancu_app;

-- Whose case it is, on what, since when and under which number does not change.
REVOKE UPDATE ON dossiers.dossier FROM dancu_app;
GRANT UPDATE (office_id, officer_id, closed_at, deadline_on, opens_until, version, days_left, state, outcome)
    ON dossiers.dossier TO dancu_app;

-- A household keeps its address: another one is another household. The right to its key is what FOR UPDATE takes.
REVOKE UPDATE ON register.household, register.clock, register.identifier, register.residence, register.membership,
    register.number_block, register.question FROM dancu_app;
GRANT UPDATE (household_id) ON register.household TO dancu_app;
GRANT UPDATE (ended_by) ON register.clock TO dancu_app;
GRANT UPDATE (valid_from, valid_to, cancelled) ON register.identifier TO dancu_app;
GRANT UPDATE (known_to) ON register.residence, register.membership TO dancu_app;
GRANT UPDATE (used) ON register.number_block TO dancu_app;
GRANT UPDATE (settled_by, settled_at, answer) ON register.question TO dancu_app;

-- An act of these kinds has a second officer, by whatever path it comes; dancu.register.four_eyes has the list, which
-- tells of some further kinds only by their facts. NOT VALID: acts of before this rule stay as they are.
ALTER TABLE register.act ADD CONSTRAINT act_seconded CHECK (
    officer_id IS NULL OR approver_id IS NOT NULL OR kind NOT IN (9, 10, 12, 36, 37, 38)
) NOT VALID;
