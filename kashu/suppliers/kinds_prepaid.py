"""The kinds and states of money with suppliers and of their papers, as every module names them."""

from enum import StrEnum
from typing import Final


class MovementKind(StrEnum):
    """Why money moves by hand. What it debits and credits: see movements.py."""

    DEPOSIT = "deposit"  # 充值: cash becomes prepaid
    WITHDRAWAL = "withdrawal"  # 提现: prepaid becomes cash
    PAYMENT = "payment"  # 付款: what we owe is paid
    RETURNED = "returned"  # 赔付到余额: what we asked back became prepaid
    RECOVERED = "recovered"  # 赔付到账: what we asked back became cash
    WRITTEN_OFF = "written_off"  # 核销: what we asked back won't come
    OPENING = "opening"  # 期初: what was prepaid before us; less than 0: more than there was
    CORRECTION = "correction"  # 调整: they took (< 0) or gave (> 0) without an order


OF_CASH: Final = frozenset(
    {
        MovementKind.DEPOSIT,
        MovementKind.WITHDRAWAL,
        MovementKind.PAYMENT,
        MovementKind.RECOVERED,
    }
)
SIGNED: Final = frozenset({MovementKind.OPENING, MovementKind.CORRECTION})


class MovementState(StrEnum):
    """How far a movement has come."""

    ASKED = "asked"  # a second person decides
    APPROVED = "approved"  # to be paid
    PAID = "paid"  # with evidence; to be posted when it arrived
    POSTED = "posted"  # it is in the books
    REFUSED = "refused"
    CANCELLED = "cancelled"


class CashMethod(StrEnum):
    """How cash moves."""

    ALIPAY = "alipay"
    WECHAT = "wechat"
    BANK = "bank"
    OTHER = "other"


class Verdict(StrEnum):
    """How a supplier's balance compares with the books."""

    AGREES = "agrees"  # within the tolerance
    IN_DOUBT = "in_doubt"  # orders in doubt explain the difference
    RECOVERIES = "recoveries"  # … with what was asked back, which may have come
    DIFFERS = "differs"  # nothing we know explains it


class AlertKind(StrEnum):
    """What people are told."""

    BALANCE_LOW = "balance_low"
    BALANCE_DIFFERS = "balance_differs"
    BALANCE_UNREAD = "balance_unread"  # it couldn't be asked for a while
    PAYABLE_OVERDUE = "payable_overdue"
    PAPER_EXPIRING = "paper_expiring"
    QUALITY_DROPPED = "quality_dropped"


class PaperKind(StrEnum):
    """What a paper is."""

    LICENCE = "licence"  # 营业执照
    CERTIFICATE = "certificate"  # 资质证书
    AUTHORISATION = "authorisation"  # 授权书
    CONTRACT = "contract"  # 合同
    OTHER = "other"
