"""Notebooks show and explain: they define, loop over, merge, fit and write nothing."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FORBIDDEN = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.AsyncFor,
    ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Try, ast.With,
)  # fmt: skip
# methods that reshape, estimate or write
CALLS = re.compile(
    r"^(merge|join|concat|groupby|apply|pivot\w*|melt|fit\w*|OLS|WLS|estimate|run_plan"
    r"|to_(csv|excel|parquet|stata|json|html|latex|markdown|pickle)|savefig|write\w*|open|dump\w*"
    r"|unlink|remove|mkdir|exec|eval|system|Popen|run)$"
)
IDENTIFIER = re.compile(r"^[a-z][a-z0-9-]{2,63}$")


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def code(path: Path) -> list[str]:
    return ["".join(c["source"]) for c in cells(path) if c["cell_type"] == "code"]


def broken_rules(source: str) -> list[str]:
    """What a cell does that a notebook may not."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, FORBIDDEN):
            found.append(type(node).__name__)
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            name = function.id if isinstance(function, ast.Name) else name
            if CALLS.match(name):
                found.append(name)
    return found


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_show_and_do_nothing_else(path):
    allowed = path.stem.startswith("engine_")
    found = {source: broken_rules(source) for source in code(path)}
    assert allowed or [rules for rules in found.values() if rules] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_outputs_are_stored(path):
    stored = [c["id"] for c in cells(path) if c.get("outputs") or c.get("execution_count")]
    assert stored == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cell_ids_are_readable_and_unique(path):
    names = [c.get("id", "") for c in cells(path)]
    assert [name for name in names if not IDENTIFIER.match(name)] == []
    # eight random hexadecimal digits are what editors put in
    assert [name for name in names if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f-]+)?", name)] == []
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "source",
    [
        "def f(): pass", "for x in y: pass", "[x for x in y]", "a.merge(b)", "frame.to_csv('x')",
        "open('x', 'w')", "did.estimate(panel)", "sm.OLS(y, x).fit()", "while True: pass",
        "figure.savefig('x')", "path.write_text('x')",
    ],
)  # fmt: skip
def test_the_scan_sees_each_kind(source):
    assert broken_rules(source)
