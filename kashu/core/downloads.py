"""Downloads: files that take long are made a few at a time, by threads that nothing else needs.

Pages, their files and other answers never wait for them. Each process counts for itself.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final, ParamSpec, TypeVar

from kashu.core.errors import Busy

Given = ParamSpec("Given")
Made = TypeVar("Made")

AT_ONCE: Final = 2  # of one merchant's
WAITING_MAX: Final = 4  # more of theirs; small ones are through in a moment

_threads: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="download")
_turns: Final[dict[tuple[Any, int], asyncio.Semaphore]] = {}  # of each loop and merchant
_there: Final[Counter[tuple[Any, int]]] = Counter()


class DownloadsUnderWay(Busy):
    """The merchant has as many files made as may be."""

    code = "downloads_under_way"
    retry_after_s = 15
    zh = (
        "本店已有 {count} 个文件正在生成或排队，这一个没有开始。"
        "请等前面的下载完再试，或缩小时间和条件范围。"
    )
    en = (
        "{count} files of this shop's are being made or wait for it; this one wasn't begun. Try "
        "again when one of them has come, or ask for less."
    )


@asynccontextmanager
async def download(tenant_id: int) -> AsyncIterator[None]:
    """Make a file in the block, or wait for its turn. Hold no transaction while entering.

    Raises: DownloadsUnderWay.
    """
    whose = (asyncio.get_running_loop(), tenant_id)
    if _there[whose] >= AT_ONCE + WAITING_MAX:
        raise DownloadsUnderWay(count=_there[whose])
    turn = _turns.setdefault(whose, asyncio.Semaphore(AT_ONCE))
    _there[whose] += 1
    try:
        async with turn:
            yield
    finally:
        _there[whose] -= 1
        if not _there[whose]:
            del _there[whose], _turns[whose]


async def in_its_thread(
    work: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs
) -> Made:
    """Do a part of a download's work that keeps a processor busy, such as writing some rows.

    It waits for nothing: a thread that did would be one that no other download has.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, lambda: work(*args, **kwargs))
