-- Acts against the log of accesses, each in one pass over both. Each statement yields a person and what to name
-- beside: the act, the batch, or the row of the log. What was recorded before `since` is not matched.

-- name: since
-- Acts are named from a day on, and the log of months that were dropped is no longer there.
SELECT greatest(n.since,
                (SELECT (max(r.month) + interval '1 month')::timestamp AT TIME ZONE 'UTC' FROM audit.retired r))
  FROM audit.acts_named n

-- name: act_is_in_the_log
-- As the work of who recorded it, or of who approved it; on its dossier, and about somebody whom it touched.
SELECT a.persons[1], a.act_id
  FROM register.act a
  LEFT JOIN audit.access_log l
         ON l.reason = 'act:' || a.act_id
        AND l.outcome = 1
        AND l.operation = CASE WHEN a.approver_id IS NULL THEN 6 ELSE 13 END
        AND l.officer_id IS NOT DISTINCT FROM coalesce(a.approver_id, a.officer_id)
        AND l.dossier_id IS NOT DISTINCT FROM a.dossier_id
        AND l.logged_at BETWEEN %(since)s::timestamptz - interval '1 day' AND a.known_at
        AND (l.person_id = ANY (a.persons) OR l.persons && a.persons)
 WHERE a.batch_id IS NULL AND a.known_at >= %(since)s AND l.log_id IS NULL

-- name: load_is_in_the_log
-- Of a load, the log has the batch and not each act.
SELECT b.person_id, b.batch_id
  FROM (SELECT a.batch_id, min(a.persons[1]) AS person_id
          FROM register.act a
         WHERE a.batch_id IS NOT NULL AND a.known_at >= %(since)s
         GROUP BY a.batch_id) b
  LEFT JOIN (SELECT DISTINCT split_part(l.reason, ':', 2) AS batch
               FROM audit.access_log l
              WHERE l.operation = 7 AND l.outcome = 1) l ON l.batch = b.batch_id::text
 WHERE l.batch IS NULL

-- name: act_of_the_log_is_there
SELECT coalesce(l.person_id, l.persons[1]), l.log_id
  FROM audit.access_log l
  LEFT JOIN register.act a ON l.reason = 'act:' || a.act_id
 WHERE l.logged_at >= %(since)s AND l.outcome = 1 AND l.reason LIKE 'act:%%' AND a.act_id IS NULL

-- name: act_is_in_the_log_once
SELECT min(coalesce(l.person_id, l.persons[1])), max(l.log_id)
  FROM audit.access_log l
 WHERE l.logged_at >= %(since)s AND l.outcome = 1 AND l.reason LIKE 'act:%%'
 GROUP BY l.reason HAVING count(*) > 1

-- name: acts_are_matched_from_the_first_that_the_log_names
-- Whoever moves the day on which matching begins, hides what was recorded before it.
SELECT coalesce(l.person_id, l.persons[1]), l.log_id
  FROM audit.access_log l
 WHERE l.logged_at < (SELECT n.since FROM audit.acts_named n) AND l.outcome = 1 AND l.reason LIKE 'act:%%'
 ORDER BY l.logged_at
 LIMIT 1
