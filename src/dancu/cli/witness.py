"""`dancu witness`: a process that has seen every head of a log, and signs none that unsays an earlier one."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dancu.audit.keys import log_key
from dancu.audit.notes import Checkpoint
from dancu.audit.sealing import begin_log
from dancu.audit.witness import Memory, Witness
from dancu.audit.witness.memory import LogKnown
from dancu.audit.witness.serve import at_port, at_socket, run
from dancu.audit.witnesses import BESIDE, PROVES, Standing
from dancu.audit.witnesses import FILE as LIST
from dancu.cli.installation import Installation
from dancu.cli.output import answer, say
from dancu.infra.keys import KeyExposed, KeyMissing
from dancu.kernel.errors import Malformed

witness = typer.Typer(
    name="witness",
    help="Witness a log: sign its heads, and refuse every history that is not the one seen before. "
    "It proves most under an account, on a machine, with people of its own.",
    no_args_is_help=True,
)

Home = Annotated[
    Path | None, typer.Option("--home", help="Folder of the witness; none: `witness` in DANCU_HOME, beside the log.")
]
Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]


def bring_witness(home: Path, dsn: str, report: Callable[[str], None]) -> bool:
    """Prepare the witness beside an installation, and tell whether there is one.

    There is none where `witnesses.toml` names others. Where the key of the log was lost, say so and go on without.
    """
    if (home / LIST).exists():
        return False
    try:
        memory = Memory(home / BESIDE)
        memory.trust(log_key(begin_log(dsn, home)).text)
        memory.publish_key()
    except (KeyMissing, KeyExposed, LogKnown) as error:
        report(f"WITNESS: {error}")
        return False
    return True


def _memory(home: Path | None) -> Memory:
    return Memory((home or Installation.here().home / BESIDE).expanduser().absolute())


@witness.command()
def serve(
    home: Home = None,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT to listen at; none: a socket in the folder.")] = None,
) -> None:
    """Answer until told to stop."""
    from dancu.cli.processes import end_with_parent  # noqa: PLC0415 -- `up` starts it and needs this module

    end_with_parent()
    memory = _memory(home)
    memory.publish_key()
    with Witness(memory, lambda: datetime.now(UTC)) as judge:
        if listen is None:
            socket = at_socket(memory.home / "witness.sock")
        else:
            host, _, port = listen.rpartition(":")
            if not port.isdecimal() or not 0 < int(port) < 65536:
                raise Malformed("--listen is HOST:PORT, e.g. 127.0.0.1:8801")
            socket = at_port(host.strip("[]") or "127.0.0.1", int(port))
        run(judge, socket, lambda: say(f"The witness {memory.key.name} listens."))


@witness.command()
def trust(
    key: Annotated[str, typer.Argument(help="Public key of a log, as `dancu audit key` prints it.")], home: Home = None
) -> None:
    """Witness a log from now on, by this key and no other."""
    known = _memory(home).trust(key)
    say(f"Witnessing {known.name} from now on.")


@witness.command()
def key(home: Home = None) -> None:
    """Print the public key of the witness, for `witnesses.toml` of the log and for verifiers."""
    memory = _memory(home)
    memory.publish_key()
    answer({"key": memory.key.text}, as_json=False, text=memory.key.text)


@witness.command()
def status(home: Home = None, as_json: Json = False) -> None:
    """Say which logs are witnessed, how far, and what was refused."""
    memory = _memory(home)
    logs = []
    for origin in memory.logs():
        note = memory.last(origin)
        seen = Checkpoint.read(note.text) if note else None
        signed = memory.key.signed(note) if note else None
        logs.append(
            {"log": origin, "size": seen.size if seen else 0, "signed_at": signed.at.isoformat() if signed else None}
        )
    evidence = [str(file) for file in memory.evidence()]
    lines = [f"witness  {memory.key.name} in {memory.home}"]
    lines += [f"log      {one['log']}: {one['size']} rows, last signed {one['signed_at'] or 'never'}" for one in logs]
    lines += [f"REFUSED  {file}" for file in evidence] or ["refused  nothing"]
    lines.append(
        PROVES[Standing.BESIDE][1]
        if home is None
        else "It proves something to whoever trusts that nobody holds both its key and the log's."
    )
    answer({"key": memory.key.text, "logs": logs, "evidence": evidence}, as_json=as_json, text="\n".join(lines))
