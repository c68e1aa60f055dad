"""What acts change: pure functions from lives and declared facts to events, a module for each field of law."""
