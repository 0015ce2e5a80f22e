"""What a catalogue says: brands, their products, and the SKUs that are sold."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta

from kashu.catalog.card_format import CardFormat
from kashu.catalog.kinds import Fulfilment, Period, ShortagePolicy
from kashu.core.money import parse_price

# Printable, on one line, not ending in a space; at least one character.
_LINE: Final = r"\A[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f]\Z"

# Codes stand in files, URLs and other people's systems: readable, and never changed once released.
Code: TypeAlias = Annotated[str, Meta(pattern=r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", max_length=60)]
Name: TypeAlias = Annotated[str, Meta(pattern=_LINE, max_length=60)]
Text: TypeAlias = Annotated[str, Meta(pattern=_LINE, max_length=300)]
Remark: TypeAlias = Annotated[str, Meta(pattern=r"\A[^\x00-\x1f\x7f]*\Z", max_length=300)]
Url: TypeAlias = Annotated[
    str, Meta(pattern=r"\Ahttps://[A-Za-z0-9.\-]+(/[\x21-\x7e]*)?\Z", max_length=300)
]
PART_UNITS_MAX: Final = 1_000  # of one part in a bundle
Steps: TypeAlias = Annotated[tuple[Text, ...], Meta(min_length=1, max_length=10)]


class Terminal(StrEnum):
    """Where the membership works."""

    PHONE = "phone"  # phone, tablet, computer; not the brand's television app
    TV = "tv"  # television, and usually the others too; the redemption's `devices` says
    ALL = "all"  # no difference is made, as with music


class AccountType(StrEnum):
    """What the buyer must tell us before it can be fulfilled."""

    PHONE = "phone"
    MEMBER_ID = "member_id"
    QQ = "qq"
    WECHAT = "wechat"
    NONE = "none"  # nothing: a card is redeemed by its holder, in an account of their choice


class Days(NamedTuple):
    """How many days of membership a period can mean; outside it, somebody mistyped."""

    least: int
    most: int
    usual: int | None


# A month is 31 days with most brands, some count 30; a year is 12 months of either, or a year.
DAYS: Final = {
    Period.WEEK: Days(7, 8, 7),
    Period.MONTH: Days(28, 31, 31),
    Period.QUARTER: Days(84, 93, 93),
    Period.YEAR: Days(360, 372, 365),
    Period.OTHER: Days(1, 3660, None),
}


class Logo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stand-in: a colour with an initial or two. Trademarks are not shipped."""

    colour: Annotated[str, Meta(pattern=r"\A#[0-9A-Fa-f]{6}\Z")]
    initial: Annotated[str, Meta(pattern=r"\A[^\s\x00-\x1f\x7f<>&]{1,3}\Z")]


class Redemption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the holder turns it into a membership."""

    steps_zh: Steps
    steps_en: Steps
    devices_zh: Text
    devices_en: Text
    validity_zh: Text  # by when it must be redeemed, and when the membership begins
    validity_en: Text
    url: Url
    source: Remark = ""  # of the steps; empty: unverified

    @property
    def steps_verified(self) -> bool:
        """Whether somebody noted where the steps were read."""
        return bool(self.source)


class NamedPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a bundle: so many units of a SKU, by its code."""

    sku: Annotated[str, Meta(min_length=1, max_length=60)]
    units: Annotated[int, Meta(ge=1, le=PART_UNITS_MAX)] = 1


class Sku(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is sold: a product for a period, fulfilled in one way."""

    code: Code
    name_zh: Name
    name_en: Name
    period: Period
    days: int
    terminal: Terminal
    fulfilment: Fulfilment
    account_type: AccountType
    face_value: str  # the brand's price in yuan for buying it once; a reference, not our price
    returnable: bool  # an allocated card that nobody has seen may return to stock
    shortage_policy: ShortagePolicy
    redemption: Redemption
    card_format: CardFormat | None = None  # none: nothing is checked
    face_value_as_of: date | None = None  # when the list price was so
    face_value_source: Remark = ""  # empty: unverified, so nothing may be refused because of it
    parts: tuple[NamedPart, ...] = ()  # what a bundle is made of; of nothing else

    @property
    def face_value_e4(self) -> int:
        """The list price in ten-thousandths of a yuan."""
        return parse_price(self.face_value)

    @property
    def face_value_verified(self) -> bool:
        """Whether somebody noted where the list price was read."""
        return bool(self.face_value_source)


class Product(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a brand sells, for some terminal."""

    code: Code
    name_zh: Name
    name_en: Name
    terminal: Terminal
    skus: tuple[Sku, ...]


class Brand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose memberships they are."""

    code: Code
    name_zh: Name
    name_en: Name
    logo: Logo
    products: tuple[Product, ...]

    @property
    def skus(self) -> tuple[Sku, ...]:
        """All SKUs of the brand, in order."""
        return tuple(sku for product in self.products for sku in product.skus)
