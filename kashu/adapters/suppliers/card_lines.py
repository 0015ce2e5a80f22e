"""Cards of shops that give them as lines of text: what is number, what password, what link.

Each line is read by itself, so that a card reads the same however many are given with it: it must
be known again. What can't be told apart stays whole, and whoever receives it sees to it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from kashu.core.sheets.rows import Separator
from kashu.core.sheets.separators import detect_separator, splitter
from kashu.stock.recognise_columns import Role, role_of
from kashu.suppliers.upstream import BoughtCard

OPTION: Final = "card_separator"  # of a login: between number and password; "none": nothing is
WHOLE: Final = "none"
# Colons, commas and single dashes are found inside codes as well: an option must name them.
_CLEAR: Final = frozenset({Separator.TAB, Separator.DASHES, Separator.BAR, Separator.SPACES})
_URL: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_NAMED: Final[Mapping[Role, str]] = {
    Role.NUMBER: "number",
    Role.SERIAL: "number",
    Role.CODE: "password",
    Role.PASSWORD: "password",
    Role.URL: "url",
}


def cards_of(text: str, options: Mapping[str, str]) -> tuple[BoughtCard, ...]:
    """Read one card a line; blank lines are none."""
    read = _by(options.get(OPTION, ""))
    lines = (line.strip() for line in text.split("\n"))
    return tuple(read(line) for line in lines if line)


def _by(separator: str) -> Callable[[str], BoughtCard]:
    if separator == WHOLE:
        return _whole
    if separator:
        return lambda line: _halves(line, line.split(separator, 1))
    return _recognised


def _recognised(line: str) -> BoughtCard:
    separator, labels = detect_separator([line])
    if separator is Separator.LABELS:
        return _labelled(line, labels)
    if separator in _CLEAR:
        return _halves(line, list(splitter(separator)(line)))
    return _whole(line)


def _labelled(line: str, labels: tuple[str, ...]) -> BoughtCard:
    """Read "卡号：… 卡密：…". A label that isn't known, or a part that is there twice: whole."""
    values = splitter(Separator.LABELS, labels)(line)
    roles = [role_of(label) for label in labels]
    names = [_NAMED.get(role, "") if role else "" for role in roles]
    if len(values) != len(names) or not all(names) or len(set(names)) != len(names):
        return _whole(line)
    told = dict(zip(names, values, strict=True))
    return BoughtCard(told.get("number", ""), told.get("password", ""), told.get("url", ""))


def _halves(line: str, parts: list[str]) -> BoughtCard:
    cells = [part.strip() for part in parts]
    if len(cells) != 2 or not all(cells):  # noqa: PLR2004
        return _whole(line)
    number, password = cells
    if _URL.fullmatch(password):
        return BoughtCard(number=number, url=password)
    return BoughtCard(number=number, password=password)


def _whole(line: str) -> BoughtCard:
    return BoughtCard(url=line) if _URL.fullmatch(line) else BoughtCard(password=line)
