"""HTTP of approving many purchases at once."""

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
from kashu.purchases.approve import approve
from kashu.purchases.errors_buying import ApproverNotAPerson
from kashu.purchases.kinds import PurchaseState

MOST: Final = 200  # purchases in a request


class PurchasesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which purchases, by their ids."""

    ids: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=MOST)]


class ApprovalOutcome(msgspec.Struct, frozen=True):
    """What came of a purchase: the state it is in now, or why it wasn't approved."""

    id: UUID
    state: PurchaseState | None
    problem: ProblemDetail | None


class ApprovalOutcomes(msgspec.Struct, frozen=True):
    """One outcome for each purchase of the request, in its order; `done`: of how many."""

    done: int
    outcomes: list[ApprovalOutcome]


@post(
    "/v1/purchases/approve",
    operation_id="approvePurchases",
    guards=[requires(Permission.PURCHASES_APPROVE)],
    status_code=200,
)
async def post_approve_all(
    data: JSONBody[PurchasesBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ApprovalOutcomes:
    """Let up to 200 purchases of somebody else's be ordered. A person does this, not a key.

    One that isn't approved, such as the caller's own, doesn't hold up the others.
    """
    if caller.actor.startswith("key:"):
        raise ApproverNotAPerson
    stand: dict[UUID, PurchaseState] = {}
    refused: dict[UUID, KashuError] = {}
    async with database.transaction(caller.tenant_id) as tx:
        for purchase_id in sorted(set(data.ids)):
            try:
                async with tx.begin_nested():
                    done = await approve(tx, caller.tenant_id, caller.actor, purchase_id)
                    stand[purchase_id] = done.state
            except KashuError as error:
                refused[purchase_id] = error
    outcomes = [
        ApprovalOutcome(each, stand.get(each), _problem(caller, n, refused.get(each)))
        for n, each in enumerate(data.ids)
    ]
    return ApprovalOutcomes(len(stand), outcomes)


def _problem(caller: Caller, n: int, error: KashuError | None) -> ProblemDetail | None:
    if error is None:
        return None
    return ProblemDetail(f"/ids/{n}", error.code, error.text(caller.language))


routes: Final = (post_approve_all,)
