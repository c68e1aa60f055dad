"""Moves between the units of a nation: what was counted, a model of it, and shocks that nobody could have counted.

`counts` reads moves, `gravity` says what is to be expected where few moved, `ages` at which age people move, `fit` puts
them together, and `transfers` moves given numbers of people: an industrial zone, a dam.
"""

from dancu.forecast.flows.ages import RogersCastro, fit_rogers_castro
from dancu.forecast.flows.counts import MoveCounts, moves_of_arrays, read_moves
from dancu.forecast.flows.fit import FlowModel, fit_flows
from dancu.forecast.flows.gravity import Gravity, fit_gravity, shrunk
from dancu.forecast.flows.transfers import Transfer, WithTransfers

__all__ = [
    "FlowModel",
    "Gravity",
    "MoveCounts",
    "RogersCastro",
    "Transfer",
    "WithTransfers",
    "fit_flows",
    "fit_gravity",
    "fit_rogers_castro",
    "moves_of_arrays",
    "read_moves",
    "shrunk",
]
