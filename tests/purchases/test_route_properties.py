"""Whatever is offered and whatever the rules say: what is chosen keeps to all of them."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from kashu.purchases.choose import Candidate, Chosen, Terms, choose
from kashu.suppliers.compare import Landed, Ranked, WhyNot
from kashu.suppliers.exposure import Exposure
from kashu.suppliers.kinds import Goods, Settlement
from tests.purchases.buying import AT

SUPPLIERS = [UUID(int=n) for n in range(1, 6)]
BARRED_ANYWAY = set(WhyNot) - {WhyNot.TOO_FEW, WhyNot.BELOW_LEAST}

money = st.integers(0, 2_000_000)
maybe_money = st.none() | money
supplier_ids = st.sampled_from(SUPPLIERS)


@st.composite
def exposures(draw: st.DrawFn, supplier_id: UUID) -> Exposure:
    return Exposure(
        supplier_id=supplier_id,
        code="any",
        settlement=draw(st.sampled_from(Settlement)),
        available_e4=draw(st.integers(-100_000, 5_000_000)),
        in_doubt_e4=draw(money),
        payable_e4=draw(money),
        recoveries_e4=draw(money),
        credit_max_e4=draw(maybe_money),
        exposure_max_e4=draw(st.none() | st.integers(0, 8_000_000)),
        balance_low_e4=None,
        tolerance_e4=0,
        frozen_because=None,
    )


@st.composite
def candidates(draw: st.DrawFn) -> Candidate:
    supplier_id = draw(supplier_ids)
    price_e4, risk_e4 = draw(st.integers(1, 200_000)), draw(st.integers(0, 2_000))
    units = draw(st.sampled_from([1, 1, 1, 2, 10]))
    landed = Landed(price_e4, 0, 0, risk_e4, 0, price_e4 + risk_e4)
    offer = Ranked(
        sku_id=UUID(int=99),
        rank=1,
        offer_id=UUID(int=draw(st.integers(100, 200))),
        supplier_id=supplier_id,
        supplier="any",
        supplier_name="any",
        ref="any",
        title="any",
        goods=draw(st.sampled_from([Goods.CARD, Goods.CARD, Goods.LINK])),
        units=units,
        unit_cost_e4=price_e4 * units,
        currency=draw(st.sampled_from(["CNY", "CNY", "CNY", "USD"])),
        rate_e6=1_000_000,
        stock=draw(st.none() | st.integers(0, 20)),
        least=draw(st.sampled_from([1, 1, 5])),
        most=draw(st.none() | st.integers(1, 10)),
        wanted=1,
        seen_at=AT,
        breaks=0,
        attempts=draw(st.sampled_from([0, 19, 20, 500])),
        success_ppm=draw(st.none() | st.integers(0, 1_000_000)),
        p95_ms=None,
        landed=landed,
        why_not=tuple(draw(st.sets(st.sampled_from(WhyNot), max_size=1))),
    )
    return Candidate(
        offer,
        tried_until=draw(st.none() | st.sampled_from([AT, AT + timedelta(seconds=1)])),
        exposure=draw(exposures(supplier_id)),
        being_tried=draw(st.sampled_from([False, False, True])),
    )


terms = st.builds(
    Terms,
    at=st.just(AT),
    left=st.integers(1, 30),
    goods=st.just(Goods.CARD),
    ceiling_e4=st.none() | st.integers(0, 200_000),
    only=st.none() | supplier_ids,
    allowed=st.none() | st.frozensets(supplier_ids),
    denied=st.frozensets(supplier_ids, max_size=2),
    quality_min_ppm=st.none() | st.integers(0, 1_000_000),
    shares=st.dictionaries(supplier_ids, st.integers(1, 100), max_size=3),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(candidates(), max_size=8), terms, st.dictionaries(supplier_ids, st.integers(0, 50)))
def test_what_is_chosen_keeps_to_every_rule(
    offered: list[Candidate], said: Terms, bought: dict[UUID, int]
) -> None:
    ranking = choose(offered, said, bought)
    assert [each.candidate for each in ranking.judged] == offered
    taken = ranking.taken
    if taken is None:
        assert all(each.bars for each in ranking.judged)
        return
    offer, supplier_id = taken.offer, taken.offer.supplier_id
    assert offer.landed is not None
    assert said.ceiling_e4 is None or offer.landed.total_e4 <= said.ceiling_e4
    assert taken.total_e4 == taken.quantity * (offer.unit_cost_e4 or 0)
    assert taken.candidate.exposure is not None
    assert taken.candidate.exposure.has_room(taken.total_e4)
    assert said.allowed is None or supplier_id in said.allowed
    assert supplier_id not in said.denied
    assert said.only in {None, supplier_id}
    assert 1 <= taken.quantity * offer.units <= said.left
    bounds = [each for each in (offer.most, offer.stock) if each is not None]
    assert offer.least <= taken.quantity <= min([taken.quantity, *bounds])
    assert offer.goods is Goods.CARD
    assert not BARRED_ANYWAY & set(offer.why_not)
    assert not taken.candidate.being_tried
    assert taken.candidate.tried_until in {None, AT}
    free = [each for each in ranking.judged if not each.bars]
    if ranking.why == Chosen.CHEAPEST:
        assert taken is free[0]
        assert not {each.offer.supplier_id for each in free} & said.shares.keys()
    else:
        assert supplier_id in said.shares


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 100), min_size=2, max_size=5), st.integers(1, 300))
def test_shares_are_kept_to_within_one_order(weights: list[int], orders: int) -> None:
    shares = dict(zip(SUPPLIERS, weights, strict=False))
    offered = [_offer(supplier_id) for supplier_id in shares]
    said = Terms(AT, 1, Goods.CARD, None, None, None, frozenset(), None, shares)
    bought = dict.fromkeys(shares, 0)
    for n in range(1, orders + 1):
        taken = choose(offered, said, bought).taken
        assert taken is not None
        bought[taken.offer.supplier_id] += 1
        for supplier_id, share in shares.items():
            due = n * share / sum(weights)
            assert abs(bought[supplier_id] - due) < len(shares)


def _offer(supplier_id: UUID) -> Candidate:
    offer = Ranked(
        sku_id=UUID(int=99),
        rank=1,
        offer_id=supplier_id,
        supplier_id=supplier_id,
        supplier="any",
        supplier_name="any",
        ref="any",
        title="any",
        goods=Goods.CARD,
        units=1,
        unit_cost_e4=1,
        currency="CNY",
        rate_e6=1_000_000,
        stock=None,
        least=1,
        most=None,
        wanted=1,
        seen_at=AT,
        breaks=0,
        attempts=0,
        success_ppm=None,
        p95_ms=None,
        landed=Landed(1, 0, 0, 0, 0, 1),
        why_not=(),
    )
    return Candidate(offer)
