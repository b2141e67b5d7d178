"""Rules of the theme that no page can use leave; what a page or a script may use stays."""

import pytest

from evaluation.site.building import purge
from tests.tables import cases

CASES = cases(__file__)

PAGE = '<body class="page"><p class="note wide" id="x">.hidden</p></body>'
SCRIPT = 'element.classList.add("shown-now")'


@pytest.mark.parametrize(("before", "after"), CASES["rules"])
def test_a_rule_stays_where_something_may_use_it(tmp_path, before, after):
    sheet = tmp_path / "_static" / "styles" / "theme.css"
    sheet.parent.mkdir(parents=True)
    sheet.write_text(before, encoding="utf-8")
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "_static" / "own.js").write_text(SCRIPT, encoding="utf-8")
    purge(tmp_path)
    assert sheet.read_text(encoding="utf-8") == after
