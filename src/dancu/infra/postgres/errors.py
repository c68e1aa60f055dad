"""What can go wrong with a PostgreSQL server, in words that say what to do."""

from dancu.kernel.errors import Conflict, Malformed, Unavailable


class NoBinaries(Unavailable):
    """No PostgreSQL of a version that Dancu understands was found."""


class NoAccount(Unavailable):
    """There is no operating-system account that may run the server."""


class NoPlace(Unavailable):
    """The data can't be put where the server's account could use it."""


class NotStarted(Unavailable):
    """The embedded server of this home does not run, or never did."""


class StartFailed(Unavailable):
    """The server was started and did not become ready."""


class StopFailed(Unavailable):
    """The server did not stop in the time that was given."""


class AlreadyRunning(Conflict):
    """Another process looks after the server of this home."""


class ForeignData(Conflict):
    """The data belong to another account or another version."""


class UnusableServer(Unavailable):
    """A server given by its address can't hold the register."""


class BackupFailed(Unavailable):
    """A backup could not be made."""


class DamagedBackup(Malformed):
    """A backup is not what its manifest says."""


class NotEmpty(Conflict):
    """Something stands where a backup or a restored database should go."""


class RestoreFailed(Unavailable):
    """A backup could not be restored; the database is as it was before."""
