import pytest

from kashu.stock.secret import CardSecret, decode, encode, mask


def test_what_is_written_down_reads_back() -> None:
    assert decode(encode("123", None, "https://a/b")) == CardSecret("123", "", "https://a/b")


def test_a_secret_is_never_printed_by_accident() -> None:
    secret = CardSecret("4000123412341234", "hunter2", "https://cards.example/x")
    assert f"{secret} {secret!r} {[secret]}" == "CardSecret(•••) CardSecret(•••) [CardSecret(•••)]"


@pytest.mark.parametrize(
    ("number", "password", "url", "tail"),
    [
        ("4000123412345678", "secret", "", "5678"),
        ("12345678", "", "", "78"),
        ("123", "hunter2hunter2", "", ""),
        ("", "hunter2hunter2", "", "er2"),
        ("", "", "https://c.example/take/AbCdEfGhIjKlMnOp?t=1", "MnOp"),
        ("", "", "https://c.example/take/AbCdEfGhIjKlMnOp/", "MnOp"),
        ("", "", "https://c.example/?token=AbCdEfGhIjKlMnOp", ""),
        ("", "", "https://[broken", ""),
    ],
)
def test_a_mask_shows_four_characters_and_never_over_a_quarter(
    number: str, password: str, url: str, tail: str
) -> None:
    assert mask(number, password, url) == tail
