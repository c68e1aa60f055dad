"""A small register with planted faults, for tests of its quality."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from dancu.quality.model import Figure

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
HA_NOI, HO_CHI_MINH = "00097", "26740"
DAY = date(2026, 11, 24)

_PLAIN: dict[str, object] = {
    "father_id": None,
    "mother_id": None,
    "spouse_id": None,
    "household_id": None,
    "known_at": NOW - timedelta(days=400),
    "version": 1,
    "born": 19850312,
    "died": None,
    "status": 1,
    "subject_type": 1,
    "sex": 1,
    "marital": 1,
    "ethnicity": 201,
    "relation": None,
    "personal_number": None,
    "name_key": "nguyen van an",
    "surname": "Nguyễn",
    "middle": "Văn",
    "given": "An",
    "nationality": "VNM",
    "birth_registration_unit": HA_NOI,
    "origin_unit": HA_NOI,
    "province_code": "01",
    "commune_code": HA_NOI,
    "protected": False,
}


@dataclass
class QualityTown:
    """Rows of the tables that are measured, written straight: faults that no act would let in, too."""

    connection: psycopg.Connection[Any]
    persons: int = 0

    def person(self, **told: object) -> int:
        """Add a man of Hà Nội without faults, but for what is told; his number fits unless it is told."""
        self.persons += 1
        facts = _PLAIN | {"person_id": self.persons} | told
        if "personal_number" not in told:
            facts["personal_number"] = number(str(facts["born"]), int(str(facts["sex"])), self.persons)
        self._insert("register.person", facts)
        return self.persons

    def act(self, kind: int, persons: Sequence[int], *, valid_on: int, known_at: datetime, source: str | None) -> None:
        """Add an act with an event of each person."""
        act_id = 1_000_000 + self._count("register.act")
        self.connection.execute(
            "INSERT INTO register.act (act_id, kind, valid_on, known_at, authority, office, request_id, legal_ground,"
            " source, persons) VALUES (%s, %s, %s, %s, 3, '', gen_random_uuid(), 'law', %s, %s)",
            (act_id, kind, valid_on, known_at, source, list(persons)),
        )
        for person_id in persons:
            self.connection.execute(
                "INSERT INTO register.event (person_id, act_id, known_at, seq, valid_on, kind, payload, hash)"
                " SELECT %s, %s, %s, coalesce(max(e.seq), 0) + 1, %s, %s, '{}', decode(repeat('00', 32), 'hex')"
                "   FROM register.event e WHERE e.person_id = %s",
                (person_id, act_id, known_at, valid_on, kind, person_id),
            )

    def batch(
        self,
        source: str,
        persons: Sequence[int],
        decisions: Sequence[int],
        *,
        scores: Sequence[float] | None = None,
        received_at: datetime = NOW - timedelta(days=10),
    ) -> int:
        """Add a file of a source that was applied."""
        count = len(persons)
        batch_id = 1 + self._count("intake.batch")
        self.connection.execute(
            "INSERT INTO intake.batch (batch_id, received_at, records, synthetic, source, file_name, file_format,"
            " encoding, sha256, state, mapping) VALUES (%s, %s, %s, true, %s, 'f.csv', 'csv', 'utf-8',"
            " decode(repeat('00', 32), 'hex'), 'applied', '{}')",
            (batch_id, received_at, count, source),
        )
        self.connection.execute(
            "INSERT INTO intake.chunk (batch_id, first_record, records, applied, decisions, reasons, lines, persons,"
            " scores) VALUES (%s, 1, %s, true, %s, %s, %s, %s, %s)",
            (
                batch_id,
                count,
                list(decisions),
                [2] * count,
                list(range(count)),
                list(persons),
                list(scores or [float("nan")] * count),
            ),
        )
        return batch_id

    def claim(self, person_id: int, batch_id: int, *, agrees: int, differs: str | None = None) -> None:
        """Add what a record of a batch told of somebody."""
        self._insert(
            "intake.claim",
            {
                "person_id": person_id,
                "claim_id": person_id,
                "version": 1,
                "agrees": agrees,
                "batches": [batch_id, person_id],
                "differs": differs,
            },
        )

    def doubt(self, persons: Sequence[int], scores: Sequence[float], *, opened_at: datetime, kind: int = 2) -> None:
        """Add a doubtful case that waits."""
        self.connection.execute(
            "INSERT INTO intake.doubt (doubt_id, opened_at, due_on, kind, reason, persons, scores, province_code,"
            " batch_id, record) SELECT count(*) + 1, %s, %s, %s, 22, %s, %s, '01', %s, %s FROM intake.doubt",
            (opened_at, DAY, kind, list(persons), list(scores), *((1, 1) if kind == 1 else (None, None))),
        )

    def _count(self, table: str) -> int:
        row = self.connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        return int(row[0]) if row else 0

    def _insert(self, table: str, facts: Mapping[str, object]) -> None:
        marks = ", ".join(f"%({name})s" for name in facts)
        self.connection.execute(f"INSERT INTO {table} ({', '.join(facts)}) VALUES ({marks})".encode(), facts)

    def figure(self, measure: str, province: str = "", age_group: int = -2, source: str = "*") -> Figure:
        """Return a figure of the last measurement."""
        row = self.connection.execute(
            "SELECT v.day, v.measure, v.province, v.age_group, v.source, v.numerator, v.denominator, v.value, v.low,"
            " v.high, v.middle FROM quality.value v WHERE v.measure = %s AND v.province = %s AND v.age_group = %s"
            " AND v.source = %s ORDER BY v.day DESC LIMIT 1",
            (measure, province, age_group, source),
        ).fetchone()
        assert row is not None, "nothing was measured there"
        return Figure(*row)

    def to_fix(self, measure: str) -> set[int]:
        """Return whom a measure lists."""
        rows = self.connection.execute("SELECT t.person_id FROM quality.to_fix t WHERE t.measure = %s", (measure,))
        return {person_id for (person_id,) in rows.fetchall()}


def number(born: str, sex: int, serial: int, place: str = "001") -> str:
    """A personal number that fits."""
    year = int(born[:4])
    return f"{place}{(year - 1900) // 100 * 2 + sex - 1}{year % 100:02}{serial:06}"
