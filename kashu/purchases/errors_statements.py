"""What is refused about suppliers' statements."""

from kashu.core.db import on_violation
from kashu.core.errors import Conflict, Invalid, NotAllowed, NotFound


class StatementColumnsUnknown(Invalid):
    """No row names the columns that are needed."""

    code = "statement_columns_unknown"
    zh = (
        "认不出账单的表头（缺少：{missing_zh}）。请保留表头行，并让列名包含商户订单号或平台订单号、"
        "金额、下单时间或完成时间。没有写入。"
    )
    en = (
        "The statement's columns aren't recognised (lacking: {missing_en}). Keep the row with "
        "their names: an order number, an amount, a time. Nothing was written."
    )


class StatementRowsWrong(Invalid):
    """Some rows can't be read, and nobody said to leave them out."""

    code = "statement_rows_wrong"
    zh = "账单有 {count} 行无法识别，没有写入。请改正这些行，或确认跳过它们后再导入。"
    en = "{count} rows can't be read; nothing was written. Put them right, or say to skip them."


class StatementEmpty(Invalid):
    """There is no line in it."""

    code = "statement_empty"
    zh = "账单里没有任何订单行，没有写入。请核对文件与工作表。"
    en = "The statement has no lines; nothing was written. Check the file and its worksheet."


class StatementTooLong(Invalid):
    """More lines than one statement may have."""

    code = "statement_too_long"
    zh = "账单超过 {limit} 行，没有写入。请按较短的账期拆分。"
    en = "The statement has over {limit} lines; nothing was written. Split it by time."


class StatementPeriodWrong(Invalid):
    """It ends before it begins, or lasts too long."""

    code = "statement_period_wrong"
    zh = "账期有误：结束日不能早于开始日，最长 {days} 天。没有写入。"
    en = "The period is wrong: it ends before it begins, or is over {days} days. Nothing written."


class StatementNotOfPeriod(Invalid):
    """Its lines are of another time."""

    code = "statement_not_of_period"
    zh = "账单里大多数行不在账期内（{outside}/{count}），没有写入。请核对账期或时间口径。"
    en = (
        "Most lines ({outside} of {count}) aren't within the period; nothing was written. Check "
        "the period, and by which time it goes."
    )


class UnknownStatement(NotFound):
    """No such statement."""

    code = "unknown_statement"
    zh = "没有对账单 {statement_id}。请在对账单列表里核对编号。"
    en = "There is no statement {statement_id}. Check the id in the list."


class UnknownFinding(NotFound):
    """No such finding."""

    code = "unknown_finding"
    zh = "没有对账差异 {finding_id}。请在对账单里核对编号。"
    en = "There is no finding {finding_id}. Check the id in its statement."


class FindingResolved(Conflict):
    """It was settled, or somebody is about to."""

    code = "finding_resolved"
    zh = "这条差异已经处理或正在等待审批，没有改动。请刷新后核对。"
    en = "This finding was settled, or waits for approval; nothing was changed. Read it again."


class ResolutionWrong(Invalid):
    """This can't settle that."""

    code = "resolution_wrong"
    zh = "不能这样处理这条差异（{why}），没有改动。请换一种处理方式。"
    en = "The finding can't be settled so ({why_en}); nothing was changed. Choose another way."


class ResolutionNeedsAnother(NotAllowed):
    """Large amounts are approved by somebody else."""

    code = "resolution_needs_another"
    zh = "提出人不能审批自己的大额调整，没有改动。请由另一位有审批权限的人审批。"
    en = "Who asked for a large adjustment can't approve it; nothing was changed. Ask another."


on_violation("resolution_is_approved_by_another", ResolutionNeedsAnother)
