"""What a brand's cards look like, so that an import can warn when one looks wrong."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Final, TypeAlias

import msgspec

LENGTH_MAX: Final = 512  # a link card is a URL; a number is at most a few dozen
ALTERNATIVES_MAX: Final = 8

# The only patterns accepted: characters, classes and fixed or bounded counts of them. No groups,
# so no nested quantifiers; at most one varying count in each alternative, so that a match costs
# no more than the card's length for each alternative, whoever wrote the pattern.
_CHARACTER = r"(?:[A-Za-z0-9_\-/:=&%]|\\[d.?\-+/])"
_CLASS = r"\[(?:[A-Za-z0-9_%]-[A-Za-z0-9]|[A-Za-z0-9_%.=&]|\\[d\-])+\]"
_COUNT = re.compile(r"\{(\d{1,3})(?:,(\d{1,3}))?\}", re.ASCII)
_ATOM = re.compile(rf"(?:{_CHARACTER}|{_CLASS})(?P<count>\{{\d{{1,3}}(?:,\d{{1,3}})?\}})?")

Length: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=LENGTH_MAX)]


class Doubt(StrEnum):
    """Why a card looks wrong. It only warns: formats change and are not published."""

    LENGTH = "length"  # the number is longer or shorter than its brand's
    NUMBER = "number"  # other characters or another beginning than its brand's
    CHECKSUM = "checksum"  # the Luhn digit doesn't fit: a digit is mistyped
    PASSWORD = "password"  # noqa: S105  # missing, not wanted, or of another shape


class CardFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shape of a card's number and password. `verified` only where the brand published it."""

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    lengths: Annotated[tuple[Length, ...], msgspec.Meta(max_length=64)] = ()  # none: any length
    password: Annotated[str, msgspec.Meta(max_length=200)] = ""  # a pattern; "": it has none
    password_optional: bool = False
    luhn: bool = False
    verified: bool = False
    source: Annotated[str, msgspec.Meta(max_length=300)] = ""

    def doubts(self, number: str, password: str = "") -> tuple[Doubt, ...]:
        """Say why a card looks wrong, never what it is. Takes it normalised; empty: it looks right.

        A number longer than LENGTH_MAX is doubted without being matched.
        """
        found = []
        if len(number) > LENGTH_MAX or (self.lengths and len(number) not in self.lengths):
            found.append(Doubt.LENGTH)
        if len(number) <= LENGTH_MAX and not _compiled(self.number).fullmatch(number):
            found.append(Doubt.NUMBER)
        if self.luhn and not passes_luhn(number):
            found.append(Doubt.CHECKSUM)
        if not self._expects(password):
            found.append(Doubt.PASSWORD)
        return tuple(found)

    def _expects(self, password: str) -> bool:
        if not password:
            return not self.password or self.password_optional
        if not self.password or len(password) > LENGTH_MAX:
            return False
        return _compiled(self.password).fullmatch(password) is not None


def pattern_is_safe(pattern: str) -> bool:
    r"""Tell whether a pattern is simple enough to run on a stranger's file.

    Allowed: letters, digits, _ - / : = & % and escaped \d \. \? \- \+ \/; classes such as
    [A-Z0-9]; counts {n} and {n,m}, one varying count in each alternative; up to eight alternatives.
    """
    alternatives = pattern.split("|")  # a class can't contain "|", so this cuts none
    return len(alternatives) <= ALTERNATIVES_MAX and all(map(_is_simple, alternatives))


def passes_luhn(number: str) -> bool:
    """Check the last digit of a number of digits (ISO/IEC 7812)."""
    if not re.fullmatch(r"\d{2,64}", number, re.ASCII):
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_simple(alternative: str) -> bool:
    at, varying = 0, 0
    while at < len(alternative):
        atom = _ATOM.match(alternative, at)
        if atom is None:
            return False
        if atom["count"]:
            least, most = _bounds(atom["count"])
            varying += least != most
            if least > most or most > LENGTH_MAX:
                return False
        at = atom.end()
    return bool(alternative) and varying <= 1 and _compiles(alternative)


def _bounds(count: str) -> tuple[int, int]:
    bounds = _COUNT.fullmatch(count)
    assert bounds, "an atom's count has the form of a count"
    return int(bounds[1]), int(bounds[2] or bounds[1])


def _compiles(pattern: str) -> bool:
    try:
        _compiled(pattern)
    except re.error:  # a class such as [z-a]
        return False
    return True


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)
