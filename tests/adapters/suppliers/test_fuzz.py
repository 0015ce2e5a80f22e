"""Whatever a supplier answers: nothing breaks, nothing is refused that isn't, no secret is told.

Each adapter is called as it was called against its simulator, and hears what the simulator really
answered, spoilt: values dropped, renamed, of other types, exchanged with those of other answers,
bodies cut, in other encodings, of other statuses. KASHU_FUZZ says how many examples for each.
"""

import os
from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kashu.core.errors import OutsideError, Refused, Unavailable
from kashu.core.http import Answer
from kashu.entry.suppliers import OURS
from kashu.suppliers.conformance.world import told_by
from kashu.suppliers.errors import NoSuchPurchase, NoticeNotAuthentic, ProductGone
from kashu.suppliers.installed import find_upstreams
from kashu.suppliers.upstream import (
    BoughtCard,
    Order,
    OrderState,
    Page,
    Product,
    Signal,
    Standing,
    Upstream,
)
from tests.adapters.suppliers.documented import (
    DOCUMENTS,
    NOT_FOR_SALE,
    has_state,
    leaves,
    number,
    read,
)
from tests.adapters.suppliers.exchanges import (
    Exchange,
    Heard,
    Replay,
    drive,
    heard_from,
    of,
    replaying,
    states_of,
)
from tests.adapters.suppliers.spoiling import spoilt, spoilt_notices
from tests.adapters.suppliers.worlds import all_proved

EXAMPLES: Final = int(os.environ.get("KASHU_FUZZ", "0"))
NAMES: Final = [proved.upstream.name for proved in all_proved()]
SEARCHED: Final = settings(
    max_examples=EXAMPLES or 60,
    derandomize=not EXAMPLES,  # the same each time, unless somebody looks for more
    database=None,
    deadline=None,
    phases=(Phase.generate,),  # what is found is short already
    suppress_health_check=list(HealthCheck),
)


def chosen(data: st.DataObject, exchanges: Sequence[Exchange]) -> Exchange:
    """One of them."""
    return exchanges[data.draw(st.integers(0, len(exchanges) - 1))]


def run(heard: Heard, exchange: Exchange, answers: Sequence[Answer]) -> tuple[object, Replay]:
    """Call; an error that is one of those that may be is what comes of it."""
    http = Replay(answers)
    upstream: Upstream = type(heard.proved.upstream)()
    try:
        return drive(exchange.call(upstream, replaying(heard, exchange, http))), http
    except OutsideError as error:
        return error, http


def check_text(heard: Heard, told: str) -> None:
    """No secret stands in a text."""
    assert not any(text in told for text in heard.hidden), "a secret is told"


def check_standing(heard: Heard, exchange: Exchange, standing: Standing, http: Replay) -> None:
    """A standing can be used, and says no more than what was heard."""
    order, documents = exchange.order, DOCUMENTS[heard.proved.upstream.name]
    assert order is not None
    assert standing.number in {"", order.number}
    for amount in (standing.charged_e4, standing.refunded_e4):
        assert amount is None or (type(amount) is int and amount >= 0)
    assert standing.quantity is None or type(standing.quantity) is int
    assert len(standing.said) <= 60
    check_text(heard, standing.said)
    secret = {card.password for card in standing.cards or ()} - {""}
    assert not any(text in repr(standing) for text in secret if len(text) > 8)
    if standing.cards is not None:
        assert all(isinstance(card, BoughtCard) for card in standing.cards)
        assert all(card.number or card.password or card.url for card in standing.cards)
    if not documents.key:
        return
    told = [answer for _, answer in http.sent]
    if standing.state is OrderState.FAILED:
        assert has_state(documents, told, documents.failed)
    if standing.state is OrderState.SUCCEEDED:
        cards_at_once = exchange.verb == "place" and bool(standing.cards)
        assert cards_at_once or has_state(documents, told, documents.succeeded)
    if standing.state is OrderState.REFUNDED:
        assert has_state(documents, told, documents.refunded)


def refuses(heard: Heard, order: Order, http: Replay) -> bool:
    """Whether what was heard documents that no order was made by what was sent."""
    name = heard.proved.upstream.name
    placing = [answer for sent, answer in http.sent if order.number.encode() in sent]
    if not placing:
        return True  # it never left
    if name == "fulu" and number(read(placing[0]), "code") in NOT_FOR_SALE:
        placing = placing[1:]
        return any(number(read(each), "code") == 4011 for each in placing)
    if name == "acg_faka":
        fields = _fields(http)
        words = (read(placing[-1]) or {}).get("msg") if isinstance(read(placing[-1]), dict) else ""
        if isinstance(words, str) and words.strip() in fields:
            return True
    return any(DOCUMENTS[name].refuses(each.status, read(each)) for each in placing)


def _fields(http: Replay) -> set[str]:
    """What a shop says of its own fields that are wrong."""
    found = set()
    for _, answer in http.sent:
        for name, value in leaves(read(answer)):
            if name == "error" and isinstance(value, str) and value.strip():
                found.add(value.strip())
    return found


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_answered_an_order_is_refused_by_what_is_documented_only(name: str) -> None:
    heard = heard_from(name)

    @SEARCHED
    @given(st.data())
    def search(data: st.DataObject) -> None:
        exchange = chosen(data, of(heard.exchanges, "place"))
        assert exchange.order is not None
        answers = data.draw(spoilt(heard, exchange))
        told, http = run(heard, exchange, answers)
        if isinstance(told, OutsideError):
            check_text(heard, told_by(told))
            if isinstance(told, Refused | Unavailable) and not isinstance(told, NoSuchPurchase):
                assert refuses(heard, exchange.order, http)
            return
        assert isinstance(told, Standing)
        check_standing(heard, exchange, told, http)

    search()


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_answered_an_order_is_missing_by_what_is_documented_only(name: str) -> None:
    heard = heard_from(name)

    @SEARCHED
    @given(st.data())
    def search(data: st.DataObject) -> None:
        exchange = chosen(data, of(heard.exchanges, "ask"))
        answers = data.draw(spoilt(heard, exchange))
        told, http = run(heard, exchange, answers)
        if isinstance(told, OutsideError):
            check_text(heard, told_by(told))
            if isinstance(told, NoSuchPurchase):
                misses = DOCUMENTS[name].misses
                assert any(misses(each.status, read(each)) for _, each in http.sent)
            return
        assert isinstance(told, Standing)
        check_standing(heard, exchange, told, http)
        if exchange.their_number and name != "acg_faka":
            assert told.number or told.their_number

    search()


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_answered_to_other_questions_nothing_breaks(name: str) -> None:
    heard = heard_from(name)
    verbs = ("balance", "products", "product", "inputs", "statement", "cancel")

    @SEARCHED
    @given(st.data())
    def search(data: st.DataObject) -> None:
        exchange = chosen(data, of(heard.exchanges, *verbs))
        told, http = run(heard, exchange, data.draw(spoilt(heard, exchange)))
        assert http.sent
        if isinstance(told, OutsideError):
            check_text(heard, told_by(told))
        products = [told] if isinstance(told, Product) else []
        if isinstance(told, Page):
            assert told.wrong >= 0
            products = [each for each in told.members if isinstance(each, Product)]
        for product in products:
            check_product(product)

    search()


def check_product(product: Product) -> None:
    """A product can be shown and compared."""
    cost_e4 = product.unit_cost_e4
    assert cost_e4 is None or (type(cost_e4) is int and cost_e4 >= 0)
    assert len(product.title) <= 220
    assert not product.title or product.title.isprintable()
    assert product.group.isprintable()
    assert product.stock is None or product.stock >= 0
    assert product.least >= 1
    assert product.currency.isprintable()
    assert len(product.currency) <= 40


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_sent_as_a_notice_is_the_suppliers_or_is_refused(name: str) -> None:
    heard = heard_from(name)
    if not heard.notices:
        assert name == "acg_faka"  # it sends none
        return
    upstream = heard.proved.upstream

    @SEARCHED
    @given(st.data())
    def search(data: st.DataObject) -> None:
        request, at = data.draw(st.sampled_from(heard.notices))
        good = upstream.read_notice(heard.login, request, at)
        assert good.signal is Signal.ORDER
        bad = data.draw(spoilt_notices(heard, request))
        try:
            told = upstream.read_notice(heard.login, bad, at)
        except NoticeNotAuthentic as error:
            check_text(heard, told_by(error))
            return
        check_text(heard, told.said)
        if name != "kinguin":  # nothing is signed there: a notice is a hint
            assert told.number in {"", good.number}
            assert told.their_number in {"", good.their_number}
            assert told.signal is Signal.ORDER

    search()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_spoilt_is_worth_spoiling(name: str) -> None:
    """The answers that nobody spoils tell orders that succeeded, and refusals."""
    heard = heard_from(name)
    assert {OrderState.SUCCEEDED, OrderState.PROCESSING} <= states_of(heard)
    told = [run(heard, each, each.answers)[0] for each in of(heard.exchanges, "place")]
    assert any(isinstance(each, Refused) for each in told)
    assert any(isinstance(each, Standing) for each in told)


def test_what_another_supplier_answers_breaks_no_adapter() -> None:
    """Also those of other packages: each hears all that was answered to the others."""
    upstreams = [each for each in find_upstreams(OURS).values() if each.name != "file"]
    assert {each.name for each in upstreams} >= set(NAMES)
    for upstream in upstreams:
        for name in NAMES:
            heard = heard_from(name)
            if name == upstream.name:
                continue
            for exchange in of(heard.exchanges, "place", "ask", "balance"):
                http = Replay(exchange.answers)
                try:
                    told = drive(exchange.call(upstream, replaying(heard, exchange, http)))
                except OutsideError as error:
                    check_text(heard, told_by(error))
                    continue
                if isinstance(told, Standing):
                    assert told.state is not OrderState.FAILED
                    assert not told.cards


def test_a_product_that_is_gone_is_no_order_that_is() -> None:
    """What other questions are told says nothing of orders."""
    for name in NAMES:
        heard = heard_from(name)
        for exchange in of(heard.exchanges, "product"):
            told, _ = run(heard, exchange, exchange.answers)
            if isinstance(told, OutsideError):
                assert isinstance(told, ProductGone)
