"""Read single cells: a secret, a link, an expiry date. This is what defines a card's identity.

A secret is normalised so that one card gives one text however it was typed or pasted:

- full-width forms become ASCII, because Chinese input methods produce them by accident. Not all of
  NFKC: that would also turn … into ... and ² into 2, which is guessing;
- characters that nobody sees (zero-width, byte-order mark, soft hyphen, marks of direction) are
  dropped, and typographic hyphens become "-": spreadsheets and chat programs insert them;
- spaces around are dropped, and so are those inside where they print a code in equal groups.
  "ABCD1234 9988" is not such a code but two things in one cell: it is refused;
- dashes stay: some issuers want them typed, and 1-23 and 12-3 are two cards;
- letter case stays: codes of 62 letters and digits differ by it.

After that a secret is printable ASCII, or it is refused. What remains foreign is a look-alike, a
remark, damage or a trick, and selling it would sell a card that doesn't work.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from kashu.core.clock import day_of
from kashu.core.sheets.numbers import date_of
from kashu.core.sheets.rows import Trait
from kashu.core.sheets.write import is_formula_like
from kashu.stock.recognise_outcomes import RejectClass

SECRET_CHARS: Final = 256
URL_CHARS: Final = 2048
NEVER: Final = date.max  # written as 长期有效

_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202c"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2068\u2069\u3164\ufeff\uffa0\ufe0e\ufe0f"
)
# Right-to-left embeddings and overrides stay, so that they are refused: with one inside, what a
# person saw and checked is not what is stored.
_FOLD: Final = (
    {0xFF01 + offset: 0x21 + offset for offset in range(94)}
    | {ord(space): " " for space in "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"}
    | {ord(space): " " for space in "\u2008\u2009\u200a\u202f\u205f\u3000"}
    | {ord(hyphen): "-" for hyphen in "\u2010\u2011\u2012\u2013\u2212\ufe63"}
    | {ord(invisible): None for invisible in _INVISIBLE}
)
_TEXT_LITERAL: Final = re.compile(r'="([^"]*)"')  # how CSV writers make Excel keep zeros
_LOST: Final = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+\d{1,3}|\d+\.0+")
_ERROR: Final = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|#+)")
_TWO_IN_ONE: Final = re.compile(r"[,;|:\t\n\r]|--")
_SUSPECT: Final = frozenset("'=+-@#")
_GROUP_CHARS: Final = 6
_HOST: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)


class Refused(Exception):
    """This cell cannot be used: its row is rejected with `reason`. Nobody else sees it."""

    def __init__(self, reason: RejectClass) -> None:
        super().__init__(reason.value)
        self.reason = reason


def fold(text: str) -> str:
    """Fold widths and hyphens, drop what is invisible, strip."""
    if text.isascii():
        return text.strip()
    return text.translate(_FOLD).strip()


def normalise(text: str) -> str:
    """Give the text by which a card is found when somebody types or pastes all of its secret.

    Refuses nothing: what can be no card just isn't found.
    """
    text = _unquoted(fold(text))
    if is_url(text):
        return _lower_host(text)
    return text.replace(" ", "") if _is_grouped(text) else text


def identity(number: str | None, password: str | None, url: str | None) -> str:
    """Choose what tells a card from all others: its number, else its password, else its link.

    Takes them normalised, as a Candidate has them. The blind index is computed over this, so that
    one number with two passwords is one card, listed twice.
    """
    chosen = number or password or url
    assert chosen, "a card has at least one secret"
    return chosen


def secret_of(text: str, trait: Trait | None, *, is_number: bool) -> str:
    """Normalise a number or a password; "" where the cell is blank. Raises Refused."""
    if trait is not None:
        _check_trait(text, trait)
    text = _printable(text)
    if text[:1] in _SUSPECT:
        text = _harmless(text)
    if len(text) > SECRET_CHARS:
        raise Refused(RejectClass.TOO_LONG)
    if " " in text:
        if not _is_grouped(text):
            raise Refused(RejectClass.AMBIGUOUS)
        text = text.replace(" ", "")
    if ("." in text or "+" in text) and _LOST.fullmatch(text):
        raise Refused(RejectClass.NUMBER_LOST_DIGITS)
    # A password may hold any sign; a number with a separator in it was meant to be split.
    if is_number and not text.isalnum() and _TWO_IN_ONE.search(text):
        raise Refused(RejectClass.AMBIGUOUS)
    return text


def _printable(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        text = fold(text)
        if not (text.isascii() and text.isprintable()):
            is_lines = text.isascii() and text.replace("\t", "").replace("\n", "").isprintable()
            raise Refused(RejectClass.AMBIGUOUS if is_lines else RejectClass.BAD_CHARACTERS)
    return text.strip()


def _harmless(text: str) -> str:
    text = _unquoted(text)
    if is_formula_like(text):
        raise Refused(RejectClass.FORMULA)
    if _ERROR.fullmatch(text):
        raise Refused(RejectClass.ERROR_VALUE)
    return text


def _check_trait(text: str, trait: Trait) -> None:
    if trait is Trait.FORMULA:
        raise Refused(RejectClass.FORMULA)
    if trait is Trait.ERROR:
        raise Refused(RejectClass.ERROR_VALUE)
    # A date was a code like 3-12 before Excel changed it; a fraction or a minus was no card.
    if trait in {Trait.LOSSY, Trait.DATE} or not text.isdigit():
        raise Refused(RejectClass.NUMBER_LOST_DIGITS)


def _unquoted(text: str) -> str:
    """Take off what says "this is text" to Excel: a leading apostrophe, or ="…"."""
    if text.startswith("'"):
        return text[1:].strip()
    if literal := _TEXT_LITERAL.fullmatch(text):
        return literal[1].strip()
    return text


def _is_grouped(text: str) -> bool:
    """Say whether the spaces only print one code in groups: equal, and a shorter one at the end."""
    *groups, last = text.split() or [""]
    if not groups:
        return True
    size = len(groups[0])
    is_even = all(len(group) == size for group in groups)
    shorter = len(groups) > 1 and len(last) < size
    return size <= _GROUP_CHARS and is_even and (len(last) == size or shorter)


def is_url(text: str) -> bool:
    """Say whether this claims to be a link, good or bad."""
    return text[:8].lower().startswith(("http://", "https://"))


def url_of(text: str, trait: Trait | None) -> str:
    """Normalise a link, its host in lower case; "" where the cell is blank. Raises Refused."""
    if trait is Trait.FORMULA:
        raise Refused(RejectClass.FORMULA)
    if trait is Trait.ERROR:
        raise Refused(RejectClass.ERROR_VALUE)
    text = _unquoted(fold(text))
    if not text:
        return ""
    if is_formula_like(text):
        raise Refused(RejectClass.FORMULA)
    if len(text) > URL_CHARS:
        raise Refused(RejectClass.TOO_LONG)
    if not (text.isascii() and text.isprintable()):
        raise Refused(RejectClass.BAD_CHARACTERS)
    if not is_url(text) or any(sign in text for sign in ' "<>\\^`{|}'):
        raise Refused(RejectClass.BAD_URL)
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise Refused(RejectClass.BAD_URL) from None
    # A name with a user before it, or a bare address, is how phishing links look.
    if not host or "@" in parts.netloc or not _HOST.fullmatch(host):
        raise Refused(RejectClass.BAD_URL)
    return _lower_host(text)


def _lower_host(url: str) -> str:
    scheme, _, rest = url.partition("://")
    end = next((at for at, sign in enumerate(rest) if sign in "/?#"), len(rest))
    return f"{scheme.lower()}://{rest[:end].lower()}{rest[end:]}"


_DAY: Final = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_CLOCK: Final = r"(?:\s*T?\s*(\d{1,2})[:时](\d{2})(?:[:分](\d{2})(?:\.\d{1,6})?秒?|分)?)?"
_MOMENT: Final = re.compile(_DAY + _CLOCK)
_UNTIL: Final = r"\s*(?:至|到|~|-{1,2}|\u2014{1,2})\s*"
_SPAN: Final = re.compile(_DAY + _CLOCK + _UNTIL + _DAY + _CLOCK)
_ZONED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
_FOREVER: Final = frozenset({"长期", "长期有效", "永久", "永久有效", "不过期", "无限期", "never"})
_YEARS: Final = range(2000, 2101)


@lru_cache(maxsize=4096)  # a file has few different dates, and they are no secrets
def expiry_of(text: str, trait: Trait | None, *, is_1904: bool) -> date | None:
    """Read the last day on which a card works; None where the cell is blank. Raises Refused.

    Year first, or not at all: 31/12/2026 could also be read the other way in its neighbours. A time
    of day is left out, a span gives its end, and a bare number is an Excel day. Times with a zone
    are turned into Shanghai's.
    """
    if trait is Trait.ERROR:
        raise Refused(RejectClass.ERROR_VALUE)
    text = _unquoted(fold(text))
    if not text:
        if trait is Trait.FORMULA:
            raise Refused(RejectClass.BAD_EXPIRY)
        return None
    if len(text) > 64:  # noqa: PLR2004 - the longest span is shorter
        raise Refused(RejectClass.BAD_EXPIRY)
    if text.lower() in _FOREVER:
        return NEVER
    try:
        return _day(text, is_1904=is_1904)
    except (ValueError, OverflowError):
        raise Refused(RejectClass.BAD_EXPIRY) from None


def _day(text: str, *, is_1904: bool) -> date:
    if text.isascii() and text.removesuffix(".0").isdigit():
        digits = text.removesuffix(".0")
        if len(digits) == 8:  # noqa: PLR2004 - 20261231
            return _within(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        if len(digits) == 5 and (moment := _serial_day(digits, is_1904=is_1904)):  # noqa: PLR2004
            return _within(*map(int, moment[:10].split("-")))
        raise ValueError
    if _ZONED.fullmatch(text):
        # An end at midnight in Shanghai is the end of the day before.
        day = day_of(datetime.fromisoformat(text) - timedelta(seconds=1))
        return _within(day.year, day.month, day.day)
    if match := _MOMENT.fullmatch(text):
        return _from_match(match.groups())
    if match := _SPAN.fullmatch(text):
        groups = match.groups()
        first, last = _from_match(groups[:6]), _from_match(groups[6:])
        if first <= last:
            return last
    raise ValueError


def _from_match(groups: tuple[str | None, ...]) -> date:
    year, month, day, hour, minute, second = (int(group or 0) for group in groups)
    if hour > 24 or minute > 59 or second > 59:  # noqa: PLR2004
        raise ValueError
    return _within(year, month, day)


def _within(year: int, month: int, day: int) -> date:
    if year not in _YEARS:
        raise ValueError
    return date(year, month, day)


def _serial_day(digits: str, *, is_1904: bool) -> str | None:
    """Read an Excel day number, such as 46387 for 2026-12-31."""
    return date_of(Decimal(digits), is_1904=is_1904)
