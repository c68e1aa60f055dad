"""Which fields a line of the log of a process may have: each tells how the system works, none is about a person."""

from collections.abc import Mapping, MutableMapping
from typing import Any

FIELDS = frozenset(
    {
        "at",
        "count",
        "duration_ms",
        "duty",
        "error",
        "loop",
        "method",
        "reason",
        "request_id",
        "route",
        "status",
        "why",
        "witness",
    }
)
"""`why` is the message of a DancuError and `reason` the name of a class: neither holds personal data."""
_OWN = {"event", "level", "timestamp"}


def only_known(_logger: object, _method: str, told: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Leave out every field that is not listed, and say how many those were."""
    known = {name: value for name, value in told.items() if name in FIELDS or name in _OWN}
    left_out = len(told) - len(known)
    return {**known, "left_out": left_out} if left_out else known
