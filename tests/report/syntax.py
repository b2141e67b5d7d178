"""Pieces of Python's syntax tree: what a function binds, returns and takes."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

ITEM = "item"
# a text to which another is added
BEFORE = "(what was said before)"


@dataclass(frozen=True)
class Place:
    """A module and the function in it that a piece of source stands in (None: the module)."""

    module: str
    function: ast.FunctionDef | None


def walk(module: str, tree: ast.Module) -> Iterator[tuple[Place, ast.AST]]:
    stack: list[tuple[ast.AST, ast.FunctionDef | None]] = [(tree, None)]
    while stack:
        node, function = stack.pop()
        yield Place(module, function), node
        inner = node if isinstance(node, ast.FunctionDef) else function
        stack += [(child, inner) for child in ast.iter_child_nodes(node)]


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def arguments(call: ast.Call, names: tuple[str, ...]) -> Iterator[tuple[str, ast.expr]]:
    for position, value in enumerate(call.args):
        if isinstance(value, ast.Starred):
            break
        if position < len(names):
            yield names[position], value
    yield from ((k.arg, k.value) for k in call.keywords if k.arg)


def ends(function: ast.FunctionDef, kind: type) -> list[ast.expr]:
    """What a function returns or yields itself, not what functions inside it do."""
    found, stack = [], list(function.body)
    while stack:
        node: ast.AST = stack.pop()
        if isinstance(node, kind) and node.value is not None:  # type: ignore[attr-defined]
            found.append(node.value)  # type: ignore[attr-defined]
        if not isinstance(node, ast.FunctionDef):
            stack += ast.iter_child_nodes(node)  # type: ignore[arg-type]
    return found


def assigned(statement: ast.AST) -> tuple[list[ast.expr], ast.expr | None]:
    if isinstance(statement, ast.Assign):
        return statement.targets, statement.value
    if isinstance(statement, ast.AnnAssign | ast.NamedExpr):
        return [statement.target], statement.value
    return [], None


def bound(name: str, function: ast.FunctionDef) -> list[tuple[ast.expr, tuple[object, ...]]]:
    """Values that a function binds to a name, each with the way into it."""
    found: list[tuple[ast.expr, tuple[object, ...]]] = []
    inside: list[tuple[ast.expr, tuple[object, ...]]] = []
    for node in ast.walk(function):
        targets, value = assigned(node)
        start: tuple[object, ...] = ()
        if isinstance(node, ast.For | ast.comprehension):
            targets, value, start = [node.target], node.iter, ("*",)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            if node.target.id == name and isinstance(node.value, ast.List | ast.ListComp):
                found.append((node.value, ()))
            elif node.target.id == name:
                # what was there is told on its own: here, what may follow it
                both = ast.BinOp(left=ast.Name(id=BEFORE), op=ast.Add(), right=node.value)
                found.append((ast.copy_location(both, node), ()))
            continue
        if value is None:
            continue
        for target in targets:
            ways = [(value, (*start, *way)) for way in _ways(target, name)]
            if isinstance(node, ast.comprehension):
                inside += ways
            else:
                found += ways
    # a comprehension's names are its own: they count where the function has no such name
    return found or inside


def _ways(target: ast.expr, name: str) -> list[tuple[object, ...]]:
    if isinstance(target, ast.Name):
        return [()] if target.id == name else []
    if isinstance(target, ast.Subscript):
        # an item of a dict: asked for by its key later
        return [(ITEM,)] if isinstance(target.value, ast.Name) and target.value.id == name else []
    if isinstance(target, ast.Tuple | ast.List):
        return [
            (position, *way)
            for position, part in enumerate(target.elts)
            for way in _ways(part, name)
        ]
    return []


def parameters(function: ast.FunctionDef) -> tuple[str, ...]:
    every = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    names = tuple(a.arg for a in every)
    return names[1:] if names[:1] == ("self",) else names


def defaults(function: ast.FunctionDef) -> dict[str, ast.expr]:
    arguments = function.args
    positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    last = positional[len(positional) - len(arguments.defaults) :]
    pairs = [*zip(last, arguments.defaults, strict=True)]
    pairs += [
        (a.arg, value)
        for a, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if value is not None
    ]
    return dict(pairs)


def fields(record: ast.ClassDef) -> tuple[str, ...]:
    """Fields of a record in order, "" for those that hold no text."""
    for part in record.body:
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            return parameters(part)
    fields = tuple(
        s.target.id if ast.unparse(s.annotation) == "str" else ""
        for s in record.body
        if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
    )
    # errors without fields of their own take what their family takes
    is_error = any(
        ast.unparse(base).endswith(("Error", "Exception", "Unavailable")) for base in record.bases
    )
    return fields or (("problem", "where", "mend", "rule") if is_error else ())
