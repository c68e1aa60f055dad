"""`dancu keys`: what seals the sensitive columns and signs: listed, replaced, checked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import psycopg
import typer

from dancu.cli.installation import Installation
from dancu.cli.output import DIFFERENCES, answer, console, say
from dancu.infra.keys import Purpose, Ring, explained
from dancu.infra.keys.rewrap import Fault, open_all, seal_anew, wrap_anew
from dancu.infra.keys.shelf import SQL
from dancu.kernel.errors import Malformed

KEK = "kek"
keys = typer.Typer(
    help="Keys that seal sensitive columns. Data keys lie wrapped in the database; the key-encryption keys (kek) and "
    "the signing keys lie in DANCU_HOME/keys: copy that folder to another place than the backups.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]


@contextmanager
def _opened() -> Iterator[tuple[Ring, psycopg.Connection[Any]]]:
    here = Installation.here()
    with here.database(say) as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        yield here.keys(dsn), connection


@keys.command("list")
def list_(as_json: Json = False) -> None:
    """List key-encryption keys, data keys, and what can't be used."""
    with _opened() as (ring, _):
        unusable = {one.key_id: explained(one.why) for one in ring.check()}
        kept = ring.shelf.all()
        numbers = ring.custody.numbers()
    newest = {one.purpose: one.key_id for one in sorted(kept, key=lambda one: one.version)}
    rows = [
        {
            "key_id": one.key_id,
            "purpose": one.purpose,
            "version": one.version,
            "wrapped_by": one.wrapped_by,
            "state": _state(one.key_id, newest[one.purpose], unusable, destroyed=one.destroyed_at is not None),
        }
        for one in kept
    ]
    lines = [f"key-encryption keys: {', '.join(map(str, numbers)) or 'none'}"]
    lines += [
        f"{row['key_id']:>4}  {row['purpose']:<17} v{row['version']:<3} kek {row['wrapped_by']:<3} {row['state']}"
        for row in rows
    ]
    answer({"key_encryption_keys": numbers, "data_keys": rows}, as_json=as_json, text="\n".join(lines))


def _state(key_id: int, newest: int, unusable: dict[int, str], *, destroyed: bool) -> str:
    if destroyed:
        return "destroyed"
    if key_id in unusable:
        return f"UNUSABLE: {unusable[key_id]}"
    return "seals" if key_id == newest else "opens only"


@keys.command()
def rotate(
    what: Annotated[str, typer.Argument(help=f"{KEK}, or a purpose: {', '.join(Purpose)}.")], as_json: Json = False
) -> None:
    """Make the next key. What is sealed stays readable; `dancu keys rewrap` moves it to the new key.

    A process that runs takes up a new data key within five minutes.
    """
    if what != KEK and what not in set(Purpose):
        raise Malformed(f"There is no key for {what}; there are: {', '.join([KEK, *Purpose])}")
    with _opened() as (ring, _):
        made = _next_kek(ring) if what == KEK else ring.rotate(Purpose(what))
    text = f"Made {what} {made}. Copy DANCU_HOME/keys away now, then: dancu keys rewrap"
    answer({"what": what, "key": made}, as_json=as_json, text=text if what == KEK else f"Made data key {made}.")


def _next_kek(ring: Ring) -> int:
    number = max(ring.custody.numbers(), default=0) + 1
    ring.custody.make(number)
    return number


@keys.command()
def rewrap(as_json: Json = False) -> None:
    """Wrap data keys by the newest kek, and seal columns under the newest data keys; interrupted, run it again."""
    with _opened() as (ring, connection), console.status("Sealing anew") as status:
        wrapped = wrap_anew(connection, ring)
        sealed, faults = seal_anew(connection, ring, lambda column, _: status.update(f"Sealing {column} anew"))
    told = {"wrapped": wrapped, "sealed": sealed, "faults": [asdict(one) for one in faults]}
    lines = [f"{wrapped} data keys were wrapped and {sealed} values sealed anew.", *_lines(faults)]
    answer(told, as_json=as_json, text="\n".join(lines))
    if faults:
        raise typer.Exit(DIFFERENCES)


@keys.command()
def check(as_json: Json = False) -> None:
    """Open every sealed value, and tell which don't open."""
    with _opened() as (ring, connection), console.status("Opening") as status:
        unusable = ring.check()
        count, faults = open_all(connection, ring, lambda column, _: status.update(f"Opening {column}"))
    told = {
        "values": count,
        "unusable_keys": [{"key_id": one.key_id, "why": explained(one.why)} for one in unusable],
        "faults": [asdict(one) for one in faults],
    }
    lines = [f"data key {one.key_id} ({one.purpose}): {explained(one.why)}" for one in unusable]
    lines += [*_lines(faults), f"{count} sealed values, of which {len(faults)} don't open."]
    answer(told, as_json=as_json, text="\n".join(lines))
    if unusable or faults:
        raise typer.Exit(DIFFERENCES)


def _lines(faults: list[Fault]) -> list[str]:
    return [f"{one.table}.{one.column} {one.row}: {one.why}" for one in faults]


@keys.command()
def destroy(
    key_id: Annotated[int, typer.Argument(help="Id of a data key.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: Json = False,
) -> None:
    """Destroy a data key, and with it all that it sealed: on purpose, or since the key-encryption key is lost.

    Backups hold it still, wrapped; it is gone from them once the key-encryption key is.
    """
    if not yes:
        typer.confirm(f"What data key {key_id} sealed can never be read again. Go on?", abort=True, err=True)
    with _opened() as (_, connection):
        gone = connection.execute(SQL.destroy.encode(), {"key_id": key_id}).rowcount
    if not gone:
        raise Malformed(f"There is no data key {key_id}, or it was destroyed before")
    answer({"key_id": key_id}, as_json=as_json, text=f"Data key {key_id} is destroyed.")
