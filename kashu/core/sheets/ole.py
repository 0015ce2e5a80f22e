"""The compound file around an xls: its directory and its streams, read within bounds."""

import struct
from array import array
from typing import Final

from kashu.core.sheets.errors import SheetUnreadable

SIGNATURE: Final = bytes.fromhex("D0CF11E0A1B11AE1")
_END: Final = 0xFFFFFFFA  # this and above are marks, not sectors
_HEADER_BYTES: Final = 512
_ENTRY_BYTES: Final = 128
_HEADER_DIFAT: Final = 109


class CompoundFile:
    """A file system in a file. Source: [MS-CFB], chapter 2.

    Every chain is cut at the number of sectors there are, so that a loop ends.
    """

    def __init__(self, content: bytes) -> None:
        if len(content) < _HEADER_BYTES or not content.startswith(SIGNATURE):
            raise SheetUnreadable(part="OLE")
        try:
            self._read(memoryview(content))
        except struct.error as damage:
            raise SheetUnreadable(part="OLE") from damage

    def _read(self, content: memoryview) -> None:
        shift, mini_shift = struct.unpack_from("<HH", content, 30)
        if shift not in {9, 12} or mini_shift != 6:  # noqa: PLR2004 - the only values defined
            raise SheetUnreadable(part="OLE")
        self._content = content
        self._sector = 1 << shift
        self._mini_sector = 1 << mini_shift
        self._sector_count = len(content) // self._sector
        directory, self._cutoff = struct.unpack_from("<I4xI", content, 48)
        minifat, _, difat, _ = struct.unpack_from("<4I", content, 60)
        self._fat = self._table(self._fat_sectors(difat))
        self._minifat = self._table(self._chain(minifat))
        self._entries: dict[str, tuple[int, int]] = {}
        self._root = (_END, 0)
        listing = b"".join(self._bytes_of(sector) for sector in self._chain(directory))
        for at in range(0, len(listing) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            entry = listing[at : at + _ENTRY_BYTES]
            name_bytes, kind = struct.unpack_from("<HB", entry, 64)
            start, size = struct.unpack_from("<II", entry, 116)
            if kind == 5:  # noqa: PLR2004 - the root storage, whose stream holds the small ones
                self._root = (start, size)
            elif kind == 2 and 2 <= name_bytes <= 64:  # noqa: PLR2004 - a stream
                name = entry[: name_bytes - 2].decode("utf-16-le", "replace")
                self._entries[name.lower()] = (start, size)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def stream(self, name: str) -> bytes:
        """Read one stream whole. Raises SheetUnreadable where its chain is broken."""
        start, size = self._entries[name.lower()]
        if size > len(self._content):
            raise SheetUnreadable(part=name)
        if size >= self._cutoff:
            content = b"".join(self._bytes_of(sector) for sector in self._chain(start))
        else:
            small = b"".join(self._bytes_of(sector) for sector in self._chain(self._root[0]))
            places = _follow(self._minifat, start, len(self._minifat))
            width = self._mini_sector
            content = b"".join(small[place * width : (place + 1) * width] for place in places)
        if len(content) < size:
            raise SheetUnreadable(part=name)
        return content[:size]

    def _bytes_of(self, sector: int) -> bytes:
        at = (sector + 1) * self._sector
        return bytes(self._content[at : at + self._sector])

    def _chain(self, start: int) -> list[int]:
        return _follow(self._fat, start, self._sector_count)

    def _fat_sectors(self, difat: int) -> list[int]:
        listed = list(struct.unpack_from(f"<{_HEADER_DIFAT}I", self._content, 76))
        per_sector = self._sector // 4 - 1
        for _ in range(self._sector_count):
            if difat >= min(_END, self._sector_count):
                break
            at = (difat + 1) * self._sector
            *more, difat = struct.unpack_from(f"<{per_sector + 1}I", self._content, at)
            listed += more
        return [sector for sector in listed if sector < self._sector_count][: self._sector_count]

    def _table(self, sectors: list[int]) -> "array[int]":
        table = array("I")
        for sector in sectors:
            content = self._bytes_of(sector)
            table.frombytes(content[: len(content) // 4 * 4])
        return table


def _follow(table: "array[int]", start: int, most: int) -> list[int]:
    chain: list[int] = []
    while start < _END:
        if start >= len(table) or len(chain) >= most:
            raise SheetUnreadable(part="OLE")
        chain.append(start)
        start = table[start]
    return chain
