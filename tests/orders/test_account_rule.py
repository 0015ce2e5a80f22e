"""What a buyer typed, and the one account it holds, or why a person must look."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kashu.orders.account_rule import (
    ACCOUNT_MAX,
    TEXT_MAX,
    AccountRule,
    AccountRuleWrong,
    Looks,
    Unread,
    check_rule,
    mask_account,
    read_account,
    typed_account,
)

PHONE = AccountRule(Looks.PHONE)
QQ = AccountRule(Looks.QQ)
EMAIL = AccountRule(Looks.EMAIL)
LABELLED = AccountRule(Looks.QQ, label="QQ号")
SIX = AccountRule(Looks.DIGITS, digits_min=6, digits_max=6)
OWN = AccountRule(Looks.PATTERN, pattern="UID[0-9]{4,8}|VIP[A-Z]{3}")


@pytest.mark.parametrize(
    ("rule", "text", "account"),
    [
        (PHONE, "13800138000", "13800138000"),
        (PHONE, "手机13800138000谢谢", "13800138000"),
        (PHONE, "１３８００１３８０００", "13800138000"),
        (PHONE, "充到 138 0013 8000，快点", "13800138000"),
        (PHONE, "+86-138-0013-8000", "13800138000"),
        (PHONE, "13800138000 13800138000", "13800138000"),  # the same twice is one
        (QQ, "qq 123456", "123456"),
        (QQ, "QQ：123456。", "123456"),
        (QQ, "\u200b123456\u200b", "123456"),
        (EMAIL, "邮箱 a.b-c@qq.com，谢谢", "a.b-c@qq.com"),
        (EMAIL, "Me@Example.com.", "Me@Example.com"),
        (LABELLED, "电话13800138000 qq号：123456", "123456"),
        (LABELLED, "QQ号为 123456\n数量 10000", "123456"),
        (SIX, "会员号 123456，共 2 个", "123456"),
        (OWN, "我是 UID12345", "UID12345"),
        (OWN, "VIPABC", "VIPABC"),
    ],
)
def test_one_account_is_read(rule: AccountRule, text: str, account: str) -> None:
    assert read_account(rule, text) == account


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (PHONE, ""),
        (PHONE, "谢谢"),
        (PHONE, "1380013800"),  # a digit short
        (PHONE, "138001380001"),  # a digit more
        (PHONE, "12800138000"),
        (PHONE, "13800138000 5"),  # perhaps a longer number, written in groups
        (QQ, "0123456"),
        (QQ, "123456@qq.com"),  # an address is not a number
        (QQ, "abc123456"),
        (LABELLED, "123456"),  # not behind the label
        (LABELLED, "QQ号我不记得，随便 123456"),
        (SIX, "1234567"),
        (OWN, "UID123"),
        (OWN, "xUID12345"),
        (PHONE, "1380013800０" + "是" * TEXT_MAX),
    ],
)
def test_what_is_not_there_is_not_guessed(rule: AccountRule, text: str) -> None:
    assert read_account(rule, text) is Unread.MISSING


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (PHONE, "13800138000 或 13900139000"),
        (QQ, "123456 电话13800138000"),  # a phone number may be a QQ number
        (EMAIL, "a@qq.com b@qq.com"),
        (LABELLED, "QQ号：123456 改成 QQ号：654321"),
        (SIX, "123456 654321"),
    ],
)
def test_between_two_nobody_chooses(rule: AccountRule, text: str) -> None:
    assert read_account(rule, text) is Unread.AMBIGUOUS


@pytest.mark.parametrize(
    "rule",
    [
        AccountRule(Looks.PATTERN),
        AccountRule(Looks.QQ, pattern="[0-9]{5}"),
        AccountRule(Looks.PATTERN, pattern="(a+)+b"),
        AccountRule(Looks.PATTERN, pattern="a*"),
        AccountRule(Looks.PATTERN, pattern="[z-a]"),
        AccountRule(Looks.DIGITS, digits_min=9, digits_max=8),
        AccountRule(Looks.QQ, label="  "),
    ],
)
def test_a_rule_that_cannot_be_is_refused(rule: AccountRule) -> None:
    with pytest.raises(AccountRuleWrong):
        check_rule(rule)


def test_a_long_text_against_the_costliest_pattern_takes_no_time() -> None:
    rule = AccountRule(Looks.PATTERN, pattern="|".join(["[A-Z0-9]{0,500}=9"] * 8))
    check_rule(rule)
    began = time.process_time()
    for text in ("A" * TEXT_MAX, "A " * 1000, "=9" * 1000, "138-0013-" * 222, "@" * TEXT_MAX):
        for each in (rule, PHONE, QQ, EMAIL, LABELLED):
            read_account(each, text)
    assert time.process_time() - began < 2


@given(st.text(max_size=300), st.sampled_from([PHONE, QQ, EMAIL, LABELLED, SIX, OWN]))
def test_whatever_was_typed_gives_an_account_of_that_look_or_a_reason(
    text: str, rule: AccountRule
) -> None:
    account = read_account(rule, text)
    if not isinstance(account, Unread):
        assert 0 < len(account) <= ACCOUNT_MAX
        assert typed_account(rule, account) == account


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
def test_two_numbers_are_never_one(first: str, second: str) -> None:
    found = read_account(PHONE, f"{first}、{second}")
    assert found == (first if first == second else Unread.AMBIGUOUS)


@given(st.from_regex(r"\A[a-zA-Z0-9]{2,40}\Z"))
def test_a_mask_hides_at_least_half(account: str) -> None:
    masked = mask_account(account)
    assert "****" in masked
    assert len(masked) - 4 <= max(len(account) / 2, 1)
    assert mask_account(f"{account}@qq.com") == f"{account[:1]}****@qq.com"


def test_what_a_person_types_is_held_to_the_rule() -> None:
    assert typed_account(PHONE, "138 0013 8000") == "13800138000"
    assert typed_account(PHONE, "12345") is None
    assert typed_account(LABELLED, "123456") == "123456"  # a person needs no label
    assert typed_account(None, " abc ") == "abc"
    assert typed_account(None, "") is None
    assert typed_account(None, "x" * (ACCOUNT_MAX + 1)) is None
