"""The demo as it is watched: it ends with what it came to."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kashu.core.db import Database


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def test_ctrl_c_ends_the_demo_with_a_summary_and_a_proof(
    owner_url: str, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del database  # wanted for this only: nothing of an earlier test is left in it
    monkeypatch.setenv("KASHU_DATABASE_URL", owner_url)
    monkeypatch.setenv("KASHU_DATA_DIR", str(tmp_path))
    command = [sys.executable, "-m", "kashu.entry.cli", "demo", "--rate", "100"]
    with subprocess.Popen(  # noqa: S603  (our own program)
        [*command, "--port", str(free_port())],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    ) as demo:
        assert demo.stderr is not None
        said = ""
        while "已发卡 delivered" not in said:  # the first line of figures
            line = demo.stderr.readline()
            assert line, said
            said += line
        assert "/join#" in said, "the way into the console"
        demo.send_signal(signal.SIGINT)
        printed, rest = demo.communicate(timeout=180)
    assert demo.returncode == 0, said + rest
    assert printed == ""
    heading, _, row = rest[rest.index("演示结束") :].splitlines()[1:4]
    assert heading.split() == ["导入卡密", "订单", "已发卡", "缺货", "利润", "¥", "核对"]
    imported, orders, delivered, short, profit, *proven = row.split()
    assert int(imported) == 11_165
    assert int(orders) > 0
    assert int(delivered) >= int(orders)
    assert int(short) >= 0
    assert float(profit) > 0
    assert proven == ["✓", "全部成立"]
