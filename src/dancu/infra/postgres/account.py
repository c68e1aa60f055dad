"""Who runs the server: PostgreSQL refuses root, so root lends it to another account."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dancu.infra.postgres.errors import NoAccount

_ORDINARY = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An operating-system account."""

    name: str
    uid: int
    gid: int

    @property
    def is_own(self) -> bool:
        """Whether it is the account of this process."""
        return self.uid == os.geteuid()


def own() -> Account:
    """Return the account of this process.

    Raises:
        NoAccount: the user id has no name, without which neither initdb nor peer authentication work.
    """
    try:
        return _account(pwd.getpwuid(os.geteuid()))
    except KeyError:
        raise NoAccount(
            f"User id {os.geteuid()} has no entry in the password database, and PostgreSQL needs one: "
            "start Dancu as an account with a name"
        ) from None


def choose(configured: str | None, owner_uid: int | None = None) -> Account:
    """Choose the account that runs the server: one's own, and for root another one.

    Args:
        configured: name to use when this process is root; None: `postgres`, else `nobody`.
        owner_uid: who owns the data that are there already; they stay with that account.

    Raises:
        NoAccount: there is none, or the configured one can't be used.
    """
    if os.geteuid() != 0:
        return own()
    if owner_uid is not None and owner_uid != 0:
        return _owner(owner_uid)
    for name in (configured,) if configured else _ORDINARY:
        try:
            found = _account(pwd.getpwnam(name))
        except KeyError:
            continue
        if found.uid != 0:
            return found
    raise NoAccount(
        f"PostgreSQL can't run as root, and there is no account {configured or ' or '.join(_ORDINARY)} "
        "to lend it to: set DANCU_PG_ACCOUNT to an ordinary account"
    )


def spawn(
    account: Account, arguments: Sequence[str | Path], *, output: int, session: bool = False
) -> subprocess.Popen[bytes]:
    """Start a program as an account, without this process's groups, terminal or settings.

    Args:
        output: file descriptor for both output streams, or `subprocess.PIPE`.
        session: whether it gets a session of its own, so that Ctrl-C in the terminal does not reach it.
    """
    lent = not account.is_own
    return subprocess.Popen(
        [str(argument) for argument in arguments],
        cwd="/",
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=session,
        user=account.uid if lent else None,
        group=account.gid if lent else None,
        extra_groups=[] if lent else None,
        umask=0o077,
    )


def run(account: Account, arguments: Sequence[str | Path]) -> tuple[int, str]:
    """Run a program to its end and return its exit code and what it said; 126 when it can't be started."""
    try:
        with spawn(account, arguments, output=subprocess.PIPE) as process:
            said, _ = process.communicate()
    except OSError as error:
        return 126, f"{arguments[0]}: {error.strerror}"
    return process.returncode, said.decode(errors="replace").strip()


def can_enter(account: Account, folder: Path) -> bool:
    """Tell whether an account can reach a folder; asked of the system, since modes alone do not tell."""
    return run(account, ["/bin/sh", "-c", 'cd -- "$1"', "sh", folder])[0] == 0


def _environment() -> dict[str, str]:
    kept = {"LC_ALL": "C.UTF-8", "PATH": os.defpath}
    if "LD_LIBRARY_PATH" in os.environ:
        kept["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return kept


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _owner(uid: int) -> Account:
    try:
        return _account(pwd.getpwuid(uid))
    except KeyError:
        raise NoAccount(f"The data belong to user id {uid}, which no account has") from None
