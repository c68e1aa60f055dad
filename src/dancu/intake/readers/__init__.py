"""From the bytes of a file to chunks of raw text columns, with every line accounted for."""
