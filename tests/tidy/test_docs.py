"""The documents are true where a machine can tell: names, links, commands, permissions."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.core.schema import metadata
from kashu.entry import modules  # noqa: F401  (declares every table)
from kashu.entry.cli import main
from kashu.entry.web import ROUTES

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SOURCES = sorted((ROOT / "kashu").rglob("*.py"))
DEFINED = {
    name
    for path in SOURCES
    for name in re.findall(r"^\s*(?:async )?(?:def|class) (\w+)", path.read_text(), re.MULTILINE)
}
TABLES = {(table.schema, table.name): set(table.columns.keys()) for table in metadata.sorted_tables}
SCHEMAS = {schema for schema, _ in TABLES}
OWN_WORDS = ("test", "check", "bench", "console", "<anything>", "")  # of ./run itself
FOLDERS = ("kashu", "tests", "docs", "bench", "samples", ".ci")

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text())


def quoted(page: Path) -> list[str]:
    return QUOTED.findall(prose(page))


def blocks(page: Path) -> list[str]:
    return [content for _, content in FENCE.findall(page.read_text())]


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    words = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings(page))
    return {re.sub(r"\s", "-", word.strip()) for word in words}


def lines_of(page: Path, program: str) -> Iterator[list[str]]:
    """The words of each command that begins with `program`, in prose and in blocks."""
    written = [*quoted(page), *(line for block in blocks(page) for line in block.splitlines())]
    for line in written:
        words = line.strip().removeprefix("$ ").split()
        while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
            words.pop(0)
        if words and words[0] == program:
            yield words[1:]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_names_only_files_that_are_there(page: Path) -> None:
    for name in quoted(page):
        if name.split("/")[0] in FOLDERS and re.fullmatch(r"[\w./*-]+", name) and "/" in name:
            assert list(ROOT.glob(name.rstrip("/"))), name


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_names_only_tables_and_columns_that_are_there(page: Path) -> None:
    for name in quoted(page):
        parts = name.split(".")
        if parts[0] not in SCHEMAS or not re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+){1,2}", name):
            continue
        if name in set(Permission):
            continue
        columns = TABLES.get((parts[0], parts[1]))
        assert columns is not None, name
        assert set(parts[2:]) <= columns, name


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_names_only_functions_that_are_there(page: Path) -> None:
    for name in quoted(page):
        called = re.fullmatch(r"(?:\w+\.)*(\w+)\(\)", name)
        assert called is None or called[1] in DEFINED, name


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in filter(None, (link for pair in LINK.findall(prose(page)) for link in pair)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = page if not path else (page.parent / path).resolve()
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_exists_with_the_options_it_is_shown_with(page: Path) -> None:
    found = [*lines_of(page, "kashu")]
    found += [words for words in lines_of(page, "./run") if "".join(words[:1]) not in OWN_WORDS]
    for words in found:
        command: click.Command = main
        for word in words:
            if not isinstance(command, click.Group) or not re.fullmatch(r"[a-z-]+", word):
                break
            inner = command.get_command(click.Context(command), word)
            assert inner is not None, words
            command = inner
        options = {name for parameter in command.params for name in parameter.opts}
        shown = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
        assert shown <= options | {"--help"}, (words, shown - options)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_route_exists(page: Path) -> None:
    known = {
        (method, re.sub(r"\{(\w+)(:\w+)?\}", r"{\1}", path))
        for handler in ROUTES
        for path in handler.paths
        for method in handler.http_methods
    }
    for name in quoted(page):
        route = re.fullmatch(r"(GET|POST|PATCH|PUT|DELETE) (/v1/[\w/{}-]+)(\?.*)?", name)
        assert route is None or (route[1], route[2]) in known, name


def test_what_the_source_says_of_the_documents_is_there() -> None:
    for path in SOURCES:
        for name in re.findall(r"\bdocs/[\w/.-]+\.(?:md|json)", path.read_text()):
            assert (ROOT / name).exists(), (path, name)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [("README.md", "README.zh-CN.md"), ("docs/start.md", "docs/start.zh-CN.md")],
)
def test_both_languages_say_the_same(english: str, chinese: str) -> None:
    one, other = ROOT / english, ROOT / chinese
    assert len(headings(one)) == len(headings(other))
    assert [without_remarks(block) for block in blocks(one)] == [
        without_remarks(block) for block in blocks(other)
    ]


def without_remarks(block: str) -> list[str]:
    """Leave out what is said beside a command, which is in the page's own language."""
    lines = (re.sub(r"\s+# .*$", "", line) for line in block.splitlines())
    return [line for line in lines if line.strip() and not line.startswith("# ")]


def test_the_table_of_permissions_is_the_one_in_force() -> None:
    text = prose(ROOT / "docs" / "concepts" / "access.md")
    shown = {
        permission: [cell.strip() == "✓" for cell in cells.split("|")]
        for permission, cells in re.findall(r"^\| `(\w+\.\w+)` \|(.*)\|$", text, re.MULTILINE)
    }
    assert shown == {
        permission.value: [permission in ROLE_PERMISSIONS[role] for role in Role]
        for permission in Permission
    }
