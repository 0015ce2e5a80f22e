"""HTTP of the shop itself: its name, and where its days begin."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import patch
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType
from sqlalchemy import update

from kashu.access.caller import Caller
from kashu.access.guards import requires
from kashu.access.permissions import Permission
from kashu.access.shapes import Name, Shop
from kashu.access.tables import tenants
from kashu.access.tenants import check_timezone, tenant_by_id
from kashu.core.change import chosen
from kashu.core.db import Database
from kashu.core.events import Event, record

SUBJECT: Final = UUID("0193586e-0000-7000-8000-000073686f70")  # of these events: the shop


class ShopChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays."""

    name: Name | UnsetType = UNSET
    timezone: Annotated[str, msgspec.Meta(min_length=1, max_length=60)] | UnsetType = UNSET


@patch(
    "/v1/settings/shop",
    operation_id="changeShop",
    guards=[requires(Permission.SETTINGS_WRITE)],
)
async def patch_shop(
    data: JSONBody[ShopChange],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> Shop:
    """Rename the shop, or say in which time zone its days begin from now on.

    What is in the books stays on the day on which it was posted.
    """
    wanted = chosen(data)
    if "timezone" in wanted:
        check_timezone(wanted["timezone"])
    async with database.transaction(caller.tenant_id) as tx:
        before = await tenant_by_id(tx, caller.tenant_id)
        changes = {name: to for name, to in wanted.items() if getattr(before, name) != to}
        if changes:
            await tx.execute(update(tenants).where(tenants.c.id == before.id).values(**changes))
            facts = {name: [getattr(before, name), to] for name, to in changes.items()}
            event = Event("tenant.changed", SUBJECT, facts)
            await record(tx, caller.tenant_id, caller.actor, [event])
        after = await tenant_by_id(tx, caller.tenant_id)
    return Shop(after.code, after.name, after.timezone)


routes: Final = (patch_shop,)
