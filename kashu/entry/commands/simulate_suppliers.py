"""What `kashu simulate` shows of its suppliers: how to connect them, and what they sold."""

from collections.abc import Sequence

from rich.console import RenderableType

from kashu.entry.simulation.trial_suppliers import Sold, SupplierDoor
from kashu.entry.terminal import listed, table


def entry(door: SupplierDoor) -> str:
    """Write a supplier's door, and the command that opens it."""
    options = "".join(f" --option {name}={each}" for name, each in door.options.items())
    command = (
        f"kashu supplier connect {door.supplier} --protocol {door.protocol}"
        f" --account {door.account} --base-url {door.base_url}{options}"
    )
    return f"{door.protocol} {door.name}\n" + listed(
        [
            ("add    ", f"kashu supplier add {door.supplier} --name {door.name}"),
            ("connect", command),
            ("key    ", door.key),
        ]
    )


def drawn_sold(sold: Sequence[Sold]) -> list[RenderableType]:
    """Draw what suppliers sold, where there are any."""
    if not sold:
        return []
    titles = (
        ("供应商", "Supplier"),
        ("订单", "Orders"),
        ("处理中", "Under way"),
        ("已扣款 ¥", "Kept ¥"),
        ("余额 ¥", "Balance ¥"),
    )
    rows = [(each.supplier, each.orders, each.under_way, each.kept, each.balance) for each in sold]
    return [table("", titles, rows)]
