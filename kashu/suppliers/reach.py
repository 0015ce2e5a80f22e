"""Reach: the suppliers' protocols, and the way to them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from kashu.access.keyring import Keyrings
from kashu.core.clock import Clock, now
from kashu.core.http import Http
from kashu.core.pace import Pace, PacedHttp
from kashu.suppliers.connections import Connection, login_of
from kashu.suppliers.errors import SupplierCannot
from kashu.suppliers.upstream import Can, Link, Upstream


@dataclass(frozen=True, slots=True)
class Upstreams:
    """The protocols that suppliers speak, by name, and the way to them."""

    protocols: Mapping[str, Upstream]
    http: Http
    pace: Pace
    keyrings: Keyrings
    now: Clock = now
    stopping: asyncio.Event = field(default_factory=asyncio.Event)  # nothing new is begun then
    # Whoever orders for a tenant looks for more as soon as its event is set.
    looks: dict[int, asyncio.Event] = field(default_factory=dict)
    notices_at: str = ""  # our public address, such as "https://kashu.example.com"; empty: none

    def reach(self, tenant_id: int, connection: Connection) -> tuple[Upstream, Link]:
        """Make ready to call a supplier. Raises: SupplierCannot, MasterKeyMissing, SealBroken."""
        upstream = self.protocols.get(connection.protocol)
        if upstream is None:
            raise SupplierCannot(supplier=connection.supplier_id, what=connection.protocol)
        name = f"supplier:{connection.supplier_id}"
        rules = upstream.rules
        limits = [(name, rules.calls_per_s)]
        http = PacedHttp(self.http, self.pace, limits, paths=rules.paths_per_s)
        return upstream, Link(
            login_of(connection, tenant_id, self.keyrings.masters), http, self.now
        )

    def reach_to(self, tenant_id: int, connection: Connection, what: Can) -> tuple[Upstream, Link]:
        """As reach(), for something that not all can. Raises also: SupplierCannot."""
        upstream, link = self.reach(tenant_id, connection)
        if what not in upstream.can:
            raise SupplierCannot(supplier=connection.supplier_id, what=what.value)
        return upstream, link

    def look_again(self, tenant_id: int) -> None:
        """Have whoever orders for a tenant in this process look for more, if somebody does."""
        if tenant_id in self.looks:
            self.looks[tenant_id].set()

    def notice_url(self, tenant_id: int, connection: Connection) -> str:
        """Where a supplier tells us; empty where we have no public address."""
        if not self.notices_at:
            return ""
        return f"{self.notices_at}/notices/{tenant_id}/{connection.notice_token}"
