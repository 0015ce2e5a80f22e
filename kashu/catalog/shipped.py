"""The catalogue that ships with Kashu, and the reading of a merchant's own."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from kashu.catalog.drafts import CatalogueWrong, Draft, Written, brands_from
from kashu.catalog.entries import AccountType, Brand, Logo, Product, Redemption, Sku, Terminal
from kashu.catalog.kinds import Fulfilment
from kashu.catalog.sheet import CatalogueUnreadable, drafts_of_rows

__all__ = [
    "AccountType",
    "Brand",
    "CatalogueUnreadable",
    "CatalogueWrong",
    "Logo",
    "Product",
    "Redemption",
    "Sku",
    "Terminal",
    "parse_catalogue",
    "read_catalogue",
    "shipped",
]

CATALOGUE_SIZE_MAX: Final = 4 * 1024 * 1024  # a thousand SKUs with their steps take half a megabyte

# May be written once for a brand or a product; a SKU's own word goes first. The two in
# BY_FULFILMENT are tables by fulfilment, since a card is redeemed otherwise than a top-up.
BY_FULFILMENT: Final = ("redemption", "card_format")
INHERITED: Final = (
    *BY_FULFILMENT,
    "face_value_as_of",
    "face_value_source",
    "returnable",
    "shortage_policy",
    "terminal",
)


@cache
def shipped() -> tuple[Brand, ...]:
    """Give the brands that ship, by code. They are facts to check, not promises: see `verified`."""
    written = sorted(
        (file for file in files("kashu.catalog").joinpath("brands").iterdir()),
        key=lambda file: file.name,
    )
    tables = [tomllib.loads(file.read_text("utf-8")) for file in written]
    return brands_from([_brand(table, n) for n, table in enumerate(tables, start=1)])


def read_catalogue(path: Path) -> tuple[Brand, ...]:
    """Read a merchant's catalogue, TOML or CSV by the file's ending.

    Raises: CatalogueUnreadable (not such a file, or too large), CatalogueWrong (its entries).
    """
    try:
        with path.open("rb") as file:
            content = file.read(CATALOGUE_SIZE_MAX + 1)
    except OSError as trouble:
        why = trouble.strerror or "?"
        raise CatalogueUnreadable(zh=f"文件打不开（{why}）", en=f"can't open it ({why})") from None
    return parse_catalogue(content, path.suffix)


def parse_catalogue(content: bytes, ending: str) -> tuple[Brand, ...]:
    """Read a catalogue that was uploaded; `ending` is ".toml" or ".csv".

    Raises: as read_catalogue.
    """
    if len(content) > CATALOGUE_SIZE_MAX:
        raise CatalogueUnreadable(zh="文件超过 4 MB，请拆成几份", en="it is over 4 MB; split it")
    match ending.lower():
        case ".toml":
            return brands_from(_drafts_of_toml(content))
        case ".csv":
            return brands_from(drafts_of_rows(content), text=True)
        case _:
            raise CatalogueUnreadable(
                zh="只认 .toml 和 .csv，请另存为其中一种", en="save it as .toml or .csv"
            )


def _drafts_of_toml(content: bytes) -> list[Draft]:
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise CatalogueUnreadable(zh="TOML 须存为 UTF-8", en="save TOML as UTF-8") from None
    except (tomllib.TOMLDecodeError, ValueError) as trouble:  # ValueError: 13th month, huge number
        raise CatalogueUnreadable(zh=f"TOML 写法有误：{trouble}", en=str(trouble)) from None
    except RecursionError:
        raise CatalogueUnreadable(zh="TOML 嵌套过深", en="TOML nested too deep") from None
    if set(table) != {"brands"}:
        return [_brand(table, 1)]
    return [_brand(brand, n) for n, brand in enumerate(_tables(table, "brands", "file"), start=1)]


def _brand(table: Written, position: int) -> Draft:
    at = _at("brand", table, position)
    handed_down = _handed_down(table, {}, at)
    products = [
        _product(product, n, at, handed_down)
        for n, product in enumerate(_tables(table, "products", at), start=1)
    ]
    return Draft(at, _without(table, {"products", *INHERITED}), products)


def _product(table: Written, position: int, brand_at: str, from_brand: Written) -> Draft:
    at = _at("product", table, position, brand_at)
    handed_down = _handed_down(table, from_brand, at)
    skus = [
        _sku(sku, n, at, handed_down) for n, sku in enumerate(_tables(table, "skus", at), start=1)
    ]
    written = _without(table, {"skus", *INHERITED})
    if "terminal" in handed_down:
        written["terminal"] = handed_down["terminal"]
    return Draft(at, written, skus)


def _sku(table: Written, position: int, product_at: str, handed_down: Written) -> Draft:
    fulfilment = table.get("fulfilment", Fulfilment.CARD)
    written = _without(handed_down, set(BY_FULFILMENT))
    for name in BY_FULFILMENT:
        of_each = _by_fulfilment(handed_down[name], name, product_at)
        if isinstance(fulfilment, str) and fulfilment in of_each:
            written[name] = of_each[fulfilment]
    return Draft(_at("sku", table, position, product_at), written | table)


def _handed_down(table: Written, from_above: Written, at: str) -> Written:
    """Say what the entries inside inherit: a table's own words before those from above it."""
    own = {name: table[name] for name in INHERITED if name in table}
    by_fulfilment = {
        name: {
            **_by_fulfilment(from_above.get(name), name, at),
            **_by_fulfilment(own.get(name), name, at),
        }
        for name in BY_FULFILMENT
    }
    return from_above | own | by_fulfilment


def _by_fulfilment(written: object, name: str, at: str) -> Mapping[str, object]:
    if written is None:
        return {}
    if isinstance(written, dict) and written.keys() <= set(Fulfilment):
        return written
    kinds = ", ".join(Fulfilment)
    raise CatalogueUnreadable(
        zh=f"{at}：「{name}」要按发货方式分写，例如 [{name}.card]，可用 {kinds}",
        en=f"{at}: write {name} by fulfilment, such as [{name}.card]; there are {kinds}",
    )


def _tables(table: Written, name: str, at: str) -> list[Written]:
    entries = table.get(name, [])
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    raise CatalogueUnreadable(
        zh=f"{at}：「{name}」要写成 [[{name}]] 一条条列出", en=f"{at}: write {name} as [[{name}]]"
    )


def _at(kind: str, table: Written, position: int, inside: str = "") -> str:
    code = table.get("code")
    if isinstance(code, str) and code.isprintable() and code:
        return f"{kind} {code[:60]}"
    return f"{inside}, {kind} {position}".removeprefix(", ")


def _without(table: Written, names: set[str]) -> Written:
    return {name: value for name, value in table.items() if name not in names}
