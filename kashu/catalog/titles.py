"""Titles: which SKU a text that somebody else wrote may mean, and which it can't mean."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.catalog.entries import Terminal
from kashu.catalog.kinds import Fulfilment, Period
from kashu.catalog.reads import ListedSku
from kashu.catalog.tables import brands, products, skus
from kashu.core.db import Tx

MOST: Final = 3  # SKUs that one text may mean

_PERIODS: Final = {
    Period.WEEK: ("周卡", "7天", "一周", "1周"),
    Period.MONTH: ("月卡", "1个月", "一个月", "30天", "31天"),
    Period.QUARTER: ("季卡", "3个月", "三个月", "90天", "季度"),
    Period.YEAR: ("年卡", "12个月", "一年", "1年", "365天", "年费"),
}
_TV: Final = ("tv", "电视", "大屏")
_NAMES: Final = {
    period: re.compile("|".join(rf"(?<!\d){word}" for word in words))  # 11个月 isn't 1个月
    for period, words in _PERIODS.items()
}


class Mismatch(StrEnum):
    """In what a text names something else than a SKU."""

    BRAND = "brand"
    PERIOD = "period"


@dataclass(frozen=True, slots=True)
class SkuWords:
    """What a text about a SKU should and shouldn't say, and what one is worth."""

    id: UUID
    code: str
    period: Period
    brand_zh: str
    brand_en: str
    face_value_e4: int
    currency: str


def likely(written: str, listed: Iterable[ListedSku]) -> list[ListedSku]:
    """Find the SKUs that a text may mean, the likeliest first: it names their brand and period.

    Among those, one whose product is named too comes first, then one for the right terminal. A
    bundle is never among them: its name says nothing of its parts.
    """
    plain = _plain(written)
    scored = [
        (_score(plain, each), each)
        for each in listed
        if each.sku.fulfilment is not Fulfilment.BUNDLE
    ]
    best = sorted(
        (pair for pair in scored if pair[0]), key=lambda pair: (-pair[0], pair[1].sku.code)
    )
    return [each for _, each in best[:MOST]]


def mismatch(
    written: str, of: SkuWords, brand_names: Collection[str], *, units: int = 1
) -> Mismatch | None:
    """Say in what a text names another brand or period than a SKU's; None where it doesn't.

    A text that names the SKU's own beside another's, or none at all, is no mismatch. Nor is a
    period where it stands for several `units`: three months are a quarter.
    """
    plain = _plain(written)
    own = [_plain(name) for name in (of.brand_zh, of.brand_en) if name]
    others = {_plain(name) for name in brand_names} - set(own)
    if not any(name in plain for name in own) and any(
        len(name) > 1 and name in plain and not any(name in mine for mine in own) for name in others
    ):
        return Mismatch.BRAND
    named = {period for period, words in _NAMES.items() if words.search(plain)}
    if units == 1 and named and of.period in _NAMES and of.period not in named:
        return Mismatch.PERIOD
    return None


async def sku_words(tx: Tx, tenant_id: int, sku_ids: Collection[UUID]) -> dict[UUID, SkuWords]:
    """Read what texts about some SKUs are checked against."""
    if not sku_ids:
        return {}
    rows = await tx.execute(
        select(
            skus.c.id,
            skus.c.code,
            skus.c.period,
            brands.c.name_zh,
            brands.c.name_en,
            skus.c.face_value_e4,
            skus.c.currency,
        )
        .join(products, (products.c.tenant_id == tenant_id) & (products.c.id == skus.c.product_id))
        .join(brands, (brands.c.tenant_id == tenant_id) & (brands.c.id == products.c.brand_id))
        .where(skus.c.tenant_id == tenant_id, skus.c.id.in_(set(sku_ids)))
    )
    return {
        row.id: SkuWords(
            row.id,
            row.code,
            Period(row.period),
            row.name_zh,
            row.name_en,
            row.face_value_e4,
            row.currency,
        )
        for row in rows
    }


async def brand_names(tx: Tx, tenant_id: int) -> Sequence[str]:
    """Read the names of all brands of a merchant, in Chinese and in English."""
    rows = await tx.execute(
        select(brands.c.name_zh, brands.c.name_en).where(brands.c.tenant_id == tenant_id)
    )
    return [name for row in rows for name in row if name]


def _score(plain: str, listed: ListedSku) -> int:
    """Say how well a text fits; 0 where it doesn't."""
    if _plain(listed.brand.name_zh) not in plain:
        return 0
    names_period = _NAMES.get(listed.period)
    if names_period is None or not names_period.search(plain):
        return 0
    names_product = _plain(listed.product.name_zh) in plain
    for_tv = any(word in plain.replace(_plain(listed.brand.name_zh), "") for word in _TV)
    fits = listed.terminal is Terminal.ALL or for_tv == (listed.terminal is Terminal.TV)
    return 1 + 4 * fits + 2 * names_product


def _plain(text: str) -> str:
    return "".join(text.casefold().split())
