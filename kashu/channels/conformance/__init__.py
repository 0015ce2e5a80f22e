"""Conformance: checks that any adapter must pass, ours or another package's.

An adapter is proved against a World, the other side of its protocol, where the checks make orders,
refunds and faults happen: a simulator, or a sandbox of the platform's. Each check wants a new one.

    for check in checks_for(channel):
        async with new_world() as world:
            await check.run(channel, world)  # raises NotConforming
"""

from kashu.channels.channel import Channel
from kashu.channels.conformance import (
    delivery,
    goods,
    grants,
    orders,
    pushes,
    refunds,
    streams,
    troubles,
)
from kashu.channels.conformance.world import Check, NotConforming, Offered, Sold, Trouble, World

__all__ = ["CHECKS", "Check", "NotConforming", "Offered", "Sold", "Trouble", "World", "checks_for"]

CHECKS: tuple[Check, ...] = (
    *grants.CHECKS,
    *orders.CHECKS,
    *delivery.CHECKS,
    *goods.CHECKS,
    *refunds.CHECKS,
    *pushes.CHECKS,
    *streams.CHECKS,
    *troubles.CHECKS,
)


def checks_for(channel: Channel) -> tuple[Check, ...]:
    """Find the checks of what a channel says it can, in their order."""
    return tuple(check for check in CHECKS if check.needs <= channel.can)
