"""The reference in docs/ is what the program says of itself."""

from pathlib import Path

import pytest

from kashu.entry.reference import PAGES

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize("page", PAGES)
def test_a_reference_page_is_what_the_program_says_of_itself(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KASHU_CONFIG", raising=False)
    written = (REFERENCE / page).read_text(encoding="utf-8")
    assert written == PAGES[page](), f"docs/reference/{page} is behind: ./run reference"
