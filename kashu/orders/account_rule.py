"""Account rules: how the account that a buyer wants topped up is read from what they typed.

Never guessed: what isn't found exactly once is left to a person. Reading takes time in proportion
to the text, whoever wrote it: it is cut into words first, and each word is matched whole against a
pattern without groups, `*` or `+` (see kashu/catalog/card_format.py).
"""

import re
import unicodedata
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from kashu.catalog.card_format import pattern_is_safe
from kashu.channels.topups import AMBIGUOUS, MISSING
from kashu.core.errors import Invalid

TEXT_MAX: Final = 2_000  # characters of what a buyer typed; more is nobody's account
ACCOUNT_MAX: Final = 128


class FoundIn(StrEnum):
    """Where the buyer's text is."""

    MESSAGE = "message"  # the buyer's message, note or answers to the item's own questions
    PROPERTIES = "properties"  # the chosen variant in words


class Looks(StrEnum):
    """What an account looks like."""

    PHONE = "phone"  # a mobile number of China, +86 or not
    QQ = "qq"
    EMAIL = "email"
    DIGITS = "digits"  # so many digits
    PATTERN = "pattern"  # the merchant's own


class Unread(StrEnum):
    """Why an account wasn't read."""

    MISSING = MISSING
    AMBIGUOUS = AMBIGUOUS


class AccountRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an account stands, and what it looks like. `label`: it stands right behind this."""

    looks: Looks
    found_in: FoundIn = FoundIn.MESSAGE
    label: Annotated[str, msgspec.Meta(max_length=40)] = ""  # such as QQ号
    digits_min: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    digits_max: Annotated[int, msgspec.Meta(ge=1, le=64)] = 64
    pattern: Annotated[str, msgspec.Meta(max_length=200)] = ""


class AccountRuleWrong(Invalid):
    """A rule that can't be."""

    code = "account_rule_wrong"
    zh = "账号规则有误：{why_zh}。没有改动。"
    en = "The account rule can't be: {why}. Nothing was changed."


_WORD: Final = re.compile(r"[A-Za-z0-9_@.+\-/%&=~#]+", re.ASCII)
_TRIMMED: Final = ".-_/+~#=&%"
_BEHIND_LABEL: Final = " \t:=是为-"
_PHONE: Final = re.compile(
    r"(?<![0-9A-Za-z@+])(?:\+?86[ -]?)?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?![0-9A-Za-z@]|[ -]\d)",
    re.ASCII,
)
_QQ: Final = re.compile(r"[1-9]\d{4,10}", re.ASCII)
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9_%+\-][A-Za-z0-9._%+\-]{0,63}@[A-Za-z0-9][A-Za-z0-9.\-]{0,61}\.[A-Za-z]{2,24}",
    re.ASCII,
)


def check_rule(rule: AccountRule) -> AccountRule:
    """Say what is wrong with a rule. Raises: AccountRuleWrong."""
    if rule.digits_min > rule.digits_max:
        raise AccountRuleWrong(why_zh="最少位数大于最多位数", why="digits_min is above digits_max")
    if (rule.looks is Looks.PATTERN) != bool(rule.pattern):
        raise AccountRuleWrong(
            why_zh="格式为 pattern 时要写、其他时不要写 pattern",
            why="a pattern belongs to looks = pattern, and to nothing else",
        )
    if rule.pattern and (not pattern_is_safe(rule.pattern) or ":" in rule.pattern):
        raise AccountRuleWrong(
            why_zh="pattern 只能用字符、[A-Z0-9] 这样的字符组、{6,12} 这样的次数和 |",
            why="a pattern has characters, classes such as [A-Z0-9], counts such as {6,12}, and |",
        )
    if rule.label and not rule.label.strip():
        raise AccountRuleWrong(why_zh="标签不能只是空格", why="a label is more than spaces")
    return rule


def read_account(rule: AccountRule, text: str) -> str | Unread:
    """Read the one account that a text holds, or say why it can't be told.

    The same account written twice is one. With a label, only what stands right behind it counts.
    """
    plain = plain_text(text)
    if len(plain) > TEXT_MAX:
        return Unread.MISSING
    found = dict.fromkeys(
        account
        for piece in _pieces(plain, rule.label)
        for account in _accounts(rule, piece, first=bool(rule.label))
    )
    if len(found) > 1:
        return Unread.AMBIGUOUS
    return next(iter(found), Unread.MISSING)


def typed_account(rule: AccountRule | None, typed: str) -> str | None:
    """Read an account that a person typed; None where it isn't one. Without a rule: one word."""
    if rule is None:
        plain = plain_text(typed).strip()
        return plain if plain.isprintable() and 0 < len(plain) <= ACCOUNT_MAX else None
    account = read_account(msgspec.structs.replace(rule, label=""), typed)
    return None if isinstance(account, Unread) else account


def plain_text(text: str) -> str:
    """Write full-width letters and digits as ordinary ones; no invisible characters."""
    folded = unicodedata.normalize("NFKC", text[: 2 * TEXT_MAX])
    return "".join(each for each in folded if unicodedata.category(each) != "Cf")


def mask_account(account: str) -> str:
    """Show enough to tell two accounts apart, and not the account."""
    name, at, host = account.partition("@")
    if at:
        return f"{name[:1]}****@{host}"
    shown = min(len(account) // 4, 3)  # at each end: half of it at most
    return f"{account[: max(shown, 1)]}****{account[len(account) - shown :]}"


def _pieces(text: str, label: str) -> list[str]:
    """What stands behind each place of the label; without one, all of the text."""
    if not label:
        return [text]
    pieces, at = [], 0
    # Lower case may be longer (İ): then places in it aren't places in the text.
    folded = "".join(each.lower() if len(each.lower()) == 1 else each for each in text)
    wanted = plain_text(label).strip().lower()
    while (place := folded.find(wanted, at)) >= 0:
        at = place + len(wanted)
        pieces.append(text[at:].lstrip(_BEHIND_LABEL))
    return pieces


def _accounts(rule: AccountRule, text: str, *, first: bool) -> list[str]:
    """The accounts in a text, in their plain form; `first`: only one that it begins with."""
    if rule.looks is Looks.PHONE:
        found = [_PHONE.match(text)] if first else _PHONE.finditer(text)
        return ["".join(each.groups()) for each in found if each is not None]
    words = [_WORD.match(text)] if first else _WORD.finditer(text)
    trimmed = [each[0].strip(_TRIMMED) for each in words if each is not None]
    return [word for word in trimmed if _looks_right(rule, word)]


def _looks_right(rule: AccountRule, word: str) -> bool:
    if len(word) > ACCOUNT_MAX:
        return False
    if rule.looks is Looks.QQ:
        return _QQ.fullmatch(word) is not None
    if rule.looks is Looks.EMAIL:
        return _EMAIL.fullmatch(word) is not None
    if rule.looks is Looks.DIGITS:
        return word.isdecimal() and rule.digits_min <= len(word) <= rule.digits_max
    return re.fullmatch(f"(?:{rule.pattern})", word, re.ASCII) is not None
