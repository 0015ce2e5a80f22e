"""Bodies that are no JSON we take cost one pass, whatever somebody sends."""

import time
from contextlib import suppress

import pytest

from kashu.core.errors import KashuError
from kashu.entry import requests


@pytest.mark.parametrize(
    "tail",
    [
        b'"' + b"a" * 900_000,
        b'"' + b'\\"' * 450_000,
        b'"' + b"\\" * 900_001,
        b'"a' * 300_000,
        b'"\\' * 300_000,
    ],
    ids=["a string without end", "quoted quotes", "backslashes", "many strings", "half escapes"],
)
def test_a_body_without_end_is_looked_at_in_one_pass(tail: bytes) -> None:
    began_at = time.process_time()
    with suppress(KashuError):  # refused is fine, too; it must be soon
        requests._check_depth(b"[]" * 40 + tail)
    assert time.process_time() - began_at < 1
