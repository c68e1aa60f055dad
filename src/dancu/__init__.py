"""Dancu: an open national population platform."""
