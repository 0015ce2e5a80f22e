"""HTTP of having seen many price alerts at once."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import ProblemDetail, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.suppliers.price_alerts import see_alert

MOST: Final = 500  # alerts in a request


class AlertsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which alerts, by their ids."""

    ids: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=MOST)]


class SeenOutcome(msgspec.Struct, frozen=True):
    """What came of an alert; `problem` is null where it counts as seen."""

    id: UUID
    problem: ProblemDetail | None


class SeenOutcomes(msgspec.Struct, frozen=True):
    """One outcome for each alert of the request, in its order; `done`: of how many."""

    done: int
    outcomes: list[SeenOutcome]


@post(
    "/v1/price-alerts/seen",
    operation_id="seePriceAlerts",
    guards=[requires(Permission.SUPPLIERS_READ)],
    status_code=200,
)
async def post_all_seen(
    data: JSONBody[AlertsBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> SeenOutcomes:
    """Say that you have seen up to 500 price alerts; the next move makes a new one."""
    refused: dict[UUID, KashuError] = {}
    async with database.transaction(caller.tenant_id) as tx:
        for alert_id in sorted(set(data.ids)):
            try:
                async with tx.begin_nested():
                    await see_alert(tx, caller.tenant_id, caller.actor, alert_id)
            except KashuError as error:
                refused[alert_id] = error
    outcomes = [
        SeenOutcome(each, _problem(caller, n, refused.get(each))) for n, each in enumerate(data.ids)
    ]
    return SeenOutcomes(len(set(data.ids)) - len(refused), outcomes)


def _problem(caller: Caller, n: int, error: KashuError | None) -> ProblemDetail | None:
    if error is None:
        return None
    return ProblemDetail(f"/ids/{n}", error.code, error.text(caller.language))


routes: Final = (post_all_seen,)
