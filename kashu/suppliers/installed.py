"""Find the adapters: those we are given, and those of other packages that are installed."""

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from kashu.core.errors import Invalid
from kashu.suppliers.upstream import Upstream

GROUP: Final = "kashu.suppliers"  # the entry points of other packages' adapters


class ProtocolUnusable(Invalid):
    """A package says that it has an adapter, and it isn't one."""

    code = "protocol_unusable"
    zh = "已安装的供应商协议 {adapter} 无法使用（{why}）。请更新或卸载提供它的软件包，再重新启动。"
    en = "The installed supplier protocol {adapter} is unusable ({why}). Update or remove it."


def find_upstreams(ours: Iterable[Upstream]) -> Mapping[str, Upstream]:
    """Find every adapter by the name of its protocol; another package's takes the place of ours.

    Raises: ProtocolUnusable, since a supplier whose adapter is missing would stop without a word.
    """
    found = {upstream.name: upstream for upstream in ours}
    theirs: dict[str, str] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        upstream = _load(point)
        if upstream.name in theirs:
            why = f"{theirs[upstream.name]} → {upstream.name}"
            raise ProtocolUnusable(adapter=_named(point), why=why)
        theirs[upstream.name] = _named(point)
        found[upstream.name] = upstream
    return found


def _load(point: EntryPoint) -> Upstream:
    try:
        upstream = point.load()()
    except Exception as error:  # whatever somebody else's code raises
        raise ProtocolUnusable(adapter=_named(point), why=type(error).__name__) from error
    if not isinstance(upstream, Upstream):
        raise ProtocolUnusable(adapter=_named(point), why="no Upstream")
    return upstream


def _named(point: EntryPoint) -> str:
    return point.name if point.dist is None else f"{point.name} ({point.dist.name})"
