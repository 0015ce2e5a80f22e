"""What time it is, as something that can be handed in and held still."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

Clock: TypeAlias = Callable[[], datetime]

SHANGHAI: Final = "Asia/Shanghai"  # a tenant's days, unless it says otherwise


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def day_of(moment: datetime, timezone: str = SHANGHAI) -> date:
    """The calendar day of a moment, where the merchant lives."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def day_bounds(day: date, timezone: str = SHANGHAI) -> tuple[datetime, datetime]:
    """The first moment of a day and of the next, in UTC."""
    zone = ZoneInfo(timezone)
    begins = datetime(day.year, day.month, day.day, tzinfo=zone)
    next_day = day + timedelta(days=1)
    ends = datetime(next_day.year, next_day.month, next_day.day, tzinfo=zone)
    return begins.astimezone(UTC), ends.astimezone(UTC)
