-- Religion and blood group are sensitive, and nobody searches by them: they stand in the ledger only, and sealed.

ALTER TABLE register.person DROP COLUMN religion, DROP COLUMN blood;
