"""Downloads: files that take long are made a few at a time, by threads that nothing else needs.

Pages, their files and other answers never wait for them. Each process counts for itself.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from typing import Final, ParamSpec, TypeVar

from kashu.core.errors import Busy
from kashu.core.turns import Turns

Given = ParamSpec("Given")
Made = TypeVar("Made")

AT_ONCE: Final = 2  # of one merchant's
WAITING_MAX: Final = 4  # more of theirs; small ones are through in a moment

_threads: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="download")


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


_turns: Final = Turns(AT_ONCE, WAITING_MAX, DownloadsUnderWay)


def download(tenant_id: int) -> AbstractAsyncContextManager[None]:
    """Make a file in the block, or wait for its turn. Hold no transaction while entering.

    Raises: DownloadsUnderWay.
    """
    return _turns.turn(tenant_id)


async def in_its_thread(
    work: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs
) -> Made:
    """Do a part of a download's work that keeps a processor busy, such as writing some rows.

    It waits for nothing: a thread that did would be one that no other download has.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, lambda: work(*args, **kwargs))
