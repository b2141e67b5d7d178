"""The keys of a study's files as Markdown, read from the dataclasses of `evaluation.study`."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evaluation.site.program_reference import docstring
from evaluation.storage import disk

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
        ("[power]", "plan", "PowerInputs"),
        ("spread", "plan", "ExpectedSpread"),
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
    folder = root / "evaluation" / "study"
    modules = {path.stem: ast.parse(disk.read_text(path)) for path in sorted(folder.glob("*.py"))}
    aliases = {name: value for tree in modules.values() for name, value in _aliases(tree)}
    for shown, module, name in tables:
        classes = (n for n in modules[module].body if isinstance(n, ast.ClassDef))
        (node,) = (n for n in classes if n.name == name)
        said = docstring(ast.get_docstring(node) or "")
        if shown:
            yield f"\n### `{shown}` in `{file}`\n"
        yield f"\n{_plain(' '.join(said['lead']))}\n\n| key | values | |\n| --- | --- | --- |\n"
        described = dict(_described(said["sections"]))
        for field in (n for n in node.body if isinstance(n, ast.AnnAssign)):
            key = ast.unparse(field.target)
            if (name, key) in SHORT:
                yield "| `{}` | {} | {} |\n".format(*SHORT[name, key])
            if key not in NO_KEYS:
                kind = _kind(field.annotation, aliases) + _default(field)
                yield f"| `{key}` | {kind} | {_cell(described.get(key, ''))} |\n"


Section = Mapping[str, Sequence[tuple[str, str]]]
Aliases = Mapping[str, ast.expr]


def _described(sections: Sequence[Section]) -> Iterator[tuple[str, str]]:
    """What a docstring says of each attribute, those that share a line included."""
    for section in sections:
        for term, text in section["terms"]:
            for name in term.partition(" : ")[0].split(", "):
                yield name, _plain(text)


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
