"""Open API: signed, idempotent, one order a request → its card in the answer, 256 connections.

Reference: an endpoint of the same framework and server that only parses and answers.
"""

from typing import Final

from bench.fill import fill_sealed, settle
from bench.ground import make_ground, make_shop
from bench.report import Result, line_of
from bench.web import CONNECTIONS, key_of, load, plan_for, serving, serving_bare

BAR: Final = 0.4

# Cards in all, repeats, seconds of each side in a repeat.
SIZES: Final = {"tiny": (3_000, 1, 0.4), "small": (70_000, 3, 4.0), "full": (600_000, 5, 30.0)}


async def run(scale: str) -> dict[str, object]:
    """Measure both sides in turn."""
    cards, repeats, seconds = SIZES[scale]
    ours, reference = [], []
    exact = True
    statuses: dict[int, int] = {}
    with make_ground() as ground:
        async with make_shop(ground) as shop:
            for sku in shop.skus:
                await fill_sealed(ground, shop, sku, lots=2, cards=cards // len(shop.skus))
            settle(ground)
            key = await key_of(shop)
            most = cards // (repeats + 1)
            with serving(ground) as port, serving_bare() as bare_port:
                for repeat in range(-1, repeats):  # the first warms both up
                    for_s = seconds if repeat >= 0 else seconds / 4
                    plan = plan_for(shop, key, port, f"run{repeat}", for_s=for_s, requests=most)
                    got = await load(plan)
                    exact = exact and got.statuses.keys() == {200}
                    exact = exact and got.cards == got.different_cards == got.statuses[200]
                    for status, count in got.statuses.items():
                        statuses[status] = statuses.get(status, 0) + count
                    bare = plan_for(
                        shop, key, bare_port, f"bare{repeat}", for_s=for_s, requests=4 * most
                    )
                    answered = await load(bare)
                    assert answered.statuses.keys() == {200}, answered.statuses
                    if repeat >= 0:
                        ours.append(got.statuses[200] / got.took_s)
                        reference.append(answered.statuses[200] / answered.took_s)
        settings = {"connections": CONNECTIONS, "seconds": seconds, "cards": cards}
        result = Result(
            "open_api",
            "requests/s",
            ours,
            reference,
            BAR,
            "higher",
            settings,
            exact,
            {"statuses": statuses},
        )
        return line_of(result, ground, scale)
