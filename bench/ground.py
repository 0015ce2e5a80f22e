"""What a bench stands on: an embedded PostgreSQL of its own, and a shop in it."""

import atexit
import functools
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg

from kashu.access.keyring import Keyrings
from kashu.channels.kinds import ChannelKind
from kashu.channels.stores import open_store
from kashu.core.db import APP_ROLE, Database
from kashu.core.migrate import migrate
from kashu.core.postgres import Server, start
from kashu.core.secrets import KEY_BYTES, MasterKey, MasterKeys
from kashu.entry import modules  # noqa: F401  (declares every table)
from kashu.entry.begin import begin_tenant
from kashu.stock.warehouses import list_warehouses
from kashu.suppliers.add import add_supplier

MASTERS: Final = MasterKeys(MasterKey.of(b"k" * KEY_BYTES))
ACTOR: Final = "cli"


@dataclass(frozen=True, slots=True)
class Ground:
    """A migrated database on a server of this bench's own."""

    folder: Path
    server: Server
    url: str  # as the program's own role
    version: str
    fsync: str

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401  (rows)
        """Run a statement as the superuser, who sees all tenants' rows."""
        with psycopg.connect(self.server.url(role="postgres"), autocommit=True) as connection:
            done = connection.execute(statement, values)  # type: ignore[arg-type, unused-ignore]
            return done.fetchall() if done.description else []


@contextmanager
def make_ground() -> Iterator[Ground]:
    """Start a server in a folder under the temporary one; remove both at the end."""
    folder = _new_folder()
    try:
        # As it is, with owners: the account that serves may be another's.
        subprocess.run(["cp", "-a", f"{_template()}/.", folder], check=True)  # noqa: S603, S607
        server = start(folder)
        try:
            found = server.run("psql", "-XAtc", "SHOW server_version", "-c", "SHOW fsync").split()
            yield Ground(folder, server, server.url(role=APP_ROLE), found[0], found[-1])
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@functools.cache
def _template() -> Path:
    """Make the folder of a migrated database, once for all benches of this process."""
    folder = _new_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = start(folder)
    try:
        migrate(server.url(role="kashu_owner"))
    finally:
        server.close()
    return folder


def _new_folder() -> Path:
    # Not under a closed folder: as root, another account serves, and it must get there.
    folder = Path(tempfile.mkdtemp(prefix="kashu-bench-"))
    folder.chmod(0o711)
    return folder


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a code."""

    id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant with stores, SKUs sold from stock, suppliers and a warehouse; no cards yet."""

    tenant_id: int
    stores: tuple[Named, ...]
    skus: tuple[Named, ...]
    suppliers: tuple[Named, ...]
    warehouse_id: UUID
    database: Database
    keyrings: Keyrings


@asynccontextmanager
async def make_shop(
    ground: Ground,
    *,
    stores: int = 5,
    skus: int = 10,
    suppliers: int = 2,
    code: str = "bench",
) -> AsyncIterator[Shop]:
    """Make a merchant with the catalogue that ships, and open connections to the database."""
    database = Database(ground.url, role=APP_ROLE)
    try:
        begun = await begin_tenant(database, MASTERS, code=code, name=code)
        tenant_id = begun.tenant.id
        async with database.transaction(tenant_id) as tx:
            opened = [
                await open_store(
                    tx,
                    tenant_id,
                    ACTOR,
                    code=f"store-{n}",
                    name=f"Store {n}",
                    channel=ChannelKind.TAOBAO,
                )
                for n in range(stores)
            ]
            added = [
                await add_supplier(tx, tenant_id, ACTOR, code=f"supplier-{n}", name=f"S {n}")
                for n in range(suppliers)
            ]
            warehouse = (await list_warehouses(tx, tenant_id))[0]
        found = ground.sql(  # the reference's script counts them
            "UPDATE catalog.skus SET code = 'sku-' || number - 1"
            "  FROM (SELECT id, row_number() OVER (ORDER BY code) AS number FROM catalog.skus"
            "         WHERE tenant_id = %s AND fulfilment = 'card') AS sold"
            " WHERE skus.tenant_id = %s AND skus.id = sold.id AND number <= %s"
            " RETURNING skus.id, skus.code",
            tenant_id,
            tenant_id,
            skus,
        )
        assert len(found) == skus, "the catalogue that ships has as many"
        yield Shop(
            tenant_id,
            tuple(Named(store.id, store.code) for store in opened),
            tuple(Named(*row) for row in found),
            tuple(Named(supplier.id, supplier.code) for supplier in added),
            warehouse.id,
            database,
            Keyrings(MASTERS),
        )
    finally:
        await database.close()
