"""Cells that list exhibits by id become links; other cells stay text."""

import importlib.util
from types import ModuleType

import pytest
from sphinx.addnodes import pending_xref

from tests.book.conftest import REPOSITORY


@pytest.fixture(scope="module")
def extension() -> ModuleType:
    path = REPOSITORY / "book" / "_ext" / "evaluation_exhibits.py"
    specification = importlib.util.spec_from_file_location("evaluation_exhibits", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("tbl-did-main", ["tbl-did-main"]),
        ("fig-trends, tbl-bounds", ["fig-trends", "tbl-bounds"]),
        ("see tbl-bounds", []),
        ("tbl-bounds and fig-trends", []),
    ],
)
def test_ids_of_exhibits_are_links(extension, text, targets):
    entry = extension._entry(text, "text")
    assert [link["reftarget"] for link in entry.findall(pending_xref)] == targets
    assert entry.astext() == text
