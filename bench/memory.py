"""Memory: what one idle API process holds, and what an import needs at its height.

Each against its own limit; the line's ratio is the worse of the two.
"""

import asyncio
import base64
import os
import sys
from pathlib import Path
from typing import Final

from bench.ground import MASTERS, Ground, Shop, make_ground, make_shop
from bench.import_cards import write_file
from bench.report import Result, line_of, rounded
from bench.web import ROOT, key_of, load, plan_for, serving

IDLE_MIB: Final = 160.0
IMPORT_MIB: Final = 300.0
IMPORT_TIMEOUT_S: Final = 600.0

CARDS: Final = {"tiny": 2_000, "small": 200_000, "full": 1_000_000}


async def run(scale: str) -> dict[str, object]:
    """Measure both."""
    cards = CARDS[scale]
    with make_ground() as ground:
        async with make_shop(ground, skus=1) as shop:
            key = await key_of(shop)
            with serving(ground) as port:
                # One order, so that all that is made with the first request is there.
                plan = plan_for(shop, key, port, "first", for_s=30, requests=1, connections=1)
                answered = await load(plan)
                idle_mib = max(_proportional_mib(pid) for pid in _processes_of(ground))
            importing_mib, imported = await _import(ground, shop, cards)
        figures = {
            "idle_mib": rounded(idle_mib),
            "idle_limit_mib": IDLE_MIB,
            "import_mib": rounded(importing_mib),
            "import_limit_mib": IMPORT_MIB,
        }
        idle, importing = (idle_mib, IDLE_MIB), (importing_mib, IMPORT_MIB)
        ours, limit = max(idle, importing, key=lambda side: side[0] / side[1])
        result = Result(
            "memory",
            "MiB",
            [ours],
            [limit],
            1.0,
            "lower",
            {"cards": cards},
            answered.statuses == {200: 1} and imported == cards,
            figures,
        )
        return line_of(result, ground, scale)


def _processes_of(ground: Ground) -> list[int]:
    """Our own processes that serve this bench: they have its folder in their environment."""
    mark = f"KASHU_DATA_DIR={ground.folder}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:  # another account's, or it has ended
                continue
    return found


def _proportional_mib(pid: int) -> float:
    """What a process holds, shared pages by its share of them (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(pid)


async def _import(ground: Ground, shop: Shop, cards: int) -> tuple[float, int]:
    """Import by the command line, as a clerk does; return MiB at its height, and cards accepted."""
    file = ground.folder / "cards.csv"
    write_file(file, cards, seed=1)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KASHU_")}
    ours = {
        "KASHU_DATA_DIR": str(ground.folder),
        "KASHU_MASTER_KEY": base64.b64encode(MASTERS.current.key).decode(),
        "KASHU_TENANT": "bench",
    }
    words = f"import {file} --sku {shop.skus[0].code} --warehouse main --cost 14.1250 --json"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from kashu.entry.cli import main; main()",
        *words.split(),
        "--supplier",
        shop.suppliers[0].code,
        cwd=ROOT,
        env=kept | ours,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    highest_mib = 0.0
    ended = asyncio.create_task(process.wait())
    while not ended.done():
        highest_mib = max(highest_mib, _highest_mib(process.pid))
        await asyncio.wait([ended], timeout=0.05)
    assert process.returncode == 0, process.returncode
    counted = ground.sql("SELECT count(*) FROM stock.cards WHERE tenant_id = %s", shop.tenant_id)
    return highest_mib, int(counted[0][0])


def _highest_mib(pid: int) -> float:
    """What a process has held at most so far, shared pages in full (VmHWM)."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0
