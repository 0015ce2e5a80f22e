"""The zip around an xlsx: checked before it is opened, its parts read within bounds."""

import struct
import zipfile
from collections import deque
from collections.abc import Iterator
from typing import IO, BinaryIO, Final, Never, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.parsers import expat

from kashu.core.sheets.errors import SheetEncrypted, SheetTooLarge, SheetUnreadable, SheetUnsafe
from kashu.core.sheets.rows import ALMOST, MIB

UNPACKED_BYTES: Final = 1024 * MIB
RATIO: Final = 200
RATIO_FROM_BYTES: Final = 16 * MIB  # small files of one repeated value pack better than 200
DIRECTORY_BYTES: Final = 4 * MIB
SMALL_PART_BYTES: Final = 64 * MIB
STRIDE_BYTES: Final = 2 * MIB  # no single row or string is longer
CHUNK_BYTES: Final = 64 * 1024

_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_ZIP64_LOCATOR: Final = b"PK\x06\x07"
_ENCRYPTED_FLAG: Final = 0x1

# What zipfile, zlib and struct raise on damage; NotImplementedError is an exotic compression.
_DAMAGE: Final = (
    zipfile.BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    ValueError,
    struct.error,
    zipfile.zlib.error,  # type: ignore[attr-defined]  # zlib is optional in zipfile's stubs
)
# LookupError is an encoding that doesn't exist; ValueError one that expat can't use.
_BAD_XML: Final = (expat.ExpatError, ParseError, LookupError, ValueError)


def open_package(stream: BinaryIO) -> zipfile.ZipFile:
    """Open a zip after checking what it says of itself.

    The sizes it declares are binding: `zipfile` hands out no more than declared.
    """
    _check_directory(stream)
    try:
        package = zipfile.ZipFile(stream)
    except _DAMAGE as damage:
        raise SheetUnreadable(part="zip") from damage
    packed = sum(entry.compress_size for entry in package.infolist())
    unpacked = sum(entry.file_size for entry in package.infolist())
    if unpacked > UNPACKED_BYTES:
        raise SheetTooLarge(
            what="解压后的内容", what_en="the unpacked content", limit_mib=UNPACKED_BYTES // MIB
        )
    if unpacked > RATIO_FROM_BYTES and unpacked > RATIO * packed:
        _unsafe("压缩比过高", "it is compressed beyond reason")
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in package.infolist()):
        raise SheetEncrypted
    return package


def _unsafe(reason: str, reason_en: str) -> Never:
    raise SheetUnsafe(reason=reason, reason_en=reason_en)


def _check_directory(stream: BinaryIO) -> None:
    """Refuse a directory of millions of entries: `zipfile` would hold them all."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 65_536 - _END_BYTES))
    tail = stream.read()
    stream.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise SheetUnreadable(part="zip")
    if tail[max(0, at - 20) : at].startswith(_ZIP64_LOCATOR):
        _unsafe("zip64 格式", "it is a zip64 archive")
    if int.from_bytes(tail[at + 12 : at + 16], "little") > DIRECTORY_BYTES:
        _unsafe("目录过大", "it has too many parts")


def chunks(package: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Stream one part. Raises SheetUnreadable where the zip is damaged, SheetUnsafe on a DTD."""
    try:
        with package.open(part) as stream:
            _refuse_dtd(stream, part)
        with package.open(part) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk
    except _DAMAGE as damage:
        raise SheetUnreadable(part=part) from damage
    except RuntimeError as damage:  # zipfile's word for an encrypted entry
        raise SheetEncrypted from damage


def _refuse_dtd(stream: IO[bytes], part: str) -> None:
    """Read up to the first element: a DTD, the root of XXE and entity bombs, can only be before."""
    parser = expat.ParserCreate()
    started: list[str] = []
    parser.StartElementHandler = lambda name, _attributes: started.append(name)
    parser.StartDoctypeDeclHandler = lambda *_: _unsafe("含有 DTD", "it contains a DTD")
    read = 0
    try:
        while not started and (chunk := stream.read(CHUNK_BYTES)):
            read += len(chunk)
            if read > STRIDE_BYTES:
                _unsafe("XML 过长", "its XML has no root")
            parser.Parse(chunk, False)  # noqa: FBT003 - expat's own signature
    except _BAD_XML as damage:
        raise SheetUnreadable(part=part) from damage


def small_part(package: zipfile.ZipFile, part: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Stream the elements of a small part as (local name, attributes by local name)."""
    found: deque[tuple[str, dict[str, str]]] = deque()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = lambda name, attributes: found.append(
        (local(name), {local(key): value for key, value in attributes.items()})
    )
    read = 0
    try:
        for chunk in chunks(package, part):
            read += len(chunk)
            if read > SMALL_PART_BYTES:
                _unsafe("附件部分过大", "a part is too large")
            parser.Parse(chunk, False)  # noqa: FBT003 - expat's own signature
            while found:
                yield found.popleft()
        parser.Parse(b"", True)  # noqa: FBT003 - expat's own signature
    except _BAD_XML as damage:
        raise SheetUnreadable(part=part) from damage
    yield from found


def local(name: str) -> str:
    """Strip the namespace: transitional and strict workbooks differ only there."""
    return name.rsplit("}", 1)[-1]


class Far:
    """How far the last pass through a part is."""

    def __init__(self) -> None:
        """Begin before the first byte."""
        self._read, self._size = 0, 1

    def begin(self, package: zipfile.ZipFile, part: str) -> None:
        """Begin a pass."""
        self._read, self._size = 0, max(package.getinfo(part).file_size, 1)

    def add(self, count: int) -> None:
        """So many bytes more were read."""
        self._read += count

    def end(self) -> None:
        """Its last row was given."""
        self._read = self._size + 1

    def share(self) -> float:
        """Say which part was read; 1 once the pass has ended. From any thread."""
        return 1.0 if self._read > self._size else min(self._read / self._size, ALMOST)


def children(
    package: zipfile.ZipFile, part: str, parent: str | None, far: Far | None = None
) -> Iterator[Element]:
    """Stream the finished children of the element `parent` below the root (None: of the root).

    `far` is told of what was read. Holds a few hundred at a time. The tree is built in C, and only
    finished children are looked at, which is several times faster than a Python call for each tag.
    Raises SheetUnsafe where one child is longer than any honest row.
    """
    parser: XMLPullParser[Element] = XMLPullParser(events=("start",))
    root: Element | None = None
    stride = 0
    try:
        for chunk in chunks(package, part):
            parser.feed(chunk)
            if far is not None:
                far.add(len(chunk))
            if root is None:
                root = _first(parser)
            deque(parser.read_events(), maxlen=0)  # only the root was wanted
            stride += len(chunk)
            found, is_done = _parent(root, parent)
            if found is not None:
                finished = len(found) if is_done else len(found) - 1
                if finished > 0:
                    stride = 0
                    yield from found[:finished]
                    del found[:finished]
            if is_done:
                return
            if stride > STRIDE_BYTES:
                _unsafe("单行过长", "a single row is too long")
        parser.close()
    except _BAD_XML as damage:
        raise SheetUnreadable(part=part) from damage
    found, _ = _parent(root, parent)
    if found is not None:
        yield from found


def _first(parser: "XMLPullParser[Element]") -> Element | None:
    events = cast("Iterator[tuple[str, Element]]", parser.read_events())  # all are starts
    return next((element for _event, element in events), None)


def _parent(root: Element | None, name: str | None) -> tuple[Element | None, bool]:
    """Find the parent, and whether something follows it, so that it is complete."""
    if root is None or name is None:
        return root, False
    for position, element in enumerate(root):
        if local(str(element.tag)) == name:
            return element, position + 1 < len(root)
    return None, False
