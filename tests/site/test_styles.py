"""Rules of the theme that no page can use leave; what a page or a script may use stays."""

from pathlib import Path

import pytest

from evaluation.site.building import purge

PAGE = '<body class="page"><p class="note wide" id="x">.hidden</p></body>'
SCRIPT = 'element.classList.add("shown-now")'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (".note{color:red}", ".note{color:red}"),
        (".hidden{color:red}", ""),
        (".note.hidden{color:red}", ""),
        (".hidden,.note>p{color:red}", ".note>p{color:red}"),
        (".shown-now{color:red}", ".shown-now{color:red}"),
        ("p#x:not(.wide,.note){color:red}", "p#x:not(.wide,.note){color:red}"),
        ("@media print{.hidden{a:b}.note{a:b}}", "@media print{.note{a:b}}"),
        ("@media print{.hidden{a:b}}", ""),
        (
            "@font-face{font-family:x;src:url(a.woff2)}",
            "@font-face{font-family:x;src:url(a.woff2)}",
        ),
        (":root{--a:1}/*! licence */", ":root{--a:1}/*! licence */"),
        (r".col-md\:3{a:b}", r".col-md\:3{a:b}"),
        ('[class*="sk-"]{a:b}', '[class*="sk-"]{a:b}'),
    ],
)
def test_a_rule_stays_where_something_may_use_it(tmp_path: Path, before: str, after: str) -> None:
    sheet = tmp_path / "_static" / "styles" / "theme.css"
    sheet.parent.mkdir(parents=True)
    sheet.write_text(before, encoding="utf-8")
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "_static" / "own.js").write_text(SCRIPT, encoding="utf-8")
    purge(tmp_path)
    assert sheet.read_text(encoding="utf-8") == after
