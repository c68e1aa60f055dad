"""Proving the register: every stored row is what the events say, and every link holds from both sides."""

from dancu.register.verify.lives import Difference
from dancu.register.verify.run import verify

__all__ = ["Difference", "verify"]
