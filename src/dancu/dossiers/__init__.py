"""The case that every official act hangs on: who asks, what for, which persons, until when."""
