"""A card's secret: how it is written down before sealing, and what a mask may show of it."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

_BETWEEN: Final = "\x1f"  # ASCII's unit separator: recognise() lets no control character in
_HIDDEN: Final = "•••"
_PARTS: Final = 3
_TAIL_MAX: Final = 4
_TAIL_SHARE: Final = 4  # a mask shows at most a quarter


@dataclass(frozen=True, slots=True)
class CardSecret:
    """What its buyer needs of a card, in clear. Empty where the card has no such part."""

    number: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    url: str = field(default="", repr=False)

    def __repr__(self) -> str:
        return f"CardSecret({_HIDDEN})"

    __str__ = __repr__


def encode(number: str | None, password: str | None, url: str | None) -> str:
    """Write the parts of a secret as one text, for sealing."""
    written = f"{number or ''}{_BETWEEN}{password or ''}{_BETWEEN}{url or ''}"
    assert written.count(_BETWEEN) == _PARTS - 1, "a secret has no control characters"
    return written


def decode(written: str) -> CardSecret:
    """Read what encode() wrote."""
    return CardSecret(*written.split(_BETWEEN))


def mask(number: str | None, password: str | None, url: str | None) -> str:
    """Give the tail that screens show: at most four characters, at most a quarter of the value.

    It is that of the card's identity: of its number, else its password, else the last part of its
    link's path. Empty where even one character would be too much.
    """
    value = number or password or _last_part(url or "")
    shown = min(_TAIL_MAX, len(value) // _TAIL_SHARE)
    return value[-shown:] if shown else ""


def _last_part(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/").rpartition("/")[2]
    except ValueError:  # nothing that can't be read is shown
        return ""
