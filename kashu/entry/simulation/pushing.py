"""Pushing: the town's platforms tell our addresses of each change, or those who hold a line."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from kashu.core.http import Http
from kashu.entry.simulation.town import Stall, Town
from kashu.simulators.pushes import Messenger


@dataclass(frozen=True, slots=True)
class Manner:
    """How badly the platforms push: what part of the pushes comes twice, and what part late.

    Over lines that are held open: all of it, where any.
    """

    repeated: float = 0.0
    late: float = 0.0


@asynccontextmanager
async def pushing(
    town: Town, http: Http, addresses: Mapping[str, str], manner: Manner
) -> AsyncIterator[Mapping[str, Messenger]]:
    """Push while the block runs, to the addresses of stores by their code; messengers likewise."""
    messengers = {
        stall.code: Messenger(
            stall.shop,
            stall.push,
            addresses[stall.code],
            http,
            is_out=partial(_is_out, stall),
            repeated=manner.repeated,
            late=manner.late,
        )
        for stall in town.stalls
        if stall.push is not None and stall.code in addresses
    }
    for stall in town.stalls:
        if stall.box is not None:
            stall.box.faults.twice = manner.repeated > 0
            stall.box.faults.backwards = manner.late > 0
    try:
        yield messengers
    finally:
        for messenger in messengers.values():
            await messenger.close()


def _is_out(stall: Stall) -> bool:
    return stall.faults.is_out(stall.shop.now())


def push_addresses(town: Town, origin: str, tenant_id: int) -> dict[str, str]:
    """Where a merchant's stores take pushes, by their code."""
    return {stall.code: f"{origin}/push/{tenant_id}/{stall.code}" for stall in town.stalls}
