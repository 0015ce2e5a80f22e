"""The one JSON line of a bench: both sides, their ratio, the bar, and where it ran."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bench.ground import Ground


@dataclass(frozen=True, slots=True)
class Result:
    """What a bench found. `ours` and `reference` have one figure for each repeat."""

    name: str
    unit: str
    ours: Sequence[float]
    reference: Sequence[float]
    bar: float
    better: Literal["higher", "lower"]
    settings: Mapping[str, Any]
    exact: bool = True  # what must be exact was; else it fails whatever its speed
    figures: Mapping[str, Any] = field(default_factory=dict)  # what else there is to tell

    @property
    def ratio(self) -> float:
        """The median of each repeat's own ratio: both sides of one are minutes apart at most."""
        pairs = zip(self.ours, self.reference, strict=True)
        return statistics.median(ours / reference for ours, reference in pairs)

    @property
    def passes(self) -> bool:
        """Whether the bar is met."""
        met = self.ratio >= self.bar if self.better == "higher" else self.ratio <= self.bar
        return met and self.exact


def line_of(result: Result, ground: Ground | None, scale: str) -> dict[str, Any]:
    """Write a result as it is printed."""
    return {
        "name": result.name,
        "ours": rounded(statistics.median(result.ours)),
        "reference": rounded(statistics.median(result.reference)),
        "ratio": round(result.ratio, 3),
        "bar": f"{'≥' if result.better == 'higher' else '≤'} {result.bar:g}",
        "pass": result.passes,
        "exact": result.exact,
        "unit": result.unit,
        **result.figures,
        "settings": {
            "scale": scale,
            **result.settings,
            "repeats": len(result.ours),
            "ours": _spread(result.ours),
            "reference": _spread(result.reference),
            "postgresql": ground.version if ground else None,
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "fsync": ground.fsync if ground else None,
        },
    }


def rounded(figure: float) -> float:
    """Keep three or four digits: more would be noise."""
    return round(figure, 0 if figure >= 1_000 else 1 if figure >= 100 else 4)


def _spread(figures: Sequence[float]) -> dict[str, float]:
    return {
        "min": rounded(min(figures)),
        "median": rounded(statistics.median(figures)),
        "max": rounded(max(figures)),
    }
