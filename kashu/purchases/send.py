"""Send: the call that orders, once; and what is written down of how it ended."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from kashu.core.db import Tx
from kashu.core.errors import KashuError, OutsideError
from kashu.core.http import AddressForbidden, HeaderUnwritable
from kashu.core.incidents import log_incident
from kashu.purchases.buyer import Buyer
from kashu.purchases.fill_inputs import fill_inputs, under_their_key
from kashu.purchases.inputs import open_inputs
from kashu.purchases.reads import Attempt, Purchase
from kashu.purchases.settle import Answer, Source
from kashu.purchases.settling import Settling
from kashu.suppliers.connections import Connection
from kashu.suppliers.errors import PriceAbove, SoldOut, SupplierDown, SupplierUnclear
from kashu.suppliers.kinds import OfferState, Told
from kashu.suppliers.read_prices import refresh_offer
from kashu.suppliers.upstream import Can, Guard, Link, Order, Standing, Upstream

SLACK_S: Final = 5.0  # beyond the deadline that an adapter is given
SETTLE_TRIES: Final = 8  # an answer may hold cards that nobody tells twice
PAUSE_MAX_S: Final = 5.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sent:
    """An attempt that is written down, and all that is needed to send it."""

    attempt: Attempt
    upstream: Upstream
    link: Link = field(repr=False)
    connection: Connection = field(repr=False)
    order: Order


async def send(buyer: Buyer, sent: Sent) -> Standing | OutsideError:
    """Call the supplier, once. Whatever isn't known to have done nothing is Unclear."""
    try:
        order = await fill_inputs(buyer, sent.attempt, sent.upstream, sent.link, sent.order)
        await _look(buyer, sent)
    except OutsideError as error:
        return error
    try:
        async with asyncio.timeout(sent.upstream.rules.place_deadline_s + SLACK_S):
            return await sent.upstream.place(sent.link, order)
    except OutsideError as error:
        return error
    except (AddressForbidden, HeaderUnwritable) as error:  # nothing left
        return SupplierDown(supplier=sent.attempt.supplier_id, said=error.code)
    except TimeoutError:
        return SupplierUnclear(supplier=sent.attempt.supplier_id, said="deadline")
    except Exception as error:  # noqa: BLE001  (an adapter's bug: who knows what happened)
        log_incident(error, attempt=str(sent.attempt.id))
        return SupplierUnclear(supplier=sent.attempt.supplier_id, said="incident")


async def _look(buyer: Buyer, sent: Sent) -> None:
    """Read the price right before ordering where the order itself carries no limit.

    Raises: PriceAbove, SoldOut, SupplierDown, LoginRefused; nothing was ordered.
    """
    attempt, can = sent.attempt, sent.upstream.can
    if sent.upstream.rules.guard is not Guard.NONE or Can.READ_PRODUCT not in can:
        return
    offer = await refresh_offer(
        buyer.database,
        buyer.tenant_id,
        buyer.upstreams,
        sent.connection,
        attempt.ref,
        how=Told.READ,
    )
    supplier = attempt.supplier_id
    if offer is None:
        raise SupplierDown(supplier=supplier, said="price_not_read")
    if offer.state is not OfferState.LIVE or not offer.on_sale or not offer.in_stock:
        raise SoldOut(supplier=supplier, said=offer.held_because or offer.state.value)
    if offer.unit_cost_e4 is None or offer.unit_cost_e4 > attempt.unit_cost_e4:
        raise PriceAbove(supplier=supplier, said="price_rose")


async def order_of(
    tx: Tx, buyer: Buyer, attempt: Attempt, purchase: Purchase, connection: Connection
) -> Order:
    """Say what was ordered, as it was said when it left. Raises: SealBroken."""
    inputs: dict[str, str] = {}
    if purchase.sealed_inputs is not None and purchase.key_version is not None:
        version = purchase.key_version
        keyring = await buyer.upstreams.keyrings.of(tx, buyer.tenant_id, version=version)
        inputs = open_inputs(keyring, purchase.sku_id, purchase.id, purchase.sealed_inputs, version)
    return order_with(buyer, attempt, purchase, connection, inputs)


def order_with(
    buyer: Buyer,
    attempt: Attempt,
    purchase: Purchase,
    connection: Connection,
    inputs: Mapping[str, str],
) -> Order:
    """Say what was ordered, with what was typed for it: nothing, where cards are bought."""
    return Order(
        number=attempt.number,
        ref=attempt.ref,
        goods=purchase.goods,
        quantity=attempt.quantity,
        unit_cost_e4=attempt.unit_cost_e4,
        total_max_e4=attempt.total_e4,
        ordered_at=attempt.made_at,
        inputs=under_their_key(inputs, attempt.account_key),
        notice_url=buyer.upstreams.notice_url(buyer.tenant_id, connection),
    )


async def keep(
    settling: Settling, buyer: Buyer, sent: Sent, learnt: Standing | OutsideError
) -> Attempt:
    """Write down what the answer was, whatever it takes: it may hold cards."""
    pause_s = 0.1
    for left in reversed(range(SETTLE_TRIES)):
        occasion = buyer.occasion(sent.upstream.rules)
        answer = Answer(occasion, sent.attempt.id, learnt, Source.PLACED)
        try:
            return await settling.settle(answer, sent.attempt.purchase_id)
        except KashuError as error:
            _log.warning("attempt_not_settled", attempt=str(sent.attempt.id), error=error.code)
            if not left:
                raise
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, PAUSE_MAX_S)
    raise AssertionError
