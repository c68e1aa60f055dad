"""Forward-only migrations, in the order of their numbers."""
