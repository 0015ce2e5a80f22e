"""Commands of purchases: want, decide, look, and take what came by mail or chat."""

import click

from kashu.entry.commands.purchase_list import list_them, show_one
from kashu.entry.commands.purchase_receive import receive
from kashu.entry.commands.purchase_want import approve, cancel, submit, want
from kashu.entry.taught import Group


@click.group("purchase", cls=Group)
def purchase() -> None:
    """采购：提出、审批、查看，收下邮件或聊天里发来的卡密。 Want, approve, look, take in."""


for command in (want, list_them, show_one, approve, submit, cancel, receive):
    purchase.add_command(command)
