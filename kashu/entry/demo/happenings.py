"""What happened with the suppliers, from the events of the demo's merchant: counted, and told."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.core.money import format_amount, parse_amount
from kashu.entry.demo.wares import NAMES, PRICES
from kashu.entry.terminal import language

TOLD_MAX: Final = 12
REMEMBERED: Final = 10_000  # orders under way, the latest
LOOKS: Final = 8  # a look goes back so many: whoever writes may commit later than others

_ENDED: Final = frozenset(
    {"attempt.succeeded", "attempt.refused", "attempt.failed", "attempt.refunded"}
)
_KINDS: Final = (
    *_ENDED,
    "offer.price_moved",
    "purchase.wanted",
    "attempt.sent",
    "attempt.unclear",
    "purchase.done",
    "supplier.breaker_opened",
    "supplier.breaker_half_opened",
    "supplier.breaker_closed",
)
_EVENTS: Final = text(
    "SELECT id, kind, at, subject_id, facts FROM core.events"
    " WHERE tenant_id = :tenant AND id > :after AND kind = ANY(:kinds) ORDER BY id"
)
_REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    "supplier_sold_out": ("售罄", "sold out"),
    "supplier_busy": ("限流", "too many calls"),
    "supplier_price_above": ("涨价", "its price rose"),
    "supplier_balance_short": ("余额不足", "our money there is short"),
    "not_reached": ("连接不上", "not reached"),
    "supplier_down": ("停机", "out of order"),
}


def yuan(amount_e4: int) -> str:
    """Write an amount for a glance: to the fen."""
    return format_amount((amount_e4 + 50) // 100 * 100)


@dataclass(frozen=True, slots=True)
class Story:
    """Something that happened, in the reader's language."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class PriceMove:
    """What a SKU costs at best, before and now; None: nobody sold it, or does."""

    sku: str
    old_e4: int | None
    new_e4: int | None

    @property
    def is_rise(self) -> bool:
        """Whether it is dearer now."""
        return self.old_e4 is not None and self.new_e4 is not None and self.new_e4 > self.old_e4


@dataclass(frozen=True, slots=True)
class Failover:
    """A purchase that one supplier refused and another brought."""

    refused_by: str
    said: str
    taken_by: str


@dataclass(slots=True)
class _Sent:
    supplier: str
    total_e4: int
    is_unclear: bool = False


@dataclass(slots=True)
class Happenings:
    """All of it since the demo began. Suppliers are called as people call them."""

    database: Database
    tenant_id: int
    suppliers: Mapping[UUID, str]
    skus: Mapping[UUID, str]  # codes
    done: int = 0  # purchases that brought all that was wanted
    unclear: int = 0
    unclear_resolved: int = 0
    settled_e4: int = 0  # what the orders came to that were in doubt, and aren't
    moves: list[PriceMove] = field(default_factory=list)
    failovers: list[Failover] = field(default_factory=list)
    stories: deque[Story] = field(default_factory=lambda: deque(maxlen=TOLD_MAX))
    _seen: dict[UUID, None] = field(default_factory=dict)
    _marks: deque[UUID] = field(default_factory=lambda: deque([new_id()], maxlen=LOOKS))
    _sent: dict[str, _Sent] = field(default_factory=dict)  # by the attempt's id
    _refused: dict[UUID, tuple[str, str]] = field(default_factory=dict)  # by the purchase's
    _sku_of: dict[UUID, str] = field(default_factory=dict)  # likewise

    async def look(self) -> None:
        """Read what happened since the last look."""
        asked = {"tenant": self.tenant_id, "after": self._marks[0], "kinds": list(_KINDS)}
        self._marks.append(new_id())
        async with self.database.transaction(self.tenant_id) as tx:
            rows = (await tx.execute(_EVENTS, asked)).all()
        for row in rows:
            if row.id not in self._seen:
                self._seen[row.id] = None
                self._take(row.kind, row.at, row.subject_id, row.facts)
        remembered: Sequence[dict[Any, Any]] = (
            self._seen,
            self._sent,
            self._refused,
            self._sku_of,
        )
        for known in remembered:
            while len(known) > REMEMBERED:
                del known[next(iter(known))]

    def tell(self, at: datetime, zh: str, en: str) -> None:
        """Add a line to the stories."""
        self.stories.append(Story(at, zh if language() == "zh" else en))

    def _take(self, kind: str, at: datetime, subject_id: UUID, facts: Mapping[str, Any]) -> None:
        if kind.startswith("supplier."):
            self._breaker(kind, at, self.suppliers.get(subject_id), facts)
        elif kind == "offer.price_moved":
            self._moved(at, self.skus.get(subject_id), facts)
        elif kind == "purchase.wanted":
            self._sku_of[subject_id] = self.skus.get(UUID(facts["sku_id"]), "")
        elif kind == "purchase.done":
            self.done += 1
        else:
            self._attempted(kind, at, subject_id, facts)

    def _attempted(
        self, kind: str, at: datetime, purchase_id: UUID, facts: Mapping[str, Any]
    ) -> None:
        """Follow an order at a supplier."""
        id_ = facts["attempt_id"]
        if kind == "attempt.sent":
            supplier = self.suppliers.get(UUID(facts["supplier_id"]), "?")
            self._sent[id_] = _Sent(supplier, parse_amount(facts["total"]))
            return
        sent = self._sent.get(id_)
        if sent is None:
            return
        what = NAMES.get(self._sku_of.get(purchase_id, ""), "?")
        if kind == "attempt.unclear" and not sent.is_unclear:
            sent.is_unclear = True
            self.unclear += 1
            amount = yuan(sent.total_e4)
            self.tell(
                at,
                f"存疑 {what}：{sent.supplier} 已收单但没有答复，¥{amount}，查询中",
                f"unclear: {sent.supplier} took {what} and didn't answer; ¥{amount}, asking",
            )
        if kind in _ENDED:
            self._ended(kind, at, purchase_id, sent, facts)
            del self._sent[id_]

    def _ended(
        self, kind: str, at: datetime, purchase_id: UUID, sent: _Sent, facts: Mapping[str, Any]
    ) -> None:
        what = NAMES.get(self._sku_of.get(purchase_id, ""), "?")
        is_bought = kind == "attempt.succeeded"
        if sent.is_unclear:
            self.unclear_resolved += 1
            self.settled_e4 += sent.total_e4
            became = (
                ("已买到，没有重复下单", "bought, once")
                if is_bought
                else ("没有买到", "not bought")
            )
            self.tell(
                at,
                f"查清 {what}：{sent.supplier} {became[0]}",
                f"cleared up: {what} at {sent.supplier}: {became[1]}",
            )
        if not is_bought:
            self._refused[purchase_id] = sent.supplier, str(facts.get("said", ""))
            return
        refused_by, said = self._refused.pop(purchase_id, ("", ""))
        if refused_by and refused_by != sent.supplier:
            self.failovers.append(Failover(refused_by, said, sent.supplier))
            zh, en = _REFUSED.get(said, (said, said))
            self.tell(
                at,
                f"转单 {what}：{refused_by} 拒绝（{zh}）→ {sent.supplier}",
                f"failover, {what}: {refused_by} refused ({en}) → {sent.supplier}",
            )

    def _moved(self, at: datetime, sku: str | None, facts: Mapping[str, Any]) -> None:
        if sku is None:
            return
        old, new = facts["old"], facts["new"]
        move = PriceMove(
            sku,
            None if old is None else parse_amount(old),
            None if new is None else parse_amount(new),
        )
        self.moves.append(move)
        what = NAMES.get(sku, sku)
        if move.old_e4 is None or move.new_e4 is None:
            return
        before, after = yuan(move.old_e4), yuan(move.new_e4)
        left = yuan(PRICES[sku] - move.new_e4) if sku in PRICES else "?"
        zh, en = ("涨价", "dearer") if move.is_rise else ("降价", "cheaper")
        self.tell(
            at,
            f"{zh} {what}：{before} → {after}（{facts['percent']}%），还剩毛利 {left}",
            f"{en}: {what} {before} → {after} ({facts['percent']} %), leaves {left}",
        )

    def _breaker(
        self, kind: str, at: datetime, supplier: str | None, facts: Mapping[str, Any]
    ) -> None:
        if supplier is None:
            return
        if kind == "supplier.breaker_opened":
            times = facts.get("breaks", 1)
            self.tell(
                at,
                f"熔断 {supplier}：第 {times} 次，暂停下单",
                f"breaker of {supplier} opened ({times}): nothing is ordered there",
            )
        elif kind == "supplier.breaker_half_opened":
            self.tell(at, f"半开 {supplier}：用一笔订单试探", f"{supplier}: one order tries it")
        else:
            self.tell(at, f"恢复 {supplier}：熔断解除", f"breaker of {supplier} closed")
