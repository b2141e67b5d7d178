"""Functions found by a declared name: a module that makes something registers itself."""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterator, Mapping
from types import ModuleType
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., object])
# folders whose modules were imported
LOOKED_THROUGH: set[str] = set()


class Registry(Mapping[str, Function]):
    """Functions by name, in the order in which the names are declared.

    Parameters
    ----------
    names : collection of str
        What there is.
    *folders : module
        Packages whose modules are imported when a function is asked for.
    """

    def __init__(self, names: Collection[str], *folders: ModuleType) -> None:
        self._names, self._folders = names, folders
        self._made: dict[str, Function] = {}

    def __call__(self, function: Function) -> Function:
        """Mark a function that is found by its own name; see `named`."""
        return self.named(function.__name__)(function)

    def named(self, name: str) -> Callable[[Function], Function]:
        """Mark a function that is found by a name.

        Raises
        ------
        LookupError
            The name is not declared, or marked in another module already.
        """
        if name not in self._names or name in self._made:
            raise LookupError(f"`{name}` is not declared, or there are two")

        def marked(function: Function) -> Function:
            self._made[name] = function
            return function

        return marked

    def __getitem__(self, name: str) -> Function:
        if name not in self._made:
            self.load()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        self.load()
        return (name for name in self._names if name in self._made)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def load(self) -> None:
        """Import every module of the folders."""
        for folder in self._folders:
            LOOKED_THROUGH.update(folder.__path__)
            for module in pkgutil.iter_modules(folder.__path__):
                importlib.import_module(f"{folder.__name__}.{module.name}")
