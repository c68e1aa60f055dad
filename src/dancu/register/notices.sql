-- Stays of some nights.

-- name: insert_notices
-- The whole list in one statement. The id is made of the request, so a retry adds nothing. Which conflict is not told:
-- that would need the right to read the row, and who takes down a notice may not see a masked guest's.
INSERT INTO register.stay_notice (notice_id, person_id, request_id, arrived_at, notified_at, night, until, born,
                                  lodging_kind, channel, late, unit_code, province_code, commune_code, number,
                                  nationality, guest_name, name_key, lodging, reason)
SELECT n.notice_id, h.person_id, %(request_id)s, n.arrived_at, %(notified_at)s, n.night, n.until, n.born,
       n.lodging_kind, %(channel)s, n.late, n.unit_code, n.province_code, n.commune_code, n.number, n.nationality,
       n.guest_name, n.name_key, n.lodging, n.reason
  FROM unnest(%(notice_id)s::bigint[], %(arrived_at)s::timestamptz[], %(night)s::date[], %(until)s::date[],
              %(born)s::integer[], %(lodging_kind)s::smallint[], %(late)s::boolean[], %(unit_code)s::text[],
              %(province_code)s::text[], %(commune_code)s::text[], %(number)s::text[], %(nationality)s::text[],
              %(guest_name)s::text[], %(name_key)s::text[], %(lodging)s::text[], %(reason)s::text[])
    AS n (notice_id, arrived_at, night, until, born, lodging_kind, late, unit_code, province_code, commune_code, number,
          nationality, guest_name, name_key, lodging, reason)
  LEFT JOIN register.holders_of(%(number)s::text[]) h ON h.number = n.number
ON CONFLICT DO NOTHING

-- name: copy_notices
COPY register.stay_notice (notice_id, person_id, request_id, arrived_at, notified_at, night, until, born, lodging_kind,
                           channel, late, unit_code, province_code, commune_code, number, nationality, guest_name,
                           name_key, lodging, reason) FROM STDIN

-- name: is_there
SELECT EXISTS (SELECT FROM register.stay_notice n WHERE n.notice_id = %(notice_id)s AND n.night = %(night)s)

-- name: holders_of
SELECT h.number, h.person_id FROM register.holders_of(%(numbers)s::text[]) h

-- name: stays_of
SELECT n.night, n.until, n.unit_code, n.lodging, n.lodging_kind, n.guest_name, n.number, n.late, n.reason,
       n.person_id
  FROM register.stay_notice n
 WHERE n.person_id = ANY (register.with_merged(%(person_id)s)) AND n.night >= %(since)s::date - 30
   AND n.night <= %(until)s::date AND n.until > %(since)s::date
 ORDER BY n.night DESC, n.notice_id
 LIMIT %(most)s

-- name: stays_in_commune
SELECT n.night, n.until, n.unit_code, n.lodging, n.lodging_kind, n.guest_name, n.number, n.late, n.reason,
       n.person_id
  FROM register.stay_notice n
 WHERE n.commune_code = %(commune)s AND n.night > %(on)s::date - 30 AND n.night <= %(on)s::date AND n.until > %(on)s::date
   AND (n.number = %(number)s OR position(%(key)s IN n.name_key) > 0)
 ORDER BY n.lodging, n.guest_name, n.notice_id
 LIMIT %(most)s

-- name: make_month
SELECT register.make_stay_month(%(month)s::date)

-- name: drop_months
SELECT register.drop_stay_months(%(before)s::date)
