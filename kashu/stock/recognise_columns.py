"""Tell which column holds what: by its name, or by what is in it where there are no names."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from kashu.core.sheets.rows import Row, Separator, Sheet, Trait
from kashu.core.sheets.separators import detect_separator, splitter
from kashu.stock.recognise_cells import Refused, expiry_of, fold, is_url

SAMPLE_ROWS: Final = 200
HEADING_ROWS: Final = 20  # titles and names are among the first rows
MOSTLY: Final = 0.6


class Role(StrEnum):
    """What a column is for."""

    NUMBER = "number"
    SERIAL = "serial"  # a number too, unless the row has a better one
    CODE = "code"  # the only secret, or the password of a number
    PASSWORD = "password"  # noqa: S105 - a role, not a password
    URL = "url"
    EXPIRES_ON = "expires_on"
    OTHER = "other"


_NAMES: Final = {
    Role.NUMBER: """
        卡号 卡号码 卡券号 券号 账号 帐号 账户 帐户 用户名 登录名
        cardno cardnumber cardnum card number account username user login
    """,
    Role.SERIAL: "序列号 串号 serial serialno serialnumber sn",
    Role.CODE: """
        卡密 兑换码 激活码 券码 卡券码 礼品码 充值码 充值卡密 提货码 会员码 串码
        cdk cdkey cardcode code key giftcode redeemcode redemptioncode voucher vouchercode
        coupon couponcode activationcode secret
    """,
    Role.PASSWORD: "密码 卡密码 口令 password passwd pass pwd pin pincode cardpassword",
    Role.URL: "链接 网址 领取地址 兑换地址 卡券链接 url link redeemurl claimurl",
    Role.EXPIRES_ON: """
        有效期 有效期至 有效期限 有效期止 有效期到 有效日期 使用期限
        到期 到期日 到期日期 到期时间 过期 过期日 过期日期 过期时间
        失效日期 失效时间 截止 截止日期 截止时间 截至日期
        expiry expires expire expireson expiresat expirydate expiredate expirationdate
        expiration validuntil validto validthru
    """,
    Role.OTHER: """
        序号 编号 行号 备注 说明 面值 金额 价格 单价 成本 数量 状态 商品 商品名称 名称
        产品 规格 类型 种类 批次 批次号 供应商 品牌 平台 订单号 渠道 日期 时间 创建时间
        生效时间 生效日期 开始时间 有效期起 有效期开始 开始日期 发货时间 原因
        no id index remark remarks note notes name product sku price amount cost qty quantity
        status type batch supplier brand date createdat start startdate validfrom reason row
    """,
}
_SECRETS: Final = (Role.NUMBER, Role.SERIAL, Role.CODE, Role.PASSWORD, Role.URL)
_ROLE_OF: Final = {name: role for role, names in _NAMES.items() for name in names.split()}
_CHINESE: Final = sorted((n for n in _ROLE_OF if not n.isascii()), key=len, reverse=True)
_NAME_CHARS: Final = 12
_BRACKETS: Final = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|<.*?>")
_SIGNS: Final = re.compile(r"[\s*:_\-./#、,;\"']+")
_DIGIT: Final = re.compile(r"\d")
_SECRET_LIKE: Final = re.compile(r"[!-~](?:[!-~ ]*[!-~])?")
_PRICE: Final = re.compile(r"\d{1,4}\.\d{1,2}")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a file's cards are. Columns count from 0; None: the file has no such column.

    To choose otherwise than `detect_columns` did: `dataclasses.replace(detected, number=2)`.
    """

    number: int | None = None
    password: int | None = None
    url: int | None = None
    expires_on: int | None = None
    heading_row: int | None = None  # the row of names; all up to it is heading
    names: tuple[str, ...] = ()  # of the columns as the file has them
    width: int = 0  # beyond it nothing is expected
    required: tuple[int, ...] = ()  # secrets that each card of this file has
    is_ambiguous: bool = False  # several columns could be the number: somebody must choose
    separator: Separator = Separator.NONE  # inside the only column of a workbook
    labels: tuple[str, ...] = ()
    only_column: int = 0

    @property
    def secrets(self) -> tuple[int, ...]:
        """The columns that hold number, password or link."""
        return tuple(c for c in (self.number, self.password, self.url) if c is not None)


def role_of(name: str) -> Role | None:
    """Read a column name in Chinese or English: 卡号, *卡密（16位）, Card No."""
    if len(name) > 64:  # noqa: PLR2004 - no name of a column
        return None
    bare = _SIGNS.sub("", _BRACKETS.sub("", fold(name).lower()))
    if bare in _ROLE_OF:
        return _ROLE_OF[bare]
    if bare.isascii() or len(bare) > _NAME_CHARS:
        return None
    # In Chinese the last noun is what it is: 卡密有效期 is a date.
    found = [(bare.rfind(name) + len(name), len(name), name) for name in _CHINESE if name in bare]
    return _ROLE_OF[max(found)[2]] if found else None


def detect_columns(sheet: Sheet) -> Columns:
    """Look at the first rows and tell which column is what.

    Several candidates for one place make the result ambiguous rather than wrong.
    Raises what `sheet.rows()` raises.
    """
    sample: list[Row] = []
    for row in sheet.rows():
        if row.is_filled:
            sample.append(row)
        if len(sample) >= SAMPLE_ROWS or row.number > SAMPLE_ROWS * 50:
            break
    return columns_of(sample, sheet.labels, is_1904=sheet.is_1904)


def columns_of(sample: Sequence[Row], labels: tuple[str, ...] = (), *, is_1904: bool) -> Columns:
    """Tell the columns from rows that aren't blank."""
    if labels:
        names = {place: role_of(label) for place, label in enumerate(labels)}
        return _assigned(names, sample, Columns(names=labels, width=len(labels)), is_1904=is_1904)
    used = sorted({c for row in sample for c, cell in enumerate(row.cells) if cell.strip()})
    if len(used) == 1:
        lines = [row.cells[used[0]] for row in sample if len(row.cells) > used[0]]
        separator, labels = detect_separator(lines)
        if separator is not Separator.NONE:
            split = splitter(separator, labels)
            parts = [
                Row(row.number, tuple(split(line))) for row, line in zip(sample, lines, strict=True)
            ]
            inner = columns_of(parts, labels, is_1904=is_1904)
            return replace(inner, separator=separator, labels=labels, only_column=used[0])
    widths = Counter(_width(row) for row in sample)
    width = widths.most_common(1)[0][0] if widths else 0
    for row in sample[:HEADING_ROWS]:
        found = {c: role_of(cell) for c, cell in enumerate(row.cells) if cell.strip()}
        known = [role for role in found.values() if role is not None]
        is_names = len(found) >= min(2, width) and len(known) * 2 >= len(found)
        if is_names and (set(known) - {Role.OTHER}):
            below = [later for later in sample if later.number > row.number]
            columns = Columns(
                heading_row=row.number, names=row.cells, width=max(width, _width(row))
            )
            return _assigned(found, below, columns, is_1904=is_1904)
    return _assigned({}, sample, Columns(width=width), is_1904=is_1904)


def _width(row: Row) -> int:
    return max((c + 1 for c, cell in enumerate(row.cells) if cell.strip()), default=0)


def _assigned(
    named: dict[int, Role | None], sample: Sequence[Row], columns: Columns, *, is_1904: bool
) -> Columns:
    """Give each role its column: the named ones first, then by content among the unnamed."""
    places: dict[Role, list[int]] = {role: [] for role in Role}
    for column, role in named.items():
        if role is not None:
            places[role].append(column)
    if not any(places[role] for role in _SECRETS):
        for column in range(columns.width):
            if named.get(column) is None:
                role = _role_by_content(column, sample, is_1904=is_1904, alone=columns.width == 1)
                places[role].append(column)
    if _may_be_password(places, sample, columns.width, named):
        return replace(columns, is_ambiguous=True)
    pair = _pair(places)
    urls, dates = places[Role.URL], places[Role.EXPIRES_ON]
    if pair is None or len(urls) > 1 or len(dates) > 1:
        return replace(columns, is_ambiguous=True)
    number, password = pair
    url = urls[0] if urls else None
    heading = columns.heading_row
    if not named and heading is None:
        heading = _unknown_names(sample, [c for c in (number, password) if c is not None])
    data = [row for row in sample if heading is None or row.number > heading]
    secrets = [c for c in (number, password, url) if c is not None]
    required = tuple(c for c in secrets if _filled(c, data) >= MOSTLY) if len(secrets) > 1 else ()
    return replace(
        columns,
        number=number,
        password=password,
        url=url,
        expires_on=dates[0] if dates else None,
        heading_row=heading,
        required=required,
    )


def _may_be_password(
    places: dict[Role, list[int]], sample: Sequence[Row], width: int, named: dict[int, Role | None]
) -> bool:
    """Say whether a nameless column that is the same in each row could be every card's password.

    Leaving it out would sell half a card, and taking a product's code for it would confuse buyers:
    where only one other column is secret, somebody must choose.
    """
    if any(role is not None for role in named.values()) or places[Role.URL]:
        return False
    if len(places[Role.CODE]) != 1:
        return False
    for column in set(places[Role.OTHER]) & set(range(width)):
        texts = [fold(cell) for cell, _ in _cells(column, sample)]
        if _is_constant(texts) and len(texts[-1]) >= 4 and _SECRET_LIKE.fullmatch(texts[-1]):  # noqa: PLR2004
            return not _PRICE.fullmatch(texts[-1])
    return False


def _pair(places: dict[Role, list[int]]) -> tuple[int | None, int | None] | None:
    """Choose number and password; None where it can't be told. One secret alone is the number."""
    numbers, codes = places[Role.NUMBER], places[Role.CODE]
    passwords, serials = places[Role.PASSWORD], places[Role.SERIAL]
    if max(map(len, (numbers, codes, passwords, serials))) > 1:
        # Two unnamed columns of secrets are a number and its password, in this order.
        if len(codes) == 2 and not (numbers or passwords or serials):  # noqa: PLR2004
            return codes[0], codes[1]
        return None
    chosen = numbers or (serials if codes or passwords else [])
    rest = codes + passwords
    if chosen:
        return None if len(rest) > 1 else (chosen[0], rest[0] if rest else None)
    rest = rest or serials
    return (rest[0] if rest else None), (rest[1] if len(rest) > 1 else None)


def _cells(column: int, sample: Sequence[Row]) -> list[tuple[str, Trait | None]]:
    cells = [
        (row.cells[column], row.traits.get(column)) for row in sample if column < len(row.cells)
    ]
    return [(cell, trait) for cell, trait in cells if cell.strip() or trait]


def _filled(column: int, sample: Sequence[Row]) -> float:
    return len(_cells(column, sample)) / max(len(sample), 1)


def _role_by_content(column: int, sample: Sequence[Row], *, is_1904: bool, alone: bool) -> Role:
    cells = _cells(column, sample)
    if not cells:
        return Role.OTHER
    texts = [fold(cell) for cell, _ in cells]
    enough = MOSTLY * len(cells)
    if sum(map(is_url, texts)) >= enough:
        return Role.URL
    if sum(_is_day(cell, trait, is_1904=is_1904) for cell, trait in cells) >= enough:
        return Role.EXPIRES_ON
    if alone:
        return Role.CODE
    is_secret = sum(bool(_SECRET_LIKE.fullmatch(text)) for text in texts) >= enough
    is_price = sum(bool(_PRICE.fullmatch(text)) for text in texts) >= enough
    if not is_secret or is_price or _is_constant(texts) or _counts_up(texts):
        return Role.OTHER
    return Role.CODE


def _is_constant(texts: Sequence[str]) -> bool:
    """Recognise what is the same in each row: the name of the product, its price."""
    return len(texts) > 2 and Counter(texts).most_common(1)[0][1] >= 0.9 * len(texts)  # noqa: PLR2004


def _is_day(text: str, trait: Trait | None, *, is_1904: bool) -> bool:
    if trait is Trait.DATE:
        return True
    # Five digits may be an Excel day, but only a column's name can tell.
    if trait is not None or len(fold(text)) < 8:  # noqa: PLR2004 - 2026-1-5
        return False
    try:
        return expiry_of(text, trait, is_1904=is_1904) is not None
    except Refused:
        return False


def _counts_up(texts: Sequence[str]) -> bool:
    """Recognise 1, 2, 3 …: the numbering of a list, not its cards."""
    counts = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 6]  # noqa: PLR2004
    if len(counts) < max(3, len(texts) * 0.9):
        return False
    return sum(b - a == 1 for a, b in pairwise(counts)) >= 0.9 * (len(counts) - 1)


def _unknown_names(sample: Sequence[Row], secrets: Sequence[int]) -> int | None:
    """Find names that we don't know: a first row without digits above rows that all have them."""
    if len(sample) < 4 or not secrets:  # noqa: PLR2004 - too few to compare
        return None
    first, rest = sample[0], sample[1:]
    for column in secrets:
        if column >= len(first.cells) or _DIGIT.search(first.cells[column]):
            return None
        cells = _cells(column, rest)
        if sum(bool(_DIGIT.search(cell)) for cell, _ in cells) < 0.95 * len(rest):
            return None
    return first.number
