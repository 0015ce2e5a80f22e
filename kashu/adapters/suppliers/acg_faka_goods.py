"""What an acg-faka shop sells, as we understand it: items, and their variants."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product as combinations
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlencode

import msgspec

from kashu.adapters.suppliers.acg_faka_calls import Value, yuan_e4
from kashu.adapters.suppliers.shop_forms import with_account
from kashu.adapters.suppliers.texts import TITLE_MAX, printable
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Input, InputKind, Product

VARIANTS_MAX: Final = 200  # of one item: more is a mistake, or an attack
RACE: Final = "race"
TEXT_MAX: Final = 2_000
KINDS: Final = {
    "number": InputKind.NUMBER,
    "password": InputKind.PASSWORD,
    "select": InputKind.CHOICE,
    "radio": InputKind.CHOICE,
}


class _Widget(msgspec.Struct):
    name: str
    cn: str = ""
    type: str = "text"
    regex: str | None = ""
    error: str | None = ""
    dict: str | None = ""


class Item(msgspec.Struct):
    """Something for sale. Lists tell widgets and variants as text, single items as values."""

    code: str
    name: str
    status: int | str = 1
    api_status: int | str = 1
    delivery_way: int | str = 0
    user_price: Decimal | None = None
    stock: int | str | None = None
    minimum: int | str | None = 0
    maximum: int | str | None = 0
    widget: msgspec.Raw = msgspec.Raw(b"null")
    config: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def is_by_hand(self) -> bool:
        """Whether a person delivers it."""
        return str(self.delivery_way) != "0"

    @property
    def is_on_sale(self) -> bool:
        """Whether it may be bought through this interface."""
        return str(self.status) == "1" and str(self.api_status) == "1"


class Category(msgspec.Struct):
    """A category of a list."""

    name: str = ""
    children: list[msgspec.Raw] = []


@dataclass(frozen=True, slots=True)
class Chosen:
    """A variant: its race, and an option of each of the other choices."""

    race: str = ""
    sku: Mapping[str, str] = field(default_factory=dict)

    def parameters(self) -> dict[str, Value]:
        """As calls carry it."""
        told: dict[str, Value] = {RACE: self.race}
        return told | {"sku": dict(sorted(self.sku.items()))} if self.sku else told

    def ref(self, code: str) -> str:
        """As we name it."""
        told = [(RACE, self.race)] if self.race else []
        told += sorted(self.sku.items())
        return f"{code}?{urlencode(told)}" if told else code


def read_ref(ref: str) -> tuple[str, Chosen]:
    """Take a reference apart: the item's code, and the variant."""
    code, _, told = ref.partition("?")
    sku = dict(parse_qsl(told, keep_blank_values=True))
    race = sku.pop(RACE, "")
    return code, Chosen(race, sku)


def variants(item: Item) -> Sequence[Chosen]:
    """List all variants; one without choices where there are none. Raises: ValueError."""
    config = _config(item.config)
    races = list(_section(config, "category"))
    choices = {
        name: list(options)
        for name, options in _section(config, "sku").items()
        if isinstance(options, dict) and options
    }
    count = max(1, len(races))
    for options in choices.values():
        count *= len(options)
    if count > VARIANTS_MAX or RACE in choices:
        raise ValueError("too many variants")
    return [
        Chosen(race, dict(zip(choices, options, strict=True)))
        for race in races or [""]
        for options in combinations(*choices.values())
    ]


def listed(item: Item, group: str) -> Iterator[Product]:
    """Tell an item of a list, each variant by itself. Raises: ValueError."""
    found = variants(item)
    price_e4 = None if item.user_price is None or len(found) > 1 else yuan_e4(item.user_price)
    for chosen in found:
        plain = not chosen.race and not chosen.sku
        stock = _count(item.stock) if plain else None
        yield told(item, chosen, price_e4 if plain else None, stock, group)


def told(
    item: Item, chosen: Chosen, unit_cost_e4: int | None, stock: int | None, group: str = ""
) -> Product:
    """Tell one variant."""
    words = [item.name, chosen.race, *chosen.sku.values()]
    return Product(
        chosen.ref(item.code),
        printable(" ".join(word for word in words if word), TITLE_MAX),
        goods_of(item),
        unit_cost_e4,
        in_stock=stock != 0,
        on_sale=item.is_on_sale,
        stock=stock,
        least=_count(item.minimum) or 1,
        most=_count(item.maximum) or None,
        group=printable(group, TITLE_MAX),
    )


def goods_of(item: Item) -> Goods:
    """What is delivered by hand after a form was filled in tops something up; the rest is cards."""
    return Goods.TOPUP if item.is_by_hand and _widgets(item.widget) else Goods.CARD


def inputs_of(item: Item) -> Sequence[Input]:
    """What must be filled in."""
    return with_account(
        [
            Input(
                widget.name,
                printable(widget.cn or widget.name, TITLE_MAX),
                KINDS.get(widget.type, InputKind.TEXT),
                required=bool(widget.regex),
                pattern=(widget.regex or "")[:TEXT_MAX],
                choices=_choices(widget.dict or ""),
            )
            for widget in _widgets(item.widget)
        ]
    )


def field_errors(item: Item) -> frozenset[str]:
    """What the seller has the shop say of fields that are filled in wrongly."""
    return frozenset((widget.error or "").strip() for widget in _widgets(item.widget)) - {""}


def _widgets(raw: msgspec.Raw) -> list[_Widget]:
    try:
        told = msgspec.json.decode(raw)
        if isinstance(told, str):  # lists have it as text, old shops escaped
            told = msgspec.json.decode(unquote(told) if told.startswith("%") else told or "[]")
        return msgspec.convert(told or [], list[_Widget])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError("unreadable widgets") from error


def _choices(written: str) -> tuple[str, ...]:
    """Read "label=value,label=value"; a choice without a label is its own."""
    values = (each.rpartition("=")[2].strip() for each in written[:TEXT_MAX].split(","))
    return tuple(printable(value, TITLE_MAX) for value in values if value)


def _config(raw: msgspec.Raw) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError("unreadable variants") from error
    if isinstance(told, str):
        return _read_ini(told)
    return told if isinstance(told, dict) else {}


def _section(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    told = config.get(name)
    return told if isinstance(told, dict) else {}


def _read_ini(written: str) -> dict[str, Any]:
    """Read [sections] of "name=value" and "name.option=value"."""
    config: dict[str, Any] = {}
    section: dict[str, Any] = {}
    for line in written.splitlines():
        if line.startswith("[") and line.endswith("]"):
            section = config.setdefault(line[1:-1], {})
            continue
        name, found, value = line.partition("=")
        if not found or not config:
            continue
        name, dot, option = name.partition(".")
        if dot and isinstance(section.setdefault(name, {}), dict):
            section[name][option] = value
        elif not dot:
            section[name] = value
    return config


def _count(told: int | str | None) -> int | None:
    """Read how many; shops may tell words in place of a number."""
    if isinstance(told, str):
        return int(told) if told.isascii() and told.isdigit() and len(told) <= 9 else None  # noqa: PLR2004
    return None if told is None else max(told, 0)


def count_of(told: int | str | None) -> int | None:
    """Read how many are in stock; None: it isn't told in numbers."""
    return _count(told)
