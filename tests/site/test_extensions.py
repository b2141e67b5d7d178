"""The book's extensions ask the package for what it has: types are checked in the package only."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

FILES = sorted((Path(__file__).parents[2] / "book" / "_ext").glob("*.py"))


def lacking(text: str) -> Iterator[str]:
    """Names that a program takes from modules of the package and that are not there."""
    tree = ast.parse(text)
    modules: dict[str, ModuleType] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("evaluation."):
            home = importlib.import_module(str(node.module))
            for alias in node.names:
                try:
                    found = importlib.import_module(f"{node.module}.{alias.name}")
                except ModuleNotFoundError:
                    found = getattr(home, alias.name, None)
                    if found is None:
                        yield f"{node.module}.{alias.name}"
                if isinstance(found, ModuleType):
                    modules[alias.asname or alias.name] = found
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            home = modules.get(node.value.id)
            if home is not None and not hasattr(home, node.attr):
                yield f"{home.__name__}.{node.attr}"


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_an_extension_names_what_the_package_has(file: Path) -> None:
    assert list(lacking(file.read_text(encoding="utf-8"))) == []


def test_a_name_that_is_gone_is_found() -> None:
    text = (
        "from evaluation.storage import print_links\nfrom evaluation.storage.folders import GONE\n"
    )
    assert list(lacking(f"{text}print_links.LINKED")) == [
        "evaluation.storage.folders.GONE",
        "evaluation.storage.print_links.LINKED",
    ]
