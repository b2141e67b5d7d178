"""Scripts that no page uses leave the site, and nothing else does."""

import pytest

from evaluation.site.building import finish, trimmed
from tests.tables import cases

CASES = cases(__file__)

KEPT = '<script src="_static/site.js"></script><p>kernelName = "python3"</p>'
TAKEN = (
    '<link rel="stylesheet" type="text/css" href="_static/sphinx-thebe.css?v=4" />'
    '<script>const THEBE_JS_URL = "https://example.org/lib.js"; const a = ".b";</script>'
    '<script async="async" src="../_static/sphinx-thebe.js?v=c1"></script>'
    '<script type="text/x-thebe-config">\n{ requestKernel: true }\n</script>'
    "<script>kernelName = 'python3'</script>"
)


def test_what_no_page_uses_is_taken_out(tmp_path):
    static = tmp_path / "_static" / "scripts"
    static.mkdir(parents=True)
    for name in (
        "sphinx-thebe.js",
        "sphinx-thebe.css",
        "scripts/bootstrap.js.map",
        "searchtools.js",
    ):
        (tmp_path / "_static" / name).write_text("", encoding="utf-8")
    (tmp_path / "index.html").write_text(f"{TAKEN}{KEPT}{TAKEN}", encoding="utf-8")
    finish(tmp_path)
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == KEPT
    left = sorted(p.name for p in tmp_path.rglob("*") if p.is_file())
    assert left == ["index.html"]


SPHINX = (
    '<script src="_static/searchtools.js"></script><script src="../_static/doctools.js"></script>'
)
SEARCH = '<script src="_static/search.js"></script><script src="searchindex.js?v=1"></script>'
HERE = '<li class="toctree-l1 current active"><a {}class="current reference internal" href="#">'
DESIGN = '<link rel="stylesheet" href="_static/sphinx-design.min.css?v=9"/>'


@pytest.mark.parametrize(("page", "left"), CASES["kept"])
def test_what_one_page_needs_it_keeps(page, left):
    assert trimmed(page) == left
