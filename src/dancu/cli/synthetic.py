"""`dancu synth`: a nation that does not exist, as files."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import Progress

from dancu.cli.output import answer, console
from dancu.synth.files import write


def synth(
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    people: Annotated[int, typer.Option(help="How many.", min=1, max=104_000_000)] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same nation.", min=0)] = 1,
    form: Annotated[Literal["parquet", "csv"], typer.Option("--format", help="Form of the files.")] = "parquet",
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")] = False,
) -> None:
    """Write a synthetic nation as the files that an agency would send."""
    with Progress(console=console) as progress:
        bar = progress.add_task("Making people who do not exist", total=people)
        files = write(out, people=people, seed=seed, form=form, progress=lambda n: progress.advance(bar, n))
    text = f"SYNTHETIC: {people:,} people who do not exist are in {len(files)} files in {out}."
    answer({"stamp": "SYNTHETIC", "people": people, "files": [str(file) for file in files]}, as_json=as_json, text=text)
