"""Read Xingquanyi's products, when they may be bought, and what must be filled in."""

import re
from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Final

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.answers import BEIJING
from kashu.adapters.suppliers.texts import TITLE_MAX, printable
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Input, InputKind, Product

GOODS: Final = {1: Goods.TOPUP, 2: Goods.CARD, 3: Goods.LINK}
BY_HAND: Final = 4  # a person there does something: nothing that we could receive or check
ENOUGH, ON_SALE, ALLOWED = 1, 1, 1
ACCOUNT: Final = "recharge_account"
KINDS: Final = {
    "text": InputKind.TEXT,
    "password": InputKind.PASSWORD,
    "select": InputKind.CHOICE,
    "radio": InputKind.CHOICE,
}
_RANGE: Final = re.compile(r"(\d{1,9})\s*-\s*(\d{1,9})", re.ASCII)


class Item(msgspec.Struct):
    """A product, as the list and its detail tell it."""

    id: int | str
    product_name: str
    name: str  # of the variant
    price: Decimal
    type: int
    stock_state: int
    supply_state: int
    hold_state: int | None = None  # the samples leave it out
    valid_purchasing_quantity: str | None = None
    ban_start_at: str | None = None
    ban_end_at: str | None = None


class _Field(msgspec.Struct):
    name: str
    type: str = "text"
    options: str | None = None


class Template(msgspec.Struct):
    """What must be filled in."""

    recharge_account_label: str | None = None
    recharge_params: list[_Field] | None = None


def read_product(item: Item, at: datetime) -> Product | None:
    """Read one as it can be bought at a moment; None for what is done by hand.

    Raises: ValueError.
    """
    if item.type == BY_HAND:
        return None
    goods = GOODS.get(item.type)
    if goods is None:
        raise ValueError("goods of another kind")
    least, most = _quantities(item.valid_purchasing_quantity or "")
    return Product(
        ref=str(item.id),
        title=printable(f"{item.product_name} {item.name}", TITLE_MAX),
        goods=goods,
        unit_cost_e4=price_e4(item.price),
        in_stock=item.stock_state == ENOUGH,
        on_sale=item.supply_state == ON_SALE
        and item.hold_state in {None, ALLOWED}
        and not is_banned(item.ban_start_at or "", item.ban_end_at or "", at),
        least=least,
        most=most,
    )


def is_banned(begins: str, ends: str, at: datetime) -> bool:
    """Whether a daily pause is on, which may cross midnight. Raises: ValueError."""
    if not begins or not ends:
        return False
    begin, end = (time.fromisoformat(each).replace(tzinfo=None) for each in (begins, ends))
    now = at.astimezone(BEIJING).time()
    if begin <= end:
        return begin <= now <= end
    return now >= begin or now <= end


def read_inputs(template: Template) -> Sequence[Input]:
    """Say what must be filled in: the account under its label, then what else they name."""
    label = printable(template.recharge_account_label or "", TITLE_MAX)
    inputs = [Input(ACCOUNT, label, is_account=True)] if label else []
    return inputs + [
        Input(
            field.name,
            printable(field.name, TITLE_MAX),
            KINDS.get(field.type, InputKind.TEXT),
            choices=_choices(field),
        )
        for field in template.recharge_params or ()
    ]


def _choices(field: _Field) -> tuple[str, ...]:
    if KINDS.get(field.type) is not InputKind.CHOICE:
        return ()
    told = (each.strip() for each in (field.options or "").replace("，", ",").split(","))
    return tuple(dict.fromkeys(each for each in told if each))


def _quantities(written: str) -> tuple[int, int | None]:
    """The fewest and most of one order; anything else than a range says nothing."""
    found = _RANGE.fullmatch(written.strip())
    if found is None:
        return 1, None
    return max(int(found[1]), 1), int(found[2]) or None
