"""A shop whose orders are told of, and a clock that is held still."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import pytest

from kashu.access.caller import Caller
from kashu.access.permissions import Permission
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.events import Event, record
from kashu.core.http import Http
from kashu.core.ids import new_id
from kashu.webhooks.deliver import Way, deliver_due
from kashu.webhooks.endpoints import Endpoint, make_endpoint
from kashu.webhooks.fan_out import fan_out
from kashu.webhooks.kinds import MessageType
from kashu.webhooks.reads import Attempt, Delivery, delivery_by_id, list_deliveries
from tests.conftest import MASTERS, Tenant
from tests.webhooks.receiver import Receiver, listening

IMPORTED: Final = MessageType.IMPORT_DONE


@dataclass
class Told:
    """A tenant of whom others are told, at a time that only the test moves."""

    database: Database
    tenant: Tenant
    http: Http
    at: datetime = field(default_factory=lambda: now().replace(microsecond=0))
    stopping: bool = False

    @property
    def caller(self) -> Caller:
        return Caller(self.tenant.id, "staff:owner", frozenset(Permission))

    @property
    def way(self) -> Way:
        return Way(self.http, MASTERS, lambda: self.at, lambda: self.stopping)

    async def endpoint(
        self,
        url: str,
        types: Sequence[MessageType] = (),
        store_id: UUID | None = None,
        customer_id: UUID | None = None,
    ) -> tuple[Endpoint, str]:
        async with self.database.transaction(self.tenant.id) as tx:
            made, secret = await make_endpoint(
                tx,
                self.caller,
                MASTERS,
                name="ERP",
                url=url,
                types=types,
                store_id=store_id,
                customer_id=customer_id,
            )
        return made, secret.clear

    async def happens(self, *events: Event) -> None:
        async with self.database.transaction(self.tenant.id) as tx:
            await record(tx, self.tenant.id, "system", events)

    async def pass_on(self, wait: timedelta = timedelta(0)) -> None:
        """Let time pass, then do what the sweeps do."""
        self.at += wait
        while await fan_out(self.database, self.tenant.id, self.at):
            pass
        await deliver_due(self.database, self.tenant.id, self.way)

    async def deliveries(self, endpoint: Endpoint) -> list[Delivery]:
        async with self.database.transaction(self.tenant.id) as tx:
            return await list_deliveries(tx, self.tenant.id, endpoint.id, most=1_000)

    async def tries(self, delivery_id: UUID) -> list[Attempt]:
        async with self.database.transaction(self.tenant.id) as tx:
            return (await delivery_by_id(tx, self.tenant.id, delivery_id))[1]


@pytest.fixture
async def told(database: Database, tenant: Tenant) -> AsyncIterator[Told]:
    http = Http(private_allowed=True)
    yield Told(database, tenant, http)
    await http.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as one:
        yield one


def moment(text: str) -> datetime:
    """Read a moment as a message tells it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def imported() -> Event:
    return Event("import.done", new_id(), {"read": 3, "accepted": 3, "secret": "C00000000001"})
