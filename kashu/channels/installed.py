"""Find the adapters: those we are given, and those of other packages that are installed."""

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from kashu.channels.channel import Channel
from kashu.core.errors import Invalid

GROUP: Final = "kashu.channels"  # the entry points of other packages' adapters


class AdapterUnusable(Invalid):
    """A package says that it has an adapter, and it isn't one."""

    code = "adapter_unusable"
    zh = "已安装的平台适配器 {adapter} 无法使用（{why}）。请更新或卸载提供它的软件包，再重新启动。"
    en = "The installed adapter {adapter} is unusable ({why}). Update its package, or remove it."


def find_channels(ours: Iterable[Channel]) -> Mapping[str, Channel]:
    """Find every adapter by the name of its channel; another package's takes the place of ours.

    Raises: AdapterUnusable, since a store whose adapter is missing would stop without a word.
    """
    found = {channel.name: channel for channel in ours}
    theirs: dict[str, str] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        channel = _load(point)
        if channel.name in theirs:
            why = f"{theirs[channel.name]} → {channel.name}"
            raise AdapterUnusable(adapter=_named(point), why=why)
        theirs[channel.name] = _named(point)
        found[channel.name] = channel
    return found


def _load(point: EntryPoint) -> Channel:
    try:
        channel = point.load()()
    except Exception as error:  # whatever somebody else's code raises
        raise AdapterUnusable(adapter=_named(point), why=type(error).__name__) from error
    if not isinstance(channel, Channel):
        raise AdapterUnusable(adapter=_named(point), why="no Channel")
    return channel


def _named(point: EntryPoint) -> str:
    return point.name if point.dist is None else f"{point.name} ({point.dist.name})"
