"""What the software's site says of the program: its API."""

import ast
import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from pathlib import Path
from typing import Any

from evaluation.errors import ReportError
from evaluation.storage import disk

# What a notebook may import, by module; no name means all that is public there.
OFFERED: Mapping[str, tuple[str, ...]] = {
    "evaluation.api.did": ("did",),
    "evaluation.api.regression": ("ancova", "regression"),
    "evaluation.api.event_study": ("event_study", "EventStudyResult"),
    "evaluation.api.power": ("power",),
    "evaluation.api.balance": ("balance",),
    "evaluation.api.bounds": ("bounds",),
    "evaluation.api.reading": ("read", "Read"),
    "evaluation.api.example": ("example",),
    "evaluation.api.result": ("Result",),
    "evaluation.estimation.inference.multiplicity": (),
    "evaluation.estimation.regression.survey_design": (),
    "evaluation.estimation.planning.planned_design": (),
    "evaluation.site.notebooks": (),
    "evaluation.study.records": ("Estimate", "Unavailable", "Diagnostic"),
}
UNDERLINED = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
NARROW = 88
Part = dict[str, Any]
Definition = ast.FunctionDef | ast.ClassDef


def reference(root: Path, offered: Mapping[str, tuple[str, ...]] = OFFERED) -> list[Part]:
    """Everything the reference prints, without importing anything.

    Parameters
    ----------
    root : Path
        Folder that holds the package.
    offered : mapping of str to tuple of str
        Public names by module.

    Returns
    -------
    list of dict
        One for each module: ``name``, ``doc`` and ``entries``; an entry has ``name``,
        ``signature`` and ``doc``; see `docstring` for a ``doc``.

    Raises
    ------
    ReportError
        A module has no such name, or one without a docstring.
    """
    return [_module(root, name, wanted) for name, wanted in offered.items()]


def _module(root: Path, name: str, wanted: tuple[str, ...]) -> Part:
    path = root / f"{name.replace('.', '/')}.py"
    tree = ast.parse(disk.read_text(path))
    there = {
        node.name: node
        for node in tree.body
        if isinstance(node, Definition) and not node.name.startswith("_")
    }
    absent = [one for one in wanted if one not in there]
    if absent:
        raise ReportError.of(
            "no", "take-name-out", path.relative_to(root).as_posix(), absent=absent[0]
        )
    entries = [entry for one in wanted or there for entry in _entries(there[one], name)]
    return {"name": name, "doc": docstring(ast.get_docstring(tree) or ""), "entries": entries}


def _entries(node: Definition, where: str) -> Iterator[Part]:
    """A function, or a class and its public methods."""
    said = ast.get_docstring(node)
    if not said:
        raise ReportError.of("no-docstring", "say-one-what", where, name=node.name)
    if isinstance(node, ast.FunctionDef):
        yield {"name": node.name, "signature": _signature(node), "doc": docstring(said)}
        return
    yield {"name": node.name, "signature": f"class {node.name}", "doc": docstring(said)}
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
            for entry in _entries(method, where):
                yield entry | {"name": f"{node.name}.{method.name}"}


def _signature(node: ast.FunctionDef) -> str:
    """The signature on one line, or an argument a line where that is too long."""
    parts = _arguments(node.args)
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    line = f"{node.name}({', '.join(parts)}){returned}"
    if len(line) <= NARROW:
        return line
    return f"{node.name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){returned}"


def _arguments(given: ast.arguments) -> list[str]:
    """The arguments in order, with the marks between them, without the object of a method."""
    named = [*given.posonlyargs, *given.args]
    behind: list[ast.expr | None] = [None] * (len(named) - len(given.defaults))
    parts = [_argument(a, d) for a, d in zip(named, [*behind, *given.defaults], strict=True)]
    if given.posonlyargs:
        parts.insert(len(given.posonlyargs), "/")
    if given.vararg:
        parts.append(f"*{_argument(given.vararg, None)}")
    elif given.kwonlyargs:
        parts.append("*")
    keywords = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    parts += [_argument(a, d) for a, d in keywords]
    if given.kwarg:
        parts.append(f"**{_argument(given.kwarg, None)}")
    return parts[1:] if named and named[0].arg == "self" else parts


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    kind = f": {ast.unparse(argument.annotation)}" if argument.annotation else ""
    if default is None:
        return f"{argument.arg}{kind}"
    return f"{argument.arg}{kind}{' = ' if kind else '='}{ast.unparse(default)}"


def docstring(text: str) -> Part:
    """A NumPy docstring in its parts.

    Parameters
    ----------
    text : str
        Without common indentation.

    Returns
    -------
    dict
        ``lead`` (paragraphs) and ``sections``, each with ``title``, ``paragraphs`` and
        ``terms`` (pairs of a term and its description); of examples, the ``code`` as it stands.
    """
    lead, *rest = UNDERLINED.split(text)
    sections = [_section(title, body) for title, body in zip(rest[::2], rest[1::2], strict=True)]
    return {"lead": _paragraphs(lead), "sections": sections}


def _section(title: str, body: str) -> Part:
    if title == "Examples":
        return {"title": title, "paragraphs": [], "terms": [], "code": body.strip()}
    if title == "Notes":
        return {"title": title, "paragraphs": _paragraphs(body), "terms": []}
    terms: list[tuple[str, str]] = []
    for line in body.splitlines():
        if line and not line.startswith(" "):
            terms.append((line, ""))
        elif terms and line.strip():
            terms[-1] = (terms[-1][0], f"{terms[-1][1]} {line.strip()}".strip())
    return {"title": title, "paragraphs": [], "terms": terms}


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in cleandoc(text).split("\n\n") if part.strip()]
