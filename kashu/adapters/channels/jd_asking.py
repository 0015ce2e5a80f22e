"""What JD's two platforms that call us have in common: forms, times, freshness."""

from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import parse_qsl

import msgspec

from kashu.adapters.channels.jd_gateway import BEIJING
from kashu.channels.channel import Link, PushRequest
from kashu.channels.errors import ChannelUnclear, PushNotAuthentic, ShopOrderWrong
from kashu.core.http import Answer

FRESH: Final = timedelta(minutes=10)  # JD states no limit; a repeat has a new time
FIELDS_MAX: Final = 50
ID_MAX: Final = 20  # digits

_SUCCESS: Final = 200

Told = TypeVar("Told")


def form_of(request: PushRequest) -> dict[str, str]:
    """Read the form of a request. Raises: PushNotAuthentic."""
    if request.method != "POST":
        raise PushNotAuthentic(why="not a POST")
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError as error:
        raise PushNotAuthentic(why="not a form") from error
    return dict(pairs)


def check_fresh(link: Link, written: str) -> datetime:
    """Read when a request was sent, and refuse an old one. Raises: PushNotAuthentic."""
    try:
        sent_at = compact_moment(written)
    except ValueError as error:
        raise PushNotAuthentic(why="its time can't be read") from error
    if abs(link.now() - sent_at) > FRESH:
        raise PushNotAuthentic(why="its time is too far from ours")
    return sent_at


def compact_moment(written: str) -> datetime:
    """Read a time of Beijing such as 20260308093000. Raises: ValueError."""
    told = datetime.strptime(written, "%Y%m%d%H%M%S")  # noqa: DTZ007  (the zone is next)
    return told.replace(tzinfo=BEIJING).astimezone(UTC)


def compact(link: Link) -> str:
    """Write the time as these platforms do."""
    return link.now().astimezone(BEIJING).strftime("%Y%m%d%H%M%S")


def number_of(channel: str, written: str | int) -> str:
    """Read an order's number. Raises: ShopOrderWrong."""
    number = str(written)
    if not (number.isascii() and number.isdigit() and len(number) <= ID_MAX):
        raise ShopOrderWrong(channel=channel, order=number[:ID_MAX], what="its number isn't one")
    return number


def count_of(channel: str, order: str, written: str | int) -> int:
    """Read how many were bought. Raises: ShopOrderWrong."""
    text = str(written)
    if not (text.isascii() and text.isdigit() and int(text[:ID_MAX]) > 0):
        raise ShopOrderWrong(channel=channel, order=order, what="its quantity isn't positive")
    return int(text[:ID_MAX])


def read_answer(channel: str, answer: Answer, kind: type[Told]) -> Told:
    """Read what a platform says to a call-back. Raises: ChannelUnclear."""
    if answer.status != _SUCCESS:
        raise ChannelUnclear(channel=channel, said=f"HTTP {answer.status}")
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ChannelUnclear(channel=channel, said="its answer can't be read") from error
