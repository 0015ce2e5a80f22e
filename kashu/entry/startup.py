"""What every program of ours does first: find the database, or start ours, and migrate it."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from kashu.core.db import APP_ROLE, Database
from kashu.core.migrate import migrate
from kashu.core.postgres import Server, start
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


def start_up(settings: Settings) -> Ground:
    """Start the embedded PostgreSQL where no URL is given; read the keys; migrate under a lock.

    Raises: PostgresCannotStart, PostgresTooOld, RoleMissing, MasterKeyUnusable.
    """
    masters = settings.load_master_keys()
    if settings.database_url is not None:
        migrate(settings.database_url)
        return Ground(settings, settings.database_url, masters, None)
    server = start(settings.data_dir)
    migrate(server.url(role="kashu_owner"))
    return Ground(settings, server.url(role=APP_ROLE), masters, server)
