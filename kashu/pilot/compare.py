"""Compare: a day of a store as the old way's sheet tells it, with what Kashu decided or did."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from kashu.access.keyring import Keyrings
from kashu.catalog.kinds import Fulfilment
from kashu.channels.channel import ShopLine
from kashu.channels.paid_orders import ToldOrder
from kashu.channels.reads import Store
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.pilot.causes import UNEXPLAINED, Cause, Outcome
from kashu.pilot.errors import DayNeeded
from kashu.pilot.facts import Facts, facts_of
from kashu.pilot.sheet import SheetRow, plain
from kashu.pilot.tables import comparisons
from kashu.pilot.verdict import why_not, why_only_ours


@dataclass(frozen=True, slots=True)
class Compared:
    """One line: of the sheet, of the platform's order, or of both. Amounts in ten-thousandths."""

    outcome: Outcome
    cause: Cause | None
    number: str
    rows: tuple[int, ...] = ()
    item: str = ""  # as the sheet calls it
    sku: str = ""  # as we do
    sheet_quantity: int | None = None
    quantity: int | None = None  # bought at the platform
    units: int | None = None  # cards that it would be given
    sheet_amount_e4: int | None = None
    amount_e4: int | None = None

    @property
    def is_explained(self) -> bool:
        """Whether no person has to look at it."""
        return self.cause not in UNEXPLAINED


@dataclass(frozen=True, slots=True)
class Comparison:
    """A day of a store. `automatic` of its `orders` would have gone out by themselves, or did.

    `cards`: how many the sheet names, `cards_known`: how many of those were ever ours.
    """

    store: str
    day: date
    lines: tuple[Compared, ...]
    rows: int
    rows_of_other_days: int
    orders: int
    automatic: int
    cards: int
    cards_known: int

    def count(self, outcome: Outcome) -> int:
        """How many lines compared so."""
        return sum(line.outcome is outcome for line in self.lines)

    @property
    def unexplained(self) -> int:
        """How many lines a person has to look at."""
        return sum(not line.is_explained for line in self.lines)

    @property
    def explained_percent(self) -> Decimal:
        """Of 100; 100 only where nothing is left to explain."""
        return _percent(len(self.lines) - self.unexplained, len(self.lines))

    @property
    def automatic_percent(self) -> Decimal:
        """Of the day's orders; 100 only where all of them are."""
        return _percent(self.automatic, self.orders)


@dataclass(frozen=True, slots=True)
class DayCompared:
    """How a day of a store compared, as it was compared last."""

    day: date
    compared_at: datetime
    actor: str
    same: int
    missed: int
    extra: int
    different: int
    unexplained: int


@dataclass(frozen=True, slots=True)
class LastCompared:
    """The last comparison that was made of a store's latest day."""

    day: date
    lines: int
    unexplained: int


def day_of_sheet(rows: Sequence[SheetRow], day: date | None) -> date:
    """Say which day a sheet is of: the one named, or the only one in it. Raises: DayNeeded."""
    if day is not None:
        return day
    days = {row.day for row in rows}
    only = days.pop() if len(days) == 1 else None
    if only is None:
        raise DayNeeded
    return only


async def compare(
    tx: Tx,
    tenant_id: int,
    store: Store,
    rows: Sequence[SheetRow],
    day: date,
    *,
    timezone: str,
    keyrings: Keyrings,
) -> Comparison:
    """Compare a sheet's rows of a day with what was decided or done. Changes and locks nothing."""
    facts = await facts_of(tx, tenant_id, store, day, rows, timezone=timezone, keyrings=keyrings)
    return compared(facts, rows)


async def keep_comparison(
    tx: Tx, tenant_id: int, actor: str, store: Store, comparison: Comparison
) -> None:
    """Keep a comparison's totals, for the list of what is ready; nothing else is kept."""
    await tx.execute(
        insert(comparisons).values(
            tenant_id=tenant_id,
            id=new_id(),
            store_id=store.id,
            day=comparison.day,
            actor=actor,
            same=comparison.count(Outcome.SAME),
            missed=comparison.count(Outcome.MISSED),
            extra=comparison.count(Outcome.EXTRA),
            different=comparison.count(Outcome.DIFFERENT),
            unexplained=comparison.unexplained,
        )
    )


async def last_compared(tx: Tx, tenant_id: int, store_id: UUID) -> LastCompared | None:
    """Read the last comparison of a store's latest day that was compared."""
    rows = await tx.execute(
        select(comparisons)
        .where(comparisons.c.tenant_id == tenant_id, comparisons.c.store_id == store_id)
        .order_by(comparisons.c.day.desc(), comparisons.c.compared_at.desc())
        .limit(1)
    )
    row = rows.one_or_none()
    if row is None:
        return None
    total = row.same + row.missed + row.extra + row.different
    return LastCompared(row.day, total, row.unexplained)


async def days_compared(tx: Tx, tenant_id: int, store_id: UUID, *, limit: int) -> list[DayCompared]:
    """The latest days of a store that were compared, each as it was the last time; newest first."""
    names = DayCompared.__dataclass_fields__
    rows = await tx.execute(
        select(*(comparisons.c[name] for name in names))
        .where(comparisons.c.tenant_id == tenant_id, comparisons.c.store_id == store_id)
        .ext(distinct_on(comparisons.c.day))
        .order_by(comparisons.c.day.desc(), comparisons.c.compared_at.desc())
        .limit(limit)
    )
    return [DayCompared(**row._asdict()) for row in rows]


def compared(facts: Facts, rows: Sequence[SheetRow]) -> Comparison:
    """Compare, from facts alone: the sheet's orders as it lists them, then those it hasn't."""
    ours = [row for row in rows if row.day in {None, facts.day}]
    by_number: dict[str, list[SheetRow]] = defaultdict(list)
    for row in ours:
        by_number[row.number].append(row)
    names = facts.all_names()
    lines = [
        line
        for number, of_order in by_number.items()
        for line in _order(facts, names, number, of_order)
    ]
    other_days = {row.number for row in rows} - by_number.keys()
    for number in sorted(facts.paid - by_number.keys()):
        lines += _only_ours(facts, facts.told[number], on_another_day=number in other_days)
    numbers = facts.paid | (by_number.keys() & facts.told.keys())
    return Comparison(
        facts.store.code,
        facts.day,
        tuple(lines),
        len(rows),
        len(rows) - len(ours),
        len(numbers),
        sum(why_not(facts, facts.told[number]) is None for number in numbers),
        len({row.card for row in rows if row.card is not None}),
        len(facts.cards),
    )


def _order(
    facts: Facts, names: frozenset[str], number: str, rows: Sequence[SheetRow]
) -> Iterator[Compared]:
    """Compare the rows of one order with its lines."""
    groups: dict[str, list[SheetRow]] = defaultdict(list)
    for row in rows:
        groups[plain("".join(row.items))].append(row)
    told = facts.told.get(number)
    if told is None:
        unknown = Cause.OTHER_STORE if number in facts.elsewhere else Cause.NOT_COLLECTED
        for group in groups.values():
            yield _pair(facts, Outcome.MISSED, unknown, number=number, group=group, lines=())
        return
    why = why_not(facts, told)
    for group, lines in _paired(facts, list(groups.values()), told.known.lines):
        if not group:
            if why is None:
                yield _pair(
                    facts,
                    Outcome.EXTRA,
                    Cause.NOT_IN_SHEET,
                    number=number,
                    group=group,
                    lines=lines,
                )
        elif why is not None:
            yield _pair(facts, Outcome.MISSED, why, number=number, group=group, lines=lines)
        elif not lines:
            yield _pair(
                facts, Outcome.MISSED, Cause.OTHER_ITEM, number=number, group=group, lines=lines
            )
        else:
            cause = _difference(facts, names, told, group, lines)
            outcome = Outcome.SAME if cause is None else Outcome.DIFFERENT
            yield _pair(facts, outcome, cause, number=number, group=group, lines=lines)


def _paired(
    facts: Facts, groups: list[list[SheetRow]], lines: Sequence[ShopLine]
) -> Iterator[tuple[list[SheetRow], tuple[ShopLine, ...]]]:
    """Say which lines each group of rows is about: by what it calls them, else in order."""
    if len(groups) == 1 and not groups[0][0].items:
        yield groups[0], tuple(lines)  # it doesn't say which: all of them
        return
    left = list(lines)
    unmatched = []
    for group in groups:
        found = next((line for line in left if _is_called(group[0], facts.names_of(line))), None)
        if found is None:
            unmatched.append(group)
            continue
        left.remove(found)
        yield group, (found,)
    for group in unmatched:
        yield group, (left.pop(0),) if left else ()
    for line in left:
        yield [], (line,)


def _is_called(row: SheetRow, names: frozenset[str]) -> bool:
    """Whether a row's words, together or each, name one of these."""
    return _names_one("".join(row.items), names) or all(
        _names_one(item, names) for item in row.items
    )


def _names_one(written: str, names: frozenset[str]) -> bool:
    word = plain(written)
    if word in names:
        return True
    # Titles are written in many ways; a code that another begins with is not that other.
    loose = len(word) > 1 and not word.isascii()
    return loose and any(word in name or (name in word and not name.isascii()) for name in names)


def _difference(
    facts: Facts,
    names: frozenset[str],
    told: ToldOrder,
    group: Sequence[SheetRow],
    lines: Sequence[ShopLine],
) -> Cause | None:
    """Say in what they differ first: which thing, which card, how many, for how much."""
    if group[0].items and not any(_is_called(group[0], facts.names_of(line)) for line in lines):
        return Cause.OTHER_ITEM if _is_called(group[0], names) else Cause.ITEM_UNKNOWN
    given = (facts.cards.get(row.card) for row in group if row.card is not None)
    cards = [card for card in given if card is not None]
    if any(card.for_sale for card in cards):
        return Cause.CARD_FOR_SALE
    skus = {sku.id: sku for line in lines if (sku := facts.sku_of(line)) is not None}
    bundled = any(sku.fulfilment is Fulfilment.BUNDLE for sku in skus.values())
    if not bundled and any(card.sku_id not in skus for card in cards):
        return Cause.OTHER_CARD
    quantity = _quantity(group)
    if quantity is not None and quantity not in {_bought(lines), _units(facts, lines)}:
        return Cause.QUANTITY
    if not _same_amount(told, group, lines):
        return Cause.REFUNDED if told.known.number in facts.refunded else Cause.AMOUNT
    return None


def _same_amount(told: ToldOrder, group: Sequence[SheetRow], lines: Sequence[ShopLine]) -> bool:
    """Whether what a sheet calls the amount is: of the rows, of each, of a piece, of the order."""
    given = [(row.amount_e4, row.quantity or 1) for row in group if row.amount_e4 is not None]
    if not given:
        return True
    paid = sum(line.paid_e4 for line in lines)
    return (
        sum(amount for amount, _ in given) == paid
        or sum(amount * quantity for amount, quantity in given) == paid
        or all(amount in {paid, told.known.paid_e4} for amount, _ in given)
    )


def _only_ours(facts: Facts, told: ToldOrder, *, on_another_day: bool) -> Iterator[Compared]:
    if why_not(facts, told) is not None:  # neither way gave it
        return
    cause = why_only_ours(facts, told, on_another_day=on_another_day)
    for line in told.known.lines:
        yield _pair(facts, Outcome.EXTRA, cause, number=told.known.number, group=(), lines=(line,))


def _pair(
    facts: Facts,
    outcome: Outcome,
    cause: Cause | None,
    *,
    number: str,
    group: Sequence[SheetRow],
    lines: Sequence[ShopLine],
) -> Compared:
    amounts = [row.amount_e4 for row in group if row.amount_e4 is not None]
    skus = {sku.code: None for line in lines if (sku := facts.sku_of(line)) is not None}
    return Compared(
        outcome,
        cause,
        number,
        tuple(row.row for row in group),
        " ".join(group[0].items) if group else "",
        " + ".join(skus),
        _quantity(group),
        _bought(lines) if lines else None,
        _units(facts, lines) if skus else None,
        sum(amounts) if amounts else None,
        sum(line.paid_e4 for line in lines) if lines else None,
    )


def _quantity(group: Sequence[SheetRow]) -> int | None:
    """How many a group says; a list with a row for each card counts its rows."""
    if any(row.quantity is not None for row in group):
        return sum(row.quantity or 1 for row in group)
    return len(group) if any(row.card for row in group) else None


def _bought(lines: Sequence[ShopLine]) -> int:
    return sum(line.quantity for line in lines)


def _units(facts: Facts, lines: Sequence[ShopLine]) -> int:
    """How many cards lines come to, where a listing stands for several."""
    listed = ((line, facts.listing_of(line)) for line in lines)
    return sum(line.quantity * (listing.units if listing else 1) for line, listing in listed)


def _percent(part: int, whole: int) -> Decimal:
    if not whole:
        return Decimal(100)
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_FLOOR)


def by_cause(comparison: Comparison) -> Mapping[Cause, int]:
    """Count the lines that differ, by cause, in order of first appearance."""
    counts: dict[Cause, int] = {}
    for line in comparison.lines:
        if line.cause is not None:
            counts[line.cause] = counts.get(line.cause, 0) + 1
    return counts
