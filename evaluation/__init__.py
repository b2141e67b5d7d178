"""Impact evaluation of two-round household surveys and of panels with many periods.

The public doors: `did`, `ancova`, `regression`, `event_study`, `power`, `read`, `balance`, `bounds`
and `example`. Nothing else is promised. Their types stand in ``__init__.pyi``.
"""

import importlib
from typing import Any

__version__ = "0.1.0"
__all__ = [
    "ancova",
    "balance",
    "bounds",
    "did",
    "event_study",
    "example",
    "power",
    "read",
    "regression",
]

# The module of each door: nothing is loaded before one is asked for.
_DOORS = {"ancova": "regression", "read": "reading"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    door = f"evaluation.api.{_DOORS.get(name, name)}"
    try:
        module = importlib.import_module(door)
    except ModuleNotFoundError as missing:
        if name != "read" or missing.name != door:
            raise
        errors = importlib.import_module("evaluation.errors")
        raise errors.EstimationError.of("readers-missing", "readers-missing", "read") from None
    return getattr(module, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
