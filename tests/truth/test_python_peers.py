"""Numbers of Python packages that are no dependency, made anew where the package is at hand."""

import importlib.metadata
import json

import pytest

from tests.truth.peers import csdid_cells

pytestmark = [pytest.mark.truth, pytest.mark.simulation]


def test_csdid_still_gives_the_frozen_cells():
    """The very version wrote them: they differ by the order of sums at most (1e-12)."""
    pytest.importorskip("csdid")
    frozen = json.loads(csdid_cells.FILE.read_text(encoding="utf-8"))
    if importlib.metadata.version("csdid") != frozen["versions"]["csdid"]:
        pytest.skip("another version of csdid")
    assert csdid_cells.values() == pytest.approx(frozen["values"], abs=1e-12)
