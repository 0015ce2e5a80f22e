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


class RefundChanged(Conflict):
    """The order changed meanwhile: something else would go back than what was asked for."""

    code = "approval_refund_changed"
    zh = (
        "申请时是退 {asked_units} 件、{asked} 元；订单有了变化，现在会退 {units} 件、{amount} 元。"
        "没有退款。请驳回，让申请人按现在的情况重新提交。"
    )
    en = (
        "{asked_units} units and {asked} were asked for; the order changed meanwhile, and {units} "
        "units and {amount} would go back now. Nothing went back: refuse it, and have it asked for "
        "anew."
    )


class BookedAboveLimit(Conflict):
    """A refund above the limit, of an order that isn't in our books: nobody could approve it."""

    code = "booked_above_limit"
    zh = (
        "退款 {refund} 超过店铺的退款上限 {limit} 元，而它的订单还没有入账，没有登记。"
        "请先让订单进来（例如完成商品映射），再登记，由另一人审批。"
    )
    en = (
        "Refund {refund} is above the shop's limit of {limit}, and its order isn't in the books "
        "yet; nothing was booked. Let the order come in first (map its listings, say), then book "
        "the refund: another person approves it."
    )


class NumbersTaken(Conflict):
    """Orders of these numbers came meanwhile, and they are others."""

    code = "approval_numbers_taken"
    zh = "订单号 {numbers} 已被另一笔内容不同的订单占用，批准后不会有任何订单。请核对后驳回。"
    en = "Other orders took the numbers {numbers} meanwhile: nothing would be placed. Refuse it."
