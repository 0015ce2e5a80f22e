"""A command that was written wrong: what is wrong and how to write it, in the reader's language."""

import difflib
import inspect
import re
from collections.abc import Iterable, Mapping
from typing import IO, Any, Final, TypeAlias

import click

from kashu.entry.terminal import language

Both: TypeAlias = tuple[str, str]  # in Chinese and in English

# What click says of paths and of arguments; its classes don't tell these apart.
_PATH: Final = re.compile(r"\w+ (['\"])(?P<path>.*)\1 (?P<why>.*)\.", re.DOTALL)
_PATH_WRONG: Final = {
    "does not exist": ("找不到 {path}。请检查路径。", "There is no {path}. Check the path."),
    "is a directory": ("{path} 是文件夹，请给出文件。", "{path} is a folder: name a file."),
    "is a file": ("{path} 是文件，请给出文件夹。", "{path} is a file: name a folder."),
    "is not readable": ("没有权限读取 {path}。", "{path} can't be read. Check its permissions."),
    "is not writable": ("没有权限写入 {path}。", "{path} can't be written. Check its permissions."),
}
_EXTRA: Final = re.compile(r"Got unexpected extra arguments? \((?P<what>.*)\)", re.DOTALL)
_NO_COMMAND: Final = re.compile(r"No such command (['\"])(?P<name>.*)\1\.", re.DOTALL)

_PLAIN_TYPES: Final[Mapping[str, Both]] = {
    "integer": ("整数", "a whole number"),
    "float": ("数", "a number"),
    "uuid": ("完整的编号", "a whole id"),
}


class Misused(click.UsageError):
    """A command's words don't go together; said in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.both: Both = (zh, en)


class Told(click.UsageError):
    """A usage error of click's or ours, told in the reader's language; exit code 2 as theirs."""

    def __init__(self, error: click.UsageError) -> None:
        super().__init__(error.message, error.ctx)
        self._error = error

    def show(self, file: IO[Any] | None = None) -> None:
        """Say what is wrong, then how the command is written."""
        is_zh = language() == "zh"
        click.secho(f"✗ {_said(self._error)[not is_zh]}", fg="red", err=True, file=file)
        if self.ctx is None:
            return
        for line in _how(self.ctx, is_zh=is_zh):
            click.echo(f"  {line}", err=True, file=file)


def told(error: click.UsageError) -> click.UsageError:
    """Make click's error one that our reader understands; help that was asked for stays."""
    return error if isinstance(error, click.exceptions.NoArgsIsHelpError | Told) else Told(error)


def _how(context: click.Context, *, is_zh: bool) -> Iterable[str]:
    usage = context.get_usage().partition(": ")[2]
    yield f"用法：{usage}" if is_zh else f"Usage: {usage}"
    example = _example(context)
    if example is not None:
        yield f"例如：{example}" if is_zh else f"For example: {example}"
    path = f"{context.command_path} --help"
    yield f"全部说明：{path}" if is_zh else f"All about it: {path}"


def _example(context: click.Context) -> str | None:
    """Find the first example in a command's help."""
    if isinstance(context.command, click.Group):
        return None
    own = f"kashu {context.command_path.partition(' ')[2]} "
    lines = inspect.cleandoc(context.command.help or "").splitlines()
    return next((line.strip() for line in lines if line.strip().startswith(own)), None)


def _said(error: click.UsageError) -> Both:
    match error:
        case Misused(both=both):
            return both
        case click.MissingParameter():
            return _missing(error)
        case click.NoSuchOption() | click.BadOptionUsage():
            return _option(error)
        case click.BadParameter():
            return _bad(error)
        case _:
            return _other(error)


def _option(error: click.NoSuchOption | click.BadOptionUsage) -> Both:
    name = error.option_name
    if isinstance(error, click.NoSuchOption):
        hint = _meant(next(iter(error.possibilities or ()), None))
        return f"没有选项 {name}。{hint[0]}", f"There is no option {name}. {hint[1]}".rstrip()
    if "requires" in error.message:
        return f"选项 {name} 后面要写一个值。", f"The option {name} needs a value behind it."
    return f"选项 {name} 后面不写值。", f"The option {name} takes no value."


def _missing(error: click.MissingParameter) -> Both:
    """Name all that is missing: what was given has been read by then, and the rest isn't there."""
    missing = [error.param] if error.param else []
    if error.ctx is not None:
        needed = [each for each in error.ctx.command.get_params(error.ctx) if each.required]
        missing = [each for each in needed if each.name not in error.ctx.params] or missing
    names = [_name(each, error.ctx) for each in missing]
    return f"缺少 {'、'.join(names)}，请补上。", f"Missing: {', '.join(names)}. Add it."


def _bad(error: click.BadParameter) -> Both:
    name = _name(error.param, error.ctx) if error.param else ""
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Path):
        found = _PATH.fullmatch(error.message)
        if found is not None and found["why"] in _PATH_WRONG:
            zh, en = _PATH_WRONG[found["why"]]
            return zh.format(path=found["path"]), en.format(path=found["path"])
    wanted = _wanted(kind)
    if wanted is None:
        return f"{name} 的值不对：{error.message}", f"{name} is wrong: {error.message}"
    return f"{name} 的值不对：应为{wanted[0]}。", f"{name} is wrong: it should be {wanted[1]}."


def _wanted(kind: click.ParamType[Any] | None) -> Both | None:
    """Say in words what a value of this type is."""
    match kind:
        case click.Choice(choices=choices):
            named = [str(each) for each in choices]
            return f" {'、'.join(named)} 之一", f"one of {', '.join(named)}"
        case click.IntRange(min=least, max=most):
            return _span(("整数", "a whole number"), least, most)
        case click.FloatRange(min=least, max=most):
            return _span(("数", "a number"), least, most)
        case click.DateTime():
            return "日期，写成 2026-12-31", "a day, written 2026-12-31"
        case _:
            return _PLAIN_TYPES.get(kind.name) if kind else None


def _span(what: Both, least: float | None, most: float | None) -> Both:
    zh, en = what
    if least is not None and most is not None:
        return f" {least} 到 {most} 的{zh}", f"{en} from {least} to {most}"
    if least is not None:
        return f"不小于 {least} 的{zh}", f"{en} of at least {least}"
    return zh, en


def _other(error: click.UsageError) -> Both:
    extra = _EXTRA.fullmatch(error.message)
    if extra is not None:
        what = extra["what"]
        return (
            f"多写了：{what}。值里有空格时请加引号。",
            f"Too much: {what}. Quote a value that has spaces in it.",
        )
    unknown = _NO_COMMAND.match(error.message)
    if unknown is not None and error.ctx is not None:
        name = unknown["name"]
        assert isinstance(error.ctx.command, click.Group), "only a group has commands"
        known = error.ctx.command.list_commands(error.ctx)
        close = difflib.get_close_matches(name, known, n=1)
        hint = _meant(close[0] if close else None)
        return f"没有命令 {name}。{hint[0]}", f"There is no command {name}. {hint[1]}".rstrip()
    if error.message == "Missing command.":
        return "后面要写一个子命令。", "A command is to be named."
    return error.message, error.message


def _meant(close: str | None) -> Both:
    return (f"您是否想写 {close}？", f"Did you mean {close}?") if close else ("", "")


def _name(parameter: click.Parameter, context: click.Context | None) -> str:
    """Name a parameter as it is written on the command line."""
    if isinstance(parameter, click.Argument):
        return parameter.make_metavar(context or click.Context(click.Command("")))
    return max(parameter.opts, key=len)
