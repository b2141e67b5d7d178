"""What may not stand in the tree: unsafe loaders, formulas from data, machine paths, big files."""

import ast
import functools
import re
from pathlib import Path

import pytest

from tests.pipeline.conftest import ROOT, files_of_the_tree

PYTHON = [name for name in files_of_the_tree() if name.endswith(".py")]
PACKAGE = [name for name in PYTHON if name.startswith("evaluation/")]
TEXT = (".py", ".md", ".toml", ".ipynb", ".yml", ".yaml", ".csv", ".cff", ".lock", ".css", ".html")
FORBIDDEN_MODULES = {
    "pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "yaml", "patsy", "formulaic",
    "requests", "urllib", "http", "socket", "ftplib",
}  # fmt: skip
# calls that unpickle, run text as code, or read a formula
FORBIDDEN_CALLS = re.compile(
    r"^(read_pickle|to_pickle|from_formula|exec|eval|compile|__import__|query|urlopen|urlretrieve)$"
)
MACHINE_PATH = re.compile(r"(?<![\w.])(/home/|/Users/|/root/|/tmp/|[A-Z]:\\\\|/work/)")
LARGEST = 3_000_000
# the lock lists every file of every library
LONG = {"uv.lock", "requirements.lock"}
NAMES = re.compile(r"(^|[/_])(utils?|helpers?|misc|managers?)([_.]|$)")


@functools.cache
def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


def modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    # takes addresses apart and opens none
    if isinstance(node, ast.ImportFrom) and node.module == "urllib.parse":
        return []
    if isinstance(node, ast.ImportFrom):
        return [(node.module or "").split(".")[0]]
    return []


def calls(name: str) -> list[str]:
    """Names of everything a file calls, and allow_pickle under the name of what it allows."""
    found = []
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Call):
            found.append(getattr(node.func, "attr", getattr(node.func, "id", "")))
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            found.append("read_pickle")
    return found


def test_no_unsafe_or_outgoing_module_is_imported():
    used = {n: {m for node in ast.walk(tree(n)) for m in modules(node)} for n in PACKAGE}
    assert {
        n: sorted(f & FORBIDDEN_MODULES) for n, f in used.items() if f & FORBIDDEN_MODULES
    } == {}


def test_no_call_unpickles_or_runs_text():
    # re.compile makes a pattern, not code
    found = [
        f"{name}: {called}"
        for name in PACKAGE
        for called in calls(name)
        if FORBIDDEN_CALLS.match(called) and called != "compile"
    ]
    assert found == []


def test_imports_stand_at_the_top():
    # __main__ loads the chosen command's module by name: that is a call, not a statement
    inside = [
        f"{name}:{child.lineno}"
        for name in PACKAGE
        for node in ast.walk(tree(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for child in ast.walk(node)
        if isinstance(child, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_init_files_hold_nothing_but_the_version_and_the_doors():
    held = {}
    for name in [n for n in PACKAGE if n.endswith("__init__.py")]:
        body = [ast.unparse(node) for node in tree(name).body if not isinstance(node, ast.Expr)]
        held[name] = [line.split(" = ")[0] for line in body]
    root = [line.partition("(")[0] for line in held.pop("evaluation/__init__.py")]
    loaded = ["import importlib", "from typing import Any"]
    assert root == [*loaded, "__version__", "__all__", "_DOORS", "def __getattr__", "def __dir__"]
    assert [name for name, statements in held.items() if statements] == []


def test_no_function_is_too_long():
    long = {}
    for name in PACKAGE:
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.FunctionDef):
                # a signature of many names, and what is said of them, is no length
                first = node.body[1 if ast.get_docstring(node) and len(node.body) > 1 else 0]
                lines = node.end_lineno - first.lineno + 1
                if lines > 60:
                    long[f"{name}:{node.name}"] = lines
    assert long == {}


def test_no_file_is_named_for_nothing():
    assert [name for name in PYTHON if NAMES.search(name)] == []


def test_whole_builds_are_tested_in_this_folder():
    """CI asks for them here alone: to look for them it would import every other test."""
    marked = [n for n in PYTHON if "mark.pipeline" in (ROOT / n).read_text(encoding="utf-8")]
    assert len(marked) > 1
    assert [name for name in marked if not name.startswith("tests/pipeline/")] == []


def test_no_machine_path_stands_in_a_file():
    found = []
    for name in files_of_the_tree():
        if name in LONG or not name.endswith(TEXT) or name.startswith("tests/pipeline/test_tree"):
            continue
        for number, line in enumerate((ROOT / name).read_text("utf-8").splitlines(), start=1):
            if MACHINE_PATH.search(line):
                found.append(f"{name}:{number}")
    assert found == []


def test_text_files_end_their_lines_with_lf():
    names = [n for n in files_of_the_tree() if n.endswith(TEXT) and not n.startswith("data_raw/")]
    names += ["Makefile", ".gitignore", ".gitattributes"]
    assert [name for name in names if b"\r\n" in (ROOT / name).read_bytes()] == []


def test_no_file_is_too_big_to_review_and_no_link_is_tracked():
    names = [n for n in files_of_the_tree() if n not in LONG]
    assert [n for n in names if (ROOT / n).stat().st_size > LARGEST] == []
    assert [n for n in names if (ROOT / n).is_symlink()] == []


def test_nothing_generated_is_tracked():
    generated = re.compile(r"^(build|data_clean|\.venv)/|\.(pkl|pickle|joblib|npy|pyc)$|egg-info")
    assert [n for n in files_of_the_tree() if generated.search(n)] == []


@pytest.mark.parametrize(
    "text", ["see /home/ana/data", "C:\\\\Users", "open('/tmp/x')", '"/Users/ana"']
)
def test_the_scan_for_paths_sees_each_kind(text):
    assert MACHINE_PATH.search(text)


def test_the_scan_for_paths_leaves_addresses_alone():
    assert not MACHINE_PATH.search("https://example.org/home/page and build/tmp/")
    assert not MACHINE_PATH.search(Path("a/tmp/b").as_posix())
