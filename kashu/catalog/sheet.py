"""A catalogue as a sheet: one row a SKU, as a merchant keeps it in Excel and saves it as CSV."""

import csv
import io
from typing import Final, TypeAlias

from kashu.catalog.drafts import Draft, Written
from kashu.catalog.kinds import Fulfilment
from kashu.core.errors import Invalid

ROWS_MAX: Final = 10_000

Row: TypeAlias = dict[str, str]  # by column; a blank cell is empty text

BRAND: Final = {"brand": "code", "brand_zh": "name_zh", "brand_en": "name_en"}
LOGO: Final = ("colour", "initial")
PRODUCT: Final = {"product": "code", "product_zh": "name_zh", "product_en": "name_en"}
SKU: Final = (
    "period",
    "days",
    "fulfilment",
    "account_type",
    "face_value",
    "face_value_as_of",
    "face_value_source",
    "returnable",
    "shortage_policy",
)
STEPS: Final = ("steps_zh", "steps_en")
REDEMPTION: Final = (*STEPS, "devices_zh", "devices_en", "validity_zh", "validity_en", "url")
FORMAT: Final = ("number", "password")
COLUMNS: Final = (
    *BRAND, *LOGO, *PRODUCT, "terminal", "sku", "sku_zh", "sku_en", *SKU, *REDEMPTION, *FORMAT,
)  # fmt: skip
HEADINGS: Final = {
    "品牌编码": "brand", "品牌": "brand_zh", "品牌英文": "brand_en", "颜色": "colour",
    "缩写": "initial", "商品编码": "product", "商品": "product_zh", "商品英文": "product_en",
    "终端": "terminal", "规格编码": "sku", "规格": "sku_zh", "规格英文": "sku_en",
    "周期": "period", "天数": "days", "交付方式": "fulfilment", "到账方式": "fulfilment",
    "账号类型": "account_type",
    "面值": "face_value", "面值日期": "face_value_as_of", "面值来源": "face_value_source",
    "未查看可退回": "returnable", "缺货策略": "shortage_policy", "兑换步骤": "steps_zh",
    "兑换步骤英文": "steps_en", "适用设备": "devices_zh", "适用设备英文": "devices_en",
    "有效期": "validity_zh", "有效期英文": "validity_en", "兑换网址": "url",
    "卡号格式": "number", "密码格式": "password",
}  # fmt: skip
WORDS: Final = {
    "period": {"周": "week", "月": "month", "季": "quarter", "年": "year",
               "周卡": "week", "月卡": "month", "季卡": "quarter", "年卡": "year"},
    "terminal": {"手机": "phone", "电视": "tv", "通用": "all", "全部": "all", "TV": "tv"},
    "fulfilment": {"卡密": "card", "直充": "topup", "链接": "link", "循环码": "shared",
                   "通用码": "shared", "自有码": "own", "实物": "physical"},
    "account_type": {"手机号": "phone", "会员号": "member_id", "QQ": "qq", "QQ号": "qq",
                     "微信": "wechat", "无": "none"},
    "shortage_policy": {"采购": "buy", "等货": "wait", "等待": "wait", "替代": "substitute",
                        "替换": "substitute", "拒单": "refuse", "拒绝": "refuse"},
    "returnable": {"是": "true", "否": "false"},
}  # fmt: skip


class CatalogueUnreadable(Invalid):
    """It isn't a catalogue's file: the form is wrong, before any entry."""

    code = "catalogue_unreadable"
    zh = "商品目录读不出来：{zh}。什么都没有写入，请改正后重新导入。"
    en = "Can't read the catalogue: {en}. Nothing was written; correct it and import it again."


def drafts_of_rows(content: bytes) -> list[Draft]:
    """Read rows into brands, products and SKUs, each in the order in which it first appears.

    A brand and a product are described on their first row; a later row gives their codes, and may
    leave the rest blank or repeat it. A SKU without steps is redeemed as the one above it of its
    product and fulfilment. Steps are parted by "|". Raises: CatalogueUnreadable.
    """
    brands: dict[str, tuple[Row, Draft]] = {}
    products: dict[tuple[str, str], tuple[Row, Draft]] = {}
    redemptions: dict[tuple[str, str, str], Written] = {}
    for number, row in _rows(_decoded(content)):
        at = f"row {number}"
        brand_row, brand = brands.setdefault(
            row["brand"], (row, Draft(f"{at}, brand", _of_brand(row), []))
        )
        key = row["brand"], row["product"]
        if key not in products:
            products[key] = row, Draft(f"{at}, product", _of_product(row), [])
            _append(brand, products[key][1])
        product_row, product = products[key]
        _repeats(brand_row, row, (*BRAND, *LOGO), number)
        _repeats(product_row, row, (*PRODUCT, "terminal"), number)
        written = _of_sku(row)
        redeemed = *key, row["fulfilment"] or Fulfilment.CARD
        if own := _redemption(row):
            redemptions[redeemed] = own
        if redeemed in redemptions:
            written["redemption"] = redemptions[redeemed]
        if product_row["terminal"]:
            written["terminal"] = product_row["terminal"]
        _append(product, Draft(f"{at}, sku", written))
    return [draft for _, draft in brands.values()]


def _append(draft: Draft, inside: Draft) -> None:
    assert isinstance(draft.inside, list), "a sheet's drafts are made with lists"
    draft.inside.append(inside)


def _of_brand(row: Row) -> Written:
    written: Written = {name: row[column] for column, name in BRAND.items() if row[column]}
    initial = row["initial"] or row["brand_zh"][:1]
    return written | {"logo": {"colour": row["colour"] or "#8C8C8C", "initial": initial}}


def _of_product(row: Row) -> Written:
    columns = {**PRODUCT, "terminal": "terminal"}
    return {name: row[column] for column, name in columns.items() if row[column]}


def _of_sku(row: Row) -> Written:
    columns = {
        **{name: name for name in SKU},
        "sku": "code",
        "sku_zh": "name_zh",
        "sku_en": "name_en",
    }
    written: Written = {name: row[column] for column, name in columns.items() if row[column]}
    if row["number"]:
        written["card_format"] = {name: row[name] for name in FORMAT if row[name]}
    return written


def _redemption(row: Row) -> Written:
    written: Written = {name: row[name] for name in REDEMPTION if row[name]}
    for name in STEPS:
        if name in written:
            written[name] = [step.strip() for step in row[name].split("|")]
    return written


def _repeats(first: Row, again: Row, columns: tuple[str, ...], number: int) -> None:
    for column in columns:
        if again[column] and again[column] != first[column]:
            raise CatalogueUnreadable(
                zh=f"第 {number} 行的「{column}」与该品牌或商品第一行所写的不同，请改成一致",
                en=f"row {number}: {column} differs from the first row of its brand or product",
            )


def _decoded(content: bytes) -> str:
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else []
    for encoding in (*encodings, "utf-8-sig", "gb18030"):  # Excel in Chinese saves GBK
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CatalogueUnreadable(zh="编码不是 UTF-8、UTF-16 或 GBK", en="save it as UTF-8")


def _rows(text: str) -> list[tuple[int, Row]]:
    first_line = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter="\t" if "\t" in first_line else ","
    )
    try:
        columns = _columns(next(reader, []))
        rows = [
            (reader.line_num, _row(columns, cells, reader.line_num))
            for cells in reader
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as trouble:
        raise CatalogueUnreadable(
            zh=f"CSV 第 {reader.line_num} 行写法有误", en=f"row {reader.line_num}: {trouble}"
        ) from None
    if not 0 < len(rows) <= ROWS_MAX:
        raise CatalogueUnreadable(
            zh=f"应有 1 到 {ROWS_MAX} 行规格", en=f"it needs 1 to {ROWS_MAX} rows of SKUs"
        )
    return rows


def _columns(headings: list[str]) -> list[str]:
    columns = [HEADINGS.get(heading.strip(), heading.strip()) for heading in headings]
    for column in columns:
        if column not in COLUMNS or columns.count(column) > 1:
            shown = column[:40]
            raise CatalogueUnreadable(
                zh=f"表头「{shown}」不认识或重复，可用：{'、'.join(HEADINGS)}",
                en=f"heading “{shown}” is unknown or repeated; there are {', '.join(COLUMNS)}",
            )
    for column in ("brand", "product", "sku", "period", "face_value"):
        if column not in columns:
            raise CatalogueUnreadable(zh=f"缺少列「{column}」", en=f"column {column} is missing")
    return columns


def _row(columns: list[str], cells: list[str], number: int) -> Row:
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise CatalogueUnreadable(
            zh=f"第 {number} 行比表头多出几格", en=f"row {number} has more cells than headings"
        )
    row = dict.fromkeys(COLUMNS, "")
    for column, cell in zip(columns, cells, strict=False):
        written = cell.strip()
        row[column] = WORDS.get(column, {}).get(written, written)
    return row
