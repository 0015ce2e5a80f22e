"""What suppliers say and write, made safe: texts, amounts, JSON that is signed as it came."""

from decimal import Decimal

import pytest

from kashu.adapters.suppliers.amounts import e4, price_e4, yuan
from kashu.adapters.suppliers.exact_json import read_exact, write_exact
from kashu.adapters.suppliers.texts import SAID_MAX, bounded, printable, utf8, word


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("余额不足", "余额不足"),
        ("账号13800138000有误", "账号…有误"),
        ("卡密 ABCD-1234-EFGH", "卡密 …"),
        ("12 34 56", "12 34 56"),
        ("卡号１２３４５６", "卡号…"),
        ("第一行\n第二行\u202e\x00", "第一行 第二行"),
        ("https://pay.example/?k=1", "…"),
        ("", ""),
    ],
)
def test_of_what_is_said_only_words_are_kept(text: str, kept: str) -> None:
    assert bounded(text) == kept


def test_what_is_ours_is_taken_out_of_what_is_said() -> None:
    assert bounded("角色逐鹿中原不存在", "逐鹿中原", "", "鹿") == "角色…不存在"
    assert bounded("账号a@b有误", "a@b") == "账号…有误"


def test_what_is_said_is_short_however_long_it_is() -> None:
    assert len(bounded("误" * 1_000_000)) == SAID_MAX
    assert len(printable("名" * 300, 200)) == 200


def test_a_word_is_a_word() -> None:
    assert word("processing") == "processing"
    for odd in ("", "two words", "x" * 33, "卡密", "a\n"):
        assert word(odd) == "?"


def test_what_is_not_utf8_is_refused_without_being_kept() -> None:
    with pytest.raises(ValueError, match="not UTF-8") as refused:
        utf8(b"secret\xff")
    told = f"{refused.value!r} {refused.value.__cause__!r} {refused.value.__context__!r}"
    assert "secret" not in told


@pytest.mark.parametrize(
    ("written", "amount_e4"),
    [
        ("0", 0),
        ("14.1250", 141_250),
        ("14.12500000", 141_250),
        ("344283.1608", 3_442_831_608),
        ("1E+2", 1_000_000),
        ("-0.0001", -1),
        ("9007199254.7409", 90_071_992_547_409),
    ],
)
def test_an_amount_is_read_exactly(written: str, amount_e4: int) -> None:
    assert e4(Decimal(written)) == amount_e4


@pytest.mark.parametrize(
    "written",
    [
        "0.00001",
        "NaN",
        "Infinity",
        "1e30",
        "1e-30",
        "1e-999999999999999999",
        "1" * 30,
        "1." + "0" * 40 + "1",
    ],
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"amount|much|decimals"):
        e4(Decimal(written))


def test_a_price_is_not_less_than_nothing() -> None:
    assert price_e4(Decimal("0.0")) == 0
    with pytest.raises(ValueError, match="less than nothing"):
        price_e4(Decimal("-0.01"))


@pytest.mark.parametrize(
    ("amount_e4", "written"),
    [(0, "0"), (125_000, "12.5"), (120_000, "12"), (141_250, "14.125"), (1, "0.0001")],
)
def test_an_amount_is_written_without_zeros_that_say_nothing(amount_e4: int, written: str) -> None:
    assert yuan(amount_e4) == written
    assert e4(Decimal(written)) == amount_e4


@pytest.mark.parametrize(
    "text",
    [
        '{"a":5.0,"b":5,"c":1E+2,"d":-0,"e":12345678901234567890.10}',
        '{"b":"/","a":"芒果\\"\\\\\\n","c":[1,{"d":null,"e":true,"f":false}],"g":{}}',
    ],
)
def test_what_was_read_exactly_is_written_as_it_was(text: str) -> None:
    assert write_exact(read_exact(text.encode())) == text
    escaped = write_exact(read_exact(text.encode()), slash="\\/")
    assert escaped == text.replace("/", "\\/")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":{"b":1,"b":1}}',
        b"\xff",
        b'{"a":' + b"[" * 100_000,
    ],
)
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_exact(body)
