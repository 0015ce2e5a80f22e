"""Signatures: the one text that is signed, as any other program would write it."""

import hashlib
import hmac
from uuid import UUID

import pytest

from kashu.access.errors import SignatureUnreadable, SignatureWrong, TimestampOutside
from kashu.access.signatures import (
    check_signature,
    check_time,
    key_name,
    parse_key_name,
    read_signed,
    sign,
)

KEY = "ak_7_0198c1b2000070008000000000000001"
SECRET = "sk_example"  # noqa: S105  (an example)
BODY = b'{"a":1}'


def headers() -> dict[str, str]:
    made = sign(
        "POST",
        "/v1/orders?b=2&a=%20x",
        BODY,
        key=KEY,
        secret=SECRET,
        timestamp=1_700_000_000,
        nonce="0123456789abcdef",
    )
    return {name.lower(): value for name, value in made.items()}


def test_the_text_signed_is_five_lines() -> None:
    text = (
        "POST\n/v1/orders?a=%20x&b=2\n1700000000\n0123456789abcdef\n"
        "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    )
    expected = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert headers() == {
        "authorization": f"KASHU-HMAC-SHA256 key={KEY}, signature={expected}",
        "x-kashu-timestamp": "1700000000",
        "x-kashu-nonce": "0123456789abcdef",
        "x-kashu-content-sha256": text.rpartition("\n")[2],
    }


def test_what_was_signed_is_accepted_and_nothing_else() -> None:
    signed = read_signed(headers())
    told = {
        "method": "POST",
        "path": "/v1/orders",
        "query": "a=%20x&b=2",
        "body_hash": hashlib.sha256(BODY).hexdigest(),
    }
    check_signature(signed, SECRET.encode(), **told)
    for changed in (
        {"method": "PUT"},
        {"path": "/v1/orders/"},
        {"query": "a=%20x&b=3"},
        {"query": "a= x&b=2"},
        {"query": ""},
        {"body_hash": hashlib.sha256(b"").hexdigest()},
    ):
        with pytest.raises(SignatureWrong):
            check_signature(signed, SECRET.encode(), **(told | changed))
    with pytest.raises(SignatureWrong):
        check_signature(signed, b"another secret", **told)


def test_the_time_may_be_five_minutes_off() -> None:
    signed = read_signed(headers())
    for off in (-300, 0, 300):
        check_time(signed, 1_700_000_000.0 + off)
    for off in (-301, 301, 10**9):
        with pytest.raises(TimestampOutside):
            check_time(signed, 1_700_000_000.0 + off)


def test_a_key_name_carries_its_tenant() -> None:
    key_id = UUID("0198c1b2-0000-7000-8000-000000000001")
    assert key_name(7, key_id) == KEY
    assert parse_key_name(KEY) == (7, key_id)
    for wrong in (
        "",
        "ak_7_",
        KEY.upper(),
        f"{KEY}0",
        KEY.replace("7_", "٧_"),
        "ak_-1_" + "0" * 32,
    ):
        assert parse_key_name(wrong) is None


@pytest.mark.parametrize("name", ["authorization", "x-kashu-timestamp", "x-kashu-nonce"])
def test_each_header_is_needed(name: str) -> None:
    missing = headers()
    del missing[name]
    with pytest.raises(SignatureUnreadable, match=r"(?i)" + name):
        read_signed(missing)
