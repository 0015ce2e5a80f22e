"""Dialects: the ways in which agents' systems buy from us, and how a call of one is taken."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from kashu.access.keyring import Keyrings
from kashu.core.clock import Clock, now
from kashu.core.errors import KashuError
from kashu.core.incidents import log_incident
from kashu.downstream.counter import Counter
from kashu.downstream.dialect import Call, Dialect, Login, Reply
from kashu.downstream.errors import CallNotOffered, UnknownDialect
from kashu.downstream.logins import count_call, open_login, parse_wire_name
from kashu.orders.intake import Intake

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Dialects:
    """The dialects we speak, by name, and what they stand on."""

    spoken: Mapping[str, Dialect]
    intake: Intake
    keyrings: Keyrings
    now: Clock = now

    def named(self, name: str) -> Dialect:
        """Find one. Raises: UnknownDialect."""
        dialect = self.spoken.get(name)
        if dialect is None:
            raise UnknownDialect(dialect=name[:40], known=", ".join(sorted(self.spoken)))
        return dialect

    async def take(self, name: str, call: Call) -> Reply:
        """Answer a call in its dialect, refusals too; whoever isn't known learns nothing.

        Raises: CallNotOffered, where there is no such dialect.
        """
        dialect = self.spoken.get(name)
        if dialect is None:
            raise CallNotOffered
        try:
            login = await self._login(dialect, call)
            if dialect.check(login, call, self.now()):
                async with self.intake.database.transaction(login.tenant_id) as tx:
                    counted = await count_call(tx, login.tenant_id, login.id, self.now())
                counted.check()
            return await dialect.answer(login, call, self._counter(login))
        except KashuError as error:
            _log.info("agent_call_refused", dialect=name, error=error.code)
            return dialect.refuse(error)
        except Exception as error:  # noqa: BLE001  (a bug of ours: it may have happened)
            log_incident(error, dialect=name)
            return dialect.refuse(KashuError())

    async def _login(self, dialect: Dialect, call: Call) -> Login:
        tenant_id, login_id = parse_wire_name(dialect.whose(call))
        async with self.intake.database.transaction(tenant_id) as tx:
            return await open_login(tx, tenant_id, login_id, dialect.name, self.keyrings.masters)

    def _counter(self, login: Login) -> Counter:
        return Counter(
            self.intake,
            self.keyrings,
            login.tenant_id,
            login.customer_id,
            f"login:{login.id}",
            self.now,
        )
