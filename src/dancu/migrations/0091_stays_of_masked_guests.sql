-- A lodging notifies every guest, and is told nothing: one whose record is masked is taken down like all others.
-- Under one rule for reading and writing the whole list was refused, which told that a number is of a masked record.

DROP POLICY stay_notice_scope ON register.stay_notice;
CREATE POLICY stay_notice_seen ON register.stay_notice FOR SELECT TO dancu_app
    USING (register.in_scope(province_code, commune_code, person_id) AND register.stay_shown(person_id));
CREATE POLICY stay_notice_taken_down ON register.stay_notice FOR INSERT TO dancu_app
    WITH CHECK (register.in_scope(province_code, commune_code, person_id));
