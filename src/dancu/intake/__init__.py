"""From real files to the register: read, validate, match, apply."""
