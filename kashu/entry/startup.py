"""What every program of ours does first: find the database, or start ours, and migrate it."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from sqlalchemy.exc import OperationalError

from kashu.core.db import APP_ROLE, Database
from kashu.core.errors import Invalid, Unavailable
from kashu.core.migrate import migrate
from kashu.core.postgres import OWNER_ROLE, Server, start
from kashu.core.secrets import MasterKeys
from kashu.entry import modules  # noqa: F401  (declares every table)
from kashu.entry.settings import Settings


@dataclass(frozen=True, slots=True)
class Ground:
    """A migrated database and the keys: what web, worker and command line stand on."""

    settings: Settings
    url: str = field(repr=False)  # may hold a password
    masters: MasterKeys
    server: Server | None  # the embedded one, while it is ours

    def open(self) -> Database:
        """Open connections as the program's own role."""
        return Database(self.url, role=APP_ROLE, pool_size=self.settings.pool_size)

    @property
    def owner_url(self) -> str:
        """How the role that owns the tables reaches them. May hold a password."""
        return self.url if self.server is None else self.server.url(role=OWNER_ROLE)

    def close(self) -> None:
        """Give up our share of the embedded server."""
        if self.server is not None:
            self.server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class DataFolderUnusable(Invalid):
    """The folder of the data can't be made, read or written."""

    code = "data_folder_unusable"
    zh = "数据文件夹 {folder} 无法使用（{reason}）。请检查路径和权限，或用 KASHU_DATA_DIR 换一个。"
    en = "The data folder {folder} can't be used ({reason}). Check it, or set KASHU_DATA_DIR."


class DatabaseAway(Unavailable):
    """The database that the settings name doesn't answer."""

    code = "database_away"
    zh = "连不上 KASHU_DATABASE_URL 指定的数据库。请检查地址、账号和网络，确认数据库已启动。"
    en = "The database of KASHU_DATABASE_URL doesn't answer. Check its address, user and network."


def start_up(settings: Settings) -> Ground:
    """Start the embedded PostgreSQL where no URL is given; read the keys; migrate under a lock.

    Raises: PostgresCannotStart, PostgresTooOld, RoleMissing, MasterKeyUnusable, DatabaseAway,
    DataFolderUnusable.
    """
    try:
        masters = settings.load_master_keys()
    except OSError as error:
        folder = settings.master_key_file or settings.data_dir
        raise DataFolderUnusable(folder=folder, reason=error.strerror) from error
    if settings.database_url is not None:
        try:
            migrate(settings.database_url)
        except OperationalError as error:
            raise DatabaseAway from error
        return Ground(settings, settings.database_url, masters, None)
    server = start(settings.data_dir)
    migrate(server.url(role=OWNER_ROLE))
    return Ground(settings, server.url(role=APP_ROLE), masters, server)
