"""The house rules of the console's source: sizes, errors that are told, words that are used."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SRC: Final = Path(__file__).parents[2] / "console" / "src"
GENERATED: Final = SRC / "api" / "schema.d.ts"
SOURCES: Final = sorted(
    path for ending in ("ts", "tsx") for path in SRC.rglob(f"*.{ending}") if path != GENERATED
)
CODE: Final = [path for path in SOURCES if path.parent != SRC / "words"]
# Words that the server names: their keys are its own values.
OF_THE_SERVER: Final = frozenset({"states", "protocols", "audit"})

ASKED: Final = re.compile(
    r"const (\w+|\{[^}]*\}) =\s*(?:api\.)?use(?:Query|Queries|InfiniteQuery)\b"
)
QUIET: Final = re.compile(r"// Quiet: [^\n]+\n(?: +const [^\n]+\n)*\s*$")


def test_files_of_the_console_are_short() -> None:
    lines = {str(path.relative_to(SRC)): path.read_text().count("\n") for path in SOURCES}
    assert {name: count for name, count in lines.items() if count >= 400} == {}


def untold(written: str) -> Iterator[str]:
    """The questions of a file whose error is neither shown nor handed on."""
    for asked in ASKED.finditer(written):
        if QUIET.search(written[: asked.start()]):
            continue
        name = asked[1]
        body = written[asked.end() : written.find("\n}\n", asked.start())]  # of the function
        told = (
            rf"\b{name}\.error\b"
            rf"|\b(?:of|asked)=\{{\[?[^\]}}]*\b{name}\b"
            rf"|\basked = \[[^\]]*\b{name}\b"
            rf"|\breturn (?:{name};|\{{[^;]*\b{name}\b\s*[,}}])"
        )
        if name.startswith("{") or not re.search(told, body):
            yield name


def test_what_a_page_couldn_t_read_is_told() -> None:
    """A failure isn't shown as nothing; where it needn't be told, `// Quiet: ` says why."""
    found = {str(path.relative_to(SRC)): [*untold(path.read_text())] for path in CODE}
    assert {name: names for name, names in found.items() if names} == {}


def test_the_rule_of_errors_sees_what_it_should() -> None:
    """Of itself: it must not pass because it reads nothing."""
    asks = 'function Page() {\n  const asked = api.useQuery("get", "/v1/skus");\n'
    assert [*untold(f"{asks}  return asked.data?.skus ?? [];\n}}\n")] == ["asked"]
    assert [*untold(f"{asks}  return <ProblemNote error={{asked.error}} />;\n}}\n")] == []
    assert [*untold(f"{asks}  return <List asked={{asked}} />;\n}}\n")] == []
    assert [*untold(asks.replace("  const", "  // Quiet: it is a hint.\n  const") + "}\n")] == []


def test_days_are_chosen_with_our_own_calendar() -> None:
    """A browser's own shows them in its language, and thinks in its time zone."""
    for path in CODE:
        assert not re.search(r'type="(date|time|datetime-local)"', path.read_text()), path


def keys_of(path: Path) -> Iterator[str]:
    """The keys of a file of words, `a.b.c`: one key a line, or objects on one line."""
    above: list[str] = []
    token = re.compile(r'"(?:[^"\\]|\\.)*"|(\w+|"[^"]+"):|([{}])')
    written = path.read_text()
    key = ""
    for found in token.finditer(written[written.index("export default") :]):
        if found[1]:
            key = found[1]
        elif found[2] == "{":
            above.append(key)
            key = ""
        elif found[2] == "}":
            above.pop()
            if not above:
                return
        elif key:
            yield ".".join([*above[1:], key])
            key = ""


def test_every_word_is_said_somewhere() -> None:
    """A key is used where it is written, whole or with something put into it."""
    code = "\n".join(path.read_text() for path in CODE)
    whole = set(re.findall(r"[\"'`](?:[\w-]+:)?([\w-]+(?:\.[\w-]+)*)[\"'`]", code))
    parts = [
        re.compile(re.sub(r"\\\$\\\{.*?\\\}", "[A-Za-z0-9_.]+", re.escape(each)))
        for each in set(re.findall(r"`(?:[\w-]+:)?([\w.-]*\$\{[^`]*?\}[\w.-]*)`", code))
        if re.search(r"[a-z]+[._]|[._][a-z]+", re.sub(r"\$\{.*?\}", "", each))
    ]
    objects = set(re.findall(r"[\"'`]([\w.]+)[\"'`][^;]{0,40}returnObjects", code))
    unused = []
    for path in sorted((SRC / "words").glob("*.zh.ts")):
        namespace = path.name.removesuffix(".zh.ts")
        if namespace in OF_THE_SERVER:
            continue
        for key in keys_of(path):
            plain = re.sub(r"_(one|other)$", "", key)
            known = plain in whole or key in whole
            known = known or any(part.fullmatch(plain) for part in parts)
            known = known or any(plain.startswith(f"{each}.") for each in objects)
            if not known:
                unused.append(f"{namespace}: {key}")
    assert unused == []
