"""Commands of purchases: want, decide, look, and take what came by mail or chat."""

import click

from kashu.entry.commands.purchase_desk import ask_now, decide, desk
from kashu.entry.commands.purchase_list import list_them, show_one
from kashu.entry.commands.purchase_receive import receive
from kashu.entry.commands.purchase_want import approve, cancel, submit, want
from kashu.entry.taught import Group


@click.group("purchase", cls=Group)
def purchase() -> None:
    """采购：提出、审批、查看、收货，以及结果不明时怎么办。 Want, approve, look, take in, decide."""


for command in (
    want,
    list_them,
    show_one,
    approve,
    submit,
    cancel,
    receive,
    desk,
    ask_now,
    decide,
):
    purchase.add_command(command)
