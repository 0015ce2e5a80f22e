"""Make the sample files: invented cards, with every defect that real files have, in known numbers.

Run `python -m samples.make`. A fixed seed and fixed times make two runs equal to the byte. What was
planted is counted while planting, into `expected.json`, and never by the code that is to find it.
"""

import csv
import io
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import xlsxwriter
import xlwt

HERE: Final = Path(__file__).parent
TODAY: Final = date(2026, 11, 22)
LAST_DAY: Final = date(2030, 12, 31)
MADE_AT: Final = datetime(2026, 11, 22, 8, 0, 0)  # noqa: DTZ001 - written into the workbook as it is
LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
MESSY_ROWS: Final = 10_000
EARLIER_CARDS: Final = 400


@dataclass(slots=True)
class Planted:
    """What a file holds, counted while it is made."""

    kind: str
    encoding: str | None = None
    separator: str | None = None
    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    duplicates_in_file: int = 0
    duplicates_of_earlier: int = 0

    def facts(self) -> dict[str, Any]:
        """Lay it out for `expected.json`. Duplicates are among the accepted: they are cards."""
        return {
            "kind": self.kind,
            "encoding": self.encoding,
            "separator": self.separator,
            "rows_read": self.accepted + self.rejected.total(),
            "accepted": self.accepted,
            "rejected": dict(sorted(self.rejected.items())),
            "duplicates_in_file": self.duplicates_in_file,
            "duplicates_of_earlier": self.duplicates_of_earlier,
            "new": self.accepted - self.duplicates_in_file - self.duplicates_of_earlier,
        }


class Mint:
    """Invents cards. None is like another, and none is like a real one: FAKE is in each."""

    def __init__(self, prefix: str, seed: int) -> None:
        self._prefix = prefix
        self._random = random.Random(seed)
        self._count = 0

    def number(self) -> str:
        """Make 16 letters and digits."""
        self._count += 1
        return f"{self._prefix}FAKE{self._count:06d}{self.letters(4)}"

    def letters(self, count: int) -> str:
        """Make a password or a part of one."""
        return "".join(self._random.choices(LETTERS, k=count))

    def card(self) -> tuple[str, str]:
        """Make a number and its password."""
        return self.number(), self.letters(12)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the messy workbook."""

    number: object
    password: object
    expiry: object = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that is computed."""

    text: str
    value: object = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A number with the format that it is shown in."""

    value: float
    format: str


def expiries(source: random.Random) -> Iterator[object]:
    """Write the same kind of day in each way that people do."""
    while True:
        day = date(2029, 1, 1) + timedelta(days=source.randrange(700))
        yield from (
            "",
            day,
            day.isoformat(),
            day.strftime("%Y/%m/%d"),
            f"{day.year}.{day.month}.{day.day}",
            day.strftime("%Y%m%d"),
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.isoformat()} 23:59:59",
            (day - date(1899, 12, 30)).days,
            f"2026-01-01至{day.isoformat()}",
        )


def full_width(text: str) -> str:
    """Type it with a Chinese input method."""
    return "".join("\u3000" if sign == " " else chr(ord(sign) + 0xFEE0) for sign in text)


def zero_width(text: str) -> str:
    """Paste it from a chat program."""
    return f"\ufeff{text[:4]}\u200b{text[4:]}\u200d"


def in_groups(text: str) -> str:
    """Print it in groups of four."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def good_lines(mint: Mint, source: random.Random, count: int) -> list[Line]:
    """Make cards that are each unlike, some typed or pasted in ways that must not matter."""
    days = expiries(source)
    lines: list[Line] = []
    for place in range(count):
        number, password = mint.card()
        written: list[tuple[object, object]] = [
            (full_width(number), password),
            (zero_width(number), zero_width(password)),
            (f"  {number}\u3000", f"\u00a0{password}\t"),
            (in_groups(number), in_groups(password)),
            (f"00{place:014d}", password),  # leading zeros, as text
            (f"9900{place:016d}", password),  # 20 digits, as text
            (880_000_000_000_000 + place, password),  # 15 digits, as a number: still exact
            (Shown(place + 1_000, "000000000000"), password),  # zeros that only the format shows
            (f"'{number}", password),
        ]
        is_odd = place < 60 * len(written)
        odd = written[place % len(written)]
        chosen = odd if is_odd else (number, password)
        lines.append(Line(chosen[0], chosen[1], next(days)))
    return lines


def bad_lines(mint: Mint) -> dict[str, list[Line]]:
    """Make lines that are no cards, by the class that they must be given."""

    def lines(*cells: tuple[object, object, object, str]) -> list[Line]:
        return [Line(*one) for one in cells]

    def card() -> str:
        return mint.number()

    past: list[object] = ["2025-12-31", date(2024, 6, 30), "2024/11/21", "20200101", 45_657]
    past += ["2023年1月1日", "2025.1.1", "2025-01-01至2025-12-31", "2025-06-30 23:59:59"]
    unclear = ["31/12/2030", "2030-02-30", "12-31", "2030-12", "30天", "待定", "30.12.31"]
    unclear += ["2030-13-01", "明年年底", "9999-12-31", "20301301", "2030--12--31"]
    dde = "=cmd|' /C calc'!A0"
    return {
        "past_expiry": [Line(card(), mint.letters(12), day) for day in past],
        "bad_expiry": [Line(card(), mint.letters(12), day) for day in unclear],
        "formula": lines(
            (Formula(dde), mint.letters(12), "", ""),
            (card(), Formula(dde, "0"), "", ""),
            (dde, mint.letters(12), "", "text"),
            (full_width(dde), mint.letters(12), "", "text"),
            (card(), dde, "", "text"),
        ),
        "number_lost_digits": lines(
            (6_212_345_678_901_234, mint.letters(12), "", ""),
            (12_345_678_901_234_567_890, mint.letters(12), "", ""),
            ("6.21235E+18", mint.letters(12), "", ""),
            (Shown(120_000, "0.00E+00"), mint.letters(12), "", ""),
            (card(), date(2027, 3, 12), "", ""),
            (card(), 12.5, "", ""),
        ),
        "blank": [Line("  ", "\u3000", "\u200b")] * 20,
        "no_secret": [Line("", "", "", "缺货")] * 4,
        "incomplete": lines(
            (card(), "", "", ""), ("", mint.letters(12), "", ""), (card(), " ", "", "")
        ),
        "error_value": lines(("#N/A", mint.letters(12), "", ""), (card(), "#REF!", "", "")),
        "bad_characters": lines(
            (card()[:8] + "\u202e" + card()[8:], mint.letters(12), "", ""),
            ("作废" + card(), mint.letters(12), "", ""),
            (card(), "\u0430\u0435" + mint.letters(10), "", "Cyrillic"),
        ),
        "too_long": lines((card() * 20, mint.letters(12), "", ""), (card(), "X" * 5_000, "", "")),
        "ambiguous": lines(
            (f"{card()}----{mint.letters(12)}", mint.letters(12), "", ""),
            (f"{card()} {mint.letters(12)}", mint.letters(12), "", ""),
        ),
        "heading": [Line("卡号", "卡密", "有效期", "备注")],
    }


def messy_month(earlier: list[tuple[str, str]]) -> tuple[bytes, Planted]:
    """Make the workbook of 10 000 rows with every defect in it."""
    source = random.Random(20_261_122)
    mint = Mint("MG", 1)
    planted = Planted("xlsx", duplicates_in_file=137, duplicates_of_earlier=61)
    bad = bad_lines(mint)
    again = [Line(number, password) for number, password in source.sample(earlier, 61)]
    others = sum(map(len, bad.values())) + len(again) + planted.duplicates_in_file
    good = good_lines(mint, source, MESSY_ROWS - others)
    plain = [line for line in good if str(line.number).isascii() and str(line.number).isalnum()]
    plain = [line for line in plain if "FAKE" in str(line.number)]
    twice = [
        Line(rewrite(str(line.number)), line.password)
        for line, rewrite in zip(
            source.sample(plain, planted.duplicates_in_file), _rewriters(), strict=False
        )
    ]
    lines = good + again + twice + [line for found in bad.values() for line in found]
    source.shuffle(lines)
    planted.accepted = len(good) + len(again) + len(twice)
    planted.rejected.update({name: len(found) for name, found in bad.items()})
    planted.rejected["heading"] += 2
    return _workbook("芒果TV会员月卡 供应商发货清单（示例，全部为虚构卡密）", lines), planted


def _rewriters() -> Iterator[Callable[[str], str]]:
    """Write a card the second time as it was, or otherwise."""
    while True:
        yield from (str, full_width, zero_width, in_groups, "  {} ".format)


def _workbook(title: str, lines: list[Line]) -> bytes:
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": "Invented cards", "created": MADE_AT})
        day_format = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("发货清单")
        sheet.merge_range(0, 0, 0, 4, title)
        for column, name in enumerate(("序号", "卡号", "卡密", "有效期", "备注")):
            sheet.write_string(1, column, name)
        codes = sorted({line.number.format for line in lines if isinstance(line.number, Shown)})
        shown = {code: book.add_format({"num_format": code}) for code in codes}
        for place, line in enumerate(lines, start=2):
            is_blank = str(line.number) == "  "
            cells = (line.number, line.password, line.expiry, line.remark)
            if not is_blank and line.number != "卡号":
                sheet.write_number(place, 0, place - 1)
            for column, cell in enumerate(cells, start=1):
                if isinstance(cell, Shown):
                    sheet.write_number(place, column, cell.value, shown[cell.format])
                elif isinstance(cell, Formula):
                    sheet.write_formula(place, column, cell.text, None, cell.value)
                elif isinstance(cell, date):
                    sheet.write_datetime(place, column, cell, day_format)
                elif isinstance(cell, str):
                    sheet.write_string(place, column, cell)
                else:
                    sheet.write_number(place, column, cell)
    return stream.getvalue()


def text_file(lines: list[str], encoding: str, end: str = "\r\n") -> bytes:
    """Encode lines as a Windows editor saves them."""
    return (end.join(lines) + end).encode(encoding)


def month_in_gbk() -> tuple[bytes, Planted]:
    """Make a CSV as Chinese Excel saves it: GBK, a quoted remark of two lines, ="…" for zeros."""
    mint = Mint("IQ", 2)
    planted = Planted("csv", "gb18030", "comma")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["兑换码", "到期时间", "面值", "备注"])
    planted.rejected["heading"] = 1
    for place in range(300):
        code = f'="00{place:014d}"' if place % 50 == 49 else mint.number()
        remark = "赠品，请勿单卖\n第二行" if place % 100 == 7 else ""
        writer.writerow([code, LAST_DAY.strftime("%Y/%m/%d"), "25.00", remark])
        planted.accepted += 1
    for code, day, name in (
        (mint.number(), "2025-01-31", "past_expiry"),
        ("1.23457E+15", "2030-12-31", "number_lost_digits"),
        ("", "2030-12-31", "no_secret"),
    ):
        writer.writerow([code, day, "25.00", ""])
        planted.rejected[name] += 1
    return text.getvalue().encode("gb18030"), planted


def quarter_in_utf16() -> tuple[bytes, Planted]:
    """Make a tab-separated text as Excel saves "Unicode text"."""
    mint = Mint("YK", 3)
    planted = Planted("csv", "utf-16", "tab", accepted=200)
    planted.rejected.update({"heading": 1, "blank": 2})
    lines = ["卡号\t密码\t有效期至"]
    lines += ["\t".join([*mint.card(), LAST_DAY.isoformat()]) for _ in range(200)]
    lines[50:50] = ["", "\t\t"]
    return b"\xff\xfe" + text_file(lines, "utf-16-le"), planted


def year_with_dashes() -> tuple[bytes, Planted]:
    """Make the text that sellers send each other: number----password, one a line."""
    mint = Mint("TX", 4)
    planted = Planted("text", "utf-8-sig", "dashes", accepted=250, duplicates_in_file=3)
    planted.rejected.update({"heading": 1, "blank": 2, "incomplete": 1, "too_many_columns": 1})
    cards = ["----".join(mint.card()) for _ in range(247)]
    lines = ["腾讯视频年卡 250张", "", *cards, *cards[:3], "", mint.number()]
    lines.append("----".join([*mint.card(), mint.letters(12)]))
    return text_file(lines, "utf-8-sig"), planted


def year_of_urls() -> tuple[bytes, Planted]:
    """Make a list of links, one a line."""
    mint = Mint("WY", 5)
    planted = Planted("text", "utf-8", "none", accepted=150)
    planted.rejected["bad_url"] = 2
    lines = [f"https://redeem.example.com/gift?code={mint.number()}" for _ in range(150)]
    lines += ["https://support@redeem.example.com/x", "https:///gift"]
    return text_file(lines, "utf-8", "\n"), planted


def month_in_xls() -> tuple[bytes, Planted]:
    """Make a workbook in the format of Excel 97."""
    mint = Mint("QM", 6)
    planted = Planted("xls", accepted=123)
    planted.rejected.update({"heading": 1, "formula": 1, "number_lost_digits": 1})
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("QQ音乐月卡")
    day_format = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    zeros = xlwt.easyxf(num_format_str="000000000000")
    for column, name in enumerate(("激活码", "有效期")):
        sheet.write(0, column, name)
    for place in range(1, 121):
        sheet.write(place, 0, mint.number())
        sheet.write(place, 1, LAST_DAY, day_format)
    sheet.write(121, 0, 123_456_789_012)
    sheet.write(122, 0, 4_321, zeros)
    sheet.write(123, 0, "00000000000000000042")
    sheet.write(124, 0, xlwt.Formula('"QMFAKE" & "1"'))
    sheet.write(125, 0, 6_212_345_678_901_234.0)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue(), planted


def pasted_chat() -> tuple[bytes, Planted]:
    """Make what is copied out of a chat: labels in each line, and words around."""
    mint = Mint("MG", 7)
    planted = Planted("text", "utf-8", "labels", accepted=12)
    planted.rejected.update({"heading": 1, "blank": 1, "bad_characters": 1})
    lines = ["老板您好，芒果TV周卡12张，请查收"]
    lines += ["卡号：{} 卡密：{}".format(*mint.card()) for _ in range(12)]
    lines += ["", "请尽快使用，谢谢"]
    return text_file(lines, "utf-8", "\n"), planted


def make(folder: Path) -> None:
    """Write all samples and what is expected of them."""
    mint = Mint("MG", 0)
    invented = [mint.card() for _ in range(EARLIER_CARDS)]
    earlier = [(number.replace("FAKE", "OLDF"), password) for number, password in invented]
    text = text_file(["----".join(card) for card in earlier], "utf-8")
    files: dict[str, tuple[bytes, Planted]] = {
        "mgtv-month-earlier.txt": (text, Planted("text", "utf-8", "dashes", EARLIER_CARDS)),
        "mgtv-month-messy.xlsx": messy_month(earlier),
        "iqiyi-month-gbk.csv": month_in_gbk(),
        "youku-quarter-utf16.txt": quarter_in_utf16(),
        "tencent-year-dashes.txt": year_with_dashes(),
        "netease-year-urls.txt": year_of_urls(),
        "qqmusic-month.xls": month_in_xls(),
        "mgtv-week-pasted.txt": pasted_chat(),
    }
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    expected = {
        "today": TODAY.isoformat(),
        "expires_on_default": LAST_DAY.isoformat(),
        "files": {name: planted.facts() for name, (_, planted) in files.items()},
    }
    facts = json.dumps(expected, ensure_ascii=False, indent=2) + "\n"
    (folder / "expected.json").write_text(facts, encoding="utf-8")


if __name__ == "__main__":
    make(HERE)
