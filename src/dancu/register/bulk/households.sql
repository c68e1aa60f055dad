-- name: start_clocks
-- The twin of households.settle_clocks for a first load: every household that has members and no head.
INSERT INTO register.clock (clock_id, household_id, act_id, since, kind)
SELECT hashint8extended(h.household_id, 1) & 9223372036854775807, h.household_id, e.act_id, %(since)s,
       'household_without_head'
  FROM (SELECT p.household_id, min(p.person_id) AS member
          FROM register.person p
         WHERE p.household_id IS NOT NULL AND p.status = 1
         GROUP BY p.household_id HAVING count(*) FILTER (WHERE p.relation = 1) = 0) h
  JOIN register.event e ON e.person_id = h.member AND e.seq = 1
 WHERE NOT EXISTS (SELECT FROM register.clock c
                    WHERE c.household_id = h.household_id AND c.kind = 'household_without_head' AND c.ended_by IS NULL)
