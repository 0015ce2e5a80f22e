"""What can go wrong with the books."""

from kashu.core.db import on_violation
from kashu.core.errors import Conflict, Invalid, NotFound


class UnknownTransfers(NotFound):
    """Some of the transfers aren't in this tenant's books."""

    code = "unknown_transfers"
    zh = "账本里没有这些分录：{ids}。请从订单或批次的分录列表里复制编号。"
    en = "The books don't have these transfers: {ids}. Copy the ids from the list of a subject."


class AlreadyReversed(Conflict):
    """A transfer is taken back at most once."""

    code = "transfer_already_reversed"
    zh = (
        "其中有分录已经冲销过，不能再次冲销；这次什么都没有改动。请刷新分录列表，只选没有冲销过的。"
    )
    en = (
        "One of these transfers was reversed before, which can be done once; nothing was changed. "
        "Read the list again and choose those that weren't."
    )


class UnknownAccount(NotFound):
    """No such account in this tenant's books."""

    code = "unknown_account"
    zh = "没有科目 {account_id}。请在科目列表里核对编号。"
    en = "There is no account {account_id}. Check the id in the list of accounts."


class PageUnreadable(Invalid):
    """A cursor that we didn't give out."""

    code = "page_unreadable"
    zh = "翻页标记无法识别。请从第一页开始，并原样使用返回的 next。"
    en = "Can't read this page mark. Start at the first page and use `next` as it was given."


class MomentWithoutOffset(Invalid):
    """Eight o'clock where? A wrong guess shifts the books by hours."""

    code = "moment_without_offset"
    zh = "参数 {parameter} 缺少时区：请写成 2026-07-29T08:00:00Z 这样的 UTC 时刻。"
    en = "{parameter} lacks its offset from UTC: write one in UTC like 2026-07-29T08:00:00Z."


on_violation("transfer_is_reversed_once", AlreadyReversed)
