"""The first error of a damage names its cause and a fix that does not lead astray."""

import re
from dataclasses import replace

import pytest

from evaluation.data.readers import delivered_files, read
from tests.data.in_spanish import unknown
from tests.faults.damage import BASELINE, READ_RIGHT
from tests.faults.edit import put_sheet, sheet
from tests.faults.harness import run
from tests.faults.leading import KINDS, errors_of, said, told
from tests.faults.study import delivery


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_the_first_error_names_the_cause(kind, tmp_path, monkeypatch):
    folder = tmp_path / "study"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    errors = errors_of(kind, folder)
    assert errors, "the damage was not found"
    whole, alike = said(errors), told(errors).alike()
    first = said(alike[0])
    assert len(alike) <= kind.most, f"{len(alike)} causes: {whole}"
    for pattern in kind.says:
        assert re.search(pattern, first, re.DOTALL), f"{pattern} is not in: {first}"
    for pattern in kind.never:
        assert not re.search(pattern, whole), f"{pattern} is in: {whole}"
    for finding in errors:
        assert unknown(finding.problem, finding.fix) == []


@pytest.mark.parametrize(
    "header", ["MZ,id", "PAR1,PAR2", "RDX,x", "BZh,x", "GIF8,x", "$FL2,x", "qid,r\x01"]
)
def test_a_header_that_begins_like_a_mark_is_a_header(header):
    assert delivered_files.kind_of(f"{header}\n1,2\n".encode()) is None


def test_names_that_end_alike_are_not_taken_for_each_other():
    assert read.meant(["q2.a", "q3-b"], ["q1.a", "b"]) == (read.Meant("q3-b", "b", "group"),)
    assert read.meant(["age"], ["demo/age"])[0].way == "group"
    # two could be meant: none is
    assert read.meant(["a/age", "b/age"], ["age"]) == ()


def test_a_remark_of_several_lines_with_many_commas_is_a_remark():
    before = sheet(delivery(), BASELINE)
    commas = "a" + "," * (len(before.header) - 1)
    changed = before.set({3: f"{commas}\nsiguió", 7: f"{commas}\n{commas}\nfin"}, "observaciones")
    result = run(put_sheet(delivery(), changed), manifest="renewed", expect=READ_RIGHT)
    assert result.outcome == "read right"


def test_a_last_interview_that_was_refused_is_no_summary():
    before = sheet(delivery(), BASELINE)
    agreed = [row for row in before.rows if row[before.at("consent")] == "1"]
    refused = [row for row in before.rows if row[before.at("consent")] == "0"]
    changed = replace(before, rows=[*agreed, refused[0]])
    result = run(put_sheet(delivery(), changed), manifest="renewed", expect=READ_RIGHT)
    assert "totals-row" not in {finding.rule for finding in result.findings}
