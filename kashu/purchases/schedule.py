"""Schedule: when an order whose outcome isn't known is asked about, and until when."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from kashu.suppliers.upstream import Rules

# After the first look, which is as soon as the supplier allows.
STEPS: Final = tuple(timedelta(seconds=each) for each in (3, 5, 10, 30, 60, 120, 300, 600))
HOURLY: Final = timedelta(hours=1)
GIVE_UP: Final = timedelta(hours=72)  # then a person decides
APART: Final = timedelta(seconds=30)  # between two "no such order" that both count
_JITTER_PPM: Final = 200_000  # so that orders of one moment aren't asked about in one moment


def first_ask(rules: Rules, answered_at: datetime) -> datetime:
    """When an order that has just been sent is asked about."""
    return answered_at + _spread(rules.ask_after)


def next_ask(rules: Rules, *, asks: int, made_at: datetime, at: datetime) -> datetime | None:
    """When it is asked about again after `asks` looks; None: never, a person decides."""
    until = GIVE_UP if rules.asked_within is None else min(GIVE_UP, rules.asked_within)
    if at >= made_at + until:
        return None
    pause = STEPS[asks - 1] if 0 < asks <= len(STEPS) else HOURLY
    if asks <= 0:
        pause = rules.ask_after
    return min(at + _spread(pause), made_at + until)


def proves_absence(
    rules: Rules, *, count: int, last_at: datetime | None, made_at: datetime, at: datetime
) -> bool:
    """Whether "no such order" now means that nothing was created: said twice, late, and apart."""
    late = at >= made_at + rules.settles_after
    return count >= 1 and late and last_at is not None and at - last_at >= APART


def _spread(pause: timedelta) -> timedelta:
    return pause * (1 + secrets.randbelow(_JITTER_PPM + 1) / 1_000_000)
