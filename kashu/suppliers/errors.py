"""What suppliers refuses."""

from kashu.core.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
    Unavailable,
    Unclear,
)


class UnknownSupplier(NotFound):
    """No such supplier of this merchant's."""

    code = "unknown_supplier"
    zh = "没有供应商 {supplier}：请核对供应商编码，或先在“供应商”里新增。"
    en = "There is no supplier {supplier}. Check the code, or add it under Suppliers first."


class SupplierCodeTaken(Conflict):
    """Codes of suppliers are unique."""

    code = "supplier_code_taken"
    zh = "已经有编码为 {supplier} 的供应商，没有新增。请换一个编码，或直接使用那个供应商。"
    en = "There is a supplier {supplier} already; none was added. Choose another code, or use it."


class TierWrong(Invalid):
    """There are three tiers."""

    code = "supplier_tier_wrong"
    zh = "供应商级别只有 1（一手）、2（二级）、3（三级），没有改动。请改成其中之一。"
    en = "A supplier's tier is 1 (first-hand), 2 or 3; nothing was changed. Choose one of them."


class LoginRefused(Refused):
    """Our key, address or rights are wrong there: nothing was created, a person puts it right."""

    code = "login_refused"
    zh = "供应商 {supplier} 不接受我们的账号（{said}）。请核对密钥、白名单与权限，改好后重新启用。"
    en = (
        "{supplier} doesn't accept our account ({said}). Check its key, the allowed addresses and "
        "rights, then open the connection again."
    )


class ClockRefused(Unavailable):
    """Our clock differs too much: nothing was created."""

    code = "supplier_clock_refused"
    zh = "供应商 {supplier} 认为请求时间不对（{said}），什么都没有发生。请校准服务器时间。"
    en = "{supplier} finds our clock wrong ({said}); nothing happened. Set the server's clock."


class SupplierBusy(Unavailable):
    """Over a limit: nothing was created, and we wait."""

    code = "supplier_busy"
    zh = "供应商 {supplier} 限流（{said}），什么都没有发生，系统会在 {wait_s} 秒后重试。"
    en = "{supplier} limits our calls ({said}). Nothing was done; it is tried again in {wait_s} s."


class SupplierDown(Unavailable):
    """The supplier says that it can't now, and that nothing was created."""

    code = "supplier_down"
    zh = "供应商 {supplier} 暂时不可用（{said}），什么都没有发生，系统会自动重试。"
    en = "{supplier} is out of order ({said}). Nothing was done; it is tried again."


class InputRefused(Refused):
    """What was typed for the order is wrong there, or the order as such: nothing was created."""

    code = "supplier_input_refused"
    zh = "供应商 {supplier} 不接受下单内容（{said}），没有下单。请核对充值账号与数量。"
    en = "{supplier} doesn't accept the order ({said}); nothing was bought. Check what was typed."


class InputMissing(InputRefused):
    """A product wants more filled in than we have: nothing was created."""

    code = "supplier_input_missing"
    zh = "供应商 {supplier} 的商品还要求填写 {said}，没有下单。请把规格匹配到只需账号的商品。"
    en = "The product at {supplier} also wants {said}; nothing was bought. Map another product."


class AccountRefused(InputRefused):
    """An account that the supplier can't top up, asked before ordering: nothing was created."""

    code = "supplier_account_refused"
    zh = "供应商 {supplier} 查得这个账号不能充值，没有下单。请与买家核对账号。"
    en = "{supplier} can't top up this account; nothing was bought. Check it with the buyer."


class BalanceShort(Refused):
    """Our money there isn't enough: nothing was created."""

    code = "supplier_balance_short"
    zh = "在供应商 {supplier} 的余额不足（{said}），没有下单。请充值，或由其他供应商供货。"
    en = "Our balance at {supplier} is too low ({said}); nothing was bought. Top it up."


class SoldOut(Refused):
    """The supplier has too few: nothing was created."""

    code = "supplier_sold_out"
    zh = "供应商 {supplier} 缺货（{said}），没有下单。系统会改向其他供应商采购。"
    en = "{supplier} has too few ({said}); nothing was bought. Another supplier is tried."


class ProductGone(Refused):
    """The product isn't sold, or not to us: nothing was created."""

    code = "supplier_product_gone"
    zh = "供应商 {supplier} 的商品不可购买（{said}），没有下单。系统会改向其他供应商采购。"
    en = "{supplier} doesn't sell this to us ({said}); nothing was bought. Another one is tried."


class PriceAbove(Refused):
    """It costs more than our limit: nothing was created."""

    code = "supplier_price_above"
    zh = "供应商 {supplier} 的现价超过采购上限（{said}），没有下单。系统会重新比价。"
    en = "{supplier} asks more than our limit ({said}); nothing was bought. We compare offers anew."


class OrderRefused(Refused):
    """The supplier said no for another reason in its table: nothing was created."""

    code = "supplier_order_refused"
    zh = "供应商 {supplier} 拒绝了下单（{said}），没有下单。系统会改向其他供应商采购。"
    en = "{supplier} refused the order ({said}); nothing was bought. Another supplier is tried."


class NotCancelled(Refused):
    """The supplier doesn't end this order any more."""

    code = "supplier_not_cancelled"
    zh = "供应商 {supplier} 不能撤销这个订单（{said}），订单照常进行。请直接联系供应商。"
    en = "{supplier} doesn't cancel this order ({said}); it goes on. Talk to the supplier."


class NoSuchPurchase(Refused):
    """The supplier knows no such order: yet, or at all. Alone this proves nothing."""

    code = "no_such_purchase"
    zh = "供应商 {supplier} 暂时查不到订单 {number}。系统会继续查询，请不要重新下单。"
    en = "{supplier} knows no order {number} so far. We go on asking; don't order again."


class NumberTaken(Unclear):
    """An order with this number of ours is there already: it is asked about, not repeated."""

    code = "supplier_number_taken"
    zh = "供应商 {supplier} 已有订单 {number}（{said}）。系统会查询它的结果，不会重复下单。"
    en = "{supplier} has an order {number} already ({said}). We ask about it, and order nothing."


class AnswerLost(Unclear):
    """It was bought there, and what was bought can't be fetched by us any more."""

    code = "supplier_answer_lost"
    zh = "订单 {number} 在供应商 {supplier} 已成功，但无法取回卡密（{said}）。请人工向供应商索取。"
    en = "{supplier} has the order {number}, and its cards can't be fetched ({said}). Ask them."


class SupplierUnclear(Unclear):
    """An answer that isn't in the table, or can't be read."""

    code = "supplier_unclear"
    zh = "供应商 {supplier} 的答复无法确定结果（{said}），可能已经成功。系统会先查询再决定。"
    en = "The answer of {supplier} isn't clear ({said}); it may have happened. We ask first."


class NoticeNotAuthentic(NotAllowed):
    """A notice whose signature is wrong, or that is old."""

    code = "notice_not_authentic"
    zh = "通知没有通过校验（{why}），已拒绝，什么都没有改变。请核对密钥与服务器时间。"
    en = "The notice isn't authentic ({why}): refused, nothing changed. Check the key and clock."


class SupplierCannot(Conflict):
    """This supplier's system lacks that."""

    code = "supplier_cannot"
    zh = "供应商 {supplier} 的接口不支持这个操作（{what}）。请在供应商后台处理，或换一种方式。"
    en = "{supplier}'s system can't do that ({what}). Do it in its own console, or another way."


class SupplierNotConnected(Conflict):
    """No login was given for this supplier."""

    code = "supplier_not_connected"
    zh = "供应商 {supplier} 还没有接入。请先在供应商页填写账号和密钥。"
    en = "{supplier} isn't connected. Enter our account and key there first."


class UnknownOffer(NotFound):
    """No such offer of this merchant's."""

    code = "unknown_offer"
    zh = "没有这个报价：请刷新报价列表后再选。"
    en = "There is no such offer. Read the list of offers again, then choose."


class UnknownOfferSku(NotFound):
    """An offer can't be mapped to a SKU that there isn't."""

    code = "unknown_offer_sku"
    zh = "没有这个规格，报价没有关联。请核对规格后再试。"
    en = "There is no such SKU; nothing was mapped. Check it, then try again."


class OfferNotHeld(Conflict):
    """Only a held price can be released or refused."""

    code = "offer_not_held"
    zh = "这个报价现在没有被扣住，没有改动。请刷新后再看。"
    en = "This offer isn't held now; nothing was changed. Read it again."


class HeldPriceChanged(Conflict):
    """Another price is held than the one that was looked at."""

    code = "held_price_changed"
    zh = "扣住的价格已经变为 {now}，没有改动。请核对新价格后再决定。"
    en = "The price that is held is {now} by now; nothing was changed. Look at it, then decide."


class PriceImpossible(Conflict):
    """Nothing is bought at zero or less."""

    code = "price_impossible"
    zh = "价格 {price} 不可能成交，不能放行。请与供应商核对，等它报出正确的价格。"
    en = "Nothing costs {price}: it can't be released. Ask the supplier to put its price right."


class ProtocolUnknown(NotFound):
    """No adapter is called that."""

    code = "supplier_protocol_unknown"
    zh = "没有供应商协议 {protocol}。请从已安装的协议中选择，或安装提供它的软件包。"
    en = (
        "There is no supplier protocol {protocol}. Choose an installed one, or install its package."
    )


class ListTooLong(Unclear):
    """A supplier's list of products has no end."""

    code = "supplier_list_too_long"
    zh = "供应商 {supplier} 的商品列表过长（{said}），没有读完。请与供应商核对接口。"
    en = "The product list of {supplier} is too long ({said}): it wasn't read to its end. Ask them."


class OfferFileWrong(Invalid):
    """A price file that can't be read."""

    code = "offer_file_wrong"
    zh = "价格文件无法读取，什么都没有写入。请按下面的提示修改后再上传。"
    en = "The price file can't be read; nothing was written. Change it as said below."


class OfferFileChanged(Conflict):
    """Another file than the one that was looked at."""

    code = "offer_file_changed"
    zh = "上传的文件与预览时的不同，什么都没有写入。请重新预览。"
    en = (
        "This isn't the file that was looked at; nothing was written. Try it without writing first."
    )


class UnknownPriceAlert(NotFound):
    """No such alert of this merchant's."""

    code = "unknown_price_alert"
    zh = "没有这条价格提醒：请刷新列表。"
    en = "There is no such price alert. Read the list again."


class OfferIsGone(Conflict):
    """It isn't in the supplier's list any more."""

    code = "offer_is_gone"
    zh = "供应商已下架这个报价，没有改动。请刷新报价列表。"
    en = "The supplier doesn't offer this any more; nothing was changed. Read the list again."


class FeeWrong(Invalid):
    """A fee that nobody takes."""

    code = "supplier_fee_wrong"
    zh = "手续费不对：0 到 {most} 元，没有改动。请改正后再提交。"
    en = "That fee is wrong: 0 to {most}; nothing was changed. Correct it."


class RateWrong(Invalid):
    """Not a currency, or not what one costs."""

    code = "exchange_rate_wrong"
    zh = "汇率不对：币种为三个大写字母（人民币除外），汇率在 0 到 {most} 之间。请改正后再提交。"
    en = "That rate is wrong: a currency has three capitals (not CNY), a rate is up to {most}."


class UnknownRate(NotFound):
    """No rate was entered for that currency."""

    code = "unknown_exchange_rate"
    zh = "没有 {currency} 的汇率。请先查看已填写的汇率。"
    en = "There is no rate for {currency}. List the rates that were entered."


class StatedCostWrong(Invalid):
    """What a failure costs is stated within reason."""

    code = "stated_cost_wrong"
    zh = "失败或坏卡的成本不对：0 到 {most} 元，没有改动。请改正后再提交。"
    en = (
        "What a failure or a bad card costs is wrong: 0 to {most}; nothing was changed. Correct it."
    )
