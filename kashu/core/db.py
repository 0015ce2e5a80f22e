"""The one way to the database: a transaction you can see.

Only the edges (api.py, sweeps.py, the command line) open one. A verb is handed `tx` and never
commits. Each transaction is of one tenant; row-level security sees to it.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, TypeAlias, cast

import psycopg
import structlog
from sqlalchemy import exc, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from kashu.core.errors import Busy, Conflict, KashuError, Unclear

Tx: TypeAlias = AsyncConnection

APP_ROLE: Final = "kashu_app"  # owns nothing and cannot bypass row-level security

# jit: our statements are short and many, and compiling one costs more than running it.
SESSION: Final = (
    "-c jit=off -c timezone=UTC -c lock_timeout=3s -c idle_in_transaction_session_timeout=60s"
)

_log = structlog.get_logger()


class DatabaseBusy(Busy):
    """A lock, a connection or the server wasn't to be had in time. Nothing was done."""

    code = "database_busy"
    zh = "数据库正忙或正在恢复，什么都没有改动，请几秒后再试。"
    en = "The database is busy or recovering. Nothing was done; try again in a few seconds."


class CommitUnclear(Unclear):
    """The connection broke while committing: it may have happened."""

    status = 503
    code = "commit_unclear"
    zh = "提交时连接中断，可能已经成功。请用同一个幂等键或单号重试，不会重复处理。"
    en = (
        "The connection broke while committing; it may have happened. Repeat it with the same "
        "idempotency key or order number: it won't be done twice."
    )


class AlreadyThere(Conflict):
    """Something with that key exists."""

    code = "already_there"
    zh = "已经存在相同的记录（{rule}）。请刷新后核对。"
    en = "There is one already ({rule}). Read it again and compare."


_constraint_errors: dict[str, type[KashuError]] = {}


def on_violation(constraint: str, error: type[KashuError]) -> None:
    """Say what it means to a caller when the database enforces `constraint`."""
    assert constraint not in _constraint_errors, constraint
    _constraint_errors[constraint] = error


def _meaning(error: psycopg.Error) -> KashuError | None:
    """What a database's error means to the caller, or None for a bug of ours."""
    if isinstance(error, psycopg.errors.IntegrityError):
        constraint = error.diag.constraint_name or ""
        if constraint in _constraint_errors:
            return _constraint_errors[constraint](rule=constraint)
        if isinstance(error, psycopg.errors.UniqueViolation):
            return AlreadyThere(rule=constraint)
        return None
    if _is_away(error) or (error.sqlstate or "").startswith(_BUSY):
        return DatabaseBusy()
    return None


# By SQLSTATE: a class of the driver is one code, not all that begin alike.
# 53 insufficient resources, 40001 serialization failure, 40P01 deadlock, 55P03 lock not available,
# 25006 read-only (a standby, during a failover). Source: PostgreSQL manual, appendix A.
_BUSY: Final = ("53", "40001", "40P01", "55P03", "25006")
# 08 connection exception, 57 operator intervention: shut down, crashed, starting up.
_AWAY: Final = ("08", "57")


def _is_away(error: psycopg.Error) -> bool:
    """Tell whether the server or the way to it is gone, so that it can't say what became of us."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(_AWAY)


class Database:
    """A pool of connections as the program's own role."""

    def __init__(
        self,
        url: str,
        *,
        role: str | None = None,
        pool_size: int = 8,
        pool_timeout_s: float = 5.0,
        statement_timeout_s: int = 0,
    ) -> None:
        """Take a libpq URL; `role` is assumed by each connection where the URL's own is mighty.

        `statement_timeout_s`: a statement that takes longer is given up (DatabaseBusy); 0: never.
        """
        options = f"{SESSION} -c statement_timeout={statement_timeout_s}s"
        if role is not None:
            options = f"{options} -c role={role}"
        self._engine = create_async_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            connect_args={"options": options},
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=pool_timeout_s,
            pool_pre_ping=False,
        )

    @asynccontextmanager
    async def transaction(
        self, tenant_id: int | None, *, settings: Mapping[str, str] | None = None
    ) -> AsyncIterator[Tx]:
        """Commit when the block ends, roll back when it raises.

        `tenant_id`: whose rows can be seen and written; None sees no tenant's rows at all.
        Raises: DatabaseBusy (nothing was done), CommitUnclear, or what a constraint means.
        """
        try:
            tx = await self._begin({"kashu.tenant_id": str(tenant_id or 0), **(settings or {})})
            try:
                try:
                    yield tx
                except BaseException:
                    await _roll_back(tx)
                    raise
                await _commit(tx)
            finally:
                await tx.close()
        except exc.DBAPIError as error:
            meaning = _meaning(cast("psycopg.Error", error.orig))
            if meaning is None:
                raise
            raise meaning from error
        except exc.TimeoutError as error:  # the pool is exhausted
            raise DatabaseBusy from error
        except psycopg.Error as error:
            meaning = _meaning(error)
            if meaning is None:
                raise
            raise meaning from error

    async def _begin(self, settings: Mapping[str, str]) -> Tx:
        """Begin on a connection that lives: one that died while idle is replaced, once."""
        tx = await self._engine.connect()
        try:
            await _set_local(tx, settings)
        except exc.DBAPIError as error:
            await tx.close()
            if not error.connection_invalidated:
                raise
        except BaseException:
            await tx.close()
            raise
        else:
            return tx
        tx = await self._engine.connect()
        try:
            await _set_local(tx, settings)
        except BaseException:
            await tx.close()
            raise
        return tx

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()


async def _set_local(tx: Tx, settings: Mapping[str, str]) -> None:
    # SET LOCAL, not set_config(): only the former is carried to the nodes of a Citus cluster.
    assert all(value.replace("_", "").isalnum() for value in settings.values()), settings
    await tx.exec_driver_sql(
        "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in settings.items())
    )


async def _roll_back(tx: Tx) -> None:
    try:
        await tx.rollback()
    except (exc.DBAPIError, psycopg.Error) as error:  # the first error is the one to tell
        _log.warning("rollback_failed", error=type(error).__name__)
        await tx.invalidate()


async def _commit(tx: Tx) -> None:
    try:
        await tx.commit()
    except (exc.DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        if not isinstance(cause, psycopg.Error) or not _is_away(cause):
            raise  # the server said no: nothing was done
        await tx.invalidate()
        raise CommitUnclear from error


async def driver(tx: Tx) -> psycopg.AsyncConnection[Any]:
    """The psycopg connection beneath `tx`, for COPY and for statements kept in .sql files."""
    raw = await tx.get_raw_connection()
    return cast("psycopg.AsyncConnection[Any]", raw.driver_connection)


async def one_snapshot(tx: Tx) -> None:
    """Have all that is read in this transaction be of one moment. The first thing in it."""
    await tx.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


async def plan_for_any_tenant(tx: Tx) -> None:
    """Have what follows in this transaction planned for tenants in general, not for its own.

    For statements that look up many rows at once. A tenant that came since the tables were last
    analyzed has no rows as far as the planner knows: any index looks as good as the right one, and
    each lookup reads all that the tenant has.
    """
    await tx.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")


async def believed_rows(tx: Tx, tenant_id: int, table: str) -> int:
    """How many rows the planner believes a tenant to have in a table, such as "stock.cards".

    Of one that came since the last ANALYZE: next to none, however many there are.
    """
    question = f"EXPLAIN (FORMAT JSON) SELECT FROM {table} WHERE tenant_id = {tenant_id:d}"
    [plan] = (await tx.exec_driver_sql(question)).scalar_one()
    return int(plan["Plan"]["Plan Rows"])


async def one_at_a_time(tx: Tx, what: str) -> None:
    """Wait for our turn at `what`, and keep it until `tx` ends."""
    await tx.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what}
    )
