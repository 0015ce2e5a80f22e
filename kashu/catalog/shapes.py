"""What travels: SKUs as they are asked for, changed and shown."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, TypeAlias
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from kashu.catalog.entries import AccountType, Terminal
from kashu.catalog.kinds import Fulfilment, Period, ShortagePolicy, SkuState
from kashu.core.naming import described

# Described here, judged by the rules of a catalogue: drafts.py.
SkuCode: TypeAlias = Annotated[
    str, described(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", min_length=1, max_length=60)
]
SkuName: TypeAlias = Annotated[str, described(min_length=1, max_length=60)]
Line: TypeAlias = Annotated[str, described(min_length=1, max_length=300)]
Remark: TypeAlias = Annotated[str, described(max_length=300)]
Steps: TypeAlias = Annotated[list[Line], described(min_items=1, max_items=10)]
Url: TypeAlias = Annotated[str, described(pattern="^https://", max_length=300)]
Price: TypeAlias = Annotated[str, described(pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$")]
Days: TypeAlias = Annotated[int, described(minimum=1, maximum=3660)]


class RedemptionText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the holder turns it into a membership. What is unset stays, or is as with a sibling."""

    steps_zh: Steps | UnsetType = UNSET
    steps_en: Steps | UnsetType = UNSET
    devices_zh: Line | UnsetType = UNSET
    devices_en: Line | UnsetType = UNSET
    validity_zh: Line | UnsetType = UNSET
    validity_en: Line | UnsetType = UNSET
    url: Url | UnsetType = UNSET


class CardShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What its cards look like; one that differs only warns."""

    number: Annotated[str, described(min_length=1, max_length=200)]  # a simple pattern
    lengths: Annotated[list[int], described(max_items=64)] = []  # empty: any length
    password: Annotated[str, described(max_length=200)] = ""  # a pattern; empty: it has none
    password_optional: bool = False
    luhn: bool = False


class NewSku(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A SKU to add. What is unset goes without saying, or is as with the product's other SKUs."""

    code: SkuCode
    product: SkuCode  # of a product that is there
    period: Period
    face_value: Price  # the brand's price in yuan
    fulfilment: Fulfilment = Fulfilment.CARD
    name_zh: SkuName | UnsetType = UNSET
    name_en: SkuName | UnsetType = UNSET
    days: Days | UnsetType = UNSET
    terminal: Terminal | UnsetType = UNSET
    account_type: AccountType | UnsetType = UNSET
    face_value_as_of: date | UnsetType = UNSET
    face_value_source: Remark | UnsetType = UNSET  # empty or unset: unverified
    returnable: bool | UnsetType = UNSET
    shortage_policy: ShortagePolicy | UnsetType = UNSET
    redemption: RedemptionText | UnsetType = UNSET
    card_format: CardShape | UnsetType | None = UNSET  # null: nothing is checked
    partial_allowed: bool = False


class SkuChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed; what is unset stays as it is.

    Never the code, product, period and fulfilment: stock and orders rely on them.
    """

    name_zh: SkuName | UnsetType = UNSET
    name_en: SkuName | UnsetType = UNSET
    days: Days | UnsetType = UNSET
    face_value: Price | UnsetType = UNSET
    face_value_as_of: date | UnsetType = UNSET
    face_value_source: Remark | UnsetType = UNSET
    returnable: bool | UnsetType = UNSET
    shortage_policy: ShortagePolicy | UnsetType = UNSET
    redemption: RedemptionText | UnsetType = UNSET
    card_format: CardShape | UnsetType | None = UNSET  # null: nothing is checked
    partial_allowed: bool | UnsetType = UNSET
    state: SkuState | UnsetType = UNSET


class BrandShown(msgspec.Struct, frozen=True):
    """A brand; the colour and initial stand in for a logo."""

    code: str
    name_zh: str
    name_en: str
    colour: str
    initial: str


class ProductShown(msgspec.Struct, frozen=True):
    """A product."""

    code: str
    name_zh: str
    name_en: str


class RedemptionShown(msgspec.Struct, frozen=True):
    """How the holder turns it into a membership."""

    steps_zh: Sequence[str]
    steps_en: Sequence[str]
    devices_zh: str
    devices_en: str
    validity_zh: str
    validity_en: str
    url: str | None


class SkuShown(msgspec.Struct, frozen=True):
    """A SKU, with its brand and product, and what you can do to it."""

    id: UUID
    code: str
    brand: BrandShown
    product: ProductShown
    name_zh: str
    name_en: str
    period: Period
    days: int
    terminal: Terminal
    account_type: AccountType
    fulfilment: Fulfilment
    face_value: str
    currency: str
    face_value_verified: bool
    face_value_as_of: date | None
    returnable: bool
    partial_allowed: bool
    shortage_policy: ShortagePolicy
    card_format: CardShape | None
    redemption: RedemptionShown
    state: SkuState
    can: Sequence[str]


class SkuPage(msgspec.Struct, frozen=True):
    """SKUs by code; the next page begins after `next_after`, null on the last one."""

    skus: list[SkuShown]
    next_after: str | None


class CatalogueInstalled(msgspec.Struct, frozen=True):
    """What became of a catalogue's SKUs, by code; of a dry run, what would have."""

    dry_run: bool
    added: Sequence[str]
    changed: Sequence[str]
    kept: Sequence[str]  # there already, and left as they are
    brands_added: int
    products_added: int
