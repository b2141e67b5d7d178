"""What a mutant changed: where, from what to what, and whether only a message's wording."""

import ast
import difflib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

# Calls whose text is read by people and decides nothing; everything inside `raise` is one too.
MESSAGES = frozenset({"EstimationError", "StepUnavailable", "Unavailable", "unavailable"})

# Characters shown on either side of a change.
CONTEXT = 40

Kind = Literal["wording", "code"]
Function = ast.FunctionDef


@dataclass(frozen=True)
class Change:
    """One change: function, line of the original file, lines before and after, and its kind."""

    function: str
    line: int
    was: str
    now: str
    kind: Kind


def functions(source: str) -> dict[str, Function]:
    """Top-level functions and methods by name; methods as ``Class.name``."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            inner = (child for child in node.body if isinstance(child, ast.FunctionDef))
            found |= {f"{node.name}.{child.name}": child for child in inner}
    return found


def describe(name: str, original: Function, mutant: Function) -> Change:
    """Compare a function with its mutant; ``original`` stands where the file has it."""
    above, first = _differing(original, mutant)
    was, now = _lines(original, mutant)
    return Change(
        function=name,
        line=_line(above, original),
        was=was,
        now=now,
        kind="wording" if first and _is_wording(above, *first) else "code",
    )


def _lines(original: Function, mutant: Function) -> tuple[str, str]:
    """The changed piece of both, as the parser prints them: layout and comments do not count."""
    before, after = _printed(original), _printed(mutant)
    steps = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    was = [line for tag, i, j, _, _ in steps if tag != "equal" for line in before[i:j]]
    now = [line for tag, _, _, i, j in steps if tag != "equal" for line in after[i:j]]
    return _piece(" / ".join(was), " / ".join(now))


def _printed(function: Function) -> list[str]:
    """Lines of a function, its name and decorators apart: those differ in every mutant."""
    bare = ast.FunctionDef(
        name="_",
        args=function.args,
        body=function.body,
        decorator_list=[],
        returns=None,
        type_comment=None,
        type_params=[],
    )
    return [line.strip() for line in ast.unparse(ast.fix_missing_locations(bare)).splitlines()]


def _piece(was: str, now: str) -> tuple[str, str]:
    """What differs of two lines, with ``CONTEXT`` characters on either side."""
    start = _alike(was, now)
    end = _alike(was[start:][::-1], now[start:][::-1])
    begin = max(0, start - CONTEXT)
    lead = "..." if begin else ""
    return tuple(
        lead + text[begin : len(text) - max(0, end - CONTEXT)] + ("..." if end > CONTEXT else "")
        for text in (was, now)
    )


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _differing(a: ast.AST, b: ast.AST) -> tuple[list[ast.AST], tuple[ast.AST, ast.AST] | None]:
    """Nodes above the smallest pair that differs, outermost first, and that pair."""
    above: list[ast.AST] = [a]
    while True:
        pairs = _children(a, b)
        if pairs is None:
            return above, (a, b)
        unlike = [(c, d) for c, d in pairs if ast.dump(c) != ast.dump(d)]
        if len(unlike) != 1:
            return above, (a, b)
        a, b = unlike[0]
        above.append(a)


def _children(a: ast.AST, b: ast.AST) -> list[tuple[ast.AST, ast.AST]] | None:
    """Children side by side, or None where the nodes themselves differ."""
    if type(a) is not type(b):
        return None
    own = [_own(a), _own(b)]
    first, second = list(ast.iter_child_nodes(a)), list(ast.iter_child_nodes(b))
    if len(first) != len(second) or (own[0] != own[1] and not isinstance(a, ast.FunctionDef)):
        return None
    return list(zip(first, second, strict=True))


def _own(node: ast.AST) -> list[str]:
    """What a node says itself, its children apart."""
    return [
        f"{field}={value!r}"
        for field, value in ast.iter_fields(node)
        if not isinstance(value, ast.AST | list)
    ]


def _line(above: list[ast.AST], original: Function) -> int:
    placed = [node.lineno for node in above if hasattr(node, "lineno")]
    return placed[-1] if placed else original.lineno


def _is_wording(above: list[ast.AST], a: ast.AST, b: ast.AST) -> bool:
    """A text for another text, inside ``raise`` or a message's call and not as a key there."""
    if not (_is_text(a) and _is_text(b)):
        return False
    inside = False
    for outer, node in itertools.pairwise(above):
        if isinstance(outer, ast.Subscript) and node is outer.slice:
            return False
        if isinstance(outer, ast.Compare | ast.IfExp) and not _is_branch(outer, node):
            return False
        inside = inside or isinstance(outer, ast.Raise) or _called(outer) in MESSAGES
    return inside


def _is_branch(outer: ast.AST, node: ast.AST) -> bool:
    return isinstance(outer, ast.IfExp) and node is not outer.test


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _called(node: ast.AST) -> str:
    """Last name of what a call calls, without a leading underscore."""
    if not isinstance(node, ast.Call):
        return ""
    target = node.func
    name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
    return name.lstrip("_")


def mutants(original: str, mutated: str) -> Iterator[tuple[str, Change]]:
    """Every mutant in a mutated file by its name there, compared with the original file.

    ``mutated`` holds, for a function ``f``, ``x_f__mutmut_1`` and so on; a method ``C.f`` has
    ``xǁCǁf__mutmut_1`` inside the class.
    """
    originals = functions(original)
    for place, node in functions(mutated).items():
        name = place.rpartition(".")[2]
        mangled, mark, number = name.partition("__mutmut_")
        if not mark or not number.isdigit():
            continue
        plain = mangled.removeprefix("x").lstrip("ǁ").replace("ǁ", ".")
        plain = plain.removeprefix("_") if "ǁ" not in mangled else plain
        yield name, describe(plain, originals[plain], node)
