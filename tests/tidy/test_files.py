"""The house rules of the source: sizes, names, statements, and words for every error."""

import ast
import importlib
import pkgutil
import re
import string
from pathlib import Path

import pytest

import kashu
from kashu.core.errors import KashuError

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for folder in ("kashu", "tests", "bench", "samples")
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)
STATEMENTS = sorted((ROOT / "kashu").rglob("*.sql"))
WRITTEN_ONCE = ROOT / "kashu" / "migrations"

FORBIDDEN = re.compile(r"(^|_)(service|manager|util|utils|helper|helpers|common|base|misc)(_|$)")
TABLE = re.compile(
    r"\b(?:FROM|JOIN|UPDATE|INTO)\s+((?:access|core|catalog|channels|customers|suppliers|ledger"
    r"|stock|orders)\.[a-z_]+)"
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_files_and_functions_are_short(path: Path) -> None:
    content = path.read_text()
    assert content.count("\n") < 400
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 70, node.name


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_is_named_after_what_it_could_be_anything_of(path: Path) -> None:
    assert not FORBIDDEN.search(path.stem)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef):
            assert not re.search(r"(Service|Manager|Util|Helper|Repository)$", node.name)


@pytest.mark.parametrize(
    "path", [path for path in STATEMENTS if WRITTEN_ONCE not in path.parents], ids=name_of
)
def test_a_statement_says_what_it_does_and_names_its_tenant(path: Path) -> None:
    content = path.read_text()
    assert content.startswith("-- ")
    assert content.splitlines()[0].rstrip().endswith((".", ",", ";", ":")) or content.splitlines()[
        1
    ].startswith("--")
    without_comments = re.sub(r"--[^\n]*", "", content)
    tables = len(TABLE.findall(without_comments))
    tenants = len(re.findall(r":tenant(_id)?\b", without_comments))
    assert tenants >= tables, f"{tables} tables, {tenants} tenants: each reference carries its own"


def errors() -> list[type[KashuError]]:
    for module in pkgutil.walk_packages(kashu.__path__, "kashu."):
        if ".migrations" not in module.name and not module.name.endswith("demo.web"):
            importlib.import_module(module.name)
    found: list[type[KashuError]] = []
    pending = [KashuError]
    while pending:
        error = pending.pop()
        found.append(error)
        pending += error.__subclasses__()
    return [error for error in found if error.__module__.startswith("kashu.")]


def test_every_error_has_words_in_both_languages_over_the_same_facts() -> None:
    def facts(template: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    for error in errors():
        assert re.search(r"[一-鿿]", error.zh), error
        assert error.en.strip(), error
        assert not re.search(r"[一-鿿]", error.en), error


def test_every_code_means_one_thing() -> None:
    codes: dict[str, type[KashuError]] = {}
    for error in errors():
        if "code" in vars(error):
            assert codes.setdefault(error.code, error) is error, (error, codes[error.code])


def test_nothing_is_left_unfinished() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|raise NotImplementedError)\b")
    for path in [*SOURCES, *STATEMENTS]:
        if path != Path(__file__):
            assert not unfinished.search(path.read_text()), path
