"""Impact evaluation of two-round household surveys and of panels with many periods."""

import importlib
from typing import Any

__version__ = "0.1.0"

# Public doors and the modules that hold them: nothing is loaded before one is asked for.
_DOORS = {"event_study": "evaluation.estimation.many_periods.event_study"}


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_DOORS[name]), name)
