"""The parent: a process that another of ours started ends when that one was killed."""

import os
import signal
import threading
import time
from typing import Final

LOOK_EVERY_S: Final = 1.0
GRACE_S: Final = 25.0


def end_with(parent: int) -> None:
    """From now on: when the process `parent`, which started us, is gone, end as if told to.

    Nobody else would ever end us; and a web process that is left would keep its share of the port,
    beside those of the next start.
    """
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os.kill(os.getpid(), signal.SIGKILL)
