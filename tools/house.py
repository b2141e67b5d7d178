"""Measures the package: ``python tools/house.py`` prints one line a measure.

A code line holds a token that is no comment and no docstring; ``__init__`` files are no modules.
"""

import ast
import io
import re
import statistics
import sys
import tokenize
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "evaluation"
SMALL, LONGEST = 60, 400
# Rooms that stand alone, and how near the limit a module is packed.
ENGINE, NEAR = ("evaluation.estimation.", "evaluation.api."), 380
# Words that no other package of the field has; a docstring or comment says it plainly instead.
PRIVATE = re.compile(r"\b(?:said|told|tells|beside|stands?|nobody|cannot be had)\b")
BLANK = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
METHODS = {"search", "match", "fullmatch", "sub", "findall", "finditer"}
# Fields that hold a sentence of the package, and patterns that ``report`` looks for in sentences.
SENTENCES = {"problem", "fix", "reason", "message"}
PATTERNS = {"HOLE", "NUMBERED", "ROW", "SHEET", "NUMBER_INSIDE", "PERCENT_INSIDE", "pattern"}
Import = ast.Import | ast.ImportFrom
Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(root: Path) -> dict[str, Path]:
    """Paths of the package's modules by dotted name, ``__init__`` files left out."""
    found = sorted((root / PACKAGE).rglob("*.py"))
    kept = [path for path in found if path.name != "__init__.py"]
    return {".".join(path.relative_to(root).with_suffix("").parts): path for path in kept}


def folders(root: Path) -> Counter[str]:
    """Number of modules in each folder."""
    return Counter(path.parent.relative_to(root).as_posix() for path in modules(root).values())


def code_lines(text: str, nodes: list[ast.AST]) -> set[int]:
    """Numbers of the lines that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in BLANK and token.type != tokenize.ENDMARKER:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | Function) and ast.get_docstring(node):
            lines.difference_update(span(node.body[0]))
    return lines


def span(node: ast.AST) -> range:
    """Numbers of a node's lines."""
    return range(node.lineno, node.end_lineno + 1)


def imported(nodes: list[ast.AST], known: set[str]) -> set[str]:
    """Modules of the package that one module imports."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, Import):
            base = getattr(node, "module", None)
            names = [alias.name for alias in node.names]
            found |= {base, *(f"{base}.{name}" for name in names)} if base else {*names}
    return found & known


def reads_sentence(name: str, node: ast.AST) -> bool:
    """Whether a node looks by a regular expression into a sentence that the package wrote.

    It does with one of ``SENTENCES`` among the arguments of a search, and in ``report`` with one of
    ``PATTERNS``. A sentence that has another name is not seen.
    """
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    owner = getattr(node.func.value, "id", getattr(node.func.value, "attr", ""))
    if node.func.attr not in METHODS or not (owner in {"re", "pattern"} or owner.isupper()):
        return False
    inside = {getattr(part, "attr", "") for given in node.args for part in ast.walk(given)}
    return bool(inside & SENTENCES) or (".report." in name and owner in PATTERNS)


def docstrings(nodes: list[ast.AST]) -> str:
    """All docstrings of a module."""
    named = (n for n in nodes if isinstance(n, ast.Module | ast.ClassDef | Function))
    return "\n".join(filter(None, map(ast.get_docstring, named)))


def measures(root: Path = ROOT) -> dict[str, float]:
    """Every measure by its name."""
    paths = modules(root)
    texts = {name: path.read_text(encoding="utf-8") for name, path in paths.items()}
    nodes = {name: list(ast.walk(ast.parse(text))) for name, text in texts.items()}
    code = {name: code_lines(text, nodes[name]) for name, text in texts.items()}
    importers: dict[str, list[str]] = {name: [] for name in paths}
    for name in paths:
        for target in imported(nodes[name], set(paths)):
            importers[target].append(name)
    every = [(name, node) for name, found in nodes.items() for node in found]
    called = [getattr(node.func, "id", "") for _, node in every if isinstance(node, ast.Call)]
    spent = sum(len(span(node)) for _, node in every if isinstance(node, Import))
    lengths = [len(span(node)) for _, node in every if isinstance(node, Function)]
    longest = statistics.quantiles(lengths, n=10, method="inclusive")
    total = sum(map(len, code.values()))
    engine = [lines for name, lines in code.items() if name.startswith(ENGINE)]
    public = Counter(
        node.name for _, node in every if isinstance(node, ast.ClassDef) and node.name[:1] != "_"
    )
    return {
        "modules": len(paths),
        "code lines": total,
        "modules of the engine": len(engine),
        "code lines of the engine": sum(map(len, engine)),
        "code lines of the rest": total - sum(map(len, engine)),
        "private words in docstrings": sum(
            len(PRIVATE.findall(docstrings(found))) for found in nodes.values()
        ),
        "public class names with more than one meaning": sum(n > 1 for n in public.values()),
        f"modules of {NEAR} to {LONGEST} lines": sum(
            NEAR <= t.count("\n") <= LONGEST for t in texts.values()
        ),
        "modules in the fullest folder": max(folders(root).values()),
        f"modules under {SMALL} code lines": sum(len(lines) < SMALL for lines in code.values()),
        f"modules over {LONGEST} lines": sum(t.count("\n") > LONGEST for t in texts.values()),
        "modules with one importer, in the same folder": sum(
            [paths[name].parent] == [paths[importer].parent for importer in found]
            for name, found in importers.items()
        ),
        "import lines, percent of the code lines": round(100 * spent / total, 1),
        "median length of functions": statistics.median(lengths),
        "90th percentile of their lengths": longest[-1],
        "`Text(` in code": called.count("Text"),
        "places where a regular expression reads our sentences": sum(
            reads_sentence(name, node) for name, node in every
        ),
    }


if __name__ == "__main__":
    for label, value in measures().items():
        sys.stdout.write(f"{value:>9,g}  {label}\n")
