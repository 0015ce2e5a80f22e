"""The dialects that agents' systems may buy in."""

from typing import Final

from kashu.access.keyring import Keyrings
from kashu.adapters.downstream.agiso import AgisoDialect
from kashu.adapters.downstream.dujiao_next import DujiaoNextDialect
from kashu.downstream.dialect import Dialect
from kashu.downstream.dialects import Dialects
from kashu.orders.intake import Intake

OURS: Final[tuple[Dialect, ...]] = (AgisoDialect(), DujiaoNextDialect())


def make_dialects(intake: Intake, keyrings: Keyrings) -> Dialects:
    """Join the dialects to where orders come in."""
    return Dialects({dialect.name: dialect for dialect in OURS}, intake, keyrings)
