"""Words: what our codes are called where a person reads them. JSON and CSV keep the codes."""

from collections.abc import Mapping
from typing import Final, TypeAlias

Glossary: TypeAlias = Mapping[str, str]  # code → Chinese; the codes are English words themselves

ORDER_STATES: Final[Glossary] = {
    "filled": "已发齐",
    "partly_filled": "部分发出",
    "short": "缺货",
    "refused": "已拒绝",
    "refunded": "已退",
}
REFUND_STATES: Final[Glossary] = {"settled": "已退", "foretold": "先到，等订单"}
ORDER_EVENTS: Final[Glossary] = {
    "order.filled": "已发齐",
    "order.partly_filled": "部分发出",
    "order.short": "缺货，等待补发",
    "order.refused": "缺货被拒",
    "order.refunded": "退款",
    "order.cancelled": "取消",
    "order.refund_foretold": "退款先到",
    "order.topped_up": "已充值",
    "order.buying_again": "重新采购",
    "order.account_corrected": "更正充值账号",
}
IMPORT_STATES: Final[Glossary] = {
    "running": "进行中",
    "done": "已完成",
    "failed": "已失败",
    "undone": "已撤销",
}
REJECTS: Final[Glossary] = {
    "blank": "空行",
    "heading": "表头",
    "formula": "公式",
    "error_value": "错误值",
    "number_lost_digits": "数字丢位",
    "bad_expiry": "有效期不清",
    "past_expiry": "已过期",
    "no_secret": "没有卡密",
    "incomplete": "缺卡号或密码",
    "too_long": "太长",
    "bad_characters": "非法字符",
    "bad_url": "链接有误",
    "too_many_columns": "多出列",
    "ambiguous": "分不清",
    "duplicate_in_file": "文件内重复",
    "duplicate_in_stock": "库存已有",
    "sold_elsewhere": "别处已售",
    "still_for_sale": "仍在售",
}
FULFILMENTS: Final[Glossary] = {
    "card": "卡密",
    "topup": "直充",
    "link": "链接",
    "shared": "循环码",
    "own": "自有码",
    "physical": "实物",
    "bundle": "组合",
}
PERIODS: Final[Glossary] = {
    "week": "周卡",
    "month": "月卡",
    "quarter": "季卡",
    "year": "年卡",
    "other": "其他",
}
TERMINALS: Final[Glossary] = {"phone": "手机", "tv": "电视", "all": "通用"}
SKU_STATES: Final[Glossary] = {"active": "在售", "retired": "停售"}
STORE_STATES: Final[Glossary] = {"open": "营业", "closed": "停业"}
CHANNELS: Final[Glossary] = {
    "direct": "直销",
    "taobao": "淘宝",
    "jd": "京东",
    "pinduoduo": "拼多多",
    "youzan": "有赞",
    "weidian": "微店",
    "agiso": "阿奇索",
    "jd_game": "京东游戏点卡",
    "jd_virtual": "京东通用交易",
}
MODES: Final[Glossary] = {
    "stopped": "停用",
    "shadow": "影子",
    "assisted": "人工放行",
    "automatic": "自动",
}
STEPS: Final[Glossary] = {
    "seen": "未付款",
    "due": "待处理",
    "unmapped": "待映射",
    "held": "暂缓",
    "shadowed": "影子（旧方式发货）",
    "taken": "已配卡，未交付",
    "sent": "已交付，未通知平台",
    "confirmed": "完成",
    "ended": "已结束",
    "trouble": "异常",
}
TIERS: Final[Glossary] = {"1": "一手", "2": "二级", "3": "三级"}
# What decided that a lot comes where it comes: a strategy's steps, and what is left without them.
DECISIONS: Final[Glossary] = {
    "earliest_expiry": "最早到期先发",
    "latest_expiry": "最晚到期先发",
    "lowest_cost": "成本低的先发",
    "highest_cost": "成本高的先发",
    "oldest": "先进先发",
    "warehouse_priority": "按仓库顺序",
    "suppliers_in_order": "按供应商顺序",
    "warehouses_in_order": "按指定仓库顺序",
    "received_first": "先进先发",
    "only_one": "只有这一批",
}
INVARIANTS: Final[Glossary] = {
    "card_allocations": "一卡只属一单",
    "card_reservations": "预占与卡一致",
    "lot_counters": "批次数量与卡一致",
    "lines_add_up": "订单行数量金额平",
    "lines_agree": "订单行与发卡一致",
    "nothing_after_refund": "退款后没有再发",
    "reveals_recorded": "查看都有记录",
    "books_balance": "总账借贷平",
    "daily_totals": "每日合计与总账一致",
    "supplier_days": "供应商资金与总账一致",
    "attempts_add_up": "供应商订单金额平",
    "money_in_doubt": "存疑资金与订单一致",
    "inventory_at_cost": "库存金额与批次一致",
    "rules_in_force": "约束全部生效",
    "tenants_apart": "商户互相隔离",
}
TABLES: Final[Glossary] = {
    "access.api_keys": "接口密钥",
    "access.data_keys": "数据密钥",
    "access.invitations": "邀请",
    "access.nonces": "签名随机数",
    "access.sessions": "登录会话",
    "access.staff": "员工",
    "access.tenants": "商户",
    "catalog.brands": "品牌",
    "catalog.products": "商品",
    "catalog.skus": "规格",
    "catalog.bundle_parts": "组合明细",
    "channels.connections": "店铺授权",
    "channels.listings": "平台商品",
    "channels.shop_orders": "平台订单",
    "channels.shop_refunds": "平台退款",
    "channels.stores": "店铺",
    "core.events": "事件",
    "customers.customers": "客户",
    "ledger.accounts": "科目",
    "ledger.daily": "每日合计",
    "ledger.transfers": "分录",
    "ledger.supplier_days": "供应商每日资金",
    "orders.buying": "缺货采购与直充",
    "orders.decisions": "影子决定",
    "orders.lines": "订单行",
    "orders.orders": "订单",
    "orders.refunds": "退款",
    "orders.requests": "幂等请求",
    "pilot.comparisons": "并行比对",
    "pilot.openings": "期初余额",
    "stock.alerts": "提醒",
    "stock.allocations": "发卡",
    "stock.cards": "卡密",
    "stock.choices": "选批依据",
    "stock.free_uses": "循环码余次",
    "stock.imports": "导入",
    "stock.levels": "库存水位",
    "stock.lots": "批次",
    "stock.moves": "卡密变动",
    "stock.reservations": "预占",
    "stock.reveals": "查看记录",
    "stock.stocktakes": "盘点",
    "stock.strategies": "出货策略",
    "stock.strategy_uses": "策略适用",
    "stock.warehouse_levels": "分仓水位",
    "stock.warehouses": "仓库",
    "purchases.attempts": "供应商订单",
    "purchases.findings": "对账差异",
    "purchases.placings": "下单结果",
    "purchases.preferences": "供应商偏好",
    "purchases.purchases": "采购单",
    "purchases.quality_days": "供应商每日质量",
    "purchases.receipts": "采购入库",
    "purchases.rejected_cards": "拒收卡密",
    "purchases.resolutions": "差异处理",
    "purchases.rules": "采购规则",
    "purchases.statement_lines": "对账单明细",
    "purchases.statements": "对账单",
    "purchases.verdicts": "存疑结论",
    "suppliers.alerts": "供应商提醒",
    "suppliers.balance_readings": "余额读数",
    "suppliers.balances": "供应商余额",
    "suppliers.best_costs": "最优成本",
    "suppliers.connections": "供应商接入",
    "suppliers.contacts": "供应商联系人",
    "suppliers.movements": "供应商款项",
    "suppliers.offers": "报价",
    "suppliers.papers": "供应商资质",
    "suppliers.price_alerts": "价格提醒",
    "suppliers.prices": "价格历史",
    "suppliers.quality": "供应商质量",
    "suppliers.quality_rules": "质量规则",
    "suppliers.rates": "汇率",
    "suppliers.rules": "报价规则",
    "suppliers.suppliers": "供应商",
}
ACTORS: Final[Glossary] = {
    "cli": "命令行",
    "system": "系统",
    "staff": "员工",
    "key": "接口密钥",
}
# Facts of an error that are codes, by their name.
FACTS: Final[Mapping[str, Glossary]] = {"state": IMPORT_STATES, "fulfilment": FULFILMENTS}

MOVEMENT_KINDS: Final[Glossary] = {
    "deposit": "充值",
    "withdrawal": "提现",
    "payment": "付款",
    "returned": "赔付到余额",
    "recovered": "赔付到账",
    "written_off": "核销",
    "opening": "期初",
    "correction": "调整",
}

MOVEMENT_STATES: Final[Glossary] = {
    "asked": "待审批",
    "approved": "待付款",
    "paid": "待入账",
    "posted": "已入账",
    "refused": "已拒绝",
    "cancelled": "已撤回",
}

FINDINGS: Final[Glossary] = {
    "missing": "我有他无",
    "extra": "他有我无",
    "different": "不一致",
    "duplicated": "重复",
}
