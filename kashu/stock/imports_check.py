"""Check: a preview that somebody watches. It tells how far it is, and ends when nobody looks on."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from kashu.core.errors import Busy, Invalid, KashuError
from kashu.core.incidents import log_incident
from kashu.core.turns import Turns
from kashu.stock.imports_reading import Source
from kashu.stock.imports_report import ImportReport, Recognised
from kashu.stock.imports_rows import ReadRow

BEAT_EVERY_S: Final = 0.5
AT_ONCE: Final = 2  # of one merchant's: each keeps a processor and a connection busy
WAITING_MAX: Final = 6


_UNFIT: Final = ("这份文件不能导入", "This file can't be imported")
_UNFINISHED: Final = ("没有检查完", "The check didn't end")


class ChecksUnderWay(Busy):
    """The merchant has as many files checked as may be."""

    code = "checks_under_way"
    retry_after_s = 15
    zh = "本店已有 {count} 份文件正在检查或排队，这一份没有开始。请等前面的检查完，再重新检查。"
    en = (
        "{count} files of this shop's are being checked or wait for it; this one wasn't begun. "
        "Check it again when one of them is done."
    )


class CheckFailed(KashuError):
    """A bug of ours, when the answer had begun."""

    status = 500
    code = "check_failed"
    zh = "检查中途出错，编号 {incident}。什么都没有写入，请重新检查；若仍出现，请把编号告诉我们。"
    en = (
        "The check failed, number {incident}. Nothing was written: check it again, and if it "
        "stays, tell us the number."
    )


class CheckFirst(msgspec.Struct, frozen=True):
    """How the file is read, and its first rows. They may hold secrets."""

    recognised: Recognised
    rows: list[ReadRow]

    def __repr__(self) -> str:
        return "CheckFirst(•••)"


class CheckProgress(msgspec.Struct, frozen=True):
    """How far a check is: rows read, which part of the file that is, and since when."""

    read: int
    share: float  # 1: all is read, and compared with what is known
    ms: int


class CheckRefused(msgspec.Struct, frozen=True):
    """Why there won't be a report."""

    status: int
    code: str
    title: str
    detail: str


class CheckLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of what is told: one of these. The last is a report or a refusal."""

    first: CheckFirst | None = None  # as soon as it is known
    progress: CheckProgress | None = None
    report: ImportReport | None = None
    refused: CheckRefused | None = None

    def __repr__(self) -> str:
        return "CheckLine(•••)"


@dataclass(slots=True)
class Check:
    """One check at work. Whoever does it tells it what is known; whoever watches is told."""

    language: str
    _lines: asyncio.Queue[CheckLine] = field(default_factory=asyncio.Queue, repr=False)
    _source: Source | None = field(default=None, repr=False)
    _read: int = 0
    _began: float = 0.0

    def opened(self, source: Source, first: CheckFirst) -> None:
        """The file was opened, and this is how it begins."""
        self._source, self._began = source, time.monotonic()
        self._lines.put_nowait(CheckLine(first=first))

    def has_read(self, rows: int) -> None:
        """So many rows were read by now."""
        self._read = rows

    def refuse(self, error: KashuError) -> None:
        """It ends without a report."""
        zh, en = _UNFIT if isinstance(error, Invalid) else _UNFINISHED
        title = zh if self.language == "zh" else en
        refused = CheckRefused(error.status, error.code, title, error.text(self.language))
        self._lines.put_nowait(CheckLine(refused=refused))

    async def next(self) -> CheckLine:
        """What there is to tell next; how far it is where nothing else happened meanwhile."""
        try:
            return await asyncio.wait_for(self._lines.get(), BEAT_EVERY_S)
        except TimeoutError:
            return CheckLine(progress=self._progress())

    async def end(self, work: Callable[["Check"], Awaitable[ImportReport]], **where: str) -> None:
        """Do the work, and tell how it ended."""
        try:
            report = await work(self)
        except KashuError as error:
            self.refuse(error)
        except Exception as bug:  # noqa: BLE001  (the answer has begun: nobody else would say it)
            self.refuse(CheckFailed(incident=log_incident(bug, **where)))
        else:
            self._lines.put_nowait(CheckLine(report=report))

    def _progress(self) -> CheckProgress:
        if self._source is None:
            return CheckProgress(0, 0.0, 0)
        ms = round((time.monotonic() - self._began) * 1000)
        return CheckProgress(self._read, round(self._source.sheet.share(), 4), ms)


turns: Final = Turns(AT_ONCE, WAITING_MAX, ChecksUnderWay)
_under_way: Final[set[asyncio.Task[None]]] = set()


async def watched(
    language: str, work: Callable[[Check], Awaitable[ImportReport]], **where: str
) -> AsyncGenerator[bytes, None]:
    """Do the work, and yield what is known of it as lines of JSON; it stops when nobody listens.

    `where`: what to log beside a bug.
    """
    check = Check(language)
    # In a task of its own: a listener who goes away interrupts this one at every await, and what
    # is under way has a thread to wait for and a transaction to roll back.
    task = asyncio.create_task(check.end(work, **where))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    try:
        line = CheckLine()
        while line.report is None and line.refused is None:
            line = await check.next()
            yield msgspec.json.encode(line) + b"\n"
    finally:
        task.cancel()
