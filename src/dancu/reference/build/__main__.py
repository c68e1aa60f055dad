"""`python -m dancu.reference.build`: writes the derived tables into `data/`."""

import sys
from pathlib import Path

from dancu.reference.build import derived_tables

DATA = Path(__file__).parents[1] / "data"


def main() -> int:
    """Write every derived table and say how many rows each has."""
    for name, text in derived_tables().items():
        (DATA / f"{name}.csv").write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}: {text.count(chr(10)) - 1} rows, {len(text.encode())} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
