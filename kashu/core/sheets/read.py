"""Read a table: what it is is told by its content, never by its name."""

import io
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from kashu.core.sheets import text, xls, xlsx
from kashu.core.sheets.errors import SheetEmpty, SheetNotATable, SheetTooLarge, WorksheetUnknown
from kashu.core.sheets.ole import SIGNATURE
from kashu.core.sheets.rows import FILE_BYTES, MIB, Passes, Separator, Sheet, Source

_HEAD_BYTES: Final = 1024
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_FOREIGN: Final = (
    (b"%PDF", " PDF 文件", "a PDF"),
    (b"\x89PNG", "图片", "a picture"),
    (b"\xff\xd8\xff", "图片", "a picture"),
    (b"GIF8", "图片", "a picture"),
    (b"\x1f\x8b", "压缩包", "an archive"),
    (b"Rar!", "压缩包", "an archive"),
    (b"7z\xbc\xaf\x27\x1c", "压缩包", "an archive"),
    (b"SQLite format 3", "数据库文件", "a database"),
    (b"{\\rtf", " RTF 文档", "an RTF document"),
)
_MARKUP: Final = (
    (b"<html", "网页（HTML）", "a web page (HTML)"),
    (b"<!doctype html", "网页（HTML）", "a web page (HTML)"),
    (b"<table", "网页（HTML）", "a web page (HTML)"),
    (b"<meta", "网页（HTML）", "a web page (HTML)"),
    (b"<?xml", " XML 文件", "an XML file"),
)


def read_sheet(
    path: Path,
    *,
    name: str | None = None,
    worksheet: str | None = None,
    most_bytes: int = FILE_BYTES,
) -> Sheet:
    """Open the file as a table, within bounded memory. `name` is what to call it in messages.

    Of a workbook, `worksheet` is read, or else the first visible one with something in it.
    Raises SheetEmpty, SheetTooLarge, SheetUnsafe, SheetEncrypted, SheetUnreadable, SheetNotATable,
    SheetEncodingUnknown, WorksheetUnknown; so may `rows()`, where the damage lies deeper.
    """

    def source() -> BinaryIO:
        return path.open("rb")

    return _open(source, path.stat().st_size, name or path.name, worksheet, most_bytes)


def read_bytes(
    content: bytes,
    *,
    name: str | None = None,
    worksheet: str | None = None,
    most_bytes: int = FILE_BYTES,
) -> Sheet:
    """Open what an upload brought, as `read_sheet` does with a file."""
    return _open(partial(io.BytesIO, content), len(content), name, worksheet, most_bytes)


def read_text(pasted: str, *, name: str | None = None) -> Sheet:
    """Open pasted text as a table."""
    # A lone surrogate cannot be encoded; passed on as it is, it costs its own row.
    content = pasted.encode("utf-8", "surrogatepass")
    if len(content) > FILE_BYTES:
        raise SheetTooLarge(what="粘贴的内容", what_en="the text", limit_mib=FILE_BYTES // MIB)
    passes = Passes(partial(io.BytesIO, content), len(content))
    return _text(passes, name, encoding="utf-8-sig")


def _open(
    source: Source, size: int, name: str | None, worksheet: str | None, most_bytes: int
) -> Sheet:
    if size == 0:
        raise SheetEmpty
    if size > most_bytes:
        raise SheetTooLarge(what="文件", what_en="the file", limit_mib=most_bytes // MIB)
    with source() as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(_ZIP):
        return _xlsx(source, name, worksheet)
    if head.startswith(SIGNATURE):
        return _xls(source, name, worksheet)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for mark, found, found_en in _FOREIGN:
        if start.startswith(mark):
            raise SheetNotATable(found=found, found_en=found_en)
    for mark, found, found_en in _MARKUP:
        if start[: len(mark)].lower() == mark:
            raise SheetNotATable(found=found, found_en=found_en)
    return _text(Passes(source, size), name)


def _xlsx(source: Source, name: str | None, worksheet: str | None) -> Sheet:
    book = xlsx.read_book(source)
    worksheet = worksheet or xlsx.first_worksheet(source, book)
    _known(worksheet, tuple(book.worksheets))
    return Sheet(
        kind="xlsx",
        name=name,
        encoding=None,
        separator=None,
        labels=(),
        worksheet=worksheet,
        worksheets=tuple(book.worksheets),
        is_1904=book.is_1904,
        _open=partial(xlsx.read_rows, source, book, worksheet),
        share=book.far.share,
    )


def _xls(source: Source, name: str | None, worksheet: str | None) -> Sheet:
    book = xls.read_book(source)
    worksheet = worksheet or xls.first_worksheet(book)
    _known(worksheet, tuple(book.worksheets))
    return Sheet(
        kind="xls",
        name=name,
        encoding=None,
        separator=None,
        labels=(),
        worksheet=worksheet,
        worksheets=tuple(book.worksheets),
        is_1904=book.is_1904,
        _open=partial(xls.read_rows, book, worksheet),
    )


def _known(worksheet: str, worksheets: tuple[str, ...]) -> None:
    if worksheet not in worksheets:
        raise WorksheetUnknown(worksheet=worksheet, worksheets="、".join(worksheets))


def _text(passes: Passes, name: str | None, *, encoding: str | None = None) -> Sheet:
    layout = text.read_layout(passes, encoding=encoding)
    is_csv = layout.separator in {Separator.COMMA, Separator.SEMICOLON, Separator.TAB}
    return Sheet(
        kind="csv" if is_csv else "text",
        name=name,
        encoding=layout.encoding,
        separator=layout.separator,
        labels=layout.labels,
        worksheet=None,
        worksheets=(),
        is_1904=False,
        _open=partial(text.read_rows, passes, layout),
        share=passes.share,
    )
