"""What a card looks like, and which patterns may say so."""

import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kashu.catalog.card_format import CardFormat, Doubt, passes_luhn, pattern_is_safe

SIXTEEN = CardFormat(number="NF[0-9]{14}", lengths=(16,), password="[a-z]{6,8}")


@pytest.mark.parametrize(
    ("number", "password", "doubts"),
    [
        ("NF12345678901234", "abcdef", ()),
        ("NF1234567890123", "abcdef", (Doubt.LENGTH, Doubt.NUMBER)),
        ("XX12345678901234", "abcdef", (Doubt.NUMBER,)),
        ("NF12345678901234", "", (Doubt.PASSWORD,)),
        ("NF12345678901234", "ABC", (Doubt.PASSWORD,)),
        ("NF12345678901234\n", "abcdef", (Doubt.LENGTH, Doubt.NUMBER)),
        ("NF1234567890123٤", "abcdef", (Doubt.NUMBER,)),
        ("9" * 100_000, "abcdef", (Doubt.LENGTH,)),
    ],
)
def test_a_card_that_looks_wrong_is_doubted(
    number: str, password: str, doubts: tuple[Doubt, ...]
) -> None:
    assert SIXTEEN.doubts(number, password) == doubts


def test_a_password_may_be_optional_or_unwanted() -> None:
    optional = msgspec.structs.replace(SIXTEEN, password_optional=True)
    without = msgspec.structs.replace(SIXTEEN, password="")
    assert optional.doubts("NF12345678901234") == ()
    assert without.doubts("NF12345678901234") == ()
    assert without.doubts("NF12345678901234", "abcdef") == (Doubt.PASSWORD,)


def test_a_mistyped_digit_fails_the_luhn_checksum() -> None:
    luhn = CardFormat(number="[0-9]{16}", luhn=True)
    assert luhn.doubts("4539578763621486") == ()
    assert luhn.doubts("4539578763621487") == (Doubt.CHECKSUM,)


@given(st.text("0123456789", min_size=1, max_size=30))
def test_one_last_digit_and_no_other_passes_luhn(digits: str) -> None:
    assert sum(passes_luhn(digits + last) for last in "0123456789") == 1


@pytest.mark.parametrize(
    "pattern",
    [
        "[A-Z0-9]{16}",
        r"\d{4}-\d{4}-\d{4}",
        "MG[A-Z0-9]{10,18}|MT[0-9]{12}",
        r"https://example\.com/g\?[A-Za-z0-9_%.=&\-]{1,400}",
    ],
)
def test_a_plain_pattern_is_safe(pattern: str) -> None:
    assert pattern_is_safe(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "(a+)+",
        "(a|a)*",
        "a*",
        "a+",
        ".{1,20}",
        "[a-z]{1,9}[a-z]{1,9}",
        "[a-z]{9,1}",
        "[a-z]{999}",
        "[z-a]{2}",
        "a{2}{3}",
        r"(a)\1",
        "(?=a)a",
        "a||b",
        "|".join("abcdefghi"),
        "[a-z",
        "a{1,}",
        "中",
        "a\n",
    ],
)
def test_a_pattern_that_could_run_long_or_is_none_is_unsafe(pattern: str) -> None:
    assert not pattern_is_safe(pattern)


@given(st.text(r"ab0-9[]{},|\d.?()*+", min_size=1, max_size=24))
def test_each_safe_pattern_compiles(pattern: str) -> None:
    if pattern_is_safe(pattern):
        CardFormat(number=pattern).doubts("ab0")


def test_the_dearest_safe_pattern_is_quick() -> None:
    dearest = "|".join(["a{1,511}" + "a" * 23] * 5)
    assert pattern_is_safe(dearest)
    begun = time.perf_counter()
    assert CardFormat(number=dearest).doubts("a" * 511 + "b") == (Doubt.NUMBER,)
    assert time.perf_counter() - begun < 0.1
