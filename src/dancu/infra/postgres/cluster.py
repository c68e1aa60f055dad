"""Making a cluster (the data directory) and its settings files."""

import os
import secrets
import shutil

from dancu.infra.postgres import configuration
from dancu.infra.postgres.account import Account, own, run
from dancu.infra.postgres.binaries import Binaries
from dancu.infra.postgres.configuration import Profile
from dancu.infra.postgres.errors import ForeignData, StartFailed
from dancu.infra.postgres.machine import Machine
from dancu.infra.postgres.place import Place, write

SUPERUSER = "dancu"


def version(place: Place) -> int | None:
    """Return the major version that made the data, or None when there are none."""
    try:
        return int((place.data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None
    except PermissionError:
        raise ForeignData(f"{place.data} belongs to another account: start Dancu as that account") from None


def check_version(place: Place, binaries: Binaries) -> None:
    """Refuse programs that can't read the data.

    Raises:
        ForeignData: another major version made them.
    """
    made_by = version(place)
    if made_by not in {None, binaries.major}:
        raise ForeignData(
            f"The data in {place.data} were made by PostgreSQL {made_by}, and the programs in "
            f"{binaries.folder} are {binaries.version}: use programs of version {made_by}, "
            "or back up with them and restore here"
        )


def create(place: Place, binaries: Binaries, account: Account, *, durable: bool = True) -> None:
    """Make an empty cluster: UTF-8, sorted by code point everywhere alike, with checksums.

    It is made aside and renamed when complete, so that a crash leaves no half of one.

    Raises:
        StartFailed: initdb could not.
    """
    _clear_halves(place)
    aside = place.base / f".data-{secrets.token_hex(4)}"
    aside.mkdir(mode=0o700)
    os.chown(aside, account.uid, account.gid, follow_symlinks=False)
    code, said = run(account, [
        binaries.tool("initdb"), "--pgdata", aside, "--username", SUPERUSER, "--encoding", "UTF8",
        "--locale-provider", "builtin", "--locale", "C.UTF-8", "--data-checksums",
        "--auth-local", "peer", "--auth-host", "reject", *([] if durable else ["--no-sync"]),
    ])  # fmt: skip
    if code:
        shutil.rmtree(aside, ignore_errors=True)
        raise StartFailed(f"The database could not be made: {_without_noise(said)}")
    aside.rename(place.data)


def configure(place: Place, binaries: Binaries, profile: Profile) -> bool:
    """Write the settings files and return whether they read differently now."""
    chosen = configuration.settings(
        profile,
        Machine.look(place.base),
        major=binaries.major,
        sockets=place.sockets,
        libraries=binaries.libraries,
        zones_known=binaries.zones_known,
    )
    names = sorted({"root", own().name})
    texts = {
        "postgresql.conf": configuration.render(chosen) + _own_settings(place),
        "pg_hba.conf": configuration.access_rules(),
        "pg_ident.conf": configuration.account_map(names),
    }
    changed = False
    for name, text in texts.items():
        path = place.base / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write(path, text)
            changed = True
    return changed


def arguments(place: Place) -> list[str]:
    """Return the server's arguments; its settings lie where its account can't change them."""
    files = {"config_file": "postgresql.conf", "hba_file": "pg_hba.conf", "ident_file": "pg_ident.conf"}
    settings = [word for name, file in files.items() for word in ("-c", f"{name}={place.base / file}")]
    return ["-D", str(place.data), *settings]


def _own_settings(place: Place) -> str:
    """Write what makes the server read the operator's own settings, where there are some."""
    local = place.base / "local.conf"
    quoted = str(local).replace("'", "''")
    return f"include '{quoted}'\n" if local.is_file() else ""


def _clear_halves(place: Place) -> None:
    for half in place.base.glob(".data-*"):
        shutil.rmtree(half, ignore_errors=True)


def _without_noise(said: str) -> str:
    lines = [line for line in said.splitlines() if "error" in line or "FATAL" in line or "detail" in line]
    return " ".join(lines or said.splitlines()[-3:])
