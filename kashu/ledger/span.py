"""Spans: from when until when a statement tells, where somebody says only one of them, or none."""

from datetime import UTC, datetime, timedelta
from typing import Final

from kashu.core.clock import now
from kashu.ledger.errors import MomentWithoutOffset

LASTS: Final = timedelta(days=31)  # of a statement whose beginning isn't said
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)  # there were no transfers of ours before


def check_offsets(**moments: datetime | None) -> None:
    """Refuse moments that leave open where in the world they are. Raises: MomentWithoutOffset."""
    for parameter, moment in moments.items():
        if moment is not None and moment.tzinfo is None:
            raise MomentWithoutOffset(parameter=parameter)


def span_of(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """Say [since, until) of a statement: the last 31 days where nothing is said.

    Raises: MomentWithoutOffset.
    """
    check_offsets(since=since, until=until)
    until = until or now() + timedelta(minutes=1)  # the database's clock may be ahead of ours
    return since or (until - LASTS if until > BEGINNING else until), until
