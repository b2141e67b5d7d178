"""Cells that list exhibits by id become links; other cells stay text."""

import pytest
from sphinx.addnodes import pending_xref


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
