"""Type-ahead for units over all eras: time per key press.

Run: python benchmarks/unit_suggest.py [--json]
Bar: p95 under 20 ms. Each of 2,000 seeded titles is typed letter by letter, half of them without accents.
"""

import json
import random
import sys
import time
from statistics import quantiles

from dancu.kernel.text import fold
from dancu.reference.suggest import suggest_index
from dancu.reference.units import unit_index

TITLES = 2_000
BAR_MS = 20.0


def main() -> int:
    begin = time.perf_counter()
    index = suggest_index()
    build_s = time.perf_counter() - begin
    rng = random.Random(20261124)
    units = unit_index()
    times_ms, found = [], 0
    for unit in rng.sample(units.units, TITLES):
        title = units.full_title(unit) if rng.random() < 0.5 else unit.title
        typed = fold(title) if rng.random() < 0.5 else title
        suggestions = []
        for size in range(1, len(typed) + 1):
            begin = time.perf_counter()
            suggestions = index.suggest(typed[:size])
            times_ms.append((time.perf_counter() - begin) * 1000)
        names = {fold(unit.title)} & {fold(suggestion.unit.title) for suggestion in suggestions}
        found += bool(names)
    cuts = quantiles(times_ms, n=100)
    result = {
        "key_presses": len(times_ms), "units": len(units.units), "build_s": round(build_s, 3),
        "p50_ms": round(cuts[49], 3), "p95_ms": round(cuts[94], 3), "p99_ms": round(cuts[98], 3),
        "max_ms": round(max(times_ms), 3), "title_among_ten_when_typed_out": found / TITLES,
    }  # fmt: skip
    if "--json" in sys.argv:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:32} {value}")
    return 0 if result["p95_ms"] < BAR_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
