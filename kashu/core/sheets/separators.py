"""Tell what separates the cells of a text line, and split lines by it."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from kashu.core.sheets.rows import Separator

GROUP_CHARS: Final = 6
ENOUGH: Final = 0.6  # of the lines must split alike: a heading and a remark may not
# Without the blanks around them: of a long run of these each one would be tried as the first.
_DASHES: Final = re.compile(r"[-\u2014\u2013\u2015\uff0d\u2500]{2,}")
_COLON: Final = re.compile(r"\uff1a|:(?!//|\d\d\b)")
_URL_ONLY: Final = re.compile(r"https?://\S+", re.IGNORECASE)
# A label: up to a dozen letters before a colon, at the start or after a gap.
_LABEL: Final = re.compile(
    r"(?:^|[\s,;|\uff0c\uff1b\u3001]{1,16}+)([A-Za-z\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff_]{0,11})"
    r"\s?[:\uff1a]\s?(?!//)"
)
_GAP: Final = " \t,;|\uff0c\uff1b\u3001\u3000"
QUOTED: Final = {Separator.TAB: "\t", Separator.COMMA: ",", Separator.SEMICOLON: ";"}
_MARK: Final = {
    Separator.TAB: "\t",
    Separator.BAR: "|",
    Separator.COMMA: ",",
    Separator.SEMICOLON: ";",
    Separator.FULL_WIDTH_COMMA: "\uff0c",
    Separator.FULL_WIDTH_SEMICOLON: "\uff1b",
}
# Tried in this order; a later one must split clearly more lines alike to win.
_ORDER: Final = (
    Separator.TAB,
    Separator.LABELS,
    Separator.DASHES,
    Separator.BAR,
    Separator.COMMA,
    Separator.SEMICOLON,
    Separator.FULL_WIDTH_COMMA,
    Separator.FULL_WIDTH_SEMICOLON,
    Separator.SPACES,
    Separator.COLON,
)


def detect_separator(lines: Sequence[str]) -> tuple[Separator, tuple[str, ...]]:
    """Choose what splits most lines into the same number of cells, and the labels if it is they.

    A line that is one URL is one cell. Spaces separate two or three cells only: four groups of
    digits are one code, printed in groups. A single dash never separates.
    """
    sample = [line.strip() for line in lines if line.strip()]
    if not sample or _share(sample, lambda line: bool(_URL_ONLY.fullmatch(line))) >= ENOUGH:
        return Separator.NONE, ()
    best, best_share = Separator.NONE, ENOUGH - 0.05
    for separator in _ORDER:
        if separator is Separator.LABELS:
            labels, share = _common_labels(sample)
            if share >= ENOUGH:  # spaces or colons may split as many lines, but mean less
                return separator, labels
        else:
            share = _alike(separator, sample)
        if share >= best_share + 0.05:
            best, best_share = separator, share
    return best, ()


def _share(sample: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, sample)) / len(sample)


def _alike(separator: Separator, sample: Sequence[str]) -> float:
    split = splitter(separator)
    rows: Sequence[Sequence[str]] = [split(line) for line in sample]
    if separator is Separator.SPACES:
        rows = [[] if _is_one_code(parts) else parts for parts in rows]
    most = 3 if separator is Separator.SPACES else 2 if separator is Separator.COLON else 256
    share = _same_width(rows, most)
    if separator in QUOTED and any('"' in line for line in sample):
        # Whichever fits better: a stray quote would make the rest one cell.
        share = max(share, _same_width(_unquoted(sample, QUOTED[separator]), most))
    return share


def _same_width(rows: Sequence[Sequence[str]], most: int) -> float:
    widths = Counter(map(len, rows))
    counts = [count for width, count in widths.items() if 2 <= width <= most]  # noqa: PLR2004
    return max(counts, default=0) / max(len(rows), 1)


def _unquoted(sample: Sequence[str], mark: str) -> list[list[str]]:
    """Read the sample as CSV, where a quoted cell may go on in the next line."""
    try:
        return list(csv.reader((line + "\n" for line in sample), delimiter=mark))
    except csv.Error:
        return []


def _is_one_code(groups: Sequence[str]) -> bool:
    """Say whether the spaces print one code in groups: equal and short, like ABCD 1234."""
    return len({len(group) for group in groups}) == 1 and len(groups[0]) <= GROUP_CHARS


def _common_labels(sample: Sequence[str]) -> tuple[tuple[str, ...], float]:
    found = Counter(
        tuple(match[1] for match in _LABEL.finditer(line))
        for line in sample
        if ":" in line or "\uff1a" in line
    )
    found.pop((), None)
    if not found:
        return (), 0.0
    labels, count = found.most_common(1)[0]
    # One line alone may be user:password; its label is one only if it is Chinese or there are two.
    if len(labels) < 2 and labels[0].isascii() and count < 3:  # noqa: PLR2004
        return (), 0.0
    return labels, count / len(sample)


def splitter(separator: Separator, labels: Sequence[str] = ()) -> Callable[[str], Sequence[str]]:
    """Make the function that splits a line without quotes."""
    if separator in _MARK:
        mark = _MARK[separator]
        return lambda line: line.split(mark)
    if separator is Separator.DASHES:
        return lambda line: _split(_DASHES, line)
    if separator is Separator.SPACES:
        return lambda line: line.split() or [""]
    if separator is Separator.COLON:
        return lambda line: _split(_COLON, line, 1) if "://" not in line[:8] else [line]
    if separator is Separator.LABELS:
        return lambda line: _labelled(line, labels)
    return lambda line: [line]


def _split(mark: re.Pattern[str], line: str, most: int = 0) -> list[str]:
    """Split a line at a mark, which has blanks around it or none."""
    parts = mark.split(line, most)
    if len(parts) > 1:
        first, *between, last = parts
        parts = [first.rstrip(), *(part.strip() for part in between), last.lstrip()]
    return parts


def _labelled(line: str, labels: Sequence[str]) -> Sequence[str]:
    """Give the values in the order of `labels`; a line with other labels stays one cell."""
    matches = list(_LABEL.finditer(line))
    if not matches or matches[0].start() > 0 or [match[1] for match in matches] != list(labels):
        return [line]
    ends = [match.start() for match in matches[1:]] + [len(line)]
    return [line[match.end() : end].strip(_GAP) for match, end in zip(matches, ends, strict=True)]
