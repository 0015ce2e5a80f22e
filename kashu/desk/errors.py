"""What the desk refuses."""

from kashu.core.errors import Conflict, Invalid, NotAllowed, NotFound


class MatterGone(NotFound):
    """It is solved, or was never there, or isn't yours to see."""

    code = "matter_gone"
    zh = "这一条已经不在异常台上：可能刚被处理好，或您无权查看。请刷新。"
    en = "It isn't on the desk any more: solved, perhaps, or not yours to see. Read the desk again."


class SomebodyIsOnIt(Conflict):
    """Somebody else has taken it."""

    code = "somebody_is_on_it"
    zh = "处理中：{who}，{minutes} 分钟前开始。请换一条；确需接手请点“接手”。"
    en = "{who} is on it since {minutes} minutes. Take another one, or take this one over."


class NotYoursToDo(NotAllowed):
    """Who can't do anything about it needn't take it."""

    code = "not_yours_to_do"
    zh = "您的角色不能处理这一类（需要 {permission}），没有改动。请联系商户所有者。"
    en = "Your role can't act on these ({permission}); nothing was changed. Ask the owner."


class NoteHasCard(Invalid):
    """A note has one of our cards in it."""

    code = "note_has_card"
    zh = "备注里有我们的卡密，没有保存。请删去卡密，只写末四位。"
    en = "The note has a card of ours in it and wasn't kept. Leave it out; its last four will do."


class PlaceUnreadable(Invalid):
    """`after` isn't what an answer gave as `next_after`."""

    code = "place_unreadable"
    zh = "参数 after 不是上一页给出的 next_after。请从第一页开始。"
    en = "`after` isn't what the last page gave as `next_after`. Begin with the first page."
