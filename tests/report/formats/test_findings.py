"""The data-quality page: complete, escaped, self-contained, marked where the data are invented."""

import html
import re

from evaluation.estimation.records import Finding
from evaluation.report.formats.findings_page import page
from tests.messages import said

PAYLOAD = '<script>alert("x")</script>'


def finding(**changes) -> Finding:
    fields = {
        "rule": "unlisted-code", "severity": "error", "round": "baseline", "file": "b.csv",
        "row_key": "b.csv:7", "line": 7, "column": "t1", "value": "9",
        "problem": said("p"), "fix": said("m"),
    }  # fmt: skip
    return Finding(**(fields | changes))


def cells(text: str) -> list[list[str]]:
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", text, flags=re.DOTALL)
    return [[html.unescape(c) for c in re.findall(r"<td>(.*?)</td>", r)] for r in rows]


def test_every_finding_is_a_row_and_rules_are_counted():
    found = [
        finding(),
        finding(line=8, row_key="b.csv:8"),
        finding(severity="warn", rule="heaping"),
    ]
    rows = cells(page(found, title="T", mark="").decode())
    assert ["Error", "unlisted-code", "baseline", "2"] in rows
    assert ["Warning", "heaping", "baseline", "1"] in rows
    assert ["Error", "unlisted-code", "baseline", "b.csv:8", "t1", "9", "P", "M"] in rows
    assert len([r for r in rows if len(r) == 8]) == 3


def test_marks_of_a_terminal_are_not_shown():
    text = page([finding(fix=said("`drop` it if it was not held"))], title="T", mark="").decode()
    assert "Drop it if it was not held" in cells(text)[-1]
    assert "`" not in text


def test_texts_are_escaped():
    hostile = finding(
        rule=PAYLOAD, round=PAYLOAD, column=PAYLOAD, value=PAYLOAD, problem=said(PAYLOAD)
    )
    text = page([hostile], title=PAYLOAD, mark=PAYLOAD).decode()
    assert "<script" not in text
    (row,) = [row for row in cells(text) if len(row) == 8]
    assert row == ["Error", PAYLOAD, PAYLOAD, "b.csv:7", PAYLOAD, PAYLOAD, PAYLOAD, "M"]


def test_the_mark_stands_at_both_ends_of_synthetic_pages_only():
    marked = page([], title="T", mark="SYNTHETIC: invented").decode()
    assert marked.count("SYNTHETIC: invented") == 2
    assert "SYNTHETIC" not in page([], title="T", mark="").decode()


def test_no_findings_is_said():
    assert "No findings." in page([], title="T", mark="").decode()


def test_nothing_is_loaded_from_elsewhere():
    text = page([finding()], title="T", mark="").decode()
    assert not re.search(r"(src|href|url\(|@import)", text)
