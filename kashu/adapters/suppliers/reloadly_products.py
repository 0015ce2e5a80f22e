"""What Reloadly sells: a product at each of its face values, and what that costs us."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from kashu.adapters.suppliers.exact import Unreadable, code_of, e4_of, price_e4
from kashu.adapters.suppliers.texts import TITLE_MAX, printable
from kashu.core.money import AMOUNT_MAX_E4, format_amount
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Product

_REF: Final = re.compile(r"(\d{1,18}):(\d{1,9}\.\d{2}(?:\d{2})?)", re.ASCII)
_HUNDRED: Final = Decimal(100)
_FACE_MAX: Final = 60  # characters of a face value and its currency


class _Brand(msgspec.Struct, rename="camel", frozen=True):
    brand_name: str = ""


class FoundProduct(msgspec.Struct, rename="camel"):
    """A product as it is told, in the numbers that it is told in."""

    product_id: int
    product_name: str
    denomination_type: str
    sender_currency_code: str
    recipient_currency_code: str
    sender_fee: Decimal = Decimal(0)  # of an order
    sender_fee_percentage: Decimal = Decimal(0)
    discount_percentage: Decimal = Decimal(0)
    status: str = "ACTIVE"
    fixed_recipient_to_sender_denominations_map: dict[str, Decimal] | None = None
    brand: _Brand = _Brand()

    def faces_e4(self) -> dict[int, Decimal]:
        """What each face value costs before fee and discount. Raises: Unreadable."""
        told = self.fixed_recipient_to_sender_denominations_map or {}
        try:
            return {price_e4(Decimal(face)): cost for face, cost in told.items()}
        except InvalidOperation as error:
            raise Unreadable("a denomination") from error


def named(product_id: int, face_e4: int) -> str:
    """Name a product at one face value."""
    return f"{product_id}:{format_amount(face_e4)}"


def parted(ref: str) -> tuple[int, int]:
    """Read a name that `named` made. Raises: Unreadable."""
    found = _REF.fullmatch(ref)
    if found is None:
        raise Unreadable("a ref")
    return int(found[1]), e4_of(Decimal(found[2]))


def product_of(found: FoundProduct, face_e4: int, quantity: int = 1) -> Product:
    """A product at one face value. What one costs holds its share of an order's fee, rounded up.

    Raises: Unreadable.
    """
    sender = found.faces_e4()[face_e4]
    try:
        shares = Decimal(1) + (found.sender_fee_percentage - found.discount_percentage) / _HUNDRED
        cost = (sender * quantity * shares + found.sender_fee) / quantity
    except ArithmeticError as error:  # what is no number, or without end
        raise Unreadable("a price") from error
    name = printable(found.product_name, TITLE_MAX - _FACE_MAX)
    same = found.sender_currency_code == found.recipient_currency_code
    sold = found.status == "ACTIVE"
    return Product(
        ref=named(found.product_id, face_e4),
        title=f"{name} {format_amount(face_e4)} {code_of(found.recipient_currency_code)}",
        goods=Goods.CARD,
        unit_cost_e4=e4_of(cost, most_e4=AMOUNT_MAX_E4, up=True),
        in_stock=sold,
        on_sale=sold,
        face_value_e4=face_e4 if same else None,  # in the currency of the price, or not at all
        currency=code_of(found.sender_currency_code),
        group=printable(found.brand.brand_name, TITLE_MAX),
    )
