"""A command that was written wrong, in the words of whoever wrote it."""

import re

import click
import pytest
from click.testing import CliRunner

from kashu.entry.cli import main


def told(*arguments: str) -> str:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2, (done.exit_code, done.output)
    assert done.stdout == ""
    return done.stderr


def is_english(text: str) -> bool:
    return not re.search("[\u3000-\u9fff\uff00-\uffef]", text)


CASES = {
    ("order", "place", "--quantity", "2"): (
        "缺少 --sku、--price，请补上。",
        "Missing: --sku, --price. Add it.",
    ),
    ("order", "show"): ("缺少 ID，请补上。", "Missing: ID. Add it."),
    ("order", "place", "--skuu", "x"): (
        "没有选项 --skuu。您是否想写 --sku？",
        "There is no option --skuu. Did you mean --sku?",
    ),
    ("order", "plac"): ("没有命令 plac。您是否想写 place？", "There is no command plac. Did you"),
    ("ordre",): ("没有命令 ordre。您是否想写 order？", "There is no command ordre. Did you mean"),
    ("order", "place", "--sku"): ("选项 --sku 后面要写一个值。", "The option --sku needs a value"),
    ("catalog", "list", "--json=1"): ("选项 --json 后面不写值。", "The option --json takes no"),
    ("order", "place", "--quantity", "x"): (
        "--quantity 的值不对：应为 1 到 10000 的整数。",
        "--quantity is wrong: it should be a whole number from 1 to 10000.",
    ),
    ("order", "place", "--quantity", "0"): ("--quantity 的值不对", "--quantity is wrong"),
    ("order", "list", "--state", "lost"): (
        "应为 filled、partly_filled、short、refused、refunded 之一",
        "one of filled, partly_filled, short, refused, refunded",
    ),
    ("order", "list", "--since", "1.11.2026"): ("应为日期，写成 2026-12-31", "should be a day"),
    ("order", "list", "--before", "x"): ("应为完整的编号", "should be a whole id"),
    ("demo", "--rate", "0"): ("应为 0.1 到 10000 的数", "a number from 0.1 to 10000"),
    ("warehouse", "add", "x", "--name", "x", "--priority", "first"): ("应为整数", "a whole number"),
    ("order", "show", "a", "b c"): ("多写了：b c。", "Too much: b c."),
    ("order", "file", "/nothing"): ("找不到 /nothing。", "There is no /nothing."),
    ("order", "file", "/"): ("/ 是文件夹，请给出文件。", "/ is a folder: name a file."),
    ("import", "list"): ("kashu imports list", "kashu imports list"),
    ("import", "undo", "1"): ("kashu imports undo ID", "kashu imports undo ID"),
    ("report", "profit", "--format", "xlsx"): ("请加 --output", "add --output"),
    ("order", "refund", "A", "--line", "x"): ("--line 的值不对", "--line is wrong"),
    ("stock", "--json", "--format", "csv"): ("只写一个", "Write either"),
}


@pytest.mark.parametrize("arguments", CASES, ids=" ".join)
def test_what_is_wrong_is_told_in_chinese_with_the_way_to_write_it(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KASHU_LANGUAGE", raising=False)
    says = told(*arguments)
    assert CASES[arguments][0] in says
    assert "用法：" in says
    assert "--help" in says
    assert "Error" not in says


@pytest.mark.parametrize("arguments", CASES, ids=" ".join)
def test_what_is_wrong_is_told_in_english_alone(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KASHU_LANGUAGE", "en")
    says = told(*arguments)
    assert CASES[arguments][1] in says
    # An example may have a Chinese name in it.
    assert is_english("\n".join(line for line in says.splitlines() if "example" not in line))


def test_the_commands_first_example_is_shown() -> None:
    assert "例如：kashu order place --sku mgtv-month --quantity 2" in told("order", "place")
    assert "例如：kashu import cards.xlsx --sku mgtv-month" in told("import", "nothing.xlsx")


def test_help_that_is_asked_for_by_naming_nothing_stays_help() -> None:
    done = CliRunner().invoke(main, ["order"])
    assert done.exit_code == 2
    assert "kashu" not in done.stdout
    assert "Commands:" in done.stderr
    assert "✗" not in done.stderr


def test_every_option_that_must_be_given_has_a_type_whose_refusal_has_words() -> None:
    """Whoever adds an option of another type must give it words in `usage`."""
    known = (click.Choice, click.IntRange, click.FloatRange, click.DateTime, click.Path)
    plain = {"integer", "float", "uuid", "text", "boolean"}
    with click.Context(main, info_name="kashu") as context:
        for command, path in _commands(main, context, "kashu"):
            for parameter in command.params:
                kind = parameter.type
                assert isinstance(kind, known) or kind.name in plain, (path, parameter.name)


def _commands(
    group: click.Group, context: click.Context, path: str
) -> list[tuple[click.Command, str]]:
    found: list[tuple[click.Command, str]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append((command, f"{path} {name}"))
        if isinstance(command, click.Group):
            found += _commands(command, context, f"{path} {name}")
    return found
