"""What each class of a mapping's rows means, and what to do about it."""

from collections.abc import Mapping
from typing import Final

from kashu.orders.mapping_rows import UNITS_MAX, RowClass

WORDS: Final[Mapping[RowClass, tuple[str, str]]] = {
    RowClass.MAPS: ("将建立映射", "Will be mapped"),
    RowClass.CHANGES: ("将改为新的映射", "Will stand for something else than now"),
    RowClass.LEARNS: (
        "还没有从平台同步到这个商品，将先记下映射",
        "Not fetched from the platform yet; its mapping will be noted",
    ),
    RowClass.SAME: ("已经是这个映射，不变", "Mapped like that already"),
    RowClass.BLANK: ("没有填规格编码，保持不变", "No SKU is given: left as it is"),
    RowClass.UNREADABLE: (
        "有公式、错误值、日期，或被表格软件截断的长数字：请把整列设为文本后重新填写",
        "A formula, an error, a date, or a long number that lost digits: make the column text",
    ),
    RowClass.NO_LISTING: (
        "没有写是哪个商品：请填写商品ID，或商家编码",
        "It names no listing: give its item_id or merchant_code",
    ),
    RowClass.UNKNOWN_LISTING: (
        "没有这个商家编码的商品：请先同步商品，或填写商品ID",
        "No listing has this merchant code: fetch the listings, or give the item_id",
    ),
    RowClass.SEVERAL_LISTINGS: (
        "有多个商品符合：请填写商品ID和规格ID",
        "Several listings fit: give item_id and variant_id",
    ),
    RowClass.TWICE: (
        "同一商品在文件中出现多次，都没有采用：请只保留一行",
        "The listing is named in several rows; none was taken: keep one",
    ),
    RowClass.OTHER_STORE: (
        "这一行属于另一个店铺：请在那个店铺上传",
        "This row is of another store: send it there",
    ),
    RowClass.UNKNOWN_SKU: (
        "没有这个规格编码：请在商品页核对",
        "There is no such SKU: check its code in the catalogue",
    ),
    RowClass.SKU_NOT_SOLD: (
        "这个规格已停售：请恢复销售，或换一个规格",
        "This SKU is retired: put it on sale again, or use another",
    ),
    RowClass.BAD_UNITS: (
        f"数量须为 1 到 {UNITS_MAX} 的整数",
        f"Units are a whole number from 1 to {UNITS_MAX}",
    ),
}
