"""Functions found by a declared name: a module that makes something registers itself.

What there is stands in one table of names, which the lower rooms read as well; what makes it is the
function that a module of the registry's folders marks with the name. Nothing else lists it.
"""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterator, Mapping
from types import ModuleType
from typing import Generic, TypeVar

Function = TypeVar("Function", bound=Callable[..., object])


class Registry(Mapping[str, Function], Generic[Function]):
    """Functions by declared name, in the order of the names.

    Parameters
    ----------
    names : collection of str
        Everything that has to have a function.
    folders : modules
        Packages whose modules are imported when a function is first asked for.
    beginning : str
        Beginning of the modules' names, where a folder holds others too.
    """

    def __init__(self, names: Collection[str], *folders: ModuleType, beginning: str = "") -> None:
        self._names, self._folders, self._beginning = names, folders, beginning
        self._made: dict[str, Function] = {}

    def __call__(self, name: str) -> Callable[[Function], Function]:
        """Mark a function as the one of a name.

        Raises
        ------
        LookupError
            The name is not declared, or has a function already.
        """
        if name not in self._names or name in self._made:
            raise LookupError(f"`{name}` is not declared, or made twice")

        def marked(function: Function) -> Function:
            self._made[name] = function
            return function

        return marked

    def __getitem__(self, name: str) -> Function:
        if name not in self._made:
            self._import()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        self._import()
        return (name for name in self._names if name in self._made)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _import(self) -> None:
        for folder in self._folders:
            for module in pkgutil.iter_modules(folder.__path__):
                if module.name.startswith(self._beginning):
                    importlib.import_module(f"{folder.__name__}.{module.name}")
