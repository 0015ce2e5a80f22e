"""Forms that suppliers send: read once, of bounded size."""

from contextlib import suppress
from typing import Final
from urllib.parse import parse_qsl

from kashu.adapters.suppliers.texts import utf8

SIZE_MAX: Final = 8 << 20  # bytes: a notice may hold the cards, too
FIELDS_MAX: Final = 100


def read_form(body: bytes) -> dict[str, str]:
    """Read a form. Raises: ValueError; a name that stands twice is one, too."""
    if len(body) > SIZE_MAX:
        raise ValueError("too large")
    return read_pairs(utf8(body))


def read_pairs(written: str) -> dict[str, str]:
    """Read the fields of a form or an address. Raises: ValueError, as read_form."""
    pairs: list[tuple[str, str]] | None = None
    with suppress(ValueError):  # Python's own repeats what was read
        pairs = parse_qsl(
            written, keep_blank_values=True, strict_parsing=True, max_num_fields=FIELDS_MAX
        )
    if pairs is None:
        raise ValueError("not a form")
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a name stands twice")
    return told
