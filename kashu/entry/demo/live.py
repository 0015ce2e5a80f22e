"""The demo live: the web interface beside a stream of orders, and what they come to."""

import asyncio
import random
import subprocess
import sys
import time
from collections import deque
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table

from kashu.access.keyring import Keyrings
from kashu.entry.demo.figures import Seen, profit_of, verified
from kashu.entry.demo.run import Stage, import_samples, set_up
from kashu.entry.demo.shop import Stocked
from kashu.entry.demo.stream import submissions
from kashu.entry.startup import Ground
from kashu.orders.intake import Intake
from kashu.orders.write import Submission

LATEST: Final = 8  # orders shown
REFRESH_S: Final = 0.5
VERIFY_EVERY_S: Final = 60.0


def play_live(ground: Ground, console: Console, rate: float) -> bool:
    """Serve and sell until Ctrl-C; tell whether the last proof was clean."""
    raise NotImplementedError
