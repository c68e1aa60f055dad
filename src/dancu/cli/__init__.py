"""The command line: `dancu`."""

from dancu.cli.main import main

__all__ = ["main"]
