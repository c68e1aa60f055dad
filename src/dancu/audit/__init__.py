"""The log of every read and write of personal data: written before the data leave, never rewritten."""
