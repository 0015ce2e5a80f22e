"""HTTP of orders at suppliers: money in doubt, asking now, and what people decide."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.access.guards import problems, requires, requires_one_of
from kashu.access.permissions import Permission
from kashu.catalog.reads import Sku, skus_by_id
from kashu.core.db import Database, Tx
from kashu.core.money import CURRENCY, AmountUnreadable, exchanged, format_amount, parse_amount
from kashu.purchases.ask import NO_RULES, ask
from kashu.purchases.attempt_shapes import (
    AttemptShown,
    BoughtBody,
    DoubtShown,
    InDoubtShown,
    NotBoughtBody,
    PlacedShown,
    VerdictShown,
)
from kashu.purchases.buyer import Buyer
from kashu.purchases.desk import (
    Bought,
    Verdict,
    in_doubt,
    verdicts_of,
    was_bought,
    was_not_bought,
)
from kashu.purchases.kinds import AttemptState
from kashu.purchases.place import place
from kashu.purchases.reads import (
    Attempt,
    attempt_of,
    attempts_of_purchase,
    live_attempts,
    purchase_of,
    purchases_by_id,
)
from kashu.purchases.route import NoChoice
from kashu.purchases.why import words_for
from kashu.suppliers.kinds import Goods
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.reads import Supplier, suppliers_by_id
from kashu.suppliers.upstream import BoughtCard

_READ: Final = [requires(Permission.PURCHASES_READ)]
_WRITE: Final = [requires(Permission.PURCHASES_WRITE)]


@get("/v1/money-in-doubt", operation_id="readMoneyInDoubt", guards=_READ)
async def get_in_doubt(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> InDoubtShown:
    """Read our money whose outcome isn't known, by supplier and order by order."""
    async with database.transaction(caller.tenant_id) as tx:
        doubts = await in_doubt(tx, caller.tenant_id)
        orders = await _shown(tx, caller, await live_attempts(tx, caller.tenant_id))
        known = await suppliers_by_id(tx, caller.tenant_id, [each.supplier_id for each in doubts])
    return InDoubtShown(
        format_amount(sum(each.amount_e4 for each in doubts)),
        [
            DoubtShown(
                known[each.supplier_id].code,
                known[each.supplier_id].name,
                each.supplier_id,
                format_amount(each.amount_e4),
                each.attempts,
                each.left_to_people,
                each.oldest_at,
                CURRENCY,
            )
            for each in doubts
        ],
        orders,
        CURRENCY,
    )


@get(
    "/v1/purchases/{purchase_id:uuid}/orders",
    operation_id="listPurchaseOrders",
    guards=_READ,
    responses=problems(404),
)
async def get_attempts(
    purchase_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> list[AttemptShown]:
    """Read the orders that were made at suppliers for a purchase, oldest first."""
    async with database.transaction(caller.tenant_id) as tx:
        await purchase_of(tx, caller.tenant_id, purchase_id)
        found = await attempts_of_purchase(tx, caller.tenant_id, purchase_id)
        return await _shown(tx, caller, found)


@get(
    "/v1/supplier-orders/{attempt_id:uuid}",
    operation_id="readSupplierOrder",
    guards=_READ,
    responses=problems(404),
)
async def get_attempt(
    attempt_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> AttemptShown:
    """Read an order at a supplier, and what people said of it."""
    async with database.transaction(caller.tenant_id) as tx:
        return await _one(tx, caller, await attempt_of(tx, caller.tenant_id, attempt_id))


@post(
    "/v1/purchases/{purchase_id:uuid}/place",
    operation_id="placePurchase",
    guards=_WRITE,
    status_code=200,
    responses=problems(404, 409),
)
async def post_place(
    purchase_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> PlacedShown:
    """Order a purchase now. However often this is asked at once, it is ordered once."""
    begun = await place(_buyer(caller, database, upstreams), purchase_id)
    async with database.transaction(caller.tenant_id) as tx:
        purchase = await purchase_of(tx, caller.tenant_id, purchase_id)
        order = None if isinstance(begun, NoChoice) else await _one(tx, caller, begun)
    return PlacedShown(purchase.id, purchase.state, purchase.said, order)


@post(
    "/v1/supplier-orders/{attempt_id:uuid}/ask",
    operation_id="askSupplierOrder",
    guards=_WRITE,
    status_code=200,
    responses=problems(404, 409),
)
async def post_ask(
    attempt_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> AttemptShown:
    """Ask the supplier now how an order stands."""
    attempt = await ask(_buyer(caller, database, upstreams), attempt_id)
    async with database.transaction(caller.tenant_id) as tx:
        return await _one(tx, caller, attempt)


@post(
    "/v1/supplier-orders/{attempt_id:uuid}/bought",
    operation_id="confirmBought",
    guards=_WRITE,
    status_code=200,
    responses=problems(404, 409),
)
async def post_bought(
    attempt_id: FromPath[UUID],
    data: JSONBody[BoughtBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> AttemptShown:
    """Say that it was bought, and hand in what came: cards are checked and enter stock."""
    occasion = _buyer(caller, database, upstreams).occasion(NO_RULES)
    bought = Bought(
        [BoughtCard(card.number, card.password, card.url, card.expires_on) for card in data.cards],
        data.their_number,
        None if data.charged is None else _charge(data.charged),
        data.receipt,
    )
    async with database.transaction(caller.tenant_id) as tx:
        return await _one(tx, caller, await was_bought(tx, occasion, attempt_id, bought))


@post(
    "/v1/supplier-orders/{attempt_id:uuid}/not-bought",
    operation_id="confirmNotBought",
    guards=[requires_one_of(Permission.PURCHASES_WRITE, Permission.PURCHASES_APPROVE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_not_bought(
    attempt_id: FromPath[UUID],
    data: JSONBody[NotBoughtBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> AttemptShown:
    """Say that nothing was bought, with what proves it. Above a limit two people must say so."""
    occasion = _buyer(caller, database, upstreams).occasion(NO_RULES)
    async with database.transaction(caller.tenant_id) as tx:
        attempt = await was_not_bought(
            tx, occasion, attempt_id, reason=data.reason, evidence=data.evidence
        )
        return await _one(tx, caller, attempt)


def _charge(written: str) -> int:
    """Read what a supplier took: to four decimals, as suppliers quote. Raises: AmountUnreadable."""
    charged_e4 = parse_amount(written)
    if charged_e4 < 0:
        raise AmountUnreadable(amount=written[:40])
    return charged_e4


def _buyer(caller: Caller, database: Database, upstreams: Upstreams) -> Buyer:
    return Buyer(database, caller.tenant_id, caller.timezone, upstreams, caller.actor)


async def _one(tx: Tx, caller: Caller, attempt: Attempt) -> AttemptShown:
    [shown] = await _shown(tx, caller, [attempt])
    said = await verdicts_of(tx, caller.tenant_id, attempt.id)
    names = await names_of(tx, caller.tenant_id, [each.said_by for each in said])
    return msgspec.structs.replace(shown, verdicts=[_verdict(each, names) for each in said])


async def _shown(tx: Tx, caller: Caller, found: Collection[Attempt]) -> list[AttemptShown]:
    """Show some; without what people said of them."""
    ids = {each.supplier_id for each in found}
    known = await suppliers_by_id(tx, caller.tenant_id, ids)
    bought = await purchases_by_id(tx, caller.tenant_id, {each.purchase_id for each in found})
    skus = await skus_by_id(tx, caller.tenant_id, {each.sku_id for each in bought.values()})
    return [
        _attempt(
            caller,
            each,
            known[each.supplier_id],
            bought[each.purchase_id].goods,
            skus[bought[each.purchase_id].sku_id],
        )
        for each in found
    ]


def _attempt(
    caller: Caller, attempt: Attempt, supplier: Supplier, goods: Goods, sku: Sku
) -> AttemptShown:
    asked = attempt.live and attempt.state is not AttemptState.MANUAL
    return AttemptShown(
        id=attempt.id,
        purchase_id=attempt.purchase_id,
        sku=sku.code,
        sku_name=sku.name_zh if caller.language == "zh" else sku.name_en,
        goods=goods,
        supplier=supplier.code,
        supplier_name=supplier.name,
        supplier_id=attempt.supplier_id,
        number=attempt.number,
        their_number=attempt.their_number,
        ref=attempt.ref,
        quantity=attempt.quantity,
        units=attempt.units,
        total=format_amount(attempt.total_e4),
        total_in_ours=format_amount(exchanged(attempt.total_e4, attempt.rate_e6)),
        currency=attempt.currency,
        state=attempt.state,
        said=attempt.said,
        words=words_for(attempt.said, caller.language),
        word_unknown=attempt.word_unknown,
        made_at=attempt.made_at,
        ended_at=attempt.ended_at,
        next_at=attempt.next_at if asked else None,
        asks=attempt.asks,
        charged=None if attempt.charged_e4 is None else format_amount(attempt.charged_e4),
        refunded=format_amount(attempt.refunded_e4),
        received=attempt.received_count,
        turned_away=attempt.turned_away_count,
        receipt=attempt.receipt,
        surplus=attempt.surplus,
        can=_can(caller, attempt),
        verdicts=[],
    )


def _can(caller: Caller, attempt: Attempt) -> list[str]:
    writes = caller.may(Permission.PURCHASES_WRITE)
    decides = writes or caller.may(Permission.PURCHASES_APPROVE)
    sending = attempt.state is AttemptState.SENDING
    can = ["ask"] if writes and attempt.live and not sending else []
    if writes and not sending and attempt.state is not AttemptState.SUCCEEDED:
        can.append("bought")
    if decides and attempt.state is AttemptState.MANUAL:
        can.append("not_bought")
    return can


def _verdict(verdict: Verdict, names: Mapping[str, str]) -> VerdictShown:
    by = verdict.said_by
    return VerdictShown(
        verdict.bought, verdict.reason, verdict.evidence, by, names.get(by, by), verdict.at
    )


routes: Final = (
    get_in_doubt,
    get_attempts,
    get_attempt,
    post_place,
    post_ask,
    post_bought,
    post_not_bought,
)
