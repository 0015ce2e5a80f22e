"""Questions to the catalogue."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.catalog.card_format import CardFormat
from kashu.catalog.tables import skus
from kashu.core.db import Tx
from kashu.core.errors import NotFound

_ANYTHING: Final = "[!-~]{1,512}"  # a SKU says nothing about its passwords, so none is doubted


class UnknownSku(NotFound):
    """No such SKU of this tenant."""

    code = "unknown_sku"
    zh = "没有规格「{sku}」。请核对规格编码，或先在商品目录里添加。"
    en = "No SKU “{sku}”. Check its code, or add it to the catalogue first."


@dataclass(frozen=True, slots=True)
class Sku:
    """What is sold, as the modules above need it."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    fulfilment: str
    face_value_e4: int
    currency: str
    state: str
    card_pattern: str | None
    card_lengths: tuple[int, ...]
    card_luhn: bool

    @property
    def card_format(self) -> CardFormat | None:
        """What its cards look like; None where nobody has said."""
        if not (self.card_pattern or self.card_lengths or self.card_luhn):
            return None
        return CardFormat(
            number=self.card_pattern or _ANYTHING,
            lengths=self.card_lengths,
            password=_ANYTHING,
            password_optional=True,
            luhn=self.card_luhn,
        )


async def sku_by_code(tx: Tx, tenant_id: int, code: str) -> Sku:
    """Find a SKU by the merchant's code. Raises: UnknownSku."""
    row = (
        await tx.execute(
            select(
                skus.c.id,
                skus.c.code,
                skus.c.name_zh,
                skus.c.name_en,
                skus.c.fulfilment,
                skus.c.face_value_e4,
                skus.c.currency,
                skus.c.state,
                skus.c.card_pattern,
                skus.c.card_lengths,
                skus.c.card_luhn,
            ).where(skus.c.tenant_id == tenant_id, skus.c.code == code)
        )
    ).one_or_none()
    if row is None:
        raise UnknownSku(sku=code[:64])
    return Sku(*row[:-2], tuple(row.card_lengths), row.card_luhn)
