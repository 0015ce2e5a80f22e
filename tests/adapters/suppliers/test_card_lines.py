"""Lines of text as cards: split where it is clear, whole where it isn't, and always alike."""

import pytest

from kashu.adapters.suppliers.card_lines import cards_of
from kashu.suppliers.upstream import BoughtCard


@pytest.mark.parametrize(
    ("line", "card"),
    [
        ("KX8842019937", BoughtCard(password="KX8842019937")),
        ("0000123456 00000042", BoughtCard("0000123456", "00000042")),
        ("user@example.com----pw:1,2|x", BoughtCard("user@example.com", "pw:1,2|x")),
        ("KX8842\tPW77", BoughtCard("KX8842", "PW77")),
        ("KX8842|PW77", BoughtCard("KX8842", "PW77")),
        ("卡号：KX8842 卡密：PW77", BoughtCard("KX8842", "PW77")),
        ("卡号:KX8842,密码:PW77", BoughtCard("KX8842", "PW77")),
        ("卡密：PW77", BoughtCard(password="PW77")),
        ("https://card.example/x?a=1:2", BoughtCard(url="https://card.example/x?a=1:2")),
        (
            "KX8842----https://card.example/x",
            BoughtCard("KX8842", url="https://card.example/x"),
        ),
        ("ABCD-1234-EFGH", BoughtCard(password="ABCD-1234-EFGH")),
        ("AB:CD", BoughtCard(password="AB:CD")),
        ("AB,CD", BoughtCard(password="AB,CD")),
        ("ABCD 1234 EFGH 5678", BoughtCard(password="ABCD 1234 EFGH 5678")),
        ("ABCDEFG HIJ KLMNOPQ RST", BoughtCard(password="ABCDEFG HIJ KLMNOPQ RST")),
        ("老板娘：A1 有事：B2", BoughtCard(password="老板娘：A1 有事：B2")),
        ("KX8842----", BoughtCard(password="KX8842----")),
    ],
)
def test_a_line_is_read_by_itself(line: str, card: BoughtCard) -> None:
    assert cards_of(line, {}) == (card,)
    beside = "卡号：Z1 卡密：Z2\nA----B\n\n  \r\n"
    assert cards_of(f"{beside}{line}\r\n{beside}", {})[2] == card


def test_a_merchant_says_what_separates() -> None:
    line = "user:pa:ss----word"
    assert cards_of(line, {"card_separator": ":"}) == (BoughtCard("user", "pa:ss----word"),)
    assert cards_of(line, {"card_separator": "none"}) == (BoughtCard(password=line),)
    assert cards_of("no such", {"card_separator": ":"}) == (BoughtCard(password="no such"),)


def test_no_line_is_no_card() -> None:
    assert cards_of("\n \r\n\t\n", {}) == ()
