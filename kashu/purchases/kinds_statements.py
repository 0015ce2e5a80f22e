"""The kinds of suppliers' statements and of what is found in them, as every module names them."""

from enum import StrEnum


class TimedBy(StrEnum):
    """Which orders a statement is about: those of its period, by what time."""

    ORDERED = "ordered"  # 按下单时间
    COMPLETED = "completed"  # 按完成时间
    EITHER = "either"  # not known: an order is only missed that is inside by both


class StatementSource(StrEnum):
    """Where a statement comes from."""

    FILE = "file"
    FETCHED = "fetched"


class MatchedBy(StrEnum):
    """What tells whose line it is, in this order."""

    NUMBER = "number"  # ours
    THEIR_NUMBER = "their_number"
    AMOUNT_AND_TIME = "amount_and_time"  # the nearest, each other's


class FindingKind(StrEnum):
    """What is wrong between a statement and our orders."""

    MISSING = "missing"  # 我有他无: paid by our books, and not in the statement
    EXTRA = "extra"  # 他有我无: in the statement, and none of our orders
    DIFFERENT = "different"  # 不一致: another amount, quantity or outcome
    DUPLICATED = "duplicated"  # 重复: the same order once more


class ResolutionKind(StrEnum):
    """How a finding is settled."""

    EXPLAINED = "explained"  # no money is wrong: `reason` tells why
    ACCEPTED = "accepted"  # they are right: the books follow
    ASKED_BACK = "asked_back"  # they took too much: they owe it to us


class ResolutionState(StrEnum):
    """How far a resolution has come."""

    ASKED = "asked"  # a second person decides
    DONE = "done"
