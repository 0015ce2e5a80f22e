"""HTTP of purchases: want, look, decide."""

import hashlib
import re
from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, QueryParameter
from msgspec import UNSET

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.catalog.reads import sku_by_code
from kashu.core.db import Database, Tx
from kashu.core.money import parse_amount
from kashu.purchases.approve import approve, refuse
from kashu.purchases.cancel import cancel
from kashu.purchases.change import PurchaseChanges, change_purchase, submit_draft
from kashu.purchases.errors_buying import PurchaseKeyMissing
from kashu.purchases.kinds import Cause, PurchaseState
from kashu.purchases.listed import Conditions
from kashu.purchases.reads import Purchase, purchase_of
from kashu.purchases.shapes import (
    Because,
    NewPurchase,
    PurchaseChange,
    PurchasePage,
    PurchaseShown,
    PurchaseWhole,
    Submitting,
)
from kashu.purchases.show import show_purchases
from kashu.purchases.show_whole import show_page, show_whole
from kashu.purchases.want import Request as WantRequest
from kashu.purchases.want import Wanted, goods_for_stock, want
from kashu.stock.warehouses import warehouse_by_code
from kashu.suppliers.reads import supplier_by_code

PAGE_MAX: Final = 200
KEY_PATTERN: Final = r"[\x21-\x7e]{1,128}"

_is_key: Final = re.compile(KEY_PATTERN, re.ASCII).fullmatch


@post(
    "/v1/purchases",
    operation_id="wantPurchase",
    guards=[requires(Permission.PURCHASES_WRITE)],
    responses=problems(400, 404, 409),
)
async def post_purchase(
    data: JSONBody[NewPurchase],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    idempotency_key: Annotated[
        str,
        HeaderParameter(
            name="Idempotency-Key",
            required=True,
            schema_extra={"pattern": f"^{KEY_PATTERN}$"},
            description="Names the request: the same key and body are one purchase.",
        ),
    ] = "",
) -> PurchaseShown:
    """Want something. It is ordered at once, unless a second person must approve it.

    What differs much from what is usual is refused (409 purchase_confirm_needed) until `confirm`.
    """
    if not _is_key(idempotency_key):
        raise PurchaseKeyMissing
    named = WantRequest(idempotency_key, hashlib.sha256(await request.body()).digest())
    async with database.transaction(caller.tenant_id) as tx:
        wanted = await _wanted(tx, caller.tenant_id, data, named)
        purchase_id = await want(tx, caller.tenant_id, caller.actor, wanted)
        return await _one(tx, caller, await purchase_of(tx, caller.tenant_id, purchase_id))


@get(
    "/v1/purchases",
    operation_id="listPurchases",
    guards=[requires(Permission.PURCHASES_READ)],
    responses=problems(404),
)
async def list_purchases(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    in_state: Annotated[list[PurchaseState] | None, QueryParameter(name="state")] = None,
    sku: FromQuery[str | None] = None,
    supplier: FromQuery[str | None] = None,
    cause: FromQuery[Cause | None] = None,
    in_doubt: FromQuery[bool | None] = None,
    overdue: FromQuery[bool | None] = None,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
) -> PurchasePage:
    """List purchases, the newest first: of some states, of one SKU, only or ordered at a supplier.

    `in_doubt`: with an order of which nobody knows what became of it; `overdue`: still open.
    """
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        wanted = Conditions(
            states=in_state,
            sku_id=(await sku_by_code(tx, tenant_id, sku)).id if sku else None,
            supplier_id=(await supplier_by_code(tx, tenant_id, supplier)).id if supplier else None,
            cause=cause,
            in_doubt=in_doubt,
            overdue=overdue,
        )
        return await show_page(tx, caller, wanted, before=before, limit=limit)


@get(
    "/v1/purchases/{purchase_id:uuid}",
    operation_id="readPurchase",
    guards=[requires(Permission.PURCHASES_READ)],
    responses=problems(404),
)
async def read_purchase(
    purchase_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PurchaseWhole:
    """Read a purchase: its orders and why they were made there, what came, where its money is."""
    async with database.transaction(caller.tenant_id) as tx:
        return await show_whole(tx, caller, purchase_id)


@patch(
    "/v1/purchases/{purchase_id:uuid}",
    operation_id="changePurchase",
    guards=[requires(Permission.PURCHASES_WRITE)],
    responses=problems(404, 409),
)
async def patch_purchase(
    purchase_id: FromPath[UUID],
    data: JSONBody[PurchaseChange],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PurchaseShown:
    """Change what is wanted while nothing is under way; above a limit it is approved anew."""
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        changes = await _changes(tx, tenant_id, data)
        changed = await change_purchase(
            tx, tenant_id, caller.actor, purchase_id, changes, confirm=data.confirm
        )
        return await _one(tx, caller, changed)


@post(
    "/v1/purchases/{purchase_id:uuid}/submit",
    operation_id="submitPurchase",
    guards=[requires(Permission.PURCHASES_WRITE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_submit(
    purchase_id: FromPath[UUID],
    data: JSONBody[Submitting],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PurchaseShown:
    """Decide that a draft is bought. Whoever does wants it, and doesn't approve it."""
    async with database.transaction(caller.tenant_id) as tx:
        submitted = await submit_draft(
            tx, caller.tenant_id, caller.actor, purchase_id, confirm=data.confirm
        )
        return await _one(tx, caller, submitted)


@post(
    "/v1/purchases/{purchase_id:uuid}/approve",
    operation_id="approvePurchase",
    guards=[requires(Permission.PURCHASES_APPROVE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_approve(
    purchase_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PurchaseShown:
    """Let somebody else's purchase above a limit be ordered. A person does this, not a key."""
    async with database.transaction(caller.tenant_id) as tx:
        approved = await approve(tx, caller.tenant_id, caller.actor, purchase_id)
        return await _one(tx, caller, approved)


@post(
    "/v1/purchases/{purchase_id:uuid}/refuse",
    operation_id="refusePurchase",
    guards=[requires(Permission.PURCHASES_APPROVE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_refuse(
    purchase_id: FromPath[UUID],
    data: JSONBody[Because],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PurchaseShown:
    """Don't let a purchase above a limit be ordered: it ends."""
    async with database.transaction(caller.tenant_id) as tx:
        refused = await refuse(tx, caller.tenant_id, caller.actor, purchase_id, because=data.reason)
        return await _one(tx, caller, refused)


@post(
    "/v1/purchases/{purchase_id:uuid}/cancel",
    operation_id="cancelPurchase",
    guards=[requires(Permission.PURCHASES_WRITE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_cancel(
    purchase_id: FromPath[UUID],
    data: JSONBody[Because],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PurchaseShown:
    """End a purchase of which nothing is under way."""
    async with database.transaction(caller.tenant_id) as tx:
        ended = await cancel(tx, caller.tenant_id, caller.actor, purchase_id, because=data.reason)
        return await _one(tx, caller, ended)


async def _one(tx: Tx, caller: Caller, purchase: Purchase) -> PurchaseShown:
    [shown] = await show_purchases(tx, caller, [purchase])
    return shown


async def _wanted(tx: Tx, tenant_id: int, data: NewPurchase, named: WantRequest) -> Wanted:
    warehouse = await warehouse_by_code(tx, tenant_id, data.warehouse) if data.warehouse else None
    supplier = await supplier_by_code(tx, tenant_id, data.supplier) if data.supplier else None
    sku = await sku_by_code(tx, tenant_id, data.sku)
    return Wanted(
        sku_id=sku.id,
        goods=goods_for_stock(sku),
        quantity=data.quantity,
        cause=Cause.HAND,
        warehouse_id=warehouse.id if warehouse else None,
        supplier_id=supplier.id if supplier else None,
        unit_cost_max_e4=parse_amount(data.unit_cost_max) if data.unit_cost_max else None,
        due_at=data.due_at,
        draft=data.draft,
        confirm=data.confirm,
        request=named,
    )


async def _changes(tx: Tx, tenant_id: int, data: PurchaseChange) -> PurchaseChanges:
    supplier_id: Any = UNSET
    if data.supplier is None:
        supplier_id = None
    elif data.supplier is not UNSET:
        supplier_id = (await supplier_by_code(tx, tenant_id, data.supplier)).id
    warehouse_id: Any = UNSET
    if data.warehouse is not UNSET:
        warehouse_id = (await warehouse_by_code(tx, tenant_id, data.warehouse)).id
    most: Any = UNSET
    if data.unit_cost_max is not UNSET:
        most = parse_amount(data.unit_cost_max)
    return PurchaseChanges(
        quantity=data.quantity,
        unit_cost_max_e4=most,
        supplier_id=supplier_id,
        warehouse_id=warehouse_id,
        due_at=data.due_at,
    )


routes: Final[Sequence[Any]] = (
    post_purchase,
    list_purchases,
    read_purchase,
    patch_purchase,
    post_submit,
    post_approve,
    post_refuse,
    post_cancel,
)
