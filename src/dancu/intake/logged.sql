-- name: batches_gone
-- Rows of the log that tell of a batch which is not there; files that come to the desk are none yet.
-- How far back that goes, the log's retention says.
SELECT l.log_id
  FROM audit.access_log l
  LEFT JOIN intake.batch b ON b.batch_id::text = split_part(l.reason, ':', 2)
 WHERE l.operation = 7 AND l.outcome = 1 AND l.purpose = 'intake' AND l.channel = 3 AND b.batch_id IS NULL
 ORDER BY l.log_id
