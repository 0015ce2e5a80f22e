"""The kinds and states of what agents have with us, as every module names them."""

from enum import StrEnum


class MoveKind(StrEnum):
    """Why money goes to or from an agent's wallet by hand."""

    DEPOSIT = "deposit"  # 充值: they paid us
    WITHDRAWAL = "withdrawal"  # 提现: we paid back what they hadn't spent


class MoveState(StrEnum):
    """How far it has come."""

    ASKED = "asked"  # a second person decides
    POSTED = "posted"  # it is in the books and in the wallet
    REFUSED = "refused"


class MoveMethod(StrEnum):
    """How cash moved."""

    ALIPAY = "alipay"
    WECHAT = "wechat"
    BANK = "bank"
    OTHER = "other"
