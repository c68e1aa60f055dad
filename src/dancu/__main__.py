"""`python -m dancu`."""

from dancu.cli import main

main()
