"""A small reading of the package's source: what an expression may be before anything runs.

Names are followed to what they are bound to, through branches, tuples, parameters and returns.
Enough for messages, which are written as literal texts; what cannot be followed stays as it is.
"""

import ast
import functools
from collections.abc import Iterable
from dataclasses import dataclass

from tests.report.syntax import (
    ITEM,
    Place,
    arguments,
    assigned,
    bound,
    called,
    defaults,
    ends,
    fields,
    parameters,
    walk,
)

# what leaves a text in its place
SAME_TEXT = ("replace", "strip", "rstrip")
# names that lead to names; a longer way is not followed
DEEPEST = 12


@dataclass(frozen=True)
class Maker:
    """A function with its body and parameters, or a record with its fields (those of text)."""

    place: Place
    names: tuple[str, ...]
    body: ast.FunctionDef | None


class Source:
    """The modules of the data layer, and what can be looked up in them."""

    def __init__(self, modules: dict[str, ast.Module], others: dict[str, ast.Module]) -> None:
        self.modules = modules
        self.imported: dict[str, dict[str, str]] = {}
        self.callables: dict[tuple[str, str], Maker] = {}
        self.calls: dict[tuple[str, str], list[tuple[Place, ast.Call]]] = {}
        self.constants: dict[tuple[str, str], list[ast.expr]] = {}
        self.methods: dict[str, list[str]] = {}
        self.asked: set[tuple[str, str, int]] = set()
        for name, tree in (modules | others).items():
            self._index(name, tree)
        for name, tree in modules.items():
            for place, node in walk(name, tree):
                if isinstance(node, ast.Call) and (key := self.target(node.func, name)):
                    self.calls.setdefault(key, []).append((place, node))

    def _index(self, module: str, tree: ast.Module) -> None:
        imported = self.imported.setdefault(module, {})
        for statement in tree.body:
            if isinstance(statement, ast.ImportFrom) and statement.module:
                room = statement.module.removeprefix("evaluation.").replace(".", "/")
                imported |= {a.asname or a.name: room for a in statement.names}
            targets, value = assigned(statement)
            for target in targets:
                if isinstance(target, ast.Name) and value is not None:
                    self.constants.setdefault((module, target.id), []).append(value)
        for place, node in walk(module, tree):
            if isinstance(node, ast.FunctionDef) and node.name != "__init__":
                made = Maker(Place(module, node), parameters(node), node)
                self.callables[module, node.name] = made
            elif isinstance(node, ast.ClassDef):
                for method in (s for s in node.body if isinstance(s, ast.FunctionDef)):
                    self.methods.setdefault(method.name, []).append(module)
                self.callables[module, node.name] = Maker(place, fields(node), None)

    def target(self, called: ast.expr, module: str) -> tuple[str, str] | None:
        """Module and name of what is called, where it is a function or record of the package."""
        if isinstance(called, ast.Name):
            if (module, called.id) in self.callables:
                return module, called.id
            return self.imported[module].get(called.id, ""), called.id
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            room = self.imported[module].get(called.value.id)
            if room and (f"{room}/{called.value.id}", called.attr) in self.callables:
                return f"{room}/{called.value.id}", called.attr
            # a method: of a record of this module, or of the only record that has it
            if (module, called.attr) in self.callables:
                return module, called.attr
            owners = self.methods.get(called.attr, [])
            return (owners[0], called.attr) if len(owners) == 1 else None
        return None

    def made(self, call: ast.Call, module: str) -> Maker | None:
        """The function or record of the package that a call in a module names."""
        key = self.target(call.func, module)
        return self.callables.get(key) if key else None

    def nodes(self, node: ast.expr, place: Place, depth: int = 0) -> list[tuple[ast.expr, Place]]:
        """Expressions that this one may be, names and branches followed."""
        if depth > DEEPEST:
            return [(node, place)]
        again = functools.partial(self._all, place=place, depth=depth + 1)
        if isinstance(node, ast.IfExp):
            return again([node.body, node.orelse])
        if isinstance(node, ast.BoolOp):
            return again(node.values)
        if isinstance(node, ast.Name):
            found = self._named(node.id, place, depth)
            return [(node, place)] if found is None else found
        if isinstance(node, ast.Subscript):
            found = self._items(node, place, depth)
            return found or [(node, place)]
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in SAME_TEXT:
                return again([node.func.value])
            found = self._returned(node, place, depth)
            return found or [(node, place)]
        return [(node, place)]

    def _all(
        self, nodes: Iterable[ast.expr], place: Place, depth: int
    ) -> list[tuple[ast.expr, Place]]:
        return [found for node in nodes for found in self.nodes(node, place, depth)]

    def _items(self, node: ast.Subscript, place: Place, depth: int) -> list[tuple[ast.expr, Place]]:
        found = []
        for base, at in self.nodes(node.value, place, depth + 1):
            if isinstance(base, ast.Dict):
                found += self._all(base.values, at, depth + 1)
            elif isinstance(base, ast.Tuple | ast.List):
                index = node.slice
                if isinstance(index, ast.Constant) and isinstance(index.value, int):
                    found += self.nodes(base.elts[index.value], at, depth + 1)
                else:
                    found += self._all(base.elts, at, depth + 1)
        return found

    def _returned(self, node: ast.Call, place: Place, depth: int) -> list[tuple[ast.expr, Place]]:
        if called(node) == "next" and node.args and isinstance(node.args[0], ast.GeneratorExp):
            return self._all([node.args[0].elt, *node.args[1:]], place, depth + 1)
        made = self.made(node, place.module)
        if made is None or made.body is None:
            return []
        return [
            found
            for value in ends(made.body, ast.Return)
            for found in self.nodes(value, made.place, depth + 1)
        ]

    def _named(self, name: str, place: Place, depth: int) -> list[tuple[ast.expr, Place]] | None:
        """What a name may hold; None where nothing says it."""
        asked = (place.module, place.function.name if place.function else "", name)
        if place.function is None:
            return self._constant(name, place, depth)
        key = (*asked, place.function.lineno)
        if key in self.asked:
            return []
        values = bound(name, place.function)
        given = self._given(name, place.function, place, depth)
        if values:
            self.asked.add(key)
            try:
                return [
                    found
                    for value, path in values
                    for found in self.unpacked(value, path, place, depth)
                ] + (given or [])
            finally:
                self.asked.discard(key)
        return self._constant(name, place, depth) if given is None else given or None

    def _constant(self, name: str, place: Place, depth: int) -> list[tuple[ast.expr, Place]] | None:
        module = place.module
        if (module, name) not in self.constants:
            module = self.imported[module].get(name, module)
        constants = self.constants.get((module, name))
        return None if constants is None else self._all(constants, Place(module, None), depth + 1)

    def unpacked(
        self, value: ast.expr, path: tuple[object, ...], place: Place, depth: int
    ) -> list[tuple[ast.expr, Place]]:
        """Follow positions into tuples; "*" is any element."""
        found = self.nodes(value, place, depth + 1)
        for step in path:
            found = [
                part for node, at in found for part in self._stepped(node, step, at, depth + 1)
            ]
        return found

    def _stepped(
        self, node: ast.expr, step: object, place: Place, depth: int
    ) -> list[tuple[ast.expr, Place]]:
        if isinstance(node, ast.Constant) and node.value is None:
            return []
        if step == ITEM:
            return [(ast.Dict(keys=[None], values=[node]), place)]
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            if not isinstance(step, int):
                whole = [part for part in node.elts if not isinstance(part, ast.Starred)]
                starred = [part.value for part in node.elts if isinstance(part, ast.Starred)]
                return self._all(whole, place, depth) + [
                    found for part in starred for found in self.unpacked(part, ("*",), place, depth)
                ]
            return self._all(node.elts[step : step + 1], place, depth)
        if isinstance(node, ast.GeneratorExp | ast.ListComp) and step == "*":
            return self.nodes(node.elt, place, depth)
        if isinstance(node, ast.Dict) and step == "*":
            return self._all([k for k in node.keys if k is not None], place, depth)
        if isinstance(node, ast.Call) and step == "*":
            made = self.made(node, place.module)
            if made is not None and made.body is not None:
                values = ends(made.body, ast.Yield)
                return [f for value in values for f in self.nodes(value, made.place, depth)]
        return [(ast.Name(id="?"), place)]

    def _given(
        self, name: str, function: ast.FunctionDef, place: Place, depth: int
    ) -> list[tuple[ast.expr, Place]] | None:
        """What a parameter is given wherever its function is called; None where it is none."""
        names = parameters(function)
        if name not in names:
            return None
        found = [
            part
            for at, call in self.calls.get((place.module, function.name), [])
            for given, value in arguments(call, names)
            if given == name
            for part in self.nodes(value, at, depth + 1)
        ]
        default = defaults(function).get(name)
        return found if default is None else [*found, (default, place)]
