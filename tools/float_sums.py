"""What mypy says beside its own: the built-in ``sum`` is for whole numbers only.

From Python 3.12 on it compensates for rounding where it adds floats, so that one result would have
other last digits on another Python. ``math.fsum`` and numpy add alike on all of them. A sum of
whole numbers stays as it is: its type says so.
"""

from collections.abc import Callable

from mypy.plugin import FunctionContext, Plugin
from mypy.types import AnyType, Instance, Type, UnionType, get_proper_type

SAID = (
    "sum() of floats differs between Pythons: use math.fsum or numpy;"
    " where the numbers are whole, let their type say so"
)


def _may_be_float(found: Type) -> bool:
    kind = get_proper_type(found)
    if isinstance(kind, UnionType):
        return any(map(_may_be_float, kind.items))
    if isinstance(kind, Instance):
        return kind.type.fullname in {"builtins.float", "builtins.complex"}
    return isinstance(kind, AnyType)


def _sum(called: FunctionContext) -> Type:
    if _may_be_float(called.default_return_type):
        # mypy tries each signature of `sum` and drops what is said meanwhile
        errors = called.api.errors  # type: ignore[attr-defined]
        trying, errors._watchers = errors._watchers, []
        called.api.fail(SAID, called.context)
        errors._watchers = trying
    return called.default_return_type


class FloatSums(Plugin):
    """Looks at each call of ``sum``."""

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """The hook of ``sum``, and of no other function."""
        return _sum if fullname == "builtins.sum" else None


def plugin(_version: str) -> type[Plugin]:
    """Where mypy begins."""
    return FloatSums
