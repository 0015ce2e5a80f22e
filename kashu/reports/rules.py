"""What each rule of `verify` means to a person, and what to do where it is broken."""

from typing import Final

# rule → (Chinese, English)
RULES: Final[dict[str, tuple[str, str]]] = {
    "card_given_too_often": (
        "一张卡密发给了多个订单行。立即冻结该批次，核对这些订单行并补发。",
        "A card was given to several lines. Freeze its lot, then check those lines.",
    ),
    "card_use_given_twice": (
        "共享卡密的同一次使用发出了两次。冻结该批次并核对订单行。",
        "One use of a shared card was given twice. Freeze its lot and check the lines.",
    ),
    "card_use_unknown": (
        "发出的使用次数超出该卡密的上限。核对卡密的使用次数。",
        "A use was given that the card doesn't have. Check how many uses it has.",
    ),
    "free_uses_are_not_what_is_left": (
        "共享卡密的剩余次数与已用次数对不上，可能重复发出。冻结该批次，核对这张卡的记录。",
        "A shared card's free uses aren't what is left of it. Freeze its lot; read its history.",
    ),
    "given_card_has_no_line": (
        "卡密状态为已发出，但没有对应的发卡记录。核对该卡密的历史。",
        "A card counts as given, but to no line. Read the card's history.",
    ),
    "kept_card_has_a_line": (
        "卡密状态为未发出，却有有效的发卡记录。先冻结该批次，再核对该卡密的历史。",
        "A card counts as kept, but a line has it. Freeze its lot, then read the card's history.",
    ),
    "card_state_denies_its_reveal": (
        "卡密状态与查看记录不一致。核对该卡密的查看记录。",
        "A card's state and its reveal disagree. Read the card's reveals.",
    ),
    "card_state_unknown": (
        "卡密状态无法识别。核对是否有程序之外的改动。",
        "A card is in a state nobody knows. Find out who wrote it, outside this program.",
    ),
    "reserved_card_has_no_reservation": (
        "预占的卡密没有有效的预占单。核对预占单后释放。",
        "A card is reserved for a reservation that doesn't stand. Check it, then release the card.",
    ),
    "reserved_card_is_of_another_sku": (
        "预占的卡密规格与预占单不符。核对预占单后释放。",
        "A reserved card is of another SKU than its reservation. Check it, then release the card.",
    ),
    "reservation_keeps_too_many": (
        "预占单占用的卡密多于其数量。核对预占单后释放多余的。",
        "A reservation keeps more cards than it promises. Release the rest.",
    ),
    "line_units_do_not_add_up": (
        "订单行数量不平：已发 + 等待 + 拒绝 + 退款 ≠ 订购。核对该订单的时间线。",
        "A line's units don't add up to its quantity. Read the order's timeline.",
    ),
    "line_money_does_not_add_up": (
        "订单行金额不平：未实现 + 已实现 + 已退 ≠ 售价。核对该订单的时间线。",
        "A line's money doesn't add up to its price. Read the order's timeline.",
    ),
    "line_state_denies_its_units": (
        "订单行状态与等待数量不一致。核对该订单的时间线。",
        "A line's state and what it waits for disagree. Read the order's timeline.",
    ),
    "line_was_not_delivered_its_cards": (
        "订单行的已发数量与发卡记录不一致。核对该订单行的卡密。",
        "What a line counts as delivered isn't what is allocated to it. Check the line's cards.",
    ),
    "card_is_given_to_no_known_line": (
        "卡密发给了不存在的订单行。立即冻结该批次，核对发卡记录。",
        "Cards were given to a line that doesn't exist. Freeze their lot; check the allocations.",
    ),
    "line_earned_what_the_books_deny": (
        "订单行的收入与账本不一致。对照该订单行的分录，用新分录更正。",
        "A line's earnings aren't in the books. Compare; correct by a new transfer.",
    ),
    "line_cost_what_the_books_deny": (
        "订单行卡密的成本与账本不一致。对照该订单行的分录，用新分录更正。",
        "What a line's cards cost isn't in the books. Compare; correct by a new transfer.",
    ),
    "supplier_day_is_not_what_was_posted": (
        "供应商资金日计数与分录不一致。核对是否有程序之外的改动，以分录为准。",
        "A day of our money with a supplier isn't what was posted. Find who wrote it by hand.",
    ),
    "agent_wallet_is_not_what_was_posted": (
        "代理的钱包与账本不一致。暂停该代理，对照其钱包对账单，用新分录更正。",
        "An agent's wallet isn't what its books say. Suspend it, and compare with its statement.",
    ),
    "agent_owes_more_than_its_credit": (
        "代理欠款超过授信。立即暂停该代理，核对是否有程序之外的改动。",
        "An agent owes more than its credit. Suspend it; find out who wrote it by hand.",
    ),
    "transfer_has_not_two_sides": (
        "分录的借贷科目缺失、相同或币种不符。核对是否有程序之外的改动。",
        "A transfer lacks a side or mixes currencies. Find out who wrote it, outside this program.",
    ),
    "transfer_is_negative": (
        "分录金额为负。核对是否有程序之外的改动。",
        "A transfer is negative. Find out who wrote it, outside this program.",
    ),
    "currency_does_not_come_to_zero": (
        "该币种借贷不平。先处理上面列出的分录。",
        "A currency's debits and credits differ. Settle the transfers listed with it first.",
    ),
    "daily_total_is_not_its_transfers": (
        "日汇总与分录不一致，报表会有误差。核对当天的分录，再由分录重算。",
        "A day's total isn't the sum of its transfers: reports are off. Check that day's.",
    ),
    "inventory_is_not_its_cards": (
        "仓库的库存科目与卡密成本不一致。对该仓库盘点并过账差异。",
        "A warehouse's inventory isn't its cards at cost. Take stock of it and post that.",
    ),
    "lot_counts_what_is_not_there": (
        "批次计数与卡密数量不一致。冻结该批次并盘点。",
        "A lot's counters aren't a count of its cards. Freeze it and take stock.",
    ),
    "card_waits_before_its_lots_head": (
        "批次里有可售卡密排在起点之前，永远不会发出。对该批次盘点。",
        "A card for sale lies before its lot's head, where nobody looks. Take stock of it.",
    ),
    "card_of_many_uses_is_not_shared": (
        "多次使用的卡密在普通批次里。核对该批次。",
        "A card of many uses is in a lot that isn't shared. Check the lot.",
    ),
    "shared_card_offers_no_use": (
        "共享卡密已用完却仍为可售。对该批次盘点。",
        "A shared card without a free use still counts as available. Take stock of its lot.",
    ),
    "refunded_line_has_cards": (
        "已全部退款的订单行仍持有卡密。核对退款并收回卡密。",
        "A line that was refunded in full still has cards. Check the refund and take them back.",
    ),
    "cancelled_line_still_waits": (
        "已取消的订单行仍在等货，可能再次发卡。立即核对该订单。",
        "A cancelled line still waits and may be given cards. Check the order now.",
    ),
    "cancelled_line_has_unseen_cards": (
        "已取消的订单行仍持有未查看的卡密。收回这些卡密。",
        "A cancelled line still has cards that nobody has seen. Take them back.",
    ),
    "line_was_given_cards_after_its_cancellation": (
        "订单取消后又发了卡。核对该订单并收回卡密。",
        "A line was given cards after its cancellation. Check the order and take them back.",
    ),
    "card_was_seen_without_a_record": (
        "卡密被查看，但没有更早的查看记录。立即核对谁看过。",
        "A card was seen without a record written before. Find out by whom, now.",
    ),
    "order_money_does_not_add_up": (
        "一笔供应商订单的钱对不上：付出的不等于收到、存疑、退回与索赔之和。核对该订单的分录与历史。",
        "An order's money at a supplier doesn't add up. Read its transfers and its history.",
    ),
    "purchase_denies_its_orders": (
        "采购单的状态与进行中的供应商订单不符。先不要重新下单，核对该采购单的历史。",
        "A purchase and its orders under way disagree. Don't order again; read its history first.",
    ),
    "money_in_doubt_is_of_no_order": (
        "供应商的“存疑”科目与进行中的订单合计不符。核对该科目的分录，找出多出的一笔。",
        "What is in doubt at a supplier isn't that of its orders. Read that account's transfers.",
    ),
    "exchange_is_of_nothing_known": (
        "供应商的“兑换”科目里有来历不明的分录。核对该科目的分录，用新分录更正。",
        "A supplier's exchange account has transfers of nothing we know. Read and correct them.",
    ),
    "exchange_is_not_at_its_rate": (
        "外币采购的成本与付出的外币按当时汇率对不上。核对这笔订单或调整的分录，用新分录更正。",
        "What was spent of another currency isn't its cost in ours at the rate. Compare; correct.",
    ),
    "rule_is_missing": (
        "数据库缺少一条约束。停止写入，重新运行迁移并核对。",
        "The database lacks a rule. Stop writing, migrate again and check.",
    ),
    "rule_is_not_in_force": (
        "数据库的一条约束没有生效。让管理员重新启用并校验。",
        "A rule of the database is switched off. Have the administrator enable and validate it.",
    ),
    "table_is_open_to_other_tenants": (
        "数据表没有强制行级隔离，可能泄露给其他商户。重新运行迁移。",
        "A table isn't closed to other tenants. Migrate again.",
    ),
    "key_does_not_start_with_the_tenant": (
        "有键不以商户开头。重新运行迁移并核对。",
        "A key doesn't start with the tenant. Migrate again and check.",
    ),
    "role_is_mighty": (
        "程序的数据库账号可以绕过行级隔离。让管理员收回该权限。",
        "The program's role can pass row-level security. Have the administrator take that away.",
    ),
    "role_may_change_what_is_only_added": (
        "程序的数据库账号可以修改只增表。重新运行迁移收回权限。",
        "The program's role may change what is only ever added. Migrate again to take that away.",
    ),
}
