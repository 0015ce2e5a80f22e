"""Read Fulu's goods and the templates of what must be filled in."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.texts import TITLE_MAX, printable
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Input, InputKind, Page, Product

GOODS: Final = {"卡密": Goods.CARD, "直充": Goods.TOPUP}
ON_SALE: Final = "上架"
IN_STOCK: Final = frozenset({"充足", "警报"})  # plenty; few left
ACCOUNT: Final = "charge_account"

# A template's keys, as the parameters of an order.
PARAMETERS: Final = {
    "ChargeAccount": ACCOUNT,
    "ChargeGame": "charge_game_name",
    "ChargeRegion": "charge_game_region",
    "ChargeServer": "charge_game_srv",
    "ChargeType": "charge_type",
    "ChargePWD": "charge_password",
    "ChargeIp": "charge_ip",
    "ContactQQ": "contact_qq",
    "ContactType": "contact_tel",
}
# What an order may carry besides, with how long it may be where that is known.
LONGEST: Final = {
    ACCOUNT: 50,
    "charge_game_name": None,
    "charge_game_region": None,
    "charge_game_srv": None,
    "charge_game_role": None,
    "charge_type": 20,
    "charge_password": None,
    "charge_ip": 20,
    "contact_qq": None,
    "contact_tel": 15,
}
AREAS: Final = {"ChargeRegion": "充值区", "ChargeServer": "充值服", "ChargeType": "充值类型"}
CHOICES_MAX: Final = 500
QUANTITY: Final = "ChargeNum"  # how many are bought, which an order says anyway


class Item(msgspec.Struct):
    """A product, as the list and its detail tell it."""

    product_id: int | str
    product_name: str
    product_type: str
    purchase_price: Decimal
    sales_status: str
    face_value: Decimal | None = None
    stock_status: str | None = None
    template_id: str | None = None


class _Field(msgspec.Struct):
    Id: str
    Name: str = ""


class _Elements(msgspec.Struct):
    Inputs: list[_Field] = []


class Template(msgspec.Struct):
    """What must be filled in."""

    ElementInfo: _Elements
    IsServiceArea: bool | None = None
    GameTempaltePreviewList: Any = None  # as they spell it


def read_products(told: Sequence[msgspec.Raw]) -> Page[Product]:
    """Read a list; those that can't be read don't hold up the others."""
    found = []
    for each in told:
        try:
            found.append(read_product(msgspec.json.decode(each, type=Item)))
        except (msgspec.MsgspecError, RecursionError, ValueError):
            continue
    return Page(found, wrong=len(told) - len(found))


def read_product(item: Item) -> Product:
    """Read one. Raises: ValueError."""
    goods = GOODS.get(item.product_type)
    if goods is None:
        raise ValueError("goods of another kind")
    return Product(
        ref=str(item.product_id),
        title=printable(item.product_name, TITLE_MAX),
        goods=goods,
        unit_cost_e4=price_e4(item.purchase_price),
        in_stock=item.stock_status in IN_STOCK,
        on_sale=item.sales_status == ON_SALE,
        face_value_e4=None if item.face_value is None else price_e4(item.face_value),
    )


def read_inputs(template: Template | None) -> Sequence[Input]:
    """Say what must be filled in; without a template, the account alone."""
    if template is None:
        return (_input("ChargeAccount", "充值账号"),)
    found = [
        _input(each.Id, each.Name) for each in template.ElementInfo.Inputs if each.Id != QUANTITY
    ]
    known = {each.key for each in found}
    for key, title in AREAS.items():
        choices = tuple(dict.fromkeys(_names(template.GameTempaltePreviewList, key)))
        if template.IsServiceArea and choices and PARAMETERS[key] not in known:
            kind = InputKind.CHOICE if len(choices) <= CHOICES_MAX else InputKind.TEXT
            shown = choices if kind is InputKind.CHOICE else ()
            found.append(Input(PARAMETERS[key], title, kind, choices=shown))
    return found


def _input(key: str, title: str) -> Input:
    parameter = PARAMETERS.get(key, key)
    kind = InputKind.PASSWORD if parameter == "charge_password" else InputKind.TEXT
    shown = printable(title, TITLE_MAX) or printable(key, TITLE_MAX)
    return Input(parameter, shown, kind, is_account=parameter == ACCOUNT)


def _names(told: object, key: str) -> Iterator[str]:
    """Find the names in all lists of this key, wherever they stand."""
    if isinstance(told, list):
        for each in told:
            yield from _names(each, key)
    if isinstance(told, dict):
        for name, value in told.items():
            if name == key and isinstance(value, list):
                yield from (
                    each["name"]
                    for each in value
                    if isinstance(each, dict) and isinstance(each.get("name"), str)
                )
            yield from _names(value, key)
