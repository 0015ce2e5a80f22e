"""What switches of a simulation have alike: how far they go, and how a wrong one is told."""

from typing import Final

OUTAGE_MAX: Final = 24 * 60.0  # minutes
RATE_MAX: Final = 0.5


class SwitchWrong(ValueError):
    """There is no such switch, or it has no such setting."""


def number(written: str, name: str, most: float, least: float = 0.0) -> float:
    """Read a setting. Raises: SwitchWrong."""
    try:
        read = float(written)
    except ValueError as error:
        raise SwitchWrong(f"{name}: a number") from error
    if not least <= read <= most:
        raise SwitchWrong(f"{name}: {least:g} to {most:g}")
    return read
