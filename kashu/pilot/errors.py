"""What a pilot refuses."""

from kashu.core.errors import Conflict, Invalid, NotFound


class SheetWrong(Invalid):
    """Something in the old way's sheet can't be read: nothing is compared."""

    code = "pilot_sheet_wrong"
    zh = "表格中有 {count} 处看不懂，没有比对。请按行号修改后再试。"
    en = "{count} places of the sheet can't be read; nothing was compared. Correct the rows."


class SheetTooLong(Invalid):
    """Too many rows for a day."""

    code = "pilot_sheet_too_long"
    zh = "表格超过 {limit} 行，没有比对。请按天拆开。"
    en = "The sheet has over {limit} rows; nothing was compared. Split it by day."


class SheetWithoutOrders(Invalid):
    """Only headings."""

    code = "pilot_sheet_without_orders"
    zh = "表格里没有订单行，没有比对。请在表头下面每行写一个订单，再试一次。"
    en = "The sheet has no orders; nothing was compared. Write one in each row below the headings."


class DayNeeded(Invalid):
    """The sheet doesn't say which day it is of."""

    code = "pilot_day_needed"
    zh = "表格里看不出是哪一天（没有时间列，或有好几天）。请指定日期，例如 2026-11-22。"
    en = "The sheet doesn't tell one day (no times, or several days). Name it, such as 2026-11-22."


class NotReady(Conflict):
    """The store isn't ready to go by itself."""

    code = "store_not_ready"
    zh = "店铺 {store} 还不能切换为自动：{count} 项未通过。请逐项处理；确要强制，请写明理由。"
    en = "The store {store} isn't ready: {count} checks fail. See to each; to force it, say why."


class OpeningTaken(Conflict):
    """Other balances were posted under this name."""

    code = "opening_taken"
    zh = "期初余额「{name}」已经过账，内容与这次不同，没有再过账。请换一个名称，或核对文件。"
    en = "Other balances were posted as “{name}”; nothing was posted. Use another name, or compare."


class UnknownOpening(NotFound):
    """No opening balances have this id."""

    code = "unknown_opening"
    zh = "没有这笔期初余额。请从期初余额列表里选择。"
    en = "There are no such opening balances. Choose from the list of them."


class OpeningWrong(Invalid):
    """Something in the balances is wrong: nothing is posted."""

    code = "opening_wrong"
    zh = "期初余额有 {count} 处错误，没有过账。请按行号修改后再试。"
    en = "The opening balances have {count} mistakes; nothing was posted. Correct the rows."


class ReasonNeeded(Invalid):
    """Forcing it without a reason."""

    code = "force_reason_needed"
    zh = "强制切换要写明理由，模式没有改变。请填写 reason。"
    en = "Forcing it needs a reason; the mode is unchanged. Give one as reason."
