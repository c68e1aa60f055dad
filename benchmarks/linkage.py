"""Linkage, ours and Splink's, in one run on the same files: `python -m benchmarks.linkage [--people N] [--part ...]`.

Parts: `febrl` (FEBRL 3 and 4); `known`, `held-first` and `held` (Vietnamese people with known truth and faults: those
that the engine was made with, those held back until a first measurement, and those held back still); `speed` (dedupe
with the bounded keys); `scale` (ours at 1, 2, 4 and more million).
Splink 5.0.0 lives in an environment of its own, made on the first run. Prints Markdown.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
from benchmarks import linkage_febrl, linkage_forms
from benchmarks.linkage_people import (
    FAULTS,
    FONTS_HELD_BACK,
    FONTS_HELD_BACK_FIRST,
    HELD_BACK,
    HELD_BACK_FIRST,
    KEYSTROKES_AND_FONTS,
    people,
    write,
)

from dancu.linkage.bulk import Bulk, read
from dancu.linkage.bulk.run import of_table
from dancu.linkage.em import train
from dancu.linkage.model import Model

YARDSTICK = Path(__file__).parent / "yardstick" / "splink_linkage.py"
PINNED = ("splink==5.0.0", "duckdb==2.0.0", "recordlinkage==0.16")
SETS = {"known": (FAULTS, 9001), "held-first": (HELD_BACK_FIRST, 9002), "held": (HELD_BACK, 9005)}


def splink_python() -> Path:
    """Return the Python of Splink's own environment, made now if it is not there."""
    home = Path(os.environ.get("DANCU_SPLINK", Path.home() / ".cache" / "dancu-splink"))
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        subprocess.check_call([python, "-m", "pip", "install", "--quiet", *PINNED])
    return python


def splink(*arguments: str | Path) -> dict[str, float]:
    """Run the yardstick and return its times."""
    done = subprocess.run([splink_python(), YARDSTICK, *arguments], check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout.splitlines()[-1]))


@dataclass(frozen=True)
class Truth:
    """Who is who in a file of people, by the places of its records."""

    person: Any
    fault: Any
    place: dict[str, int]

    @classmethod
    def of(cls, path: Path) -> "Truth":
        rows = pq.read_table(path, columns=["id", "person", "fault"])
        ids = rows.column("id").to_pylist()
        person = np.unique(np.array(rows.column("person").to_pylist()), return_inverse=True)[1]
        return cls(person, np.array(rows.column("fault").to_pylist()), {one: at for at, one in enumerate(ids)})

    @property
    def pairs(self) -> int:
        return int((self.fault != "").sum())


@dataclass(frozen=True)
class Found:
    """Pairs that an engine takes for one person, and those among them that it is sure of; by places."""

    ones: Any
    others: Any
    sure: Any
    waiting: Any

    def tally(self, truth: Truth) -> Any:
        """Return true positives, false positives and misses by person."""
        same = truth.person[self.ones] == truth.person[self.others]
        count = int(truth.person.max()) + 1
        hits = np.bincount(truth.person[self.ones[same]], minlength=count)
        wrong = np.bincount(truth.person[self.ones[~same]], minlength=count)
        there = np.bincount(truth.person[truth.fault != ""], minlength=count)
        return np.stack([hits, wrong, there - hits], axis=1)

    def recall_by_fault(self, truth: Truth) -> dict[str, float]:
        same = truth.person[self.ones] == truth.person[self.others]
        kinds = np.where(truth.fault[self.ones] != "", truth.fault[self.ones], truth.fault[self.others])
        hit, there = Counter(kinds[same].tolist()), Counter(truth.fault[truth.fault != ""].tolist())
        return {kind: hit[kind] / there[kind] for kind in sorted(there)}

    def wrong_sure(self, truth: Truth) -> tuple[int, int]:
        wrong = truth.person[self.ones[self.sure]] != truth.person[self.others[self.sure]]
        return int(wrong.sum()), int(self.sure.sum())


def ours(path: Path, model: Model | None = None) -> tuple[Found, dict[str, float]]:
    """Match a file with a model trained on it, or with the one that is given."""
    started = time.perf_counter()
    start = Model.default()
    table = read(start, [path], connection=duckdb.connect())
    model = model or train(table, start).model
    done = of_table(Bulk(model), table)
    pairs = done.pairs
    likely = (pairs.weights >= 0) & (pairs.decisions != 0)
    found = Found(pairs.ones[likely], pairs.others[likely], pairs.decisions[likely] == 2, (pairs.decisions == 1))
    return found, {"seconds": time.perf_counter() - started}


def theirs(out: Path, truth: Truth) -> Found:
    """Return what Splink found."""
    rows = pq.read_table(out)
    likely = rows.filter(duckdb_mask(rows, 0.5))
    ones, others = (np.array([truth.place[one] for one in likely.column(c).to_pylist()]) for c in ("id_l", "id_r"))
    sure = likely.column("match_probability").to_numpy() >= 0.999
    return Found(ones, others, sure, np.zeros(0, np.bool_))


def duckdb_mask(rows: Any, least: float) -> Any:
    import pyarrow.compute as pc

    return pc.greater_equal(rows.column("match_probability"), least)


def quality(part: str, count: int, folder: Path) -> None:
    """Print pair F1, the precision of sure links and the recall of each fault."""
    faults, seed = SETS[part]
    path, forms = folder / f"{part}.parquet", folder / f"{part}-forms.parquet"
    write(people(count, seed, faults), path)
    linkage_forms.write(path, forms)
    truth = Truth.of(path)
    splink("people", path, folder / "raw.parquet", "--raw")
    splink("people", forms, folder / "decoded.parquet")
    mine, by_hand = ours(path)[0], ours(path, Model.default().for_population(count))[0]
    engines = {
        "ours, trained": mine,
        "ours, set by hand": by_hand,
        "Splink, the same levels": theirs(folder / "raw.parquet", truth),
        "Splink, levels and our decoding": theirs(folder / "decoded.parquet", truth),
    }
    tallies = {name: found.tally(truth) for name, found in engines.items()}
    print(f"\n{len(truth.person):,} records of {count:,} people, seed {seed}, {truth.pairs:,} true pairs.\n")
    print("| engine | F1 | P | R | ours - it, 95 % | sure links | wrong | precision of sure links |")
    print("| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |")
    for name, found in engines.items():
        total = tallies[name].sum(0)
        low, high = (
            (0.0, 0.0) if found is mine else linkage_febrl.bootstrap(tallies["ours, trained"], tallies[name], 500)
        )
        wrong, sure = found.wrong_sure(truth)
        print(
            f"| {name} | {linkage_febrl.f1(total):.4f} | {total[0] / (total[0] + total[1]):.4f} | "
            f"{total[0] / (total[0] + total[2]):.4f} | {f'{low:+.4f} .. {high:+.4f}' if found is not mine else ''} | "
            f"{sure:,} | {wrong} | {1 - wrong / max(1, sure):.5f} |"
        )
    print(f"\nPairs that wait for a clerk with ours, trained: {int(mine.waiting.sum()):,}.\n")
    _recalls(engines, truth, (*KEYSTROKES_AND_FONTS, *FONTS_HELD_BACK_FIRST, *FONTS_HELD_BACK))


def _recalls(engines: dict[str, Found], truth: Truth, fonts: Iterable[str]) -> None:
    by_engine = {name: found.recall_by_fault(truth) for name, found in engines.items()}
    there = Counter(truth.fault[truth.fault != ""].tolist())
    print("| fault (* has the bar .95) | pairs | " + " | ".join(by_engine) + " |")
    print("| --- | ---: |" + " ---: |" * len(by_engine))
    marked = set(fonts)
    for kind in sorted(there):
        star = " *" if kind in marked else ""
        values = " | ".join(f"{by_engine[name][kind]:.4f}" for name in by_engine)
        print(f"| {kind}{star} | {there[kind]:,} | {values} |")


def speed(count: int, folder: Path, rounds: int = 3) -> None:
    """Print the time of a whole dedupe with the bounded keys and a frozen model, file to file, ours and Splink's."""
    small, path = folder / "small.parquet", folder / "speed.parquet"
    write(people(50_000, 5, FAULTS), small)
    write(people(count, 9003, FAULTS, twice=0.02), path)
    frozen = folder / "splink.json"
    splink("people", small, folder / "small-out.parquet", frozen, "--raw")
    print("| round | engine | wall s | CPU s | MB at most |")
    print("| ---: | --- | ---: | ---: | ---: |")
    for at in range(rounds):
        mine = own_run(path, folder)
        told = splink("people", path, folder / "speed-out.parquet", frozen, "--raw", "--bounded", "--cluster")
        print(f"| {at + 1} | ours | {mine['wall']:.1f} | {mine['cpu']:.1f} | {mine['mb']:,.0f} |")
        print(f"| {at + 1} | Splink | {told['all']:.1f} | {told['cpu']:.1f} | {told['mb']:,.0f} |")


OWN = """
import json, resource, sys, time
from dataclasses import replace
from pathlib import Path
from dancu.linkage.bulk import Bulk, dedupe, write_entities, write_pairs
from dancu.linkage.keys import BOUNDED
from dancu.linkage.model import Model
started = time.perf_counter()
model = replace(Model.default(), rules=BOUNDED)
done = dedupe(Bulk(model), [Path(sys.argv[1])])
write_pairs(done, model, Path(sys.argv[2]) / "pairs.parquet")
write_entities(done, Path(sys.argv[2]) / "entities.parquet")
used = resource.getrusage(resource.RUSAGE_SELF)
(peak,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
told = {"wall": time.perf_counter() - started, "cpu": used.ru_utime + used.ru_stime, "mb": int(peak) / 1024}
print(json.dumps({**told, **done.counts()}))
"""


def own_run(path: Path, folder: Path) -> dict[str, float]:
    """Dedupe in a process of its own, so that its memory is its own."""
    done = subprocess.run([sys.executable, "-c", OWN, path, folder], check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))


def scale(sizes: Iterable[int], folder: Path) -> None:
    """Print time and memory by size, and the exponent of time."""
    print("| records | pairs compared | wall s | CPU s | MB at most | records/s | exponent of CPU from the first |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    first: tuple[float, float] | None = None
    for size in sizes:
        path = folder / f"scale-{size}.parquet"
        write(people(size, 9004, FAULTS, twice=0.02), path)
        told = own_run(path, folder)
        path.unlink()
        first = first or (told["records"], told["cpu"])
        exponent = (
            log2(told["cpu"] / first[1]) / log2(told["records"] / first[0]) if told["records"] > first[0] else None
        )
        print(
            f"| {told['records']:,} | {told['pairs compared']:,} | {told['wall']:.1f} | {told['cpu']:.1f} | "
            f"{told['mb']:,.0f} | {told['records'] / told['wall']:,.0f} | {f'{exponent:.2f}' if exponent else ''} |",
            flush=True,
        )


def febrl(folder: Path) -> None:
    """Print pair F1 on FEBRL 3 and 4."""
    for name in ("febrl3", "febrl4"):
        splink("export", name, folder / f"{name}.parquet")
        splink(name, folder / f"{name}-splink.parquet")
    linkage_febrl.report(folder)


def main() -> None:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--part", choices=("febrl", *SETS, "speed", "scale"), action="append")
    parser.add_argument("--largest", type=int, default=8_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
        folder = Path(name)
        for part in arguments.part or ("febrl", *SETS, "speed", "scale"):
            print(
                f"\n## {part}, {time.strftime('%Y-%m-%d %H:%M')} UTC, load average {os.getloadavg()[0]:.1f}\n",
                flush=True,
            )
            match part:
                case "febrl":
                    febrl(folder)
                case "speed":
                    speed(max(arguments.people, 1_000_000), folder)
                case "scale":
                    scale([n * 10**6 for n in (1, 2, 4, 8) if n * 10**6 <= arguments.largest], folder)
                case _:
                    quality(part, min(arguments.people, 200_000), folder)


if __name__ == "__main__":
    main()
