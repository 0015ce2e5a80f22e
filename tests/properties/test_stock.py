"""Whatever is done to stock, in whatever order: counters count, and a card has one owner."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text

from kashu.access.keyring import Keyrings
from kashu.core.clock import now
from kashu.core.db import APP_ROLE, Database, Tx
from kashu.core.errors import KashuError
from kashu.core.ids import new_id
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.purchases.return_to_supplier import return_to_supplier
from kashu.stock.allocate_reserved import allocate_reserved
from kashu.stock.card_moves import CARD_MOVES
from kashu.stock.freeze import freeze, unfreeze
from kashu.stock.plan import Demand, Taking
from kashu.stock.quarantine import quarantine
from kashu.stock.release import release
from kashu.stock.reserve import release_reservation, reserve
from kashu.stock.reveal import reveal, reveal_cards
from kashu.stock.strategy import FEFO, Prefer, Strategy
from kashu.stock.tables import CardState, cards, lots
from kashu.stock.transfer import transfer
from kashu.stock.void import void
from tests.conftest import MASTERS, Tenant, make_tenant
from tests.stock.builders import (
    TODAY,
    assert_sound,
    inventory,
    make_sku,
    make_warehouse,
    put_cards,
)

Got = TypeVar("Got")

SKUS = st.integers(0, 2)  # the last one is shared
COUNTS = st.integers(1, 4)
PLACES = st.integers(0, 10_000)  # which of the lots, lines or cards there are
CHEAPEST = Strategy(None, "cheapest", prefers=(Prefer("lowest_cost"),))


class Stock(RuleBasedStateMachine):
    """Two SKUs and a shared one, in two warehouses, and everything that can be done to them."""

    owner_url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = Database(self.owner_url, role=APP_ROLE, pool_size=1)
        self.keyrings = Keyrings(MASTERS)
        self.tenant: Tenant
        self.skus: list[UUID] = []
        self.warehouses: list[UUID] = []
        self.lines: dict[UUID, int] = {}  # line → which SKU
        self.reservations: list[tuple[UUID, int]] = []
        self.states: dict[UUID, str] = {}  # of single-use cards
        self.shared_lots: set[UUID] = set()

    def do(self, what: Callable[[Tx], Awaitable[Got]]) -> Got | None:
        """Run one thing in a transaction; a refusal changes nothing."""

        async def run() -> Got | None:
            try:
                async with self.database.transaction(self.tenant.id) as tx:
                    return await what(tx)
            except KashuError:
                return None

        return self.runner.run(run())

    def read(self, statement: Any) -> list[Any]:  # noqa: ANN401
        async def run(tx: Tx) -> list[Any]:
            return list((await tx.execute(statement)).all())

        return self.do(run) or []

    def pick(self, table: Any, place: int, **where: object) -> Any:  # noqa: ANN401
        """One of this tenant's rows, or None where there are none."""
        ours = [table.c[name] == value for name, value in where.items()]
        found = select(table).where(table.c.tenant_id == self.tenant.id, *ours)
        rows = self.read(found.order_by(table.c.id))
        return rows[place % len(rows)] if rows else None

    @initialize()
    def begin(self) -> None:
        self.tenant = self.runner.run(make_tenant(self.database, uuid4().hex))

        async def make(tx: Tx) -> None:
            for code, returnable in (("returnable", True), ("final", False)):
                made = await make_sku(tx, self.tenant.id, code, returnable=returnable)
                self.skus.append(made)
            shared = await make_sku(tx, self.tenant.id, "shared", fulfilment="shared")
            self.skus.append(shared)
            for code in ("near", "far"):
                self.warehouses.append(await make_warehouse(tx, self.tenant.id, code))

        self.do(make)

    @rule(sku=SKUS, count=COUNTS, expires=st.sampled_from([None, -1, 5]), cost=COUNTS)
    def arrive(self, sku: int, count: int, expires: int | None, cost: int) -> None:
        async def put(tx: Tx) -> None:
            lot = await put_cards(
                tx,
                self.tenant.id,
                count,
                sku_id=self.skus[sku],
                keyrings=self.keyrings,
                warehouse_id=self.warehouses[0],
                unit_cost_e4=cost,
                expires_on=None if expires is None else TODAY + timedelta(expires),
                max_uses=3 if sku == 2 else None,
            )
            if sku == 2:
                self.shared_lots.add(lot.id)

        self.do(put)

    @rule(sku=SKUS, count=COUNTS, partial=st.booleans(), cheap=st.booleans(), place=PLACES)
    def allocate(self, sku: int, count: int, partial: bool, cheap: bool, place: int) -> None:
        of = self.reservations[place % len(self.reservations)][0] if self.reservations else None
        strategy = CHEAPEST if cheap else FEFO
        demands = [
            Demand(new_id(), self.skus[sku], wanted, strategy, partial, reservation_id)
            for wanted, reservation_id in ((count, of), (1, None))
        ]

        async def run(tx: Tx) -> list[tuple[Taking, ...]]:
            served = await allocate_reserved(tx, self.tenant.id, demands, TODAY)
            await self._post_cost(tx, [taking for took in served for taking in took])
            return served

        for demand, took in zip(demands, self.do(run) or [], strict=True):
            got = sum(taking.count for taking in took)
            assert got in ({0, demand.quantity} if not partial else range(demand.quantity + 1))
            assert all(taking.lot.expires_on != TODAY - timedelta(1) for taking in took)
            if got:
                self.lines[demand.line_id] = sku

    async def _post_cost(self, tx: Tx, takings: list[Taking]) -> None:
        sold = Account(AccountKind.COST_OF_GOODS)
        await post(
            tx,
            self.tenant.id,
            [
                Transfer(
                    sold,
                    Account(AccountKind.INVENTORY, taking.lot.warehouse_id),
                    taking.count * taking.lot.unit_cost_e4,
                    taking.count,
                    "cost",
                    taking.line_id,
                )
                for taking in takings
            ],
            posted_on=TODAY,
        )

    @precondition(lambda self: self.lines)
    @rule(place=PLACES)
    def reveal(self, place: int) -> None:
        line_id = list(self.lines)[place % len(self.lines)]
        self.do(
            lambda tx: reveal(
                tx,
                self.tenant.id,
                "key:1",
                line_ids=[line_id],
                reason="r",
                recipient="b",
                keyrings=self.keyrings,
            )
        )

    @precondition(lambda self: self.lines)
    @rule(place=PLACES, count=COUNTS, unseen_first=st.booleans())
    def release(self, place: int, count: int, unseen_first: bool) -> None:
        line_id = list(self.lines)[place % len(self.lines)]

        async def run(tx: Tx) -> None:
            released = await release(
                tx,
                self.tenant.id,
                "s",
                line_units=[(line_id, count)],
                because="refund",
                unseen_first=unseen_first,
            )
            assert sum(each.count for each in released) <= count
            sold, lost = Account(AccountKind.COST_OF_GOODS), Account(AccountKind.AFTER_SALES_LOSS)
            transfers = [
                Transfer(
                    Account(AccountKind.INVENTORY, each.warehouse_id)
                    if each.returned_to_stock
                    else lost,
                    sold,
                    each.count * each.unit_cost_e4,
                    each.count,
                    "refund",
                    line_id,
                )
                for each in released
            ]
            await post(tx, self.tenant.id, transfers, posted_on=TODAY)

        self.do(run)

    @rule(place=PLACES)
    def check(self, place: int) -> None:
        card = self.pick(cards, place)
        if card is not None:
            self.do(
                lambda tx: reveal_cards(
                    tx,
                    self.tenant.id,
                    "s",
                    card_ids=[card.id],
                    reason="r",
                    recipient="s",
                    keyrings=self.keyrings,
                    burn=True,
                )
            )

    @rule(sku=SKUS, count=COUNTS)
    def reserve(self, sku: int, count: int) -> None:
        made = self.do(
            lambda tx: reserve(
                tx,
                self.tenant.id,
                "s",
                sku_id=self.skus[sku],
                quantity=count,
                until_at=now() + timedelta(days=1),
                strategy=FEFO,
                reason="quote",
                now=now(),
                today=TODAY,
            )
        )
        if made is not None:
            self.reservations.append((made.id, sku))

    @precondition(lambda self: self.reservations)
    @rule(place=PLACES)
    def let_go(self, place: int) -> None:
        of, _ = self.reservations[place % len(self.reservations)]
        self.do(lambda tx: release_reservation(tx, self.tenant.id, "s", of, because="over"))

    @rule(place=PLACES, freezing=st.booleans())
    def freeze(self, place: int, freezing: bool) -> None:
        lot = self.pick(lots, place)
        verb = freeze if freezing else unfreeze
        if lot is not None:
            self.do(lambda tx: verb(tx, self.tenant.id, "s", lot_ids=[lot.id], reason="r"))

    @rule(place=PLACES, count=COUNTS, far=st.booleans(), chosen=st.booleans())
    def transfer(self, place: int, count: int, far: bool, chosen: bool) -> None:
        lot = self.pick(lots, place)
        card = self.pick(cards, place, lot_id=lot.id) if lot is not None else None
        if card is None:
            return
        asked: dict[str, Any] = {"card_ids": [card.id]} if chosen else {"count": count}
        self.do(
            lambda tx: transfer(
                tx,
                self.tenant.id,
                "s",
                lot_id=lot.id,
                to_warehouse_id=self.warehouses[far],
                reason="r",
                today=TODAY,
                **asked,
            )
        )

    @rule(place=PLACES, way=st.sampled_from(["void", "quarantine", "return"]), lot=st.booleans())
    def leave(self, place: int, way: str, lot: bool) -> None:
        card = self.pick(cards, place)
        if card is None:
            return
        which: dict[str, Any] = {"lot_ids": [card.lot_id]} if lot else {"card_ids": [card.id]}

        async def run(tx: Tx) -> None:
            tenant_id = self.tenant.id
            if way == "void":
                await void(tx, tenant_id, "s", reason="r", today=TODAY, **which)
            elif way == "quarantine":
                await quarantine(tx, tenant_id, "s", reason="r", **which)
            else:
                await return_to_supplier(
                    tx, tenant_id, "s", against="payable", reason="r", today=TODAY, **which
                )

        self.do(run)

    @invariant()
    def counters_count_and_cards_have_one_owner(self) -> None:
        if self.skus:
            self.do(lambda tx: assert_sound(tx, self.tenant.id))

    @invariant()
    def cards_move_only_as_they_may(self) -> None:
        for card in self.read(select(cards.c.id, cards.c.state, cards.c.lot_id)):
            before = self.states.get(card.id, card.state)
            if card.lot_id not in self.shared_lots:
                reachable = CARD_MOVES[CardState(before)]
                assert card.state == before or card.state in reachable, (before, card.state)
            self.states[card.id] = card.state

    @invariant()
    def the_books_hold_what_the_warehouses_hold(self) -> None:
        if not self.skus:
            return
        held = {row.warehouse_id: row.cost for row in self.read(text(IN_WAREHOUSES)) if row.cost}
        booked = self.do(lambda tx: inventory(tx, self.tenant.id))
        assert booked == held

    def teardown(self) -> None:
        self.runner.run(self.database.close())
        self.runner.close()


IN_WAREHOUSES = """
    SELECT lot.warehouse_id,
           sum(lot.unit_cost_e4 * (lot.available + lot.reserved + coalesce(doubted.units, 0)))
               ::bigint AS cost
      FROM stock.lots AS lot
      LEFT JOIN LATERAL (
           SELECT sum(CASE WHEN lot.shared THEN card.max_uses - (
                          SELECT count(*) FROM stock.allocations AS taken
                           WHERE taken.card_id = card.id AND taken.tenant_id = card.tenant_id
                             AND (taken.released_at IS NULL OR taken.revealed_at IS NOT NULL))
                      ELSE 1 END) AS units
             FROM stock.cards AS card
             JOIN stock.moves AS entered
               ON entered.tenant_id = card.tenant_id AND entered.card_id = card.id
              AND entered.to_state = 'quarantined' AND entered.from_state = 'available'
            WHERE card.tenant_id = lot.tenant_id AND card.lot_id = lot.id
              AND card.state = 'quarantined'
      ) AS doubted ON true
     GROUP BY lot.warehouse_id
"""


def test_stock_stays_sound_whatever_is_done_to_it(owner_url: str) -> None:
    Stock.owner_url = owner_url
    run_state_machine_as_test(
        Stock,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
