"""TOP's signatures, against those that other programs made."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kashu.adapters.channels.taobao_signing import (
    UnknownSignMethod,
    read_time,
    sign,
    text_to_sign,
    write_time,
)

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "taobao.json").read_text()
)


def name_of(vector: dict[str, Any]) -> str:
    return f"{vector['name']}, {vector['made_by']}"


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_we_sign_as_other_programs_do(vector: dict[str, Any]) -> None:
    assert sign(vector["inputs"], vector["secret"], vector["algorithm"]) == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_the_text_that_is_signed_is_theirs(vector: dict[str, Any]) -> None:
    wrapped = vector["secret"] if vector["algorithm"] == "md5" else ""
    assert wrapped + text_to_sign(vector["inputs"]) + wrapped == vector["text"]


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_a_changed_byte_of_any_parameter_changes_the_signature(vector: dict[str, Any]) -> None:
    for name, value in vector["inputs"].items():
        changed = vector["inputs"] | {name: value[:-1] + chr(ord(value[-1]) ^ 1)}
        assert sign(changed, vector["secret"], vector["algorithm"]) != vector["signature"], name


def test_another_secret_signs_otherwise() -> None:
    vector = VECTORS[0]
    assert sign(vector["inputs"], "helloworle") != vector["signature"]


def test_hmac_is_that_of_the_rfcs() -> None:
    # RFC 2202 case 1 and RFC 4231 case 1: the text is "Hi There". No program was found that
    # signs TOP's calls with SHA-256, so the platform's own reading of it isn't verified.
    assert sign({"Hi": " There"}, "\x0b" * 16, "hmac") == "9294727A3638BB1C13F48EF8158BFC9D"
    assert sign({"Hi": " There"}, "\x0b" * 20, "hmac-sha256") == (
        "B0344C61D8DB38535CA8AFCEAF0BF12B881DC200C9833DA726E9376C2E32CFF7"
    )


def test_the_signature_itself_and_what_is_empty_take_no_part() -> None:
    assert text_to_sign({"b": "2", "a": "1", "sign": "X", "c": ""}) == "a1b2"


def test_a_way_to_sign_that_there_is_not_is_refused() -> None:
    with pytest.raises(UnknownSignMethod):
        sign({"a": "1"}, "s", "sha1")


def test_times_are_those_of_beijing() -> None:
    moment = datetime(2026, 12, 31, 16, 0, 1, 999_999, tzinfo=UTC)
    assert write_time(moment) == "2027-01-01 00:00:01"
    assert read_time("2027-01-01 00:00:01") == moment.replace(microsecond=0)
    with pytest.raises(ValueError, match="format"):
        read_time("2027-01-01T00:00:01Z")
