-- Most events change nothing that is counted; without the number of events known, they write nothing here.
ALTER TABLE stats.counted DROP COLUMN version;
