"""Codes and names that people give to things: which are accepted, and how they are refused."""

import re
from typing import Annotated, Final, TypeAlias

from msgspec import Meta

from kashu.core.errors import Invalid, Problem

CODE_CHARS_MAX: Final = 40
NAME_CHARS_MAX: Final = 100

_CODE: Final = r"[a-z0-9][a-z0-9\-]*"
_NAME: Final = r"[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*"

_is_code = re.compile(_CODE, re.ASCII).fullmatch
_is_name = re.compile(_NAME).fullmatch


def described(**schema: object) -> Meta:
    """Describe a field in the API's document without checking it there.

    The verbs check, so that a refusal reads the same whoever calls them.
    """
    return Meta(extra_json_schema={"extra": schema})


Code: TypeAlias = Annotated[
    str, described(pattern=f"^{_CODE}$", min_length=1, max_length=CODE_CHARS_MAX)
]
Name: TypeAlias = Annotated[
    str, described(pattern=f"^{_NAME}$", min_length=1, max_length=NAME_CHARS_MAX)
]


class NamingWrong(Invalid):
    """A code or a name has characters or a length that we don't take."""

    code = "naming_wrong"
    zh = "编码或名称不符合要求，什么都没有改动。请按下面的提示修改后再试。"
    en = "A code or a name isn't acceptable; nothing was changed. Change it as said below."


def is_code(written: str, *, chars_max: int = CODE_CHARS_MAX) -> bool:
    """Tell a code: lower-case ASCII letters, digits and hyphens, not beginning with a hyphen."""
    return len(written) <= chars_max and _is_code(written) is not None


def check_naming(*, code: str | None = None, name: str | None = None) -> None:
    """Refuse what can't be a code or a name; None isn't checked. Raises: NamingWrong."""
    problems = []
    if code is not None and not is_code(code):
        problems.append(
            Problem(
                "/code",
                "code_wrong",
                f"编码只能用小写字母、数字和短横线，1 到 {CODE_CHARS_MAX} 个字符，例如 taobao-main",
                f"a code has 1 to {CODE_CHARS_MAX} lower-case letters, digits and hyphens, "
                "such as taobao-main",
            )
        )
    if name is not None and not is_name(name):
        problems.append(
            Problem(
                "/name",
                "name_wrong",
                f"名称为 1 到 {NAME_CHARS_MAX} 个字，写在一行里，不含控制字符",
                f"a name has 1 to {NAME_CHARS_MAX} characters on one line, no control characters",
            )
        )
    if problems:
        raise NamingWrong(problems=problems)


def is_name(written: str) -> bool:
    """Tell a name: one line of text that isn't blank and that a database can keep."""
    return (
        len(written) <= NAME_CHARS_MAX
        and _is_name(written) is not None
        and not any("\ud800" <= char <= "\udfff" for char in written)  # no surrogates
    )
