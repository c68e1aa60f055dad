"""The desk of an officer: find a person, read a life, record an act."""
