"""Survivorship: what each source told of a person is kept, and the value that stands follows from all of it."""
