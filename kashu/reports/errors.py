"""What can be wrong with a question to the reports."""

from kashu.core.errors import Invalid, NotFound


class UnknownDimension(Invalid):
    """The report isn't broken down by that."""

    code = "unknown_dimension"
    zh = "报表没有维度「{dimension}」。可选：{known}，用逗号分隔。"
    en = "The report has no dimension “{dimension}”. Choose from {known}, separated by commas."


class RepeatedDimension(Invalid):
    """Each dimension once."""

    code = "repeated_dimension"
    zh = "维度「{dimension}」写了两次，请只保留一个。"
    en = "The dimension “{dimension}” stands there twice. Keep one."


class UnknownFilterValue(NotFound):
    """A filter names something that isn't there: an empty report would mislead."""

    code = "unknown_filter_value"
    zh = "筛选条件 {dimension} 里没有「{value}」。请核对编码。"
    en = "There is no “{value}” to filter {dimension} by. Check the code."


class SpanBackwards(Invalid):
    """The last day is before the first."""

    code = "span_backwards"
    zh = "结束日期 {until} 早于开始日期 {since}。请调换或修改。"
    en = "The last day {until} is before the first, {since}. Swap or change them."


class UnknownFormat(Invalid):
    """We don't write that."""

    code = "unknown_format"
    zh = "不支持格式「{format}」。可选：{known}。"
    en = "There is no format “{format}”. Choose from {known}."


class ReportTooLarge(Invalid):
    """More rows than a person reads or a spreadsheet likes."""

    code = "report_too_large"
    zh = "报表超过 {limit} 行。请缩短日期范围、减少维度或增加筛选条件。"
    en = "The report has over {limit} rows. Take fewer days, fewer dimensions or more filters."


class SpanTooLong(Invalid):
    """Too many points for one curve."""

    code = "span_too_long"
    zh = "一条曲线最多 {points} 个点。请缩短时间范围，或改为按天、按周。"
    en = "A curve has at most {points} points. Choose a shorter span, or days or weeks."


class NoSuchAnnotation(NotFound):
    """Nobody wrote that, or it was taken away."""

    code = "no_such_annotation"
    zh = "没有这条标注，可能已被删除。请刷新。"
    en = "There is no such note; somebody may have removed it. Reload."
