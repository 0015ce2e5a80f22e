"""Show: matters in words, with what may be done about each, by whom."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from kashu.access.actors import is_person, names_of
from kashu.access.caller import Caller
from kashu.catalog.reads import Sku, skus_by_id
from kashu.channels.reads import Store, stores_by_id
from kashu.core.db import Tx
from kashu.core.matters import Matter
from kashu.core.money import CURRENCY, format_amount
from kashu.customers.reads import Customer, customers_by_id
from kashu.desk.about import Act, Target
from kashu.desk.notes import Note, notes_about
from kashu.desk.queue import Row
from kashu.desk.shapes import CanDo, Link, MatterShown, NoteShown, OnIt, Thing
from kashu.desk.words import (
    BEING_BOUGHT,
    BY_HAND,
    MOVEMENTS,
    ON_THE_PLATFORM,
    POLICIES,
    PROGRESS,
    said_words,
    short_words,
)
from kashu.purchases.kinds import OPEN
from kashu.suppliers.reads import Supplier, suppliers_by_id

_OURS: Final = {"asked_by"}  # facts that only tell what may be done
_NOTES_MAX: Final = 2_000  # of a page's rows


@dataclass(frozen=True, slots=True)
class Things:
    """What a page's rows name, read at once."""

    skus: Mapping[UUID, Sku]
    stores: Mapping[UUID, Store]
    suppliers: Mapping[UUID, Supplier]
    customers: Mapping[UUID, Customer]
    people: Mapping[str, str]
    notes: Mapping[UUID, Sequence[Note]]  # by subject, and by order


async def show(tx: Tx, caller: Caller, rows: Sequence[Row], *, at: datetime) -> list[MatterShown]:
    """Put rows in the words of the wire, for this reader."""
    if not rows:
        return []
    things = await _things(tx, caller.tenant_id, rows)
    return [_shown(caller, row, things, at) for row in rows]


async def _things(tx: Tx, tenant_id: int, rows: Sequence[Row]) -> Things:
    orders = {row.order_id for row in rows if row.order_id is not None}
    written = await notes_about(
        tx,
        tenant_id,
        subject_ids={row.id for row in rows},
        order_ids=orders,
        limit=_NOTES_MAX,
    )
    notes: dict[UUID, list[Note]] = defaultdict(list)
    for each in written:
        for about in {each.subject_id, each.order_id} - {None}:
            notes[about].append(each)  # type: ignore[index]
    people = {each.actor for each in written}
    people |= {row.claimed_by for row in rows if row.claimed_by is not None}
    people |= {row.asked_by for row in rows if row.asked_by is not None}
    return Things(
        skus=await skus_by_id(tx, tenant_id, _ids(rows, "sku_id")),
        stores=await stores_by_id(tx, tenant_id, _ids(rows, "store_id")),
        suppliers=await suppliers_by_id(tx, tenant_id, _ids(rows, "supplier_id")),
        customers=await customers_by_id(tx, tenant_id, _ids(rows, "customer_id")),
        people=await names_of(tx, tenant_id, people),
        notes=notes,
    )


def _ids(rows: Sequence[Row], column: str) -> set[UUID]:
    return {value for row in rows if (value := getattr(row, column)) is not None}


def _shown(caller: Caller, row: Row, things: Things, at: datetime) -> MatterShown:
    zh = caller.language.startswith("zh")
    facts = _facts(caller, row, things)
    about = row.about
    notes = _notes(row, things)
    sku = things.skus.get(row.sku_id) if row.sku_id else None
    store = things.stores.get(row.store_id) if row.store_id else None
    supplier = things.suppliers.get(row.supplier_id) if row.supplier_id else None
    customer = things.customers.get(row.customer_id) if row.customer_id else None
    named = {
        "id": row.id,
        "order_id": row.order_id,
        "line": row.facts.get("line"),
        "store": store and store.code,
        "supplier": supplier and supplier.code,
        "sku": sku and sku.code,
    }
    can, blocked = _can(caller, row, facts, named)
    return MatterShown(
        kind=row.kind,
        id=row.id,
        since=row.since,
        due_at=row.due_at,
        overdue=row.due_at is not None and row.due_at < at,
        what=_filled(about.what[0 if zh else 1], facts),
        next=_filled(about.then[0 if zh else 1], facts),
        said=row.said,
        called=row.number,
        link=_link(row, named),
        order_id=row.order_id,
        store=None if store is None else Thing(store.id, store.code, store.name),
        sku=None if sku is None else Thing(sku.id, sku.code, sku.name_zh if zh else sku.name_en),
        supplier=None if supplier is None else Thing(supplier.id, supplier.code, supplier.name),
        customer=None if customer is None else Thing(customer.id, customer.code, customer.name),
        amount=None if row.amount_e4 is None else format_amount(row.amount_e4),
        quantity=row.quantity,
        facts={
            name: row.facts[name]
            for name in sorted(row.facts.keys() - _OURS)
            if row.facts[name] is not None
        },
        who=_who(caller, row, things),
        notes_count=len(notes),
        last_note=None if not notes else note_shown(notes[0], things.people),
        can=can,
        blocked=blocked,
    )


def _notes(row: Row, things: Things) -> list[Note]:
    found = {each.id: each for each in things.notes.get(row.id, ())}
    if row.order_id is not None:
        found |= {each.id: each for each in things.notes.get(row.order_id, ())}
    return sorted(found.values(), key=lambda each: (each.at, each.id), reverse=True)


def _who(caller: Caller, row: Row, things: Things) -> OnIt | None:
    if row.claimed_by is None or row.claimed_at is None or row.claimed_until is None:
        return None
    name = things.people.get(row.claimed_by, row.claimed_by)
    return OnIt(name, row.claimed_at, row.claimed_until, row.claimed_by == caller.actor)


def note_shown(note: Note, people: Mapping[str, str]) -> NoteShown:
    """Put a note in the words of the wire."""
    return NoteShown(
        note.id,
        note.kind,
        note.subject_id,
        note.order_id,
        note.text,
        people.get(note.actor, note.actor),
        note.at,
    )


def _facts(caller: Caller, row: Row, things: Things) -> dict[str, Any]:
    """Give the texts and paths of a row what they stand for."""
    which = 0 if caller.language.startswith("zh") else 1
    sku = things.skus.get(row.sku_id) if row.sku_id else None
    store = things.stores.get(row.store_id) if row.store_id else None
    supplier = things.suppliers.get(row.supplier_id) if row.supplier_id else None
    why, remedy = said_words(row.kind, row.said, caller.language)
    named = "" if sku is None else (sku.name_zh, sku.name_en)[which]
    purchase_state = row.facts.get("purchase_state")
    if row.kind is Matter.SHORT_LINE:
        why, remedy = short_words(why, named, purchase_state or "", caller.language)
    before_e4 = row.facts.get("before_e4")
    facts: dict[str, Any] = {
        **{name: value for name, value in row.facts.items() if value is not None},
        "name": row.number,
        "quantity": "" if row.quantity is None else row.quantity,
        "amount": "—" if row.amount_e4 is None else format_amount(row.amount_e4),
        "before": "—" if before_e4 is None else format_amount(before_e4),
        "moved": _moved(row, which),
        "differing": _differing(row, which),
        "losing": _losing(row, which),
        "variant": _variant(row, which),
        "because": _because(row, why, which),
        "awaited": _awaited(row, which),
        "remedy": remedy,
        "sku": named,
        "store": "" if store is None else store.name,
        "supplier": "" if supplier is None else supplier.name,
        "progress": PROGRESS.get(row.said, ("", ""))[which],
        "movement": MOVEMENTS.get(row.facts.get("movement", ""), ("", ""))[which],
        "policy": POLICIES.get("" if sku is None else sku.shortage_policy.value, ("—", "—"))[which],
        "how": (BY_HAND if row.order_id else ON_THE_PLATFORM)[which],
        "order_id": row.order_id,
        "not_being_bought": purchase_state not in BEING_BOUGHT,
        "not_ordered": row.facts.get("supplier_order") is None,
        "not_bought": purchase_state is not None and purchase_state not in OPEN,
        "to_be_paid": row.said == "approved",
        "to_be_posted": row.said == "paid",
    }
    return facts


# Where the reason ends a sentence that stands without it, it is set off.
_SET_OFF: Final = frozenset(
    {
        Matter.SHORT_LINE,
        Matter.TO_BE_TOPPED_UP,
        Matter.TO_BE_HANDED_OVER,
        Matter.DELIVERY_UNCLEAR,
        Matter.CONFIRMATION_FAILING,
        Matter.PURCHASE_TO_APPROVE,
        Matter.ORDERS_TO_APPROVE,
        Matter.REFUND_TO_APPROVE,
        Matter.MONEY_IN_DOUBT,
        Matter.PURCHASE_TO_DECIDE,
    }
)


def _moved(row: Row, which: int) -> str:
    """Write what a movement moves, in its own currency: who approves it approves that."""
    moved_e4, currency = row.facts.get("moved_e4"), row.facts.get("currency")
    if moved_e4 is None or currency is None:
        return "—"
    unit = ("元", CURRENCY)[which] if currency == CURRENCY else currency
    return f"{format_amount(moved_e4)} {unit}"


def _differing(row: Row, which: int) -> str:
    """Say by how much a statement differs: in yuan, where there is a rate for what it is in."""
    if row.amount_e4 is None:
        return ("；还没有汇率，折不成人民币", "; there is no rate to tell it in yuan")[which]
    amount = format_amount(row.amount_e4)
    return (f"，差 {amount} 元", f", by {amount}")[which]


def _losing(row: Row, which: int) -> str:
    """Say how many listings are sold below what they cost; nothing where none is."""
    count = row.facts.get("losses")
    if not count:
        return ""
    one = "; 1 listing loses money"
    return (f"，{count} 个商品会亏本", one if count == 1 else f"; {count} listings lose money")[
        which
    ]


def _variant(row: Row, which: int) -> str:
    """Name which variant of a listing it is, where it has several."""
    variant = row.facts.get("variant")
    return (f"（{variant}）", f" ({variant})")[which] if variant else ""


def _awaited(row: Row, which: int) -> str:
    """Name the order of ours that waits for what is bought; nothing where none does."""
    order = row.facts.get("order")
    return (f"；订单 {order} 在等它", f"; order {order} waits for it")[which] if order else ""


def _because(row: Row, why: str, which: int) -> str:
    if row.kind not in _SET_OFF:
        return why or ("没有说明", "nobody says why")[which]
    return f"{('：', ': ')[which]}{why}" if why else ""


class _Blank(dict[str, Any]):
    """What a template names and nobody knows is left blank."""

    def __missing__(self, name: str) -> str:
        return ""


def _filled(template: str, facts: Mapping[str, Any]) -> str:
    return template.format_map(_Blank(facts))


# What a page goes by whose address has a code in it.
_CODED: Final = {
    Target.STORE: "store",
    Target.MAPPING: "store",
    Target.PILOT: "store",
    Target.SUPPLIER: "supplier",
    Target.PRICES: "sku",
    Target.SKU: "sku",
}


def _link(row: Row, named: Mapping[str, Any]) -> Link:
    target = row.about.target
    id_: UUID | None = getattr(row, row.about.target_id)
    return Link(target, id_, named.get(_CODED.get(target, "")))


def _can(
    caller: Caller, row: Row, facts: Mapping[str, Any], named: Mapping[str, Any]
) -> tuple[list[CanDo], str]:
    """Say what the caller may do about a row, and why not where they asked for it themselves."""
    can, blocked = [], ""
    for act in row.about.acts:
        if not caller.may(act.permission) or (act.only_with and not facts.get(act.only_with)):
            continue
        if act.by_another and caller.actor in {row.asked_by, row.facts.get("asked_by")}:
            zh, en = "您申请的，须由另一人审批", "You asked for it: somebody else approves it"
            blocked = zh if caller.language.startswith("zh") else en
            continue
        if act.people_only and not is_person(caller.actor):
            continue
        can.append(_deed(act, named))
    return can, blocked


def _deed(act: Act, named: Mapping[str, Any]) -> CanDo:
    return CanDo(
        act=act.deed,
        operation=act.operation,
        method=act.method,
        path=act.path.format_map(named),
        needs=list(act.needs),
        many=act.many or None,
        many_path=act.many_path or None,
    )
