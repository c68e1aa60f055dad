"""The witness: a process of its own that has seen every head of the log, and signs none that unsays an earlier one."""

from dancu.audit.witness.judge import Answer, Witness, WitnessInUse
from dancu.audit.witness.memory import Memory

__all__ = ["Answer", "Memory", "Witness", "WitnessInUse"]
