"""Why something waits is said in both languages, with what to do about just that."""

import pytest

from kashu.channels import left_to_people, topups
from kashu.core.matters import Matter
from kashu.desk.words import said_words

# What may be said of a top-up that doesn't go on.
TOPUPS = (
    topups.FAILED,
    topups.LATE,
    "supplier_account_refused",
    "supplier_input_refused",
    "supplier_input_missing",
    "refund_open",
    "held_there",
    "shipped_there",
    "closed_there",
    "not_acting",
    "cancelled",
)
ORDERS = (
    topups.WANTED,
    *topups.UNREAD,
    topups.WITH_DETAILS,
    topups.TOPPING_UP,
    left_to_people.NOT_ACTING,
    "refund_asked",
    "platform_holds",
)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("said", TOPUPS)
def test_a_topup_that_doesnt_go_on_says_why_and_what_to_do(said: str, language: str) -> None:
    why, remedy = said_words(Matter.TOPUP_FAILED, said, language)
    assert why != said
    assert why.isascii() == remedy.isascii() == (language == "en")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("said", ORDERS)
def test_no_order_waits_for_a_code(said: str, language: str) -> None:
    why, _ = said_words(Matter.ACCOUNT_UNREAD, said, language)
    assert why not in {"", said}


def test_what_to_do_depends_on_why() -> None:
    said = {said_words(Matter.TOPUP_FAILED, each, "zh")[1] for each in TOPUPS}
    assert len(said) > len(TOPUPS) // 2
    assert "退款" in said_words(Matter.TOPUP_FAILED, "refund_open", "zh")[1]
