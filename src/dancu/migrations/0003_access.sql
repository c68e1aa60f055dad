-- Officers, their offices, roles and sessions. This slice needs PostgreSQL and nothing else.

CREATE SCHEMA access;
COMMENT ON SCHEMA access IS 'Who may act for the State in this system, and whether it is really them';
GRANT USAGE ON SCHEMA access TO dancu_app, dancu_loader, dancu_verifier;

CREATE TABLE access.office (
    office_id bigint PRIMARY KEY,
    authority smallint NOT NULL,
    unit_code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    valid_from date NOT NULL,
    valid_to date
);
COMMENT ON TABLE access.office IS 'An office of one authority in one unit; unit_code empty is the Center';

CREATE TABLE access.officer (
    officer_id bigint PRIMARY KEY,
    created_at timestamptz NOT NULL,
    password_changed_at timestamptz NOT NULL,
    seen_at timestamptz,
    locked_until timestamptz,
    disabled_at timestamptz,
    failures smallint NOT NULL DEFAULT 0,
    lockouts smallint NOT NULL DEFAULT 0,
    class smallint NOT NULL,
    must_change boolean NOT NULL DEFAULT false,
    name text COLLATE "C" NOT NULL,
    full_name text NOT NULL,
    CONSTRAINT officer_class_known CHECK (class BETWEEN 1 AND 4),
    CONSTRAINT officer_name_form CHECK (name ~ '^[a-z0-9][a-z0-9._-]{1,62}$')
);
COMMENT ON TABLE access.officer IS 'One account of one person; class 1 administrator, 2 operator, 3 technical, 4 service';
COMMENT ON COLUMN access.officer.failures IS 'wrong sign-ins in a row';
COMMENT ON COLUMN access.officer.lockouts IS 'lock-outs in a row: each lasts twice as long as the one before';
CREATE UNIQUE INDEX officer_name ON access.officer (name);

CREATE TABLE access.unknown_name (
    name_digest bytea PRIMARY KEY,
    tried_at timestamptz NOT NULL,
    locked_until timestamptz,
    failures smallint NOT NULL,
    lockouts smallint NOT NULL
);
COMMENT ON TABLE access.unknown_name IS
    'Wrong sign-ins under names that nobody has: they lock out like real ones, so that nobody learns which names exist';

-- Secrets are apart from accounts, and row-level security shows those of one account at a time:
-- dancu.account holds its id, and without it there are none.

CREATE TABLE access.credential (
    officer_id bigint PRIMARY KEY,
    totp_step bigint NOT NULL DEFAULT 0,
    password_hash text NOT NULL,
    totp_secret bytea NOT NULL,
    totp_offered bytea
);
COMMENT ON TABLE access.credential IS 'What proves that it is the officer';
COMMENT ON COLUMN access.credential.totp_step IS 'the last time step whose code was used: a code works once';
COMMENT ON COLUMN access.credential.totp_secret IS 'AES-GCM under the key of the installation, bound to officer_id';
COMMENT ON COLUMN access.credential.totp_offered IS 'a secret of the officer''s own that takes over once a code of it was shown';

CREATE TABLE access.former_password (
    officer_id bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    password_hash text NOT NULL,
    CONSTRAINT former_password_pkey PRIMARY KEY (officer_id, changed_at)
);
COMMENT ON TABLE access.former_password IS 'The last ten may not come back';

CREATE TABLE access.recovery_code (
    officer_id bigint NOT NULL,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_code_pkey PRIMARY KEY (officer_id, code_hash)
);
COMMENT ON TABLE access.recovery_code IS 'For a lost second factor: each code stands in for it once';

CREATE FUNCTION access.of_one_account(officer bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT officer = nullif(current_setting('dancu.account', true), '')::bigint
$$;
COMMENT ON FUNCTION access.of_one_account IS 'The rule of the policies below: a missing setting shows nothing';

ALTER TABLE access.credential ENABLE ROW LEVEL SECURITY;
ALTER TABLE access.former_password ENABLE ROW LEVEL SECURITY;
ALTER TABLE access.recovery_code ENABLE ROW LEVEL SECURITY;
CREATE POLICY credential_of_one ON access.credential TO dancu_app USING (access.of_one_account(officer_id));
CREATE POLICY former_password_of_one ON access.former_password TO dancu_app USING (access.of_one_account(officer_id));
CREATE POLICY recovery_code_of_one ON access.recovery_code TO dancu_app USING (access.of_one_account(officer_id));

CREATE TABLE access.asked (
    officer_id bigint NOT NULL,
    action text COLLATE "C" NOT NULL,
    asked_by bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    CONSTRAINT asked_pkey PRIMARY KEY (officer_id, action)
);
COMMENT ON TABLE access.asked IS 'Four eyes: what one administrator asked for and a second one must do';

CREATE TABLE access.assignment (
    officer_id bigint NOT NULL,
    assignment_id bigint NOT NULL,
    office_id bigint NOT NULL,
    deputy_of bigint,
    valid_from date NOT NULL,
    valid_to date,
    role text COLLATE "C" NOT NULL,
    CONSTRAINT assignment_pkey PRIMARY KEY (officer_id, assignment_id),
    CONSTRAINT assignment_ends_after_it_begins CHECK (valid_to > valid_from)
);
COMMENT ON TABLE access.assignment IS 'A role at an office for a time; deputy_of names the officer who is stood in for';

CREATE TABLE access.session (
    token_hash bytea PRIMARY KEY,
    officer_id bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ended_at timestamptz
);
COMMENT ON TABLE access.session IS 'Sign-ins; the token itself is known to the browser only';
CREATE INDEX session_officer ON access.session (officer_id) WHERE ended_at IS NULL;

CREATE TABLE access.installation (
    name text PRIMARY KEY,
    value text NOT NULL
);
COMMENT ON TABLE access.installation IS 'What this installation is: demo = yes when its data are synthetic';

GRANT SELECT, INSERT, UPDATE ON access.office, access.officer, access.session, access.credential, access.recovery_code
    TO dancu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON access.assignment, access.asked, access.unknown_name TO dancu_app;
GRANT SELECT, INSERT, DELETE ON access.former_password TO dancu_app;
GRANT DELETE ON access.recovery_code, access.session TO dancu_app;
GRANT SELECT ON access.installation TO dancu_app, dancu_loader;
GRANT SELECT ON access.office, access.officer, access.assignment, access.installation TO dancu_verifier;
