"""Asks: what an adapter needs to be told of a connection, so that a person can be asked for it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Way(StrEnum):
    """How we come to be permitted to act for a shop."""

    LINK = "link"  # the seller signs in there, and a code comes back
    OWN = "own"  # key and secret are enough: the application is the shop's own
    TOKEN = "token"  # noqa: S105  (the platform's console shows one, and the shop's number)
    CARD_KEY = "card_key"  # the key that cards are encrypted under
    NONE = "none"  # permitted with the application's key


@dataclass(frozen=True, slots=True)
class Field:
    """One option of a connection. `choices`: value, Chinese, English; none: anything typed.

    `ways`: it is asked for only where permission comes so; none: always.
    """

    name: str
    zh: str
    en: str
    hint_zh: str = ""
    hint_en: str = ""
    needed: bool = False
    rare: bool = False  # few need it: shown when asked for
    choices: tuple[tuple[str, str, str], ...] = ()
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class Asks:
    """How a platform calls our application's key and secret, and what else it wants to know.

    `own`: options that say that the application is the shop's own. `code_minutes`: how long a code
    is good, where the platform says so. `takes_redirect`: it sends the seller back to where we say.
    """

    zh: str
    en: str
    key: str = "App Key"
    secret: str = "App Secret"  # noqa: S105  (what it is called)
    ways: tuple[Way, ...] = (Way.LINK,)
    fields: tuple[Field, ...] = ()
    own: tuple[tuple[str, str], ...] = ()
    code_minutes: int | None = None
    takes_redirect: bool = True
    guide: str = ""  # of docs/guides, without its ending


ASK_EVERY: Final = Field(
    "ask_every_s",
    "几秒问一次新订单",
    "Seconds between two questions",
    "1 到 3600。按调用收费的平台可以问得少一些；不填约为 1 秒。",
    "1 to 3600, for platforms that charge for each call. About a second without it.",
    rare=True,
)
