"""What stock can refuse."""

from kashu.core.errors import Conflict, NotAllowed, NotFound


class UnknownCards(NotFound):
    """No such cards, or another merchant's."""

    code = "unknown_cards"
    zh = "有 {count} 张卡没有找到，或者您无权查看。请刷新列表后重新选择。"
    en = "{count} of the cards don't exist or aren't yours to see. Refresh the list, choose again."


class RevealQuotaUsed(NotAllowed):
    """Somebody has seen as many cards today as they may."""

    code = "reveal_quota_used"
    zh = "您今天最多可查看 {quota} 张卡密，已查看 {used} 张。请明天再试，或请商户所有者调高额度。"
    en = "You may see {quota} cards a day and have seen {used}. Try tomorrow, or ask the owner."


class CardQuestionsUsed(NotAllowed):
    """Somebody asked about too many values that are no cards of ours: guesses look like that."""

    code = "card_questions_used"
    zh = (
        "您这个小时问过的值里有 {used} 个不是我们的卡，每人每小时最多 {quota} 个。"
        "请核对清单有没有拿错，{until} 以后分小份再查；着急时请商户所有者代查。"
    )
    en = (
        "{used} of the values you asked about this hour are no cards of ours; at most {quota} are "
        "allowed. Check that it is the right list and ask again in smaller parts after {until}, or "
        "have the owner ask."
    )


class RevealBurns(Conflict):
    """Nobody has bought the card: who sees it takes it out of stock."""

    code = "reveal_burns"
    zh = "有 {count} 张卡尚未售出，查看后不能再销售。确需核验，请选择“核验并停售”。"
    en = "{count} of the cards aren't sold: seeing them takes them out of sale. Say so to do it."


class CardsPromised(Conflict):
    """Reserved cards can't be touched until their reservation ends."""

    code = "cards_promised"
    zh = "有 {count} 张卡已被预占。请先释放预占，再操作。"
    en = "{count} of the cards are reserved. Release the reservation first."
