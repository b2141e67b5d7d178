"""What the software's site says of the program, as Markdown: its API, and the keys of study files.

The keys are read from the dataclasses of `evaluation.config`.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
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
    "evaluation.estimation.records": ("Estimate", "Unavailable", "Diagnostic"),
}
UNDERLINED = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
NARROW = 88
Part = dict[str, Any]
Definition = ast.FunctionDef | ast.ClassDef
# the page of the software's site, and what stands there for the tables
PAGE, MARK = "study_files.md", "<!-- keys -->\n"
# file of a study: its tables, by the module and name of their dataclass
FILES: Mapping[str, Sequence[tuple[str, str, str]]] = {
    "study.toml": (
        ("", "study", "Study"),
        ("[columns]", "study", "Columns"),
        ("[[round]]", "study", "Round"),
        ("[[arm]]", "study", "Arm"),
        ("[[treatment]]", "study", "Treatment"),
        ("[[cohort]]", "study", "Cohort"),
        ("[[event]]", "study", "Event"),
        ("[names]", "study", "Names"),
        ("[publication]", "study", "Publication"),
        ("[contacts]", "sampling", "Contacts"),
        ("[weights]", "sampling", "Weighting"),
        ("[release]", "release_rules", "Release"),
    ),
    "manifest.toml": (
        ("", "manifest", "Manifest"),
        ("[[file]]", "manifest", "RawFile"),
        ("dialect", "file_layout", "Dialect"),
        ("only", "file_layout", "RowsOf"),
        ("drop", "file_layout", "Drop"),
        ("export", "file_layout", "Export"),
        ("export.select_multiple", "file_layout", "SelectMultiple"),
        ("export.repeat", "file_layout", "Repeat"),
        ("text_cells", "file_layout", "TextCells"),
        ("same_as", "manifest", "SameAs"),
    ),
    "dictionary/*.toml": (
        ("[[variable]]", "dictionary", "Variable"),
        ("asked_if", "dictionary", "AskedIf"),
        ("[[codes]]", "dictionary", "CodeList"),
        ("[[missing]]", "dictionary", "MissingCodes"),
    ),
    "plan.toml": (
        ("", "plan", "Plan"),
        ("[inference]", "plan", "Inference"),
        ("[balance]", "plan", "BalanceTable"),
        ("[[family]]", "plan", "Family"),
        ("[[outcome]]", "plan", "Outcome"),
        ("items", "plan", "Item"),
        ("[[specification]]", "plan", "Specification"),
        ("[[check]]", "plan", "Check"),
        ("[power]", "design_records", "PowerInputs"),
        ("spread", "design_records", "ExpectedSpread"),
    ),
    "deviations.toml": (("[[deviation]]", "preregistration", "Deviation"),),
    "exhibits.toml": (
        ("[[exhibit]]", "exhibits", "Exhibit"),
        ("[[retired]]", "exhibits", "Retired"),
        ("[[indicator]]", "exhibits", "Indicator"),
        ("[costs]", "exhibits", "Costs"),
    ),
    "review.toml": (
        ("[[assumption]]", "review", "Assumption"),
        ("[[risk]]", "review", "Risk"),
        ("[[certainty]]", "review", "GradeStatement"),
        ("downgrade", "review", "Downgrade"),
        ("[[claim]]", "review", "Claim"),
    ),
    "description.toml": (("[[phrase]]", "review", "Phrase"),),
    "errata.toml": (("[[erratum]]", "exhibits", "Erratum"),),
    "audit.toml": (
        ("[[allowed]]", "release_rules", "Allowed"),
        ("[[chapter]]", "release_rules", "SignedChapter"),
    ),
}

WORDS = {
    "str": "text",
    "bool": "true or false",
    "int": "whole number",
    "float": "number",
    "None": "",
    "Text": "`{ en, es }`",
    "datetime.date": "date",
}
CONTAINERS = {"tuple": "list", "dict": "table by name"}
CODE, NUMBER = re.compile(r"(`[^`]*`)"), re.compile(r"\b[A-Z]{0,3}\d[\d.,]*(?<=\d)")
NOTHING = ("None", "()", "''", "{}")
# facts of the program, and no keys of a file
NO_KEYS = ("blinded", "module", "hash")
# a short way to say what other keys say, by the key it stands before
SHORT = {
    ("Round", "start"): (
        "days",
        "list of date",
        "First and last day of the interviews, in place of `start` and `end`.",
    ),
}


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


def keys(root: Path, files: Sequence[str] = tuple(FILES)) -> str:
    """Markdown: a section for each file of a study, a table for each of its tables.

    Parameters
    ----------
    root : Path
        Folder that holds the package.
    files : sequence of str
    """
    return "".join(line for file in files for line in _file(root, file, FILES[file]))


def _file(root: Path, file: str, tables: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    yield f"\n## `{file}`\n"
    package = root / "evaluation"
    engine = (package / "estimation" / f"{name}.py" for name in ("parameters", "records"))
    paths = (*engine, *sorted((package / "config").glob("*.py")))
    modules = {path.stem: ast.parse(disk.read_text(path)) for path in paths}
    known = {n.name: n for n in modules["parameters"].body if isinstance(n, ast.ClassDef)}
    aliases: dict[str, Aliases] = {
        stem: dict(_names(tree, modules)) for stem, tree in modules.items()
    }
    for shown, module, name in tables:
        classes = (n for n in modules[module].body if isinstance(n, ast.ClassDef))
        (node,) = (n for n in classes if n.name == name)
        said = docstring(ast.get_docstring(node) or "")
        extended = [known[base] for base in map(ast.unparse, node.bases) if base in known]
        if shown:
            yield f"\n### `{shown}` in `{file}`\n"
        yield f"\n{_plain(' '.join(said['lead']))}\n\n| key | values | |\n| --- | --- | --- |\n"
        described: dict[str, str] = {}
        fields: dict[str, tuple[ast.AnnAssign, Aliases]] = {}
        for part in (*extended, node):
            described |= _described(docstring(ast.get_docstring(part) or "")["sections"])
            names = aliases[module if part is node else "parameters"]
            made = (n for n in part.body if isinstance(n, ast.AnnAssign))
            fields |= {ast.unparse(n.target): (n, names) for n in made}
        for key, (field, names) in fields.items():
            if (name, key) in SHORT:
                yield "| `{}` | {} | {} |\n".format(*SHORT[name, key])
            if key not in NO_KEYS:
                kind = _kind(field.annotation, names) + _default(field)
                yield f"| `{key}` | {kind} | {_cell(described.get(key, ''))} |\n"


Section = Mapping[str, Sequence[tuple[str, str]]]
Aliases = Mapping[str, ast.expr]


def _described(sections: Sequence[Section]) -> Iterator[tuple[str, str]]:
    """What a docstring says of each attribute, those that share a line included."""
    for section in sections:
        for term, text in section["terms"]:
            for name in term.partition(" : ")[0].split(", "):
                yield name, _plain(text)


def _names(tree: ast.Module, modules: Mapping[str, ast.Module]) -> Iterator[tuple[str, ast.expr]]:
    """Lists of values that a module has a name for, those that it imports included."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            source = modules.get((node.module or "").rpartition(".")[2])
            there = dict(_aliases(source)) if source else {}
            wanted = (alias.name for alias in node.names)
            yield from ((name, there[name]) for name in wanted if name in there)
    yield from _aliases(tree)


def _aliases(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names of the module for lists of values: ``Blank``."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
            yield ast.unparse(node.targets[0]), node.value


def _kind(annotation: ast.expr, aliases: Aliases) -> str:
    """What may be written, in words."""
    written = ast.unparse(annotation)
    if written in aliases:
        return _kind(aliases[written], aliases)
    if isinstance(annotation, ast.BinOp):
        parts = (_kind(part, aliases) for part in (annotation.left, annotation.right))
        return " or ".join(part for part in parts if part)
    if isinstance(annotation, ast.Subscript):
        inside = annotation.slice
        listed = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        name = ast.unparse(annotation.value)
        if name == "Literal":
            return ", ".join(f"`{ast.unparse(value)}`" for value in listed)
        return f"{CONTAINERS[name]} ({_kind(listed[-1 if name == 'dict' else 0], aliases)})"
    return WORDS.get(written, "table" if written[:1].isupper() else written)


def _default(field: ast.AnnAssign) -> str:
    """Whether the key must be there, and what holds where it is not."""
    if field.value is None:
        return "; needed"
    shown = ast.unparse(field.value)
    return "" if shown in NOTHING or "field(" in shown else f"; else `{shown}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _plain(text: str) -> str:
    """Code marks of Markdown in place of those of docstrings, and no roles."""
    for role in (":class:", ":func:", ":meth:"):
        text = text.replace(role, "")
    # a number of a rule is no result: it stands in code marks
    parts = CODE.split(text.replace("``", "`"))
    return "".join(p if p.startswith("`") else NUMBER.sub(r"`\g<0>`", p) for p in parts)
