"""Pure words of the domain: no I/O, no clock, no framework."""
