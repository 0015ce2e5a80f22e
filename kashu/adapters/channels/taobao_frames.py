"""Frames of Taobao's message service (TMC) as they go over its socket: binary, little-endian.

Source: tmc.js 0.3.64 (910ed99), code only; its frames are reproduced byte by byte in the tests.
"""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, TypeAlias

from kashu.core.secrets import Secret

VERSION: Final = 2
FIELDS_MAX: Final = 64  # a frame has about ten
KIND: Final = "__kind"  # what a frame is about, among its fields

Value: TypeAlias = int | str | bytes | None


class FrameType(IntEnum):
    """What a frame is."""

    CONNECT = 0
    CONNECTED = 1
    SEND = 2
    SENT = 3


class Kind(IntEnum):
    """What a frame of type SEND is about."""

    PULL = 1  # tell me what is there
    CONFIRM = 2  # this message was taken
    MESSAGE = 3
    FAILED = 20


class FrameUnreadable(ValueError):
    """It isn't a frame as we know them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame's headers, and its fields in their order."""

    type: int
    fields: Mapping[str, Value] = field(default_factory=dict)
    token: str = field(default="", repr=False)  # given by the answer to CONNECT
    status: int = 0
    phrase: str = ""


class Header(IntEnum):
    """What comes next in a frame."""

    END = 0
    FIELD = 1
    STATUS = 2
    PHRASE = 3
    FLAG = 4
    TOKEN = 5


class Form(IntEnum):
    """How a field's value is written."""

    VOID = 0
    TEXT = 1
    BYTE = 2
    INT16 = 3
    INT32 = 4
    INT64 = 5
    DATE = 6  # milliseconds since 1970
    BYTES = 7


_NUMBERS: Final[Mapping[int, str]] = {
    Form.BYTE: "<b",
    Form.INT16: "<h",
    Form.INT32: "<i",
    Form.INT64: "<q",
    Form.DATE: "<q",
}
_TEXT_MAX: Final = 1 << 20


def write_frame(frame: Frame) -> bytes:
    """Write a frame. Whole numbers are written as what they fit; `id` is always a long one."""
    out = bytearray([VERSION, frame.type])
    if frame.token:
        out += struct.pack("<h", Header.TOKEN) + _counted(frame.token)
    for name, value in frame.fields.items():
        out += struct.pack("<h", Header.FIELD) + _counted(name) + _value(name, value)
    return bytes(out + struct.pack("<h", Header.END))


def _counted(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<i", len(encoded)) + encoded


def _value(name: str, value: Value) -> bytes:
    if isinstance(value, str):
        return bytes([Form.TEXT]) + _counted(value)
    if isinstance(value, int):
        form = Form.INT64 if name == "id" else Form.BYTE
        return bytes([form]) + struct.pack(_NUMBERS[form], value)
    assert value is None, "we send no bytes"
    return bytes([Form.VOID])


def read_frame(told: bytes) -> Frame:
    """Read a frame. Raises: FrameUnreadable."""
    reader = _Reader(told)
    try:
        return reader.frame()
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise FrameUnreadable(type(error).__name__) from error


class _Reader:
    def __init__(self, told: bytes) -> None:
        self._told = told
        self._at = 0

    def frame(self) -> Frame:
        version, type_ = self._number("<B"), self._number("<B")
        if version != VERSION:
            raise FrameUnreadable("version")
        fields: dict[str, Value] = {}
        token, phrase, status = "", "", 0
        for _ in range(FIELDS_MAX):
            match self._number("<h"):
                case Header.END:
                    return Frame(type_, fields, token, status, phrase)
                case Header.FIELD:
                    name = self._text()
                    fields[name] = self._value()
                case Header.STATUS:  # tmc.js writes 16 bits of it, and reads 32
                    status = self._number("<i")
                case Header.PHRASE:
                    phrase = self._text()
                case Header.FLAG:
                    self._number("<i")
                case Header.TOKEN:
                    token = self._text()
                case _:
                    raise FrameUnreadable("header")
        raise FrameUnreadable("too many headers")

    def _value(self) -> Value:
        form = self._number("<B")
        if form == Form.VOID:
            return None
        if form == Form.TEXT:
            return self._text()
        if form == Form.BYTES:
            return self._counted()
        if form in _NUMBERS:
            return self._number(_NUMBERS[form])
        raise FrameUnreadable("value")

    def _number(self, form: str) -> int:
        (number,) = struct.unpack_from(form, self._told, self._at)
        self._at += struct.calcsize(form)
        return int(number)

    def _text(self) -> str:
        return self._counted().decode()

    def _counted(self) -> bytes:
        length = self._number("<i")
        if not 0 <= length <= _TEXT_MAX or self._at + length > len(self._told):
            raise FrameUnreadable("length")
        self._at += length
        return self._told[self._at - length : self._at]


def sign_connect(app_key: str, group: str, milliseconds: str, secret: Secret) -> str:
    """Sign CONNECT: upper-case MD5, names and values in this very order, between secrets."""
    text = f"app_key{app_key}group_name{group}timestamp{milliseconds}"
    around = secret.clear
    signed = f"{around}{text}{around}".encode()
    return hashlib.md5(signed, usedforsecurity=False).hexdigest().upper()


def connect_frame(app_key: str, group: str, milliseconds: str, secret: Secret) -> Frame:
    """Say who we are. The address inside our network, which others tell too, is not told."""
    return Frame(
        FrameType.CONNECT,
        {
            "app_key": app_key,
            "group_name": group,
            "timestamp": milliseconds,
            "sign": sign_connect(app_key, group, milliseconds, secret),
            "sdk": "kashu",
            "intranet_ip": "127.0.0.1",
        },
    )
