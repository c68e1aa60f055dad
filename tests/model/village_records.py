"""Acts on records in a village of random lives: merged, taken apart, and numbers cancelled."""

from typing import Any

from dancu.infra.db import Transaction
from dancu.register import commands

RECORD_KINDS = ("merge", "merge", "unmerge", "cancel number")


async def act_on_records(tx: Transaction, kind: str, person: int, other: int, **common: Any) -> None:
    """Do one act on one or two records."""
    match kind:
        case "merge":
            await commands.merge_records(tx, survivor_id=person, merged_id=other, reason="trùng", **common)
        case "unmerge":
            await commands.unmerge_records(tx, merged_id=person, reason="nhầm", **common)
        case _:
            await commands.cancel_number(tx, person_id=person, reason="sai", **common)
