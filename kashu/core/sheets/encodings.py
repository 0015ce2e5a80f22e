"""Tell the encoding of a text file by trying, without holding the file."""

import codecs
from typing import Final

from charset_normalizer import from_bytes

from kashu.core.sheets.errors import SheetEncodingUnknown, SheetNotATable
from kashu.core.sheets.rows import MIB, Source

SAMPLE_BYTES: Final = 64 * 1024
# A tenth of the non-ASCII text may be damaged: each damaged row is then refused by itself.
TOLERATED: Final = 0.1
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HARMLESS: Final = frozenset(b"\t\n\r\x0b\x0c\x1a")


def detect_encoding(source: Source) -> str:
    """Name the codec to read the text with: by its mark, else UTF-8, GB18030, UTF-16, a guess.

    The whole file is tried, in pieces. UTF-8 with a little damage stays UTF-8: read as GB18030 a
    damaged byte could swallow the letter after it.
    Raises SheetNotATable for binary content, SheetEncodingUnknown.
    """
    with source() as stream:
        sample = stream.read(SAMPLE_BYTES)
    for mark, codec in _MARKS:
        if sample.startswith(mark):
            return codec
    if (wide := _utf16(sample)) is not None:
        return wide
    controls = sum(byte < 32 and byte not in _HARMLESS for byte in sample)  # noqa: PLR2004 - space
    if controls > max(8, len(sample) // 50):
        raise SheetNotATable(found="二进制文件", found_en="a binary file")
    shares: dict[str, float] = {}
    for codec in ("utf-8", "gb18030"):
        shares[codec] = _damaged_share(source, codec)
        if shares[codec] == 0:
            return codec
        if codec == "utf-8" and shares[codec] <= TOLERATED:
            return codec
    guess = from_bytes(sample).best()
    if guess is not None and _damaged_share(source, guess.encoding) == 0:
        return guess.encoding
    if shares["gb18030"] <= TOLERATED:
        return "gb18030"
    raise SheetEncodingUnknown


def _utf16(sample: bytes) -> str | None:
    """Tell UTF-16 without a mark: every second byte of the ASCII in it is zero."""
    pairs = len(sample) // 2
    if pairs < 2:  # noqa: PLR2004 - too little to tell
        return None
    high_first = sample[0 : pairs * 2 : 2].count(0) / pairs
    low_first = sample[1 : pairs * 2 : 2].count(0) / pairs
    if low_first > 0.3 and high_first < 0.02:  # noqa: PLR2004 - half Chinese text still passes
        return "utf-16-le"
    if high_first > 0.3 and low_first < 0.02:  # noqa: PLR2004
        return "utf-16-be"
    return None


def _damaged_share(source: Source, codec: str) -> float:
    """Say which part of the non-ASCII characters cannot be decoded."""
    decoder = codecs.getincrementaldecoder(codec)(errors="replace")
    foreign = damaged = 0
    with source() as stream:
        while chunk := stream.read(MIB):
            text = decoder.decode(chunk)
            if not text.isascii():
                foreign += len(text) - len(text.encode("ascii", "ignore"))
                damaged += text.count("\ufffd")
    rest = decoder.decode(b"", final=True)
    return (damaged + len(rest)) / max(foreign + len(rest), 1)
