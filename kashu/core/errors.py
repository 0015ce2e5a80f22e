"""What can go wrong, sorted by what the caller should do about it.

A bug is none of these: it is an assertion, and reaches nobody's handler.
"""

from collections.abc import Sequence
from typing import ClassVar

import msgspec


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong with a request or a file: where, and what to do about it."""

    at: str  # a JSON pointer, or "row 17, 卡号"
    code: str
    zh: str
    en: str


class KashuError(Exception):
    """Base of every expected failure.

    `code` is for machines and never changes once released. `zh` and `en` are templates over
    `facts`; each says what to do next. No fact is ever a card's secret.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "error"
    zh: ClassVar[str] = "操作没有完成。"
    en: ClassVar[str] = "This was not done."

    def __init__(self, *, problems: Sequence[Problem] = (), **facts: object) -> None:
        self.facts = facts
        self.problems = tuple(problems)
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """Say it to a reader of `language` ("zh" or "en")."""
        template = self.zh if language.startswith("zh") else self.en
        return template.format_map(self.facts)


class Invalid(KashuError):
    """The request cannot mean anything. Change it."""

    status = 422
    code = "invalid"
    zh = "请求有误，请按下面的提示修改后再试。"
    en = "The request is wrong. Change it as said below and try again."


class NotFound(KashuError):
    """No such thing, or not yours to see. We do not say which."""

    status = 404
    code = "not_found"
    zh = "没有找到，或者您无权查看。请核对编号。"
    en = "No such thing, or not yours to see. Check the number."


class NotSignedIn(KashuError):
    """We don't know who you are."""

    status = 401
    code = "not_signed_in"
    zh = "请先登录，或在请求中附上有效的签名。"
    en = "Sign in first, or sign the request."


class NotAllowed(KashuError):
    """You may see it but not do this to it. Ask somebody else."""

    status = 403
    code = "not_allowed"
    zh = "您的角色没有这项权限（{permission}）。请联系商户所有者。"
    en = "Your role lacks the permission {permission}. Ask the owner."


class Conflict(KashuError):
    """The thing is not in a state that permits this. Read it again."""

    status = 409
    code = "conflict"
    zh = "状态已经变化，请刷新后再试。"
    en = "Its state has changed. Read it again, then decide."


class Busy(KashuError):
    """Nothing was done. Try again in `retry_after_s`."""

    status = 503
    code = "busy"
    retry_after_s: ClassVar[int] = 1
    zh = "系统正忙，什么都没有改动，请稍后再试。"
    en = "Busy; nothing was done. Try again shortly."


class OutsideError(KashuError):
    """A supplier or a channel failed us. The subclass says what may be done next."""

    status = 502


class Refused(OutsideError):
    """They said no. It did not happen and will not; do not retry."""

    code = "refused"
    zh = "对方拒绝了请求，请按对方的说明处理。"
    en = "They refused. Do as they say; repeating it won't help."


class Unavailable(OutsideError):
    """We never reached them. It did not happen; retry."""

    code = "unavailable"
    zh = "没有连上对方，什么都没有发生，请稍后重试。"
    en = "We never reached them; nothing happened. Try again later."


class Unclear(OutsideError):
    """No answer. It may have happened; ask them before you retry."""

    code = "unclear"
    zh = "对方没有明确答复，可能已经成功。请先查询，不要重复提交。"
    en = "No clear answer: it may have happened. Ask before you repeat it."
