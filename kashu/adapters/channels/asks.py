"""What each of our adapters asks a person for, in words. The option's meaning: its reference."""

from typing import Final

from kashu.channels.asks import Asks, Field, Way

_MESSAGES: Final = (
    "更早得知新订单。平台后台要先订阅消息；不选也不会漏单。",
    "Hear of orders sooner. Subscribe to them at the platform first; no order is lost without.",
)

TAOBAO: Final = Asks(
    "淘宝 / 天猫",
    "Taobao, Tmall",
    code_minutes=30,
    guide="connect-taobao",
    fields=(
        Field(
            "messages",
            "消息服务",
            "Messages",
            *_MESSAGES,
            choices=(
                ("pull", "主动取（每秒一次调用）", "Pulled, a call each second"),
                ("socket", "长连接", "Over a connection held open"),
            ),
            rare=True,
        ),
        Field(
            "messages_group",
            "消息分组",
            "Message group",
            "不填为默认分组。",
            "Its default group without.",
            rare=True,
        ),
        Field(
            "vouchers",
            "电子凭证",
            "E-vouchers",
            "店铺卖电子凭证、并有码商权限时选。",
            "Where your shop sells e-vouchers and has the right to send codes.",
            choices=(("first_generation", "由卡枢发码", "Kashu sends the codes"),),
            rare=True,
        ),
        Field("voucher_notice_key", "凭证通知密钥", "Key of voucher notices", rare=True),
        Field(
            "trade_types",
            "订单类型",
            "Types of orders",
            "用逗号隔开；不填由平台决定。",
            "With commas; the platform's own choice without.",
            rare=True,
        ),
        Field(
            "sign_method",
            "签名算法",
            "Signed with",
            choices=(
                ("md5", "md5", "md5"),
                ("hmac", "hmac", "hmac"),
                ("hmac-sha256", "hmac-sha256", "hmac-sha256"),
            ),
            rare=True,
        ),
        Field(
            "sandbox",
            "沙箱",
            "Sandbox",
            choices=(("yes", "用平台的沙箱", "The platform's sandbox"),),
            rare=True,
        ),
    ),
)

JD: Final = Asks(
    "京东（宙斯网关）",
    "JD, gateway",
    key="app_key",
    secret="app_secret",  # noqa: S106  (what it is called)
    guide="connect-jd",
    fields=(
        Field(
            "checker",
            "退款审核人",
            "Refunds decided by",
            "京东的退款记录里显示的名字；不填为 kashu。",
            "The name that JD shows with refund decisions; kashu without it.",
        ),
        Field(
            "states",
            "另收的订单状态",
            "Further states",
            "卖 LOC 券码的店铺填 WAIT_SEND_CODE。",
            "Shops that sell LOC vouchers need WAIT_SEND_CODE.",
            rare=True,
        ),
        Field(
            "carrier",
            "发货方式",
            "Carrier",
            "不填为 1274（厂家自送）。",
            "1274, the seller itself, without.",
            rare=True,
        ),
    ),
)

JD_GAME: Final = Asks(
    "京东游戏点卡平台",
    "JD, game cards",
    key="customerId",
    secret="密钥",  # noqa: S106  (what it is called)
    ways=(Way.NONE,),
    guide="connect-jd",
)

JD_VIRTUAL: Final = Asks(
    "京东通用交易平台",
    "JD, general virtual goods",
    key="vendorId",
    secret="签名密钥",  # noqa: S106  (what it is called)
    ways=(Way.CARD_KEY,),
    guide="connect-jd",
    fields=(
        Field(
            "callback_url",
            "回调地址",
            "Address of results",
            "只在京东自测时填，上线前去掉。",
            "For JD's self-test only: take it out before you go live.",
            rare=True,
        ),
    ),
)

PINDUODUO: Final = Asks(
    "拼多多",
    "Pinduoduo",
    key="client_id",
    secret="client_secret",  # noqa: S106  (what it is called)
    code_minutes=10,
    guide="connect-pinduoduo",
    fields=(
        Field(
            "logistics_id",
            "快递公司编号",
            "Carrier's number",
            "无物流的订单怎样标记发货，请问平台运营；不填由人到后台点发货。",
            "Ask the platform how orders without logistics are marked; without it a person does.",
        ),
        Field(
            "tracking_number",
            "快递单号",
            "Tracking number",
            "{order} 会换成订单号。",
            "{order} becomes each order's number.",
        ),
        Field(
            "messages",
            "消息服务",
            "Messages",
            *_MESSAGES,
            choices=(("socket", "长连接", "Over a connection held open"),),
            rare=True,
        ),
        Field(
            "single_price_over_fen",
            "单买比拼团贵几分",
            "Buying alone costs more, in fen",
            rare=True,
        ),
    ),
)

YOUZAN: Final = Asks(
    "有赞",
    "Youzan",
    key="client_id",
    secret="client_secret",  # noqa: S106  (what it is called)
    ways=(Way.OWN, Way.LINK),
    code_minutes=2,
    guide="connect-youzan",
    fields=(
        Field("shop", "店铺 ID（kdt_id）", "Shop's id (kdt_id)", needed=True, ways=(Way.OWN,)),
        Field(
            "authorize_at",
            "授权地址",
            "Address of permitting",
            "有赞后台给出的地址，保留 {redirect} 和 {state}。",
            "As Youzan's console shows it; keep {redirect} and {state} in it.",
            needed=True,
            ways=(Way.LINK,),
        ),
        Field(
            "memo",
            "卡密写进备注",
            "Cards into the note",
            "备注所有店员看得到，买家看不到。",
            "All of the shop's staff see the note; the buyer doesn't.",
            choices=(("cards", "写进备注", "Write them"),),
            rare=True,
        ),
        Field(
            "push_sign",
            "推送签名",
            "Pushes are signed",
            choices=(("body", "旧签名（在正文里）", "The older way, inside"),),
            rare=True,
        ),
    ),
)

WEIDIAN: Final = Asks(
    "微店",
    "Weidian",
    key="appkey",
    secret="secret",  # noqa: S106  (what it is called)
    ways=(Way.OWN, Way.LINK),
    own=(("app_type", "self"),),
    code_minutes=5,
    guide="connect-weidian",
    fields=(
        Field("shop_id", "店铺编号", "Shop's number", needed=True, ways=(Way.OWN,)),
        Field(
            "shop_name",
            "店铺名称",
            "Shop's name",
            "用来认出分销订单；不填则分销订单都先搁置。",
            "Tells orders that another shop distributes; all of them are held without it.",
        ),
        Field(
            "push_key",
            "推送口令",
            "Word of pushes",
            "一长串随机字符，写在推送地址的末尾；不填就不收推送。",
            "A long random word at the end of the push address; no push is taken without.",
        ),
        Field(
            "express_type",
            "无物流的代码",
            "Without logistics",
            "不填为 999。",
            "999 without it.",
            rare=True,
        ),
        Field(
            "order_version",
            "订单接口版本",
            "Version of orders",
            "不填为 1.0。",
            "1.0 without it.",
            rare=True,
        ),
        Field(
            "sealed_fields",
            "加密的文字",
            "Encrypted texts",
            choices=(
                ("note", "备注", "The note"),
                ("answers", "自定义问题", "Answers"),
                ("note,answers", "两者", "Both"),
            ),
            rare=True,
        ),
    ),
)

AGISO: Final = Asks(
    "阿奇索",
    "Agiso",
    key="AppId",
    secret="AppSecret",  # noqa: S106  (what it is called)
    ways=(Way.TOKEN, Way.LINK),
    takes_redirect=False,
    guide="connect-agiso",
    fields=(
        Field(
            "platform",
            "店铺在哪个平台",
            "The shop's platform",
            needed=True,
            choices=(
                ("pinduoduo", "拼多多", "Pinduoduo"),
                ("taobao", "淘宝", "Taobao"),
                ("jd", "京东", "JD"),
                ("youzan", "有赞", "Youzan"),
                ("weidian", "微店", "Weidian"),
            ),
        ),
        Field(
            "many_cards",
            "一单多张卡",
            "Several cards",
            "不选则由人发。",
            "A person sends them without it.",
            choices=(("chat", "用聊天消息发出", "As a chat message"),),
        ),
        Field(
            "jd_orders",
            "京东订单的发货",
            "JD's orders",
            choices=(
                ("pop", "普通", "POP"),
                ("game", "游戏点卡", "Game cards"),
                ("general", "通用交易", "General"),
            ),
            rare=True,
        ),
    ),
)
