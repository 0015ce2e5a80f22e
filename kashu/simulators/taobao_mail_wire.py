"""Frames of TMC, byte by byte, from their description; apart from the adapter's."""

from datetime import datetime
from typing import Any, Final

SIZES: Final = {0: 0, 2: 1, 3: 2, 4: 4, 5: 8, 6: 8}  # of values, by their marks
VERSION: Final = 2


def _short(number: int) -> bytes:
    return number.to_bytes(2, "little", signed=True)


def _text(text: str) -> bytes:
    encoded = text.encode("utf-8")
    return len(encoded).to_bytes(4, "little") + encoded


def pack(
    type_: int,
    fields: list[tuple[str, object]],
    *,
    token: str = "",
    status: int = 0,
    phrase: str = "",
) -> bytes:
    """Write a frame."""
    parts = [bytes((2, type_))]
    if status:
        parts += [_short(2), status.to_bytes(4, "little", signed=True)]
    if phrase:
        parts += [_short(3), _text(phrase)]
    if token:
        parts += [_short(5), _text(token)]
    for name, value in fields:
        parts += [_short(1), _text(name)]
        if isinstance(value, datetime):
            parts += [b"\x06", int(value.timestamp() * 1000).to_bytes(8, "little")]
        elif isinstance(value, int):
            small = abs(value) < 128  # noqa: PLR2004  (a byte)
            size, mark = (1, b"\x02") if small else (8, b"\x05")
            parts += [mark, value.to_bytes(size, "little", signed=True)]
        else:
            parts += [b"\x01", _text(str(value))]
    return b"".join([*parts, _short(0)])


def unpack(frame: bytes) -> dict[str, Any]:
    """Read a frame: its type, token and fields. Raises: ValueError."""
    strip = _Strip(frame)
    if strip.whole(1) != VERSION:
        raise ValueError("version")
    told: dict[str, Any] = {"type": strip.whole(1), "token": "", "fields": {}}
    while (mark := strip.whole(2)) != 0:
        if mark == 1:
            name = strip.text()
            told["fields"][name] = strip.value()
        elif mark == 5:  # noqa: PLR2004  (the token)
            told["token"] = strip.text()
        else:
            raise ValueError("header")
    return told


class _Strip:
    """What is left of a frame."""

    def __init__(self, frame: bytes) -> None:
        self._rest = frame

    def cut(self, size: int) -> bytes:
        if not 0 <= size <= len(self._rest):
            raise ValueError("short")
        part, self._rest = self._rest[:size], self._rest[size:]
        return part

    def whole(self, size: int) -> int:
        return int.from_bytes(self.cut(size), "little", signed=True)

    def text(self) -> str:
        return self.cut(self.whole(4)).decode()

    def value(self) -> object:
        mark = self.whole(1)
        if mark == 1:
            return self.text()
        if mark not in SIZES:
            raise ValueError("value")
        return self.whole(SIZES[mark]) if SIZES[mark] else None
