-- The feed against the ledgers. Each statement yields persons, or numbers of the feed, for which its name does not hold.

-- name: numbers_follow_one_another
SELECT x.sequence FROM (SELECT f.sequence, lag(f.sequence, 1, 0::bigint) OVER (ORDER BY f.sequence) AS before
                          FROM register.feed f) x
 WHERE x.sequence <> x.before + 1

-- name: head_is_the_last_number
SELECT h.sequence FROM register.feed_head h
 WHERE h.sequence <> (SELECT coalesce(max(f.sequence), 0) FROM register.feed f)

-- name: waiting_act_is_there
SELECT NULL::bigint FROM register.outbox o LEFT JOIN register.act a ON a.act_id = o.act_id
 WHERE a.act_id IS NULL OR a.known_at <> o.known_at

-- name: whole_act_is_there
SELECT f.sequence FROM register.feed f LEFT JOIN register.act a ON a.act_id = f.act_id
 WHERE f.person_id IS NULL
   AND (a.act_id IS NULL OR a.kind <> f.kind OR a.known_at <> f.known_at OR cardinality(a.persons) <> f.persons)

-- name: person_of_event_is_told_once
-- By an entry of its own, or with its act, which may still wait.
SELECT e.person_id
  FROM register.event e
  LEFT JOIN (SELECT x.act_id, count(*) AS times
               FROM (SELECT o.act_id FROM register.outbox o
                      UNION ALL SELECT f.act_id FROM register.feed f WHERE f.person_id IS NULL) x
              GROUP BY x.act_id) w ON w.act_id = e.act_id
  LEFT JOIN (SELECT f.person_id, f.seq, count(*) AS times
               FROM register.feed f WHERE f.person_id IS NOT NULL GROUP BY f.person_id, f.seq) t
         ON t.person_id = e.person_id AND t.seq = e.seq
 WHERE coalesce(w.times, 0) + coalesce(t.times, 0) <> 1

-- name: person_of_entry_has_its_event
SELECT f.person_id
  FROM register.feed f
  LEFT JOIN register.event e ON e.person_id = f.person_id AND e.seq = f.seq
 WHERE f.person_id IS NOT NULL
   AND (e.person_id IS NULL OR e.act_id <> f.act_id OR e.kind <> f.kind OR e.known_at <> f.known_at)

-- name: person_is_told_in_order
SELECT x.person_id
  FROM (SELECT f.person_id, f.seq, lag(f.seq) OVER (PARTITION BY f.person_id ORDER BY f.sequence) AS before
          FROM register.feed f WHERE f.person_id IS NOT NULL) x
 WHERE x.seq <= x.before
 UNION
SELECT f.person_id
  FROM register.feed w
  JOIN register.event e ON e.act_id = w.act_id
  JOIN register.feed f ON f.person_id = e.person_id
 WHERE w.person_id IS NULL AND (e.seq < f.seq) <> (w.sequence < f.sequence)
