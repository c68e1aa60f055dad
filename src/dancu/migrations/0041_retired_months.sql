-- The end of retention: a month of the log is dropped, its leaves stay, and the log tells that it was.

CREATE TABLE audit.retired (
    month date NOT NULL,
    told_by bigint NOT NULL,
    log_ids int8multirange NOT NULL,
    CONSTRAINT retired_pkey PRIMARY KEY (month)
);
COMMENT ON TABLE audit.retired IS 'Months of the log that were dropped at the end of retention';
COMMENT ON COLUMN audit.retired.told_by IS 'number of the row of the log that tells of it, with a digest of log_ids';
COMMENT ON COLUMN audit.retired.log_ids IS 'numbers of the rows that were dropped';
GRANT SELECT ON audit.retired TO dancu_app, dancu_verifier;
