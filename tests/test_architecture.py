"""ARCHITECTURE.md stays short and true, and what docstrings name of the package exists."""

import ast
import importlib
import io
import re
import tokenize
from pathlib import Path

from tests import package_names

ROOT = Path(__file__).parents[1]
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef
ROLE = re.compile(r":(?:func|class|mod|meth|attr|data|exc):`([^`]+)`")
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_it_is_one_page_of_short_lines():
    assert len(TEXT.split()) <= 1_400
    assert len(re.sub(r"[|]|---", " ", TEXT).split()) <= 1_200
    assert max(map(len, TEXT.splitlines())) < 400


def test_every_module_it_names_exists():
    named = set(re.findall(r"`((?:[a-z]+/)*[a-z_0-9]+\.py)`", TEXT))
    there = [
        path.as_posix()
        for part in ("", "evaluation/**/", "tests/**/", "tools/**/")
        for path in ROOT.glob(f"{part}*.py")
    ]
    assert len(named) > 20
    assert [name for name in named if not any(p.endswith(f"/{name}") for p in there)] == []


def test_it_names_every_room():
    rooms = {
        path.name for path in (ROOT / "evaluation").iterdir() if (path / "__init__.py").exists()
    }
    assert {room for room in rooms if f"| `{room}` |" not in TEXT} == set()


def said(path):
    """Docstrings and comments of a module."""
    text = path.read_text(encoding="utf-8")
    nodes = (n for n in ast.walk(ast.parse(text)) if isinstance(n, DOCUMENTED))
    yield from filter(None, map(ast.get_docstring, nodes))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    yield from (token.string for token in tokens if token.type == tokenize.COMMENT)


def is_there(target, path):
    """Whether a role's target is a name of the package, of its own module, or of a class there."""
    if target.startswith("evaluation."):
        return package_names.exists(target)
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    classes = [one for one in vars(module).values() if isinstance(one, type)]
    return any(package_names.holds(one, target.split(".")) for one in (module, *classes))


def test_what_docstrings_and_comments_name_exists():
    absent, seen = [], 0
    for path in sorted((*ROOT.glob("evaluation/**/*.py"), *ROOT.glob("tests/**/*.py"))):
        for text in said(path):
            named = package_names.names(text)
            seen += len(named)
            absent += [(path.name, n) for n in named if not package_names.exists(n)]
            if path.is_relative_to(ROOT / "evaluation"):
                roles = ROLE.findall(text)
                absent += [(path.name, n) for n in roles if not is_there(n, path)]
    assert seen > 20
    assert absent == []


def taken(tree):
    """Modules and names that a file takes from the package, as dotted names."""
    known = {}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").partition(".")[0] == "evaluation"
        ):
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    yield from known.values()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            whole = known.get(node.value.id, "")
            if whole and (ROOT / f"{whole.replace('.', '/')}.py").is_file():
                yield f"{whole}.{node.attr}"


def test_what_pages_and_tools_take_from_the_package_is_there():
    """Nothing types them, and a book that does not build is found late."""
    files = sorted((*ROOT.glob("book/**/*.py"), *ROOT.glob("tools/**/*.py")))
    named = {n: p for p in files for n in taken(ast.parse(p.read_text(encoding="utf-8")))}
    assert len(named) > 20
    assert {(p.name, n) for n, p in named.items() if not package_names.exists(n)} == set()
