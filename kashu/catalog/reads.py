"""Questions about the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from kashu.catalog.card_format import CardFormat
from kashu.catalog.entries import AccountType, Terminal
from kashu.catalog.errors import UnknownSku
from kashu.catalog.kinds import IN_STOCK, Fulfilment, Period, ShortagePolicy, SkuState
from kashu.catalog.sku_row import format_of
from kashu.catalog.tables import brands, products, skus
from kashu.core.db import Tx
from kashu.core.naming import is_code
from kashu.core.sought import Sought
from kashu.core.sql import Statement

SKU_CODE_CHARS_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Sku:
    """What orders and imports must know of a SKU."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    fulfilment: Fulfilment
    state: SkuState
    shortage_policy: ShortagePolicy
    partial_allowed: bool
    returnable: bool  # allocated and unseen, it may go back to stock
    days: int  # of entitlement
    face_value_e4: int
    currency: str
    account_type: AccountType = AccountType.NONE  # what the buyer must tell for a top-up

    def __post_init__(self) -> None:
        # The driver gives text; our readers compare with `is` and match.
        object.__setattr__(self, "fulfilment", Fulfilment(self.fulfilment))
        object.__setattr__(self, "state", SkuState(self.state))
        object.__setattr__(self, "shortage_policy", ShortagePolicy(self.shortage_policy))
        object.__setattr__(self, "account_type", AccountType(self.account_type))


@dataclass(frozen=True, slots=True)
class ListedBrand:
    """A brand, as its SKUs are listed with it."""

    code: str
    name_zh: str
    name_en: str
    colour: str
    initial: str


@dataclass(frozen=True, slots=True)
class ListedProduct:
    """A product, as its SKUs are listed with it."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class ListedSku:
    """All there is to know of a SKU, with its brand and product."""

    sku: Sku
    brand: ListedBrand
    product: ListedProduct
    period: Period
    terminal: Terminal
    account_type: AccountType
    face_value_verified: bool
    face_value_as_of: date | None
    card_format: CardFormat | None
    steps_zh: tuple[str, ...]
    steps_en: tuple[str, ...]
    devices_zh: str
    devices_en: str
    validity_zh: str
    validity_en: str
    redemption_url: str | None


_skus_by_code = Statement(__file__, "skus_by_code.sql", Sku)
_skus_by_id = Statement(__file__, "skus_by_id.sql", Sku)


def is_sku_code(written: str) -> bool:
    """Tell what can be a SKU's code from what can't, before the database is asked."""
    return is_code(written, chars_max=SKU_CODE_CHARS_MAX)


async def skus_by_code(tx: Tx, tenant_id: int, codes: Iterable[str]) -> dict[str, Sku]:
    """Read some SKUs, sold or retired, in one statement; unknown codes are left out."""
    wanted = [code for code in set(codes) if is_sku_code(code)]
    found = await _skus_by_code(tx, tenant=tenant_id, codes=wanted)
    return {sku.code: sku for sku in found}


async def sku_by_code(tx: Tx, tenant_id: int, code: str) -> Sku:
    """Read one SKU, sold or retired. Raises: UnknownSku."""
    found = await skus_by_code(tx, tenant_id, [code])
    if code not in found:
        raise UnknownSku(sku=code[:SKU_CODE_CHARS_MAX])
    return found[code]


async def skus_by_id(tx: Tx, tenant_id: int, sku_ids: Iterable[UUID]) -> dict[UUID, Sku]:
    """Read some SKUs; those that aren't this merchant's are left out."""
    found = await _skus_by_id(tx, tenant=tenant_id, ids=[*set(sku_ids)])
    return {sku.id: sku for sku in found}


async def card_format_of(tx: Tx, tenant_id: int, sku_id: UUID) -> CardFormat | None:
    """Say what a SKU's cards look like; None: nothing is checked. It may only warn."""
    found = await tx.execute(
        select(
            skus.c.card_pattern,
            skus.c.card_lengths,
            skus.c.card_luhn,
            skus.c.card_password,
            skus.c.card_password_optional,
        ).where(skus.c.tenant_id == tenant_id, skus.c.id == sku_id)
    )
    row = found.mappings().one_or_none()
    return None if row is None else format_of(dict(row))


async def listed_sku(tx: Tx, tenant_id: int, code: str) -> ListedSku:
    """Read all there is to know of one SKU. Raises: UnknownSku."""
    if is_sku_code(code):
        found = await tx.execute(_listed(tenant_id).where(skus.c.code == code))
        row = found.one_or_none()
        if row is not None:
            return _listed_sku(row)
    raise UnknownSku(sku=code[:SKU_CODE_CHARS_MAX])


async def sku_list(
    tx: Tx,
    tenant_id: int,
    *,
    brand: str | None = None,
    product: str | None = None,
    fulfilment: Fulfilment | None = None,
    state: SkuState | None = None,
    stocked: bool | None = None,
    sought: Sought | None = None,
    after: str = "",
    limit: int = 100,
) -> list[ListedSku]:
    """Read up to `limit` SKUs by code, from the one after `after` on; each condition narrows it."""
    if not all(is_sku_code(code) for code in (brand, product, after) if code):
        return []  # none can have such a code
    wanted = _listed(tenant_id).where(skus.c.code > after).order_by(skus.c.code).limit(limit)
    if brand is not None:
        wanted = wanted.where(brands.c.code == brand)
    if product is not None:
        wanted = wanted.where(products.c.code == product)
    if fulfilment is not None:
        wanted = wanted.where(skus.c.fulfilment == fulfilment)
    if state is not None:
        wanted = wanted.where(skus.c.state == state)
    if stocked is not None:
        kept = skus.c.fulfilment.in_(IN_STOCK)
        wanted = wanted.where(kept if stocked else ~kept)
    if sought is not None:
        names = (skus.c.name_zh, skus.c.name_en)
        wanted = wanted.where(*sought.conditions(skus.c.id, skus.c.code, *names))
    return [_listed_sku(row) for row in await tx.execute(wanted)]


_OF_SKU: Final = tuple(
    skus.c[name]
    for name in (
        "id",
        "code",
        "name_zh",
        "name_en",
        "fulfilment",
        "state",
        "shortage_policy",
        "partial_allowed",
        "returnable",
        "days",
        "face_value_e4",
        "currency",
        "account_type",
    )
)


def _listed(tenant_id: int) -> Select[Any]:
    of_brand = ("code", "name_zh", "name_en", "colour", "initial")
    of_product = ("code", "name_zh", "name_en")
    return (
        select(
            skus,
            *(brands.c[name].label(f"brand_{name}") for name in of_brand),
            *(products.c[name].label(f"product_{name}") for name in of_product),
        )
        .join(
            products,
            (products.c.tenant_id == skus.c.tenant_id) & (products.c.id == skus.c.product_id),
        )
        .join(
            brands,
            (brands.c.tenant_id == products.c.tenant_id) & (brands.c.id == products.c.brand_id),
        )
        .where(skus.c.tenant_id == tenant_id)
        .where(products.c.tenant_id == tenant_id)
        .where(brands.c.tenant_id == tenant_id)
    )


def _listed_sku(row: Any) -> ListedSku:  # noqa: ANN401 (a row of SQLAlchemy's)
    return ListedSku(
        sku=Sku(*(getattr(row, column.name) for column in _OF_SKU)),
        brand=ListedBrand(
            row.brand_code,
            row.brand_name_zh,
            row.brand_name_en,
            row.brand_colour,
            row.brand_initial,
        ),
        product=ListedProduct(row.product_code, row.product_name_zh, row.product_name_en),
        period=Period(row.period),
        terminal=Terminal(row.terminal),
        account_type=AccountType(row.account_type),
        face_value_verified=row.face_value_verified,
        face_value_as_of=row.face_value_as_of,
        card_format=format_of(row._asdict()),
        steps_zh=tuple(row.steps_zh),
        steps_en=tuple(row.steps_en),
        devices_zh=row.devices_zh,
        devices_en=row.devices_en,
        validity_zh=row.validity_zh,
        validity_en=row.validity_en,
        redemption_url=row.redemption_url,
    )
