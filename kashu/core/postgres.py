"""The embedded PostgreSQL, for when no database URL is given: started, shared, healed, stopped.

In the data folder, `postgres/` holds `data` and `socket` of the account that serves, and three
lock files. `alone.lock`: who starts or stops. `users.lock`: held shared by everyone who uses the
server. `serving.lock`: inherited by all of the server's processes, so that it is free exactly when
none of them lives, whatever became of their numbers. The kernel frees each at a `kill -9`.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from psycopg.pq import PGconn, Ping

from kashu.core import postgres_settings as settings
from kashu.core.postgres_programs import (
    MAJOR,
    Account,
    PostgresAccountNameless,
    PostgresFolderClosed,
    PostgresFolderForeign,
    PostgresInUse,
    account_for,
    binaries_for,
    cannot_start,
    last_lines,
    run_program,
)

SUPERUSER: Final = "postgres"
OWNER_ROLE: Final = "kashu_owner"  # of the tables
DATABASE: Final = "kashu"
PORT: Final = 5432  # only a part of the socket's name
# Linux has 108 bytes for a socket's path and macOS 104; "/.s.PGSQL.5432" takes 14 of them.
LONGEST_SOCKET_FOLDER: Final = 88
# Recovery after a crash reads up to max_wal_size of log; slow disks need minutes for it.
STARTING_TIMEOUT_S: Final = 600.0
STOPPING_TIMEOUT_S: Final = 60.0
SILENT_TIMEOUT_S: Final = 30.0  # a server that lives and doesn't answer
ORPHANED_TIMEOUT_S: Final = 3.0  # processes that survived their postmaster: idle ones go at once
LAUNCHES: Final = 3  # it may be killed while it starts, too
LOOK_EVERY_S: Final = 0.03

# One statement a line: that is how a server without clients reads them.
FIRST_STATEMENTS: Final = f"""\
CREATE ROLE kashu_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
CREATE ROLE kashu_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
CREATE DATABASE {DATABASE} OWNER kashu_owner;
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers, and our share in it. It stops when the last share is closed."""

    folder: Path
    socket_folder: Path
    _home: "_Home" = field(repr=False)
    _share: list[int] = field(repr=False, compare=False)  # our hold on users.lock; empty: closed

    def url(self, *, role: str, database: str = DATABASE) -> str:
        """Say how libpq, psycopg and SQLAlchemy reach it as `role`."""
        return _url(self.socket_folder, role, database)

    def ensure(self) -> None:
        """Bring it back if it doesn't answer. Call this when a connection fails.

        Raises PostgresCannotStart.
        """
        assert self._share, "closed"
        if self._home.answer() is not Ping.OK:
            with self._home.explaining(), self._home.alone(STARTING_TIMEOUT_S):
                self._home.serve()

    def run(self, program: str, *arguments: str | Path, role: str = SUPERUSER) -> str:
        """Run psql, pg_dump, pgbench … on this server's database and return what it printed.

        Raises PostgresProgramFailed.
        """
        assert self._share, "closed"
        here = {"PGHOST": str(self.socket_folder), "PGPORT": str(PORT)}
        who = {"PGUSER": role, "PGDATABASE": DATABASE}
        return run_program(program, *arguments, environment=here | who)

    def close(self) -> None:
        """Give up our share; stop the server if it was the last. Again is harmless."""
        if not self._share:
            return
        with ExitStack() as then:
            then.callback(os.close, self._share.pop())
            with suppress(PostgresInUse), self._home.alone(STOPPING_TIMEOUT_S):
                # Closing frees the share only if no forked child of ours still has it, so it is
                # asked anew whether anybody is left, not on the descriptor that we had.
                then.close()
                with self._home.locked("users.lock") as last:
                    if last is not None:
                        self._home.stop()


def start(folder: Path | None = None) -> Server:
    """Start the server of `folder`, or join it if it runs; return when it answers.

    Kills, crashes and half-made beginnings of earlier starts are cleared away. The default
    folder is KASHU_DATA_DIR, else /var/lib/kashu for root and ~/.local/share/kashu for others.

    Raises PostgresCannotStart.
    """
    home = _Home((folder or default_folder()).expanduser().resolve() / "postgres")
    with home.explaining():
        _make(home.path)
        with home.alone(STARTING_TIMEOUT_S):
            home.serve()
            share = home.open("users.lock")
            # Only one who is alone takes this lock for itself, and that is us.
            fcntl.flock(share, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return Server(home.data, home.socket_folder, home, [share])


def default_folder() -> Path:
    """Say where the data lives when nobody says so."""
    if chosen := os.environ.get("KASHU_DATA_DIR"):
        return Path(chosen)
    if os.geteuid() == 0:  # not under a home folder: the account that serves can't enter /root
        return Path("/var/lib/kashu")
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share") / "kashu"


class _Home:
    """The folder `postgres` of one data folder, and what may be done in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path / "data"
        digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
        self.mark = f"kashu-{digest}"  # in the title of each of the server's processes
        self.socket_folder = path / "socket"
        # libpq takes a comma for the end of a host.
        if len(os.fsencode(self.socket_folder)) > LONGEST_SOCKET_FOLDER or "," in str(path):
            self.socket_folder = Path("/tmp") / self.mark  # noqa: S108  owner and mode are checked

    @property
    def account(self) -> Account:
        """Who serves: who owns the data, or will."""
        return account_for(self.data if self.data.exists() else self.path)

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Turn what the operating system denies us into what to do about it."""
        try:
            yield
        except OSError as error:
            raise cannot_start(self.path, Account(os.geteuid(), 0), str(error)) from error

    def open(self, name: str) -> int:
        """Open a file of ours. Never through a link that somebody else put there."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.path / name, flags, 0o600)
        if os.geteuid() == 0:  # so that the folder's owner can open it too
            owner = self.path.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        return descriptor

    @contextmanager
    def locked(self, name: str) -> Iterator[int | None]:
        """Hold a lock file for ourselves for the block, or get None: somebody else has it."""
        descriptor = self.open(name)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            yield None
        else:
            try:
                yield descriptor
            finally:
                os.close(descriptor)

    @contextmanager
    def alone(self, timeout_s: float) -> Iterator[None]:
        """Be the only one who starts or stops this server.

        Raises PostgresInUse when another takes longer than `timeout_s`.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            with self.locked("alone.lock") as held:
                if held is not None:
                    yield
                    return
            if time.monotonic() > deadline:
                raise PostgresInUse(folder=str(self.path), waited_s=round(timeout_s))
            time.sleep(LOOK_EVERY_S)

    def answer(self) -> Ping:
        """Knock: OK, REJECT (there, but starting or stopping), or NO_RESPONSE."""
        url = _url(self.socket_folder, SUPERUSER, DATABASE)
        return Ping(PGconn.ping(f"{url}&connect_timeout=3".encode()))

    def serve(self) -> None:
        """Return when the server answers, whatever it takes. Only when `alone`.

        Raises PostgresCannotStart.
        """
        begun = heard = time.monotonic()
        launched = 0
        while (answer := self.answer()) is not Ping.OK:
            now = time.monotonic()
            with self.locked("serving.lock") as free:
                if free is not None:
                    if launched == LAUNCHES:
                        raise cannot_start(self.path, self.account, self._log())
                    self._launch(free)
                    launched, heard = launched + 1, now
            if answer is Ping.REJECT:
                heard = now
            leader, everyone = self._processes()
            if now - heard > (SILENT_TIMEOUT_S if leader else ORPHANED_TIMEOUT_S):
                for pid in everyone:  # nothing is lost: the next start recovers from the log
                    _kill(pid, signal.SIGKILL)
            if now - begun > STARTING_TIMEOUT_S:
                raise PostgresInUse(folder=str(self.path), waited_s=round(now - begun))
            time.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        """End the server in good order. Only when `alone`, and when nobody uses it."""
        leader, _ = self._processes()
        if leader is None:  # not there, or in another container
            return
        _kill(leader, signal.SIGINT)
        deadline = time.monotonic() + STOPPING_TIMEOUT_S
        while time.monotonic() < deadline:
            with self.locked("serving.lock") as free:
                if free is not None:
                    return
            time.sleep(LOOK_EVERY_S)

    def _launch(self, keep: int) -> None:
        _, others = self._processes()
        if others:  # somebody started one by hand, without our lock
            raise PostgresInUse(folder=str(self.path), waited_s=0)
        account = self.account
        if account.other and not account.can_enter(self.path):
            log = f"{self.path}: permission denied"
            raise PostgresFolderClosed(folder=str(self.path), account=account.name, log=log)
        binaries = binaries_for(account, self.path)
        if not (self.data / "PG_VERSION").exists():
            self._create(account, binaries, keep)
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != MAJOR:
            raise PostgresFolderForeign(
                folder=str(self.data), found=f"PostgreSQL {found}", needed=MAJOR
            )
        self._prepare_socket_folder(account)
        # serving.lock is ours, so these are stale, though their number may be another's by now.
        socket = self.socket_folder / f".s.PGSQL.{PORT}"
        for stale in (self.data / "postmaster.pid", socket, Path(f"{socket}.lock")):
            stale.unlink(missing_ok=True)
        # The shell ends at once: the server becomes nobody's child, and no zombie of ours later.
        with os.fdopen(self.open("start.log"), "wb") as output:
            output.truncate()
            serve = (binaries / "postgres", "-D", self.data)
            options = settings.always(self.mark, self.socket_folder)
            shell = ["/bin/sh", "-c", '"$0" "$@" &', *map(str, (*serve, *options))]
            account.popen(shell, output=output, folder=self.path, keep=keep).wait()

    def _create(self, account: Account, binaries: Path, keep: int) -> None:
        """Make the data beside its place and move it there when it is whole."""
        if account.name.isdecimal():
            raise PostgresAccountNameless(uid=account.uid)
        if self.data.exists() and any(self.data.iterdir()):
            raise PostgresFolderForeign(folder=str(self.data), found="?", needed=MAJOR)
        for half_made in self.path.glob("data.new-*"):
            shutil.rmtree(half_made)
        fresh = Path(tempfile.mkdtemp(prefix="data.new-", dir=self.path))
        if account.other:
            os.chown(fresh, account.uid, account.gid)
        initdb = (binaries / "initdb", "-D", fresh, f"--username={SUPERUSER}")
        # Without clients, so that nobody ever meets a database without its roles.
        single = (binaries / "postgres", "--single", "-D", fresh, "-c", "exit_on_error=on")
        steps: list[tuple[list[str | Path], bytes]] = [
            ([*initdb, *settings.at_creation()], b""),
            ([*single, "template1"], FIRST_STATEMENTS.encode()),
        ]
        for command, statements in steps:
            with os.fdopen(self.open("start.log"), "wb") as output:
                output.truncate()
                step = account.popen(
                    command, output=output, stdin=subprocess.PIPE, folder=self.path, keep=keep
                )
                step.communicate(statements)
            if step.returncode != 0:
                why = cannot_start(self.path, account, self._log())
                shutil.rmtree(fresh, ignore_errors=True)  # the disk may be full of it
                raise why
        fresh.rename(self.data)
        here = os.open(self.path, os.O_RDONLY)
        os.fsync(here)
        os.close(here)

    def _prepare_socket_folder(self, account: Account) -> None:
        with suppress(FileExistsError):
            self.socket_folder.mkdir(mode=0o700)
        found = self.socket_folder.lstat()
        if account.other and stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
            os.chown(self.socket_folder, account.uid, account.gid)
            found = self.socket_folder.lstat()
        private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        if not private or found.st_uid != account.uid:
            log = f"{self.socket_folder}: not private to uid {account.uid}"
            raise PostgresFolderClosed(
                folder=str(self.socket_folder), account=account.name, log=log
            )

    def _processes(self) -> tuple[int | None, list[int]]:
        """Find the server's leader (the postmaster) and all its processes, leader included.

        By their titles, which everyone may read; a number alone may be another's by now.
        """
        children, leads = f"postgres: {self.mark}: ", f"/postgres -D {self.data} "
        everyone = [
            pid
            for pid, title in _titles()
            if title.startswith(children) or (title.startswith("/") and leads in f"{title} ")
        ]
        leader = None
        with suppress(OSError, ValueError, IndexError):
            leader = int((self.data / "postmaster.pid").read_text().split()[0])
        return leader if leader in everyone else None, everyone

    def _log(self) -> str:
        """Keep the last lines of what the server said, before or after it had a log file."""
        files = (self.path / "start.log", *(self.data / "log").glob("*.log"))
        latest = max(files, key=lambda file: file.stat().st_mtime_ns)
        return last_lines(latest.read_bytes())


def _make(folder: Path) -> None:
    """Make `folder` and what is missing above it. What is there keeps its mode and owner."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    # As root, others may pass through to what is theirs, and see nothing on the way.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    for path in reversed(missing):
        with suppress(FileExistsError):
            path.mkdir(mode=mode)
            path.chmod(mode)  # whatever the umask


def _titles() -> Iterator[tuple[int, str]]:
    """Go through the machine's processes: number and command line."""
    if not sys.platform.startswith("linux"):
        listed = subprocess.run(
            ["/bin/ps", "-axww", "-o", "pid=,command="], capture_output=True, check=True
        )
        for line in listed.stdout.decode(errors="replace").splitlines():
            pid, _, title = line.strip().partition(" ")
            yield int(pid), title.strip()
        return
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):  # it ended meanwhile
                title = (entry / "cmdline").read_bytes()
                yield int(entry.name), os.fsdecode(title.replace(b"\0", b" ").rstrip())


def _kill(pid: int, how: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, how)


def _url(socket_folder: Path, role: str, database: str) -> str:
    host = quote(os.fsencode(socket_folder), safe="/")
    return f"postgresql://{quote(role)}@/{quote(database)}?host={host}&port={PORT}"
