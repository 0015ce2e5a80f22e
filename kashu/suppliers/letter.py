"""Letter: a balance confirmation (对账函) for a day, to be signed by both sides."""

import html
import io
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from kashu.core.db import Tx
from kashu.core.money import format_amount
from kashu.core.sheets.write import write_xlsx
from kashu.ledger.supplier_money import SupplierMoney, supplier_money
from kashu.suppliers.errors_prepaid import LetterInFuture
from kashu.suppliers.reads import Supplier

BLANK: Final = "________________"


class LetterFormat(StrEnum):
    """What a letter is written as."""

    MARKDOWN = "md"
    HTML = "html"
    XLSX = "xlsx"


MEDIA_TYPES: Final = {
    LetterFormat.MARKDOWN: "text/markdown; charset=utf-8",
    LetterFormat.HTML: "text/html; charset=utf-8",
    LetterFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be confirmed: what the books said at the end of a day."""

    on: date
    ours: str  # the merchant's name
    theirs: str  # the supplier's
    code: str
    currency: str
    money: SupplierMoney

    @property
    def rows(self) -> list[tuple[str, str, int]]:
        """Each amount, in Chinese, English and ten-thousandths."""
        return [
            ("预付款余额", "Prepaid balance", self.money.prepaid_e4),
            ("结果待确认的订单款", "Orders whose outcome isn't known", self.money.in_doubt_e4),
            ("应付款", "Payable", self.money.payable_e4),
            ("应收赔付", "To be returned for bad cards", self.money.recoveries_e4),
        ]


async def read_letter(
    tx: Tx, tenant_id: int, supplier: Supplier, on: date, *, ours: str, today: date
) -> Letter:
    """Read what the books said of a supplier at the end of a day, in what it is paid in.

    The same for the same day, unless somebody posts to it later. Raises: LetterInFuture.
    """
    if on > today:
        raise LetterInFuture(day=on.isoformat())
    id_, currency = supplier.id, supplier.currency
    money = await supplier_money(tx, tenant_id, [id_], until=on, currency=currency)
    return Letter(on, ours, supplier.name, supplier.code, currency, money[id_])


def write_letter(letter: Letter, form: LetterFormat) -> bytes:
    """Write it in both languages, as text, as a page to print, or as a workbook."""
    if form is LetterFormat.XLSX:
        return _xlsx(letter)
    if form is LetterFormat.HTML:
        return _html(letter).encode()
    return _markdown(letter).encode()


def _opening(letter: Letter, ours: str, theirs: str) -> tuple[str, str]:
    on = letter.on.isoformat()
    zh = (
        f"致 {theirs}：截至 {on} 日终，{ours} 账面与贵方往来如下（币种 {letter.currency}）。"
        "请核对后盖章确认；如有不符，请列明差额与原因。"
    )
    en = (
        f"To {theirs}: at the end of {on} the books of {ours} say the following of our dealings "
        f"(in {letter.currency}). Please confirm, or state what differs and why."
    )
    return zh, en


def _markdown(letter: Letter) -> str:
    ours, theirs = _escaped(letter.ours), _escaped(letter.theirs)
    zh, en = _opening(letter, ours, theirs)
    lines = [
        "# 对账函 Balance confirmation",
        "",
        zh,
        "",
        en,
        "",
        "| 项目 | Item | 我方账面 Ours | 贵方账面 Yours |",
        "| --- | --- | ---: | ---: |",
        *(f"| {zh} | {en} | {format_amount(e4)} | |" for zh, en, e4 in letter.rows),
        "",
        f"我方 Ours：{ours} {BLANK}",
        "",
        f"贵方 Yours：{theirs} {BLANK}",
        "",
    ]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """Keep somebody's name from being markup."""
    return "".join("\\" + each if each in "\\`*_[]<>#|" else each for each in text)


def _html(letter: Letter) -> str:
    ours, theirs = html.escape(letter.ours), html.escape(letter.theirs)
    zh, en = _opening(letter, ours, theirs)
    rows = "".join(
        f"<tr><td>{zh}</td><td>{en}</td><td class=n>{format_amount(e4)}</td><td></td></tr>"
        for zh, en, e4 in letter.rows
    )
    style = (
        "body{font:16px sans-serif;max-width:48em;margin:3em auto}"
        "table{border-collapse:collapse;width:100%}td,th{border:1px solid;padding:.4em}"
        ".n{text-align:right;font-variant-numeric:tabular-nums}"
    )
    return (
        f"<!doctype html><html lang=zh><meta charset=utf-8><title>对账函 {letter.on}</title>"
        f"<style>{style}</style><h1>对账函 Balance confirmation</h1><p>{zh}</p><p>{en}</p>"
        f"<table><tr><th>项目</th><th>Item</th><th>我方账面 Ours</th><th>贵方账面 Yours</th></tr>"
        f"{rows}</table><p>我方 Ours：{ours} {BLANK}</p>"
        f"<p>贵方 Yours：{theirs} {BLANK}</p></html>\n"
    )


def _xlsx(letter: Letter) -> bytes:
    written = io.BytesIO()
    zh, en = _opening(letter, letter.ours, letter.theirs)
    rows = [
        *((zh, en, format_amount(e4), "") for zh, en, e4 in letter.rows),
        (zh, en, "", ""),
        (f"我方 {letter.ours}", "Ours", BLANK, ""),
        (f"贵方 {letter.theirs}", "Yours", BLANK, ""),
    ]
    write_xlsx(written, ("项目", "Item", "我方账面 Ours", "贵方账面 Yours"), rows, title="对账函")
    return written.getvalue()
