"""Whose an order is: what tells buyers apart is kept, and no phone in whole."""

import pytest

from kashu.orders.buyer import mask_buyer


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        (" 王五\n老客户 ", "王五 老客户"),
        ("wx_abc123", "wx_abc123"),
        ("13812345678", "138****5678"),
        ("李雷１３８１２３４５６７８", "李雷138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("8613812345678", "138****5678"),
        ("座机 6677 8899", "座机 ****8899"),
        ("QQ 123456", "QQ 123456"),
        ("ann@example.com", "a****@example.com"),
        ("138****5678", "138****5678"),
    ],
)
def test_phones_and_addresses_are_masked_and_names_stay(written: str, kept: str) -> None:
    assert mask_buyer(written) == kept
    assert mask_buyer(kept) == kept  # what waited for approval is masked again
