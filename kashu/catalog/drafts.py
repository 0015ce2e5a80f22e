"""A catalogue as somebody wrote it, and what is wrong with it, entry by entry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin

import msgspec

from kashu.catalog.card_format import CardFormat, pattern_is_safe
from kashu.catalog.entries import DAYS, AccountType, Brand, Logo, Product, Redemption, Sku
from kashu.catalog.errors import SkuWrong
from kashu.catalog.kinds import Fulfilment, Period, ShortagePolicy
from kashu.core.errors import Invalid, Problem
from kashu.core.money import parse_price

PROBLEMS_MAX: Final = 200  # more would not be read; the count is of all

Written = dict[str, object]
T = TypeVar("T", bound=msgspec.Struct)

HINTS: Final = {
    "code": ("小写字母、数字和短横线，例如 mgtv-month", "lower-case letters, digits and hyphens"),
    "colour": ("颜色，例如 #FF6600", "a colour such as #FF6600"),
    "initial": ("一到三个字", "one to three characters"),
    "url": ("以 https:// 开头的网址", "an address that begins with https://"),
    "steps_zh": ("一到十步，每步一行，不超过 300 字", "one to ten steps of one line each"),
    "steps_en": ("一到十步，每步一行，不超过 300 字", "one to ten steps of one line each"),
    "face_value": ('加引号的金额，例如 "25.00"', 'a quoted amount such as "25.00"'),
    "parts": ('组成，例如 [{ sku = "mgtv-month", units = 2 }]', "a list of SKUs and units"),
    "lengths": ("长度的列表，例如 [16, 18]", "a list of lengths such as [16, 18]"),
}
TYPE_HINTS: Final[dict[object, tuple[str, str]]] = {
    bool: ("true 或 false", "true or false"),
    int: ("整数", "a whole number"),
    date: ("日期，例如 2026-01-31", "a date such as 2026-01-31"),
    str: ("一行文字，不为空也不过长", "one line of text, neither empty nor too long"),
}
PERIOD_NAMES: Final = {
    Period.WEEK: ("周卡", "1 week"),
    Period.MONTH: ("月卡", "1 month"),
    Period.QUARTER: ("季卡", "3 months"),
    Period.YEAR: ("年卡", "1 year"),
}
FULFILMENT_NAMES: Final = {
    Fulfilment.TOPUP: ("（直充）", " (top-up)"),
    Fulfilment.LINK: ("（链接）", " (link)"),
    Fulfilment.SHARED: ("（循环码）", " (shared code)"),
    Fulfilment.OWN: ("（自有码）", " (our code)"),
    Fulfilment.PHYSICAL: ("（实物）", " (physical)"),
    Fulfilment.BUNDLE: ("（组合）", " (bundle)"),
}
UNSEEN_RETURNS: Final = {Fulfilment.CARD, Fulfilment.LINK, Fulfilment.OWN}


class CatalogueWrong(Invalid):
    """The catalogue was read, and its entries are wrong; `problems` names each."""

    code = "catalogue_wrong"
    zh = "商品目录有 {count} 处问题，什么都没有写入。请按列出的条目和字段修改后重新导入。"
    en = "The catalogue has {count} problems; nothing was written. Correct the entries listed."


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry as written: where it stands, its fields, and the entries in it."""

    at: str
    written: Written
    inside: "Sequence[Draft]" = field(default_factory=list)


def brands_from(drafts: Iterable[Draft], *, text: bool = False) -> tuple[Brand, ...]:
    """Make brands of drafts, in order. `text`: each value was written as text, as in a sheet.

    Codes are unique among brands, among products and among SKUs of the file.
    Raises: CatalogueWrong, with each problem found, when there is any.
    """
    reading = _Reading(text=text)
    brands = [reading.brand(draft) for draft in drafts]
    if reading.problems:
        listed = reading.problems[:PROBLEMS_MAX]
        raise CatalogueWrong(problems=listed, count=len(reading.problems))
    return tuple(brand for brand in brands if brand is not None)


def sku_from(written: Written, product: Written) -> Sku:
    """Make one SKU that is written by itself, as in a request; `product` names its product.

    Raises: SkuWrong; `at` of each problem is a JSON pointer into what was written.
    """
    reading = _Reading(text=False, alone=True)
    sku = reading.sku(Draft("", written), product)
    if reading.problems or sku is None:
        problems = [
            msgspec.structs.replace(problem, at=problem.at.replace(", ", "/"))
            for problem in reading.problems
        ]
        raise SkuWrong(problems=problems, count=len(problems))
    return sku


class _Reading:
    """One reading of a catalogue: the problems and the codes met so far."""

    def __init__(self, *, text: bool, alone: bool = False) -> None:
        self.problems: list[Problem] = []
        self._text = text
        self._alone = alone
        self._met: set[tuple[type, str]] = set()

    def brand(self, draft: Draft) -> Brand | None:
        products = tuple(self._product(product) for product in draft.inside)
        self._needs_some(draft.at, "products", products)
        return self._entry(Brand, draft, products=products)

    def _product(self, draft: Draft) -> Product | None:
        skus = tuple(self.sku(sku, draft.written) for sku in draft.inside)
        self._needs_some(draft.at, "skus", skus)
        return self._entry(Product, draft, skus=skus)

    def sku(self, draft: Draft, product: Written) -> Sku | None:
        sku = self._entry(Sku, Draft(draft.at, _with_defaults(draft.written, product)))
        if sku is not None:
            self._judge(sku, draft.at)
        return sku

    def _entry(self, kind: type[T], draft: Draft, **inside: object) -> T | None:
        code = draft.written.get("code")
        if isinstance(code, str):
            if (kind, code) in self._met:
                zh = "编码重复了，请改成唯一的"
                self._wrong(draft.at, "code", "duplicate_code", zh, "is used twice")
            self._met.add((kind, code))
        return self._fill(kind, draft.at, draft.written, inside)

    def _fill(
        self, kind: type[T], at: str, written: Written, inside: Mapping[str, object]
    ) -> T | None:
        before = len(self.problems)
        fields = {known.name: known for known in msgspec.structs.fields(kind)}
        for name in (name for name in written if name not in fields):
            shown = str(name)[:40]
            zh, en = f"没有「{shown}」这个字段，请删去或改正", "is no field; remove or correct it"
            self._wrong(at, shown, "unknown_field", zh, en)
        values = dict(inside)
        for name, known in fields.items():
            if name in inside:
                continue
            if name in written:
                values[name] = self._value(known.type, f"{at}, {name}", name, written[name])
            elif known.required:
                self._wrong(
                    at, name, "missing_field", f"缺少「{name}」，请补上", "is missing; add it"
                )
        return kind(**values) if len(self.problems) == before else None

    def _value(self, kind: Any, at: str, name: str, written: object) -> object:  # noqa: ANN401 (a field's type)
        nested = next((one for one in _kinds(kind) if _is_struct(one)), None)
        if nested is not None and isinstance(written, dict):
            return self._fill(nested, at, written, {})
        try:
            return msgspec.convert(written, kind, strict=not self._text)
        except msgspec.ValidationError:
            zh, en = _hint(kind, name)
            problem = Problem(at, "wrong_value", f"「{name}」应为{zh}", f"{name} must be {en}")
            self.problems.append(problem)
            return None

    def _judge(self, sku: Sku, at: str) -> None:
        if sku.fulfilment is Fulfilment.BUNDLE and not self._alone:
            self._needs_some(at, "parts", sku.parts)
        if sku.parts and sku.fulfilment is not Fulfilment.BUNDLE:
            zh, en = "只有组合才能写组成", "belong to a bundle only"
            self._wrong(at, "parts", "parts_of_no_bundle", zh, en)
        days = DAYS[sku.period]
        if not days.least <= sku.days <= days.most:
            span = f"{days.least}-{days.most}"
            zh, en = f"{sku.period} 的天数应为 {span}", f"must be {span} for period {sku.period}"
            self._wrong(at, "days", "days_unlike_period", zh, en)
        try:
            if parse_price(sku.face_value) == 0:
                self._wrong(
                    at, "face_value", "face_value_zero", "面值应大于零", "must be above zero"
                )
        except Invalid as trouble:
            place = f"{at}, face_value"
            problem = Problem(place, trouble.code, trouble.text("zh"), trouble.text("en"))
            self.problems.append(problem)
        if sku.fulfilment is Fulfilment.TOPUP:
            self._judge_topup(sku, at)
        if len(sku.redemption.steps_zh) != len(sku.redemption.steps_en):
            zh, en = "中英文兑换步骤的条数应相同", "must have as many steps in both languages"
            self._wrong(at, "redemption", "steps_differ", zh, en)
        if sku.card_format is not None:
            self._judge_format(sku.card_format, at)

    def _judge_topup(self, sku: Sku, at: str) -> None:
        if sku.account_type is AccountType.NONE:
            zh, en = "直充必须写明充值账号的类型", "must say which account a top-up credits"
            self._wrong(at, "account_type", "topup_without_account", zh, en)
        if sku.returnable or sku.card_format is not None:
            zh, en = "直充没有卡密，不能退回库存，也没有卡密格式", "a top-up has no card to return"
            self._wrong(at, "returnable", "topup_with_card", zh, en)

    def _judge_format(self, card_format: CardFormat, at: str) -> None:
        for name in ("number", "password"):
            pattern = getattr(card_format, name)
            if pattern and not pattern_is_safe(pattern):
                zh = "只能由字符、[A-Z0-9] 这样的字符类和 {n}、{n,m} 次数组成，不能有括号、* 和 +"
                en = (
                    "may have only characters, classes, {n} and one {n,m}: no groups, no * and no +"
                )
                self._wrong(at, f"card_format, {name}", "unsafe_pattern", zh, en)

    def _needs_some(self, at: str, name: str, entries: Sequence[object]) -> None:
        if not entries:
            self._wrong(
                at, name, "missing_field", f"「{name}」至少要有一条", "needs at least one entry"
            )

    def _wrong(self, at: str, name: str, code: str, zh: str, en: str) -> None:
        self.problems.append(Problem(f"{at}, {name}", code, zh, f"{name} {en}"))


def _with_defaults(written: Written, product: Written) -> Written:
    """Fill what goes without saying, from the fulfilment, the period and the product's names."""
    fulfilment = _known(Fulfilment, written.get("fulfilment", Fulfilment.CARD))
    period = _known(Period, written.get("period"))
    filled: Written = {
        "fulfilment": Fulfilment.CARD,
        "returnable": fulfilment in UNSEEN_RETURNS,
        "shortage_policy": (
            ShortagePolicy.BUY if fulfilment is Fulfilment.TOPUP else ShortagePolicy.WAIT
        ),
        "account_type": AccountType.NONE,
    }
    if period in PERIOD_NAMES:  # another period says its own days and names
        filled["days"] = DAYS[period].usual
        endings = FULFILMENT_NAMES.get(fulfilment, ("", "")) if fulfilment else ("", "")
        for name, apart, end in zip(("name_zh", "name_en"), ("", ", "), (0, 1), strict=True):
            if isinstance(product.get(name), str):
                filled[name] = f"{product[name]}{apart}{PERIOD_NAMES[period][end]}{endings[end]}"
    return filled | written


E = TypeVar("E", bound=StrEnum)


def _known(kind: type[E], written: object) -> E | None:
    return next((one for one in kind if one == written), None)


def _kinds(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401 (a field's type)
    """Unfold Annotated and unions into the plain types of a field."""
    if get_origin(kind) is Annotated:
        return _kinds(get_args(kind)[0])
    if isinstance(kind, UnionType):
        return tuple(part for one in get_args(kind) for part in _kinds(one))
    return (kind,)


def _is_struct(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _hint(kind: Any, name: str) -> tuple[str, str]:  # noqa: ANN401 (a field's type)
    plain = _kinds(kind)[0]
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        choices = [str(one) for one in plain]
        return "、".join(choices) + " 之一", "one of " + ", ".join(choices)
    if name in HINTS:
        return HINTS[name]
    if plain in {Logo, Redemption, CardFormat}:
        return "一组字段", "a table of fields"
    return TYPE_HINTS.get(plain, ("另一种值，请对照文档", "of another kind; see the documentation"))
