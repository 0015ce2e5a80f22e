"""What waits for a second person, as the API tells it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from kashu.access.actors import is_person
from kashu.access.caller import Caller
from kashu.access.guards import ProblemDetail
from kashu.access.permissions import Permission
from kashu.catalog.reads import Sku
from kashu.core.money import format_amount
from kashu.orders.held import Held
from kashu.orders.tables import HeldKind, HeldState

LINES_MAX = 200  # that are told one by one


class Asked(msgspec.Struct, frozen=True):
    """What was asked for waits for another person: nothing of it has happened.

    `said`: which limit it is above: above_amount, above_units or above_both. `state`: asked, or
    what became of it where the same was asked for before.
    """

    approval_id: UUID
    state: HeldState
    said: str
    orders: int
    units: int
    amount: str


class AskedLine(msgspec.Struct, frozen=True):
    """What is asked for: of an order to be placed, or to go back. `account` is masked.

    `amount`: of a refund null where it is the units' share. `sku` is null of a refund.
    """

    order: str
    line: int
    sku: str | None
    name: str | None
    quantity: int
    amount: str | None
    store: str | None
    customer: str | None
    account: str | None


class ApprovalShown(msgspec.Struct, frozen=True):
    """Something that a person asked for above a limit. `can`: approve, refuse, take_back.

    `blocked`: why the caller can't, in words, where they asked for it themselves. `part` of
    `parts`: of its file. `lines`: the first 200, where one is read.
    """

    id: UUID
    kind: HeldKind
    state: HeldState
    said: str
    asked_by: str
    asked_at: datetime
    orders: int
    units: int
    amount: str
    order_id: UUID | None
    order_number: str | None
    file_name: str
    part: int
    parts: int
    decided_by: str | None
    decided_at: datetime | None
    because: str | None
    lines: list[AskedLine]
    whole_order: bool
    can: list[str]
    blocked: str


class Approvals(msgspec.Struct, frozen=True):
    """Those asked for, the newest first; ask on with `before` = `next_before`."""

    approvals: list[ApprovalShown]
    next_before: UUID | None
    total: int


class RefusalBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it isn't to happen."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class ApprovalsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which, by their ids."""

    ids: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=50)]


class Decided(msgspec.Struct, frozen=True):
    """What came of one: the state it is in now, or why it wasn't approved."""

    id: UUID
    state: HeldState | None
    problem: ProblemDetail | None


class AllDecided(msgspec.Struct, frozen=True):
    """One outcome for each of the request, in its order; `done`: of how many."""

    done: int
    outcomes: list[Decided]


def asked(held: Held) -> Asked:
    """Say that something waits."""
    return Asked(
        held.id,
        held.state,
        held.said,
        held.orders_count,
        held.units,
        format_amount(held.amount_e4),
    )


def show_held(
    held: Held,
    caller: Caller,
    people: Mapping[str, str],
    *,
    skus: Mapping[str, Sku] | None = None,
) -> ApprovalShown:
    """Put something that waits in the words of the wire; with `skus`, line by line."""
    own = held.asked_by == caller.actor
    decided_by = held.approved_by or held.ended_by
    can, blocked = _can(held, caller, own=own)
    lines = [] if skus is None else _lines(held, skus, caller.language)
    return ApprovalShown(
        id=held.id,
        kind=held.kind,
        state=held.state,
        said=held.said,
        asked_by=people.get(held.asked_by, held.asked_by),
        asked_at=held.asked_at,
        orders=held.orders_count,
        units=held.units,
        amount=format_amount(held.amount_e4),
        order_id=held.order_id,
        order_number=held.order_number,
        file_name=held.file_name,
        part=held.part,
        parts=held.parts,
        decided_by=None if decided_by is None else people.get(decided_by, decided_by),
        decided_at=held.approved_at or held.ended_at,
        because=held.ended_because,
        lines=lines[:LINES_MAX],
        whole_order=held.kind is not HeldKind.ORDERS and not held.wanted["lines"],
        can=can,
        blocked=blocked,
    )


def _can(held: Held, caller: Caller, *, own: bool) -> tuple[list[str], str]:
    if held.state is not HeldState.ASKED:
        return [], ""
    if own:
        zh, en = "您申请的，须由另一人审批", "You asked for it: somebody else approves it"
        return ["take_back"], zh if caller.language.startswith("zh") else en
    if not caller.may(Permission.ORDERS_APPROVE) or not is_person(caller.actor):
        return [], ""
    return ["approve", "refuse"], ""


def _lines(held: Held, skus: Mapping[str, Sku], language: str) -> list[AskedLine]:
    if held.kind is not HeldKind.ORDERS:
        return [_back(held, line) for line in held.wanted["lines"]]
    found = []
    for order in held.wanted:
        for number, line in enumerate(order["lines"], start=1):
            sku = skus.get(line["sku"])
            name = (
                None if sku is None else (sku.name_zh, sku.name_en)[not language.startswith("zh")]
            )
            found.append(
                AskedLine(
                    order["external_id"],
                    number,
                    line["sku"],
                    name,
                    line["quantity"],
                    line.get("price"),
                    order.get("store"),
                    order.get("customer"),
                    line.get("account"),
                )
            )
    return found


def _back(held: Held, line: Mapping[str, Any]) -> AskedLine:
    amount_e4 = line["amount_e4"]
    amount = None if amount_e4 is None else format_amount(amount_e4)
    number = held.order_number or ""
    return AskedLine(number, line["number"], None, None, line["quantity"], amount, None, None, None)
