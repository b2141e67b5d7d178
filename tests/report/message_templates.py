"""Every message of the package, as templates read from its source.

What may be given as ``problem`` or ``mend`` to a finding or an error; a part that only a run knows
is a hole.
"""

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

from tests.report.message_source import Source
from tests.report.syntax import BEFORE, Place, walk

ROOT = Path(__file__).resolve().parents[2]
SAYING = ("problem", "mend")
# what only a run knows, and what another message says
HOLE, SAID, LIST = "{}", "{:said}", "{:list}"
SEPARATOR = "; "
# more ways to say one thing than this are told as a hole
MOST = 40
# holes inside holes are read so far
DEEPEST = 6
# folders whose every module speaks to somebody
SPEAKING = ("data", "spec", "stats", "report", "cli")
# what only hands on the messages of others: those who list them, and those who translate them
HANDING_ON = ("cli/told.py", "report/spanish.py")
# what takes a message from the catalogue, which has a test of its own
CATALOGUED = ("message", "messages.message")
FIELDS = (ast.Name, ast.Subscript, ast.Call, ast.IfExp, ast.BinOp, ast.JoinedStr, ast.Constant)


class Messages:
    """The messages of a source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.joined: list[tuple[ast.expr, Place]] = []

    def templates(self, node: ast.expr, place: Place, depth: int = 0) -> set[str] | None:
        """Texts that an expression may be, holes for what only a run knows; None: no text."""
        made: set[str] = set()
        for part, at in self.source.nodes(node, place):
            one = self._one(part, at, depth)
            if one is None:
                return None
            made |= one
        return made or None

    def _one(self, node: ast.expr, place: Place, depth: int) -> set[str] | None:
        if isinstance(node, ast.Name) and node.id == BEFORE:
            return {SAID}
        if isinstance(node, ast.Constant):
            return {_escaped(node.value)} if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            parts = [self._field(value, place, depth) for value in node.values]
            return _products(parts)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            sides = [self.templates(side, place, depth + 1) for side in (node.left, node.right)]
            if sides == [None, None]:
                return None
            return _products([side or {HOLE} for side in sides])
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"{SEPARATOR!r}.join":
            self.joined.append((node.args[0], place))
            return {LIST}
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            text = self.templates(node.left, place, depth + 1)
            return None if text is None else {"", *text}
        return None

    def _field(self, value: ast.expr, place: Place, depth: int) -> set[str]:
        if isinstance(value, ast.Constant):
            return {_escaped(str(value.value))}
        assert isinstance(value, ast.FormattedValue)
        if depth > DEEPEST or value.format_spec is not None or value.conversion != -1:
            return {HOLE}
        if isinstance(value.value, ast.Attribute) and value.value.attr in SAYING:
            return {SAID}
        if not isinstance(value.value, FIELDS):
            return {HOLE}
        made = self.templates(value.value, place, depth + 1)
        return made if made is not None and len(made) <= MOST else {HOLE}

    def said(self) -> Iterator[tuple[str, str]]:
        """Each place where a message is written, and a template of it."""
        for name, tree in self.source.modules.items():
            for place, call in walk(name, tree):
                if isinstance(call, ast.Call):
                    for value, way in self._saying(call, name):
                        yield from self._written(value, way, place)
        for value, place in tuple(self.joined):
            yield from self._written(value, ("*",), place)

    def _written(
        self, value: ast.expr, way: tuple[object, ...], place: Place
    ) -> Iterator[tuple[str, str]]:
        for part, at in self.source.unpacked(value, way, place, 0):
            if self._is_said_elsewhere(part, at):
                continue
            for template in self._one(part, at, 0) or {f"?? {ast.unparse(part)}"}:
                # an empty part at the end is one that the source asks about before it speaks
                if template and not template.endswith(" "):
                    yield f"{at.module}.py:{getattr(part, 'lineno', value.lineno)}", template

    def _saying(self, call: ast.Call, module: str) -> Iterator[tuple[ast.expr, tuple[object, ...]]]:
        """What a record that says something is made with, and the way into a starred tuple."""
        if isinstance(call.func, ast.Name) and call.func.id == "replace":
            yield from ((k.value, ()) for k in call.keywords if k.arg in SAYING)
        made = self.source.made(call, module)
        if made is None or not set(SAYING) & set(made.names):
            return
        if made.body is not None and not any(isinstance(a, ast.Starred) for a in call.args):
            return  # a function hands its parameters on to a record
        for position, value in enumerate(call.args):
            if isinstance(value, ast.Starred):
                rest = made.names[position:]
                yield from ((value.value, (i,)) for i, n in enumerate(rest) if n in SAYING)
            elif made.body is None and made.names[position] in SAYING:
                yield value, ()
        if made.body is None:
            yield from ((k.value, ()) for k in call.keywords if k.arg in SAYING)

    def _is_said_elsewhere(self, node: ast.expr, place: Place) -> bool:
        """What another record says, or a record itself; nothing at all."""
        if isinstance(node, ast.Call):
            if ast.unparse(node.func) in CATALOGUED:
                return True
            made = self.source.made(node, place.module)
            return made is not None and made.body is None
        of_record = place.function is not None and place.function.name == "__init__"
        if isinstance(node, ast.Name) and node.id in SAYING and of_record:
            return True
        return (isinstance(node, ast.Attribute) and node.attr in SAYING) or (
            isinstance(node, ast.Constant) and node.value is None
        )


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _products(parts: list[set[str]]) -> set[str]:
    made = set()
    for texts in itertools.product(*parts):
        made.add("".join(texts))
        if len(made) > MOST:
            return {"".join(HOLE if len(p) > 1 else next(iter(p)) for p in parts)}
    return made


def read_messages() -> Messages:
    """All of the package: what checks, statistics, exhibits and every command say."""
    package = ROOT / "evaluation"
    handing_on = {package / name for name in HANDING_ON}
    paths = [
        path
        for folder in SPEAKING
        for path in sorted((package / folder).rglob("*.py"))
        if path not in handing_on
    ]
    paths += [package / f"{name}.py" for name in ("io", "staging")]
    others = [package / "errors.py"]
    parsed = {p: ast.parse(p.read_text(encoding="utf-8")) for p in {*paths, *others}}
    names = {p: p.relative_to(package).with_suffix("").as_posix() for p in parsed}
    source = Source(
        {names[p]: parsed[p] for p in paths},
        {names[p]: tree for p, tree in parsed.items() if p not in paths},
    )
    return Messages(source)
