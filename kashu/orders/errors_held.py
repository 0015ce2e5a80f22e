"""What can be wrong with deciding on what waits for a second person, in words."""

from kashu.core.errors import Conflict, NotAllowed, NotFound


class UnknownApproval(NotFound):
    """Nothing of this id waits, or waited."""

    code = "unknown_approval"
    zh = "没有找到这条审批 {approval}。请刷新列表后重试。"
    en = "Nothing to approve under {approval}. Read the list again."


class OwnRequest(NotAllowed):
    """Four eyes: whoever asked for it doesn't approve it."""

    code = "approval_own"
    zh = "这是您自己提交的，须由另一位有审批权限的人审批，什么都没有改动。"
    en = "You asked for this: somebody else must approve it. Nothing was changed."


class NotTheirs(Conflict):
    """Only who asked for it takes it back; others refuse it."""

    code = "approval_not_yours"
    zh = "这不是您提交的，不能撤回，什么都没有改动。要阻止它，请有审批权限的人驳回。"
    en = "Somebody else asked for this: refuse it instead. Nothing was changed."


class OrderApproverNotAPerson(NotAllowed):
    """A program's key doesn't count as a second pair of eyes."""

    code = "approval_approver_not_a_person"
    zh = "审批须由登录的人员完成，接口密钥不能审批，什么都没有改动。请有审批权限的人登录后处理。"
    en = "A person who is signed in approves, not an API key. Nothing was changed; ask one to."


class ApprovalDecided(Conflict):
    """Somebody decided on it before."""

    code = "approval_decided"
    zh = "这条审批已经{state}，不能再{what}。请刷新后查看。"
    en = "This was decided before ({done}): it can't be {doing} now. Read it again."


class AskedOtherwise(Conflict):
    """The refund's number waits for approval with other content."""

    code = "approval_asked_otherwise"
    zh = "退款单号 {refund} 已经提交审批，内容不同，没有改动任何内容。请换一个单号，或等它审批完。"
    en = (
        "Refund {refund} waits for approval with other content; nothing was changed. Use another "
        "number, or wait until that is decided."
    )


class NumbersTaken(Conflict):
    """Orders of these numbers came meanwhile, and they are others."""

    code = "approval_numbers_taken"
    zh = "订单号 {numbers} 已被另一笔内容不同的订单占用，批准后不会有任何订单。请核对后驳回。"
    en = "Other orders took the numbers {numbers} meanwhile: nothing would be placed. Refuse it."
