"""Mistyped: an amount or a quantity far from what is usual is questioned before it is believed."""

from kashu.core.errors import Invalid


class LooksMistyped(Invalid):
    """Perhaps a digit too many, or a point in the wrong place. Sent again with `sure`, it is done.

    Its `problems` name each field that looks wrong, with what was given and what is usual.
    """

    code = "looks_mistyped"
    zh = (
        "有数字与平时相差很大，可能输错了，什么都没有改动。请逐项核对；"
        "确认无误，就带上 sure（命令行加 --sure）再提交一次。"
    )
    en = (
        "Some figures are far from what is usual and may be mistyped; nothing was changed. Check "
        "each; if they are right, send it again with `sure` (--sure at a terminal)."
    )
