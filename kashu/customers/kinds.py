"""The words for agents, as every module names them."""

from enum import StrEnum


class AgentState(StrEnum):
    """May an agent order?"""

    OPEN = "open"
    SUSPENDED = "suspended"  # it may look and ask, but order nothing


class StockShown(StrEnum):
    """How an agent is told what there is."""

    EXACT = "exact"  # how many
    BANDED = "banded"  # some, few or none
