"""Forms that suppliers send: read once, of bounded size."""

from typing import Final
from urllib.parse import parse_qsl

SIZE_MAX: Final = 8 << 20  # bytes: a notice may hold the cards, too
FIELDS_MAX: Final = 100


def read_form(body: bytes) -> dict[str, str]:
    """Read a form. Raises: ValueError; a name that stands twice is one, too."""
    if len(body) > SIZE_MAX:
        raise ValueError("too large")
    pairs = parse_qsl(
        body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=FIELDS_MAX
    )
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a name stands twice")
    return told
