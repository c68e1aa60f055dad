"""`dancu bench`: runs the scripts of `benchmarks/`, one after another."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dancu.kernel.errors import NotFound

FOLDER = Path(__file__).parents[3] / "benchmarks"


class NoBenchmarks(NotFound):
    """Benchmarks are part of the source tree and were not found."""


def run(names: Sequence[str], people: int) -> int:
    """Run benchmarks and return the first exit code that is not 0.

    Raises:
        NoBenchmarks: this is not a source checkout, or there is no benchmark of a name.
    """
    scripts = [path.stem for path in sorted(FOLDER.glob("*.py")) if "def main(" in path.read_text(encoding="utf-8")]
    if not scripts:
        raise NoBenchmarks(f"There is no folder {FOLDER}: run this from a source checkout")
    if unknown := [name for name in names if name not in scripts]:
        raise NoBenchmarks(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(scripts)}")
    codes = [
        subprocess.call([sys.executable, "-m", f"benchmarks.{name}", "--people", str(people)], cwd=FOLDER.parent)
        for name in (names or list(scripts))
    ]
    return next((code for code in codes if code), 0)
