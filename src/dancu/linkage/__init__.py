"""Is this the same person? Keys, comparisons and likeness of names: pure."""
