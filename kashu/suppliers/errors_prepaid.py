"""What is refused about money with suppliers and their papers."""

from kashu.core.db import on_violation
from kashu.core.errors import Conflict, Invalid, NotAllowed, NotFound


class PrepaidShort(Conflict):
    """There isn't so much of ours with them."""

    code = "prepaid_short"
    zh = (
        "供应商 {supplier} 的预付款不够：需要 {amount}，还可用 {room}，没有改动。"
        "请减少金额，或先充值。"
    )
    en = (
        "Not enough is prepaid with {supplier}: {amount} is needed, {room} may be used. Nothing "
        "was changed; ask for less, or make a deposit first."
    )


class NotOwed(Conflict):
    """We don't owe them so much."""

    code = "not_owed"
    zh = (
        "欠供应商 {supplier} 的货款只有 {room}，付不了 {amount}，没有改动。"
        "请核对金额；多付的钱请记为充值。"
    )
    en = (
        "We owe {supplier} {room}, less than {amount}. Nothing was changed; check the amount, or "
        "book what is beyond it as a deposit."
    )


class NotClaimed(Conflict):
    """We have no claim of so much against them."""

    code = "not_claimed"
    zh = "供应商 {supplier} 的应收赔付只有 {room}，不到 {amount}，没有改动。请核对金额。"
    en = (
        "{room} is to be got back from {supplier}, less than {amount}. Nothing was changed; check "
        "the amount."
    )


class ExposureOver(Conflict):
    """More of our money would be out than the owner allows."""

    code = "exposure_over"
    zh = (
        "超过供应商 {supplier} 的资金上限：金额 {amount}，上限内还可用 {room}，没有改动。"
        "请减少金额，或调整资金上限。"
    )
    en = (
        "Over the limit of our money at {supplier}: {amount}, where {room} is left. Nothing was "
        "changed; take less, or change the limit."
    )


class UnknownMovement(NotFound):
    """No such movement of money."""

    code = "unknown_movement"
    zh = "没有资金申请 {movement_id}。请在申请列表里核对编号。"
    en = "There is no movement of money {movement_id}. Check the id in the list."


class MovementElsewhere(Conflict):
    """Somebody decided before."""

    code = "movement_elsewhere"
    zh = "申请已是“{state}”，不能再做这一步，没有改动。请刷新后核对。"
    en = "The movement is {state}: this can't be done any more. Read it again; nothing was changed."


class MovementNeedsAnother(NotAllowed):
    """Who asked for money doesn't approve it."""

    code = "movement_needs_another"
    zh = "申请人不能审批自己的申请，没有改动。请由另一位有审批权限的人审批。"
    en = "Who asked for it can't approve it; nothing was changed. Ask somebody else who may."


class MovementWrong(Invalid):
    """The amount, way or reason of a movement can't be."""

    code = "movement_wrong"
    zh = "申请有误（{what}），没有写入。请改正后再提交。"
    en = "The request is wrong ({what_en}); nothing was written. Put it right and send it again."


class MovementAskedOtherwise(Conflict):
    """The same key of the asker, and another request."""

    code = "movement_asked_otherwise"
    zh = "这个请求键已用于另一笔申请，没有写入。请换一个键，或核对原申请。"
    en = "This request key was used for another movement; nothing was written. Use another key."


class EvidenceNeeded(Invalid):
    """Paid, they say; and nothing shows it."""

    code = "evidence_needed"
    zh = "付款需要凭证：请填写流水号，或上传不超过 1 MiB 的凭证文件。没有改动。"
    en = "Evidence is needed: a reference, or a file of at most 1 MiB. Nothing was changed."


class FileTooLarge(Invalid):
    """More than we keep."""

    code = "kept_file_too_large"
    zh = "文件超过 {limit_mib} MiB，没有保存。请压缩或分成几个文件。"
    en = "The file is over {limit_mib} MiB and wasn't kept. Make it smaller, or split it."


class NoFileKept(NotFound):
    """There is no file with this."""

    code = "no_file_kept"
    zh = "这里没有保存文件。请核对编号，或查看流水号。"
    en = "No file is kept here. Check the id, or look at the reference."


class NotFrozen(Conflict):
    """It may be bought from already."""

    code = "supplier_not_frozen"
    zh = "供应商 {supplier} 没有被冻结，无需解冻。请刷新后核对。"
    en = "{supplier} isn't frozen. Read it again."


class ReasonMissing(Invalid):
    """Somebody will ask why."""

    code = "supplier_reason_missing"
    zh = "请写明原因（1–500 字），没有改动。"
    en = "Say why, in 1 to 500 characters; nothing was changed."


class LimitsWrong(Invalid):
    """Limits aren't negative."""

    code = "supplier_limits_wrong"
    zh = "资金设置有误（{what}），没有改动。请填写不小于 0 的金额。"
    en = "The limit {what} is wrong; nothing was changed. Give an amount that isn't negative."


class UnknownPaper(NotFound):
    """No such paper."""

    code = "unknown_paper"
    zh = "没有文件 {paper_id}。请在供应商的资质文件列表里核对编号。"
    en = "There is no paper {paper_id}. Check the id in the supplier's list."


class UnknownContact(NotFound):
    """No such contact."""

    code = "unknown_contact"
    zh = "没有联系人 {contact_id}，或已删除。请在供应商的联系人列表里核对。"
    en = "There is no contact {contact_id}, or it was erased. Check the supplier's list."


class PaperWrong(Invalid):
    """What is said of a paper can't be."""

    code = "paper_wrong"
    zh = "资质文件的信息有误（{what}），没有保存。请改正后再提交。"
    en = "What is said of the paper is wrong ({what_en}); it wasn't kept. Put it right."


class LetterInFuture(Invalid):
    """A day that isn't over yet can't be confirmed."""

    code = "letter_in_future"
    zh = "{day} 还没有到，无法出具对账函。请选择今天或更早的日期。"
    en = "{day} is yet to come: choose today or an earlier day for the letter."


on_violation("movement_is_approved_by_another", MovementNeedsAnother)
