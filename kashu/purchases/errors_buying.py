"""What wanting, approving and the rules of buying refuse."""

from kashu.core.errors import Conflict, Invalid, NotAllowed, NotFound


class PurchaseWrong(Invalid):
    """What is wanted can't be bought as it stands."""

    code = "purchase_wrong"
    zh = "采购内容有误，没有生成采购单。请按下面的提示修改后再试。"
    en = "What is wanted isn't acceptable; nothing was written. Change it as said below."


class ConfirmNeeded(Conflict):
    """It differs much from what is usual: a person looks twice."""

    code = "purchase_confirm_needed"
    zh = "与以往相差较大，没有生成或改动采购单。请核对下面的数字；确认无误后加上 confirm 再提交。"
    en = (
        "This differs much from what is usual; nothing was written. Look at the numbers below; "
        "if they are right, submit it again with `confirm`."
    )


class CeilingUnknown(Conflict):
    """Nothing bounds what an automatic purchase may cost."""

    code = "purchase_ceiling_unknown"
    zh = (
        "规格 {sku} 没有采购上限，也没有在售商品的价格可算，不能自动采购。"
        "请在采购规则里填写最高成本，或先把商品链接匹配到这个规格。"
    )
    en = (
        "Nothing says what {sku} may cost: no limit is set and nothing on sale has a price. Enter "
        "the highest cost in the rules of buying, or map a listing to it first."
    )


class WarehouseMissing(Invalid):
    """Nobody says where bought cards go."""

    code = "purchase_warehouse_missing"
    zh = "没有说明卡密入哪个仓库。请选择仓库，或在采购规则里设默认仓库。"
    en = "No warehouse is named for the cards. Choose one, or set one in the rules of buying."


class PurchaseRequestReused(Conflict):
    """An idempotency key came again with another body."""

    code = "purchase_request_reused"
    zh = "这个幂等键已用于另一张采购单（{purchase}），内容不同。新的采购请用新的幂等键。"
    en = "This idempotency key was used for the purchase {purchase}, with another body. Use a new."


class AlreadyOnOrder(Conflict):
    """One purchase to reorder a SKU at a time, and one for a line."""

    code = "purchase_already_open"
    zh = "这个规格或订单行已经有进行中的采购单（{purchase}），没有重复生成。请先处理那一张。"
    en = "There is an open purchase for it already ({purchase}); no second was made. See to that."


class PurchaseMoved(Conflict):
    """It is in another state than this needs."""

    code = "purchase_moved"
    zh = "采购单现在是“{state}”，不能{what}，什么都没有改动。请刷新后再决定。"
    en = "The purchase is {state} now and can't be {done}; nothing was changed. Read it again."


class OwnPurchase(NotAllowed):
    """Four eyes: whoever wanted or changed it doesn't approve it."""

    code = "purchase_own"
    zh = "这张采购单是您提出或修改的，须由另一位有审批权限的人审批，什么都没有改动。"
    en = "You wanted or changed this purchase: somebody else must approve it. Nothing was changed."


class ApproverNotAPerson(NotAllowed):
    """A program's key doesn't count as a second pair of eyes."""

    code = "purchase_approver_not_a_person"
    zh = "审批须由登录的人员完成，接口密钥不能审批，什么都没有改动。请有审批权限的人登录后处理。"
    en = "A person who is signed in approves, not an API key. Nothing was changed; ask one to."


class UnknownRule(NotFound):
    """No such rule of buying."""

    code = "unknown_purchase_rule"
    zh = "没有这条采购规则（{rule}）。请在采购规则列表里核对。"
    en = "There is no such rule of buying ({rule}). Check the list of rules."


class RuleWrong(Invalid):
    """What a rule says can't hold."""

    code = "purchase_rule_wrong"
    zh = "采购规则有误，没有改动。请按下面的提示修改后再试。"
    en = "The rule isn't acceptable; nothing was changed. Change it as said below."


class RuleOfNothing(NotFound):
    """A rule names something that isn't this merchant's."""

    code = "purchase_rule_of_nothing"
    zh = "规则里的规格、店铺、客户、仓库或供应商不存在（{rule}），没有改动。请核对后再试。"
    en = "A SKU, store, customer, warehouse or supplier of the rule isn't there ({rule}). Check it."


class PurchaseKeyMissing(Invalid):
    """A request that must make one purchase needs a key."""

    status = 400
    code = "purchase_key_missing"
    zh = "缺少请求头 Idempotency-Key（1–128 个可见 ASCII 字符）。重试时请带上同一个键。"
    en = "The header Idempotency-Key (1–128 visible ASCII characters) is missing. Retry with one."


class NothingToReorder(Conflict):
    """There is enough, or nothing can be bought within the limits."""

    code = "nothing_to_reorder"
    zh = "规格 {sku} 现在不需要补货，没有生成采购单。请在补货建议里查看计算过程。"
    en = "Nothing of {sku} is to be bought now; nothing was written. See how that is reckoned."
