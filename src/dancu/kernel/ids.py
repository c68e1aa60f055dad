"""Internal ids: random, so that they tell neither order nor number of records."""

import secrets


def new_id() -> int:
    """Return a random id, 1 to 2**63 - 1."""
    return secrets.randbits(63) or 1
