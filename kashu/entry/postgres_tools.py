"""pg_dump and pg_restore for a given server: of its own version, without its password in sight."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from kashu.core.errors import Invalid
from kashu.core.postgres_programs import (
    MAJOR,
    PostgresProgramFailed,
    find_binaries,
    last_lines,
    quiet_environment,
)

# What libpq takes from the environment; a password among a program's arguments is everybody's.
_VARIABLES: Final = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "options": "PGOPTIONS",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}


class PostgresToolsMissing(Invalid):
    """A dump is written and read by the programs of the server's own version, or not reliably."""

    code = "postgres_tools_missing"
    zh = (
        "没有找到 PostgreSQL {major} 的 {program}。"
        "请安装 postgresql-client-{major} 并放进 PATH 后重试。"
    )
    en = (
        "There is no {program} of PostgreSQL {major}. Install postgresql-client-{major}, see that "
        "it is in the PATH, and try again."
    )


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs for one server, and how they reach it."""

    major: str
    database: str
    environment: dict[str, str] = field(repr=False)

    @contextmanager
    def running(
        self, program: str, arguments: Sequence[str], *, feeding: bool
    ) -> Iterator[IO[bytes]]:
        """Run a program for the block, with its output to read, or when `feeding` its input.

        Raises: PostgresToolsMissing; PostgresProgramFailed when it ends badly.
        """
        with TemporaryFile() as complaints:
            process = subprocess.Popen(  # noqa: S603  (a program of PostgreSQL)
                [self._find(program), *arguments],
                env=quiet_environment() | self.environment,
                stdin=subprocess.PIPE if feeding else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if feeding else subprocess.PIPE,
                stderr=complaints,
            )
            pipe = process.stdin if feeding else process.stdout
            assert pipe is not None
            try:
                yield pipe
                pipe.close()
                process.wait()
            except BrokenPipeError:  # it ended before we did, and has said why
                process.wait()
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            if process.returncode != 0:
                complaints.seek(0)
                raise PostgresProgramFailed(
                    program=program,
                    exit_code=process.returncode,
                    log=last_lines(complaints.read()),
                )

    def _find(self, program: str) -> Path:
        if self.major == MAJOR:
            return find_binaries() / program
        debian = f"/usr/lib/postgresql/{self.major}/bin"
        for found in (shutil.which(program, path=debian), shutil.which(program)):
            if found and self._is_of_version(Path(found)):
                return Path(found)
        raise PostgresToolsMissing(program=program, major=self.major)

    def _is_of_version(self, program: Path) -> bool:
        said = subprocess.run(  # noqa: S603  (a program of PostgreSQL)
            [program, "--version"], capture_output=True, check=False
        )
        return f" {self.major}." in said.stdout.decode(errors="replace")


def tools_for(connection: "psycopg.Connection[Any]", url: str) -> Tools:
    """Know which programs the server of `connection` wants."""
    known = conninfo_to_dict(url)
    environment = {
        variable: str(known[name]) for name, variable in _VARIABLES.items() if known.get(name)
    }
    major = str(connection.info.server_version // 10_000)
    return Tools(major, connection.info.dbname, environment)
