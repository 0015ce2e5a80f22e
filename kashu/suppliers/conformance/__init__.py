"""Conformance: checks that any adapter must pass, ours or another package's.

An adapter is proved against a World, the other side of its protocol, where the checks offer goods,
have orders fail and calls meet trouble, and look at what was really bought: a simulator, or a
sandbox of the supplier's. Each check wants a new one.

    for check in checks_for(upstream):
        async with new_world() as world:
            await check.run(upstream, world)  # raises NotConforming
"""

from kashu.suppliers.conformance import (
    access,
    asking,
    hearsay,
    money,
    notices,
    placing,
    products,
    shape,
    unclear,
)
from kashu.suppliers.conformance.world import (
    Check,
    Fate,
    Made,
    NotConforming,
    Offered,
    Trouble,
    World,
)
from kashu.suppliers.upstream import Upstream

__all__ = [
    "CHECKS",
    "Check",
    "Fate",
    "Made",
    "NotConforming",
    "Offered",
    "Trouble",
    "World",
    "checks_for",
]

CHECKS: tuple[Check, ...] = (
    *shape.CHECKS,
    *products.CHECKS,
    *placing.CHECKS,
    *unclear.CHECKS,
    *asking.CHECKS,
    *hearsay.CHECKS,
    *money.CHECKS,
    *access.CHECKS,
    *notices.CHECKS,
)


def checks_for(upstream: Upstream) -> tuple[Check, ...]:
    """Find the checks of what an adapter says it can, in their order."""
    return tuple(check for check in CHECKS if check.needs <= upstream.can)
