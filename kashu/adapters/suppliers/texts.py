"""What suppliers say, made fit for an error and a page: short, without cards, keys or accounts."""

import re
import unicodedata
from typing import Final

READ_MAX: Final = 2_000  # characters of a text that are looked at
SAID_MAX: Final = 60
WORD_MAX: Final = 32
TITLE_MAX: Final = 200

# A run of three ASCII letters, digits or signs may be part of a card, a key or an account.
_RUN = re.compile(r"[!-~]{3,}")
# Letters, or a short number: a word with both may be a card that stands in the wrong place.
_WORD = re.compile(r"[A-Za-z][A-Za-z_.:-]*|-?[0-9]{1,5}(\.[0-9]{1,5})?")


def bounded(text: str, *hidden: str) -> str:
    """Keep the words that tell a person why; `hidden` are texts of ours that it may repeat."""
    shown = unicodedata.normalize("NFKC", text[:READ_MAX])
    for each in sorted(filter(None, hidden), key=len, reverse=True):
        shown = shown.replace(unicodedata.normalize("NFKC", each), "…")
    return _RUN.sub("…", printable(shown))[:SAID_MAX].strip()


def word(text: str) -> str:
    """Keep a supplier's word for a state; what isn't one is a question mark."""
    return text if _WORD.fullmatch(text) and len(text) <= WORD_MAX else "?"


def printable(text: str, most: int = READ_MAX) -> str:
    """Cut a text that people are shown, such as a title or a receipt; nothing in it acts."""
    return "".join(each if each.isprintable() else " " for each in text[:most]).strip()


def utf8(written: bytes) -> str:
    """Read UTF-8. Raises: ValueError, which unlike Python's own doesn't hold what was read."""
    try:
        return written.decode()
    except UnicodeDecodeError:
        pass
    raise ValueError("not UTF-8")
