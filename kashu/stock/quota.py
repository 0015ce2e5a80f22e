"""How many cards a person may see in a day: the staff are bounded, programs are not."""

from typing import Final

from kashu.access.actors import is_person
from kashu.core.clock import day_bounds, day_of, now
from kashu.stock.reveal import Quota

REVEALS_A_DAY: Final = 200


def quota_of(actor: str, timezone: str) -> Quota | None:
    """Say how many cards an actor may see today, by the merchant's day; None: any number."""
    if not is_person(actor):
        return None
    since, _ = day_bounds(day_of(now(), timezone), timezone)
    return Quota(REVEALS_A_DAY, since)
