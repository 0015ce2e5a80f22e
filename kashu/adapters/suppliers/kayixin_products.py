"""Read Kayixin's goods: with variants, and with how many one piece gives."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.kayixin_wire import NAME
from kashu.adapters.suppliers.texts import TITLE_MAX, printable
from kashu.suppliers.errors import ProductGone
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Input, InputKind, Product

GOODS: Final = {1: Goods.CARD, 3: Goods.TOPUP}
ON_SALE: Final = 1
VARIANT_ON_SALE: Final = 1
SIMPLE, SKUS, SPECS = 0, 1, 2  # sku_type
NUMBER, CHOICE = 13, 14
KINDS: Final = {NUMBER: InputKind.NUMBER, CHOICE: InputKind.CHOICE}
ACCOUNT_WORDS: Final = ("账号", "帐号", "手机号", "号码", "QQ")
MULTIPLE_MAX: Final = 10_000

_REF = re.compile(
    r"(?P<good>\d{1,18})(\*(?P<multiple>\d{1,5}))?(:(?P<sku>[^\s:]{1,64}))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Ref:
    """What is bought: "880"; "880*2" where one piece gives two; "880:SK1" of a variant.

    How many one piece gives is part of it: when that changes, another thing is sold.
    """

    good: int
    multiple: int = 1
    sku: str = ""

    def __str__(self) -> str:
        """Write it as Product.ref."""
        multiple = f"*{self.multiple}" if self.multiple > 1 else ""
        return f"{self.good}{multiple}" + (f":{self.sku}" if self.sku else "")


def read_ref(ref: str) -> Ref:
    """Read Product.ref. Raises: ProductGone."""
    found = _REF.fullmatch(ref)
    if found is None:
        raise ProductGone(supplier=NAME, said="not a number of theirs")
    return Ref(int(found["good"]), int(found["multiple"] or 1), found["sku"] or "")


class _Variant(msgspec.Struct, rename="camel"):
    status: int
    sku: str
    money: Decimal
    count: int | None = None
    names: list[dict[str, str]] = []
    title: str = ""


class _Skus(msgspec.Struct, rename="camel"):
    details: list[_Variant] = []


class _Spec(msgspec.Struct, rename="camel"):
    items: list[_Variant] = []


class _Option(msgspec.Struct, rename="camel"):
    value: str


class _Template(msgspec.Struct, rename="camel"):
    title: str
    type: int = 0
    required: int = 1
    regex: str | None = None
    options: list[_Option] | None = None


class Item(msgspec.Struct, rename="camel"):
    """A product, as the list and, with more, its detail tell it."""

    goods_id: int
    name: str
    sales_price: Decimal
    goods_type: int
    status: int
    multiple: int = 1
    sku_type: int = SIMPLE
    face_value: Decimal | None = None
    min_quantity: int | None = None
    max_quantity: int | None = None
    stock_count: int | None = None  # only the detail tells it
    recharge_templates: list[_Template] | None = None
    goods_sku: _Skus | list[object] | None = None  # PHP writes an empty object as a list
    goods_spec: list[_Spec] | None = None


class ItemList(msgspec.Struct, rename="camel"):
    """A page of the list. Titles of the two counts are swapped in the documentation."""

    items: list[msgspec.Raw]
    all_page: int


def read_products(item: Item) -> Iterator[Product]:
    """Read what can be bought of a product: itself, or its variants. Raises: ValueError."""
    goods = GOODS.get(item.goods_type)
    if goods is None or item.sku_type not in {SIMPLE, SKUS, SPECS}:
        raise ValueError("goods of another kind")
    if not 1 <= item.multiple <= MULTIPLE_MAX:
        raise ValueError("multiple")
    if item.sku_type == SIMPLE:
        itself = _Variant(VARIANT_ON_SALE, "", item.sales_price, item.stock_count)
        yield _product(item, goods, itself, item.name)
        return
    for variant, title in _variants(item):
        product = _product(item, goods, variant, f"{item.name} {title}")
        if variant.status == VARIANT_ON_SALE:
            yield product


def _product(item: Item, goods: Goods, variant: _Variant, title: str) -> Product:
    ref, there = Ref(item.goods_id, item.multiple, variant.sku), variant.count
    if _REF.fullmatch(str(ref)) is None or (item.sku_type != SIMPLE and not ref.sku):
        raise ValueError("sku")
    gives = f"（每件发 {ref.multiple}）" if ref.multiple > 1 else ""
    return Product(
        ref=str(ref),
        title=printable(title, TITLE_MAX) + gives,
        goods=goods,
        # One piece is charged as often as it gives.
        unit_cost_e4=price_e4(variant.money) * ref.multiple,
        in_stock=there is None or there >= ref.multiple,
        on_sale=item.status == ON_SALE,
        stock=None if there is None else max(there, 0) // ref.multiple,
        face_value_e4=None if item.face_value is None else price_e4(item.face_value),
        least=max(item.min_quantity or 1, 1),
        most=item.max_quantity or None,
    )


def _variants(item: Item) -> Iterator[tuple[_Variant, str]]:
    if item.sku_type == SKUS and isinstance(item.goods_sku, _Skus):
        for each in item.goods_sku.details:
            yield each, " ".join(name.get("value", "") for name in each.names)
    if item.sku_type == SPECS:
        for spec in item.goods_spec or ():
            yield from ((each, each.title) for each in spec.items)


def read_inputs(item: Item) -> Sequence[Input]:
    """Say what must be filled in; titles are the keys, as they want it."""
    templates = item.recharge_templates or []
    titles = [each.title for each in templates]
    account = next((t for t in titles if any(word in t for word in ACCOUNT_WORDS)), "")
    account = account or next(iter(titles), "")
    return [
        Input(
            each.title,
            printable(each.title, TITLE_MAX),
            KINDS.get(each.type, InputKind.TEXT),
            required=each.required == 1,
            is_account=each.title == account and item.goods_type != 1,
            pattern=printable(each.regex or "", TITLE_MAX),
            choices=tuple(option.value for option in each.options or ())
            if each.type == CHOICE
            else (),
        )
        for each in templates
    ]
