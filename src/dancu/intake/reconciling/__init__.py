"""A source's full list held against the register, both ways."""

from dancu.intake.reconciling.run import REPORTS, Reconciled, reconcile

__all__ = ["REPORTS", "Reconciled", "reconcile"]
