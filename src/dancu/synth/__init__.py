"""A synthetic nation as the files that an agency would send. Nobody in it exists."""
