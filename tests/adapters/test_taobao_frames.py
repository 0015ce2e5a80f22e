"""Frames of Taobao's message service, against those that another program made."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kashu.adapters.channels.taobao_frames import (
    Frame,
    FrameUnreadable,
    connect_frame,
    read_frame,
    sign_connect,
    write_frame,
)
from kashu.core.secrets import Secret
from kashu.simulators.taobao_mail_wire import pack, unpack

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "taobao_messages.json").read_text()
)
CONNECT = VECTORS[0]
every_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
ours = pytest.mark.parametrize("vector", VECTORS[:3], ids=lambda vector: vector["name"])


@every_vector
def test_we_read_what_another_program_wrote(vector: dict[str, Any]) -> None:
    frame = read_frame(bytes.fromhex(vector["frame"]))
    assert (frame.type, frame.token, dict(frame.fields)) == (
        vector["type"],
        vector["token"],
        vector["fields"],
    )


@ours
def test_we_write_as_another_program_does(vector: dict[str, Any]) -> None:
    frame = Frame(vector["type"], vector["fields"], vector["token"])
    assert write_frame(frame).hex() == vector["frame"]


def test_we_sign_as_another_program_does() -> None:
    fields, secret = CONNECT["fields"], Secret(CONNECT["secret"])
    signed = sign_connect(fields["app_key"], fields["group_name"], fields["timestamp"], secret)
    assert signed == fields["sign"]


def test_the_first_frame_tells_all_that_it_must_and_no_secret() -> None:
    secret = Secret("a secret that must not leave")
    frame = write_frame(connect_frame("23000001", "default", "1770000000123", secret))
    assert list(read_frame(frame).fields) == list(CONNECT["fields"])
    assert b"must not leave" not in frame


@every_vector
def test_the_simulator_reads_and_writes_the_same_by_itself(vector: dict[str, Any]) -> None:
    told = unpack(bytes.fromhex(vector["frame"]))
    assert (told["type"], told["token"], told["fields"]) == (
        vector["type"],
        vector["token"],
        vector["fields"],
    )
    if vector["name"] in {"connect", "pull request", "confirm"}:
        fields = list(vector["fields"].items())
        assert pack(vector["type"], fields, token=vector["token"]).hex() == vector["frame"]


@every_vector
def test_no_part_of_a_frame_is_one(vector: dict[str, Any]) -> None:
    whole = bytes.fromhex(vector["frame"])
    for length in range(len(whole)):
        with pytest.raises(FrameUnreadable):
            read_frame(whole[:length])


@given(st.binary(max_size=200) | st.binary(max_size=60).map(b"\x02\x02\x01\x00".__add__))
def test_whatever_comes_is_a_frame_or_named_unreadable(told: bytes) -> None:
    try:
        frame = read_frame(told)
    except FrameUnreadable:
        return
    assert told[0] == 2
    assert frame.type == told[1]


def test_a_text_that_claims_to_be_longer_than_it_is_takes_no_room() -> None:
    with pytest.raises(FrameUnreadable):
        read_frame(b"\x02\x02\x05\x00\xff\xff\xff\x7f")


def test_a_status_is_read_as_a_long_one() -> None:
    frame = read_frame(pack(1, [], status=401, phrase="invalid sign"))
    assert (frame.status, frame.phrase, frame.token) == (401, "invalid sign", "")
