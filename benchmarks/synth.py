"""How fast a nation is made and written: `python -m benchmarks.synth [--people N]`. Prints Markdown.

Seconds are those of the processor, on one core, so that neighbours on the machine don't count.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from dancu.synth.files import write
from dancu.synth.nation import BLOCK, block_of, nation

BAR = 300_000


def made(people: int) -> float:
    started = time.process_time()
    for _ in nation(people, 1):
        pass
    return time.process_time() - started


def written(people: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        write(Path(folder), people=people, seed=1)
        return time.process_time() - started


def report(people: int) -> None:
    started = time.process_time()
    block_of(1, 1, 0)
    print("| what | CPU seconds | persons/s | most memory |")
    print("| --- | ---: | ---: | ---: |")
    print(f"| tables ready, first person | {time.process_time() - started:.2f} | | {_memory()} |")
    for size in sorted({BLOCK, people}):
        for name, run in (("made", made), ("made and written as Parquet", written)):
            seconds = run(size)
            print(f"| {size:,} {name} | {seconds:.2f} | {size / seconds:,.0f} | {_memory()} |")
    print(f"\nBar: {BAR:,} persons/s made on one core; memory doesn't grow with the number of people.")


def _memory() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    arguments = parser.parse_args()
    pa.set_cpu_count(1)
    report(arguments.people)
