"""Folders and processes for the tests of the embedded PostgreSQL.

Run as a program it is one more user of the server: it obeys lines on its standard input.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

import psycopg

from kashu.core import postgres
from kashu.core.postgres_programs import PACKAGE, find_binaries

COMING_BACK_S = 30.0
HERE = Path(__file__).parents[1]


@contextmanager
def empty_folder() -> Iterator[Path]:
    """A folder that the account which serves can reach: pytest's own is closed to all but us."""
    folder = Path(tempfile.mkdtemp(prefix="kashu-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        for pid_file in folder.rglob("postmaster.pid"):  # a test that failed left it serving
            postgres.start(pid_file.parents[2]).close()
        shutil.rmtree(folder)


def leader(server_folder: Path) -> int:
    """The number of the postmaster; one that is just being brought back is waited for."""
    give_up_at = time.monotonic() + COMING_BACK_S
    while True:
        try:
            return int((server_folder / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):  # not there yet, or not written yet
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)


def ask(
    server: postgres.Server, statement: str, role: str = "postgres"
) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url(role=role), autocommit=True) as connection:
        done = connection.execute(statement.encode())
        return done.fetchall() if done.description else []


def copy_of_programs(folder: Path) -> Path:
    """A copy of the wheel: an environment at another place."""
    package = find_binaries().parents[1]
    for name in (PACKAGE, f"{PACKAGE}.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, folder / name, symlinks=True)
    return folder


class Neighbour:
    """Another process that uses the server; an ordinary user's where `account` is given."""

    def __init__(
        self,
        folder: Path | None,
        *,
        account: str = "",
        programs: Path | None = None,
        home: str = "",
    ) -> None:
        words = [str(folder or ""), account, str(programs or "")]
        kept = {name: value for name, value in os.environ.items() if name != "KASHU_DATA_DIR"}
        self.process = subprocess.Popen(  # noqa: S603  ourselves
            [sys.executable, "-m", "tests.embedded", *words],
            cwd=HERE,
            env=kept | ({"HOME": home} if home else {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            _open(pipe).close()

    def heard(self) -> str:
        return _open(self.process.stdout).readline().strip()

    def close(self) -> None:
        """Have it close its server and end."""
        with _open(self.process.stdin) as line:
            line.write("close\n")
        assert self.heard() == "closed"
        self.process.wait()


def _open(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def main(folder: str, account: str, programs: str) -> None:
    if programs:
        sys.path.insert(0, programs)
    if account:
        # Not the environment's Python as that account: it may lie where only we can reach.
        uid = pwd.getpwnam(account).pw_uid
        gid = pwd.getpwnam(account).pw_gid
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    server = postgres.start(Path(folder) if folder else None)
    sys.stdout.write(f"{server.folder}\n")
    sys.stdout.flush()
    if sys.stdin.readline() == "close\n":
        server.close()
        sys.stdout.write("closed\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
