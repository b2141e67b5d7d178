"""The first error of a damage names its cause and a mend that does not lead astray."""

import re
from pathlib import Path

import pytest

from evaluation.report.spanish import spanish
from tests.faults.leading import KINDS, Leading, errors_of, said, told


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_the_first_error_names_the_cause(
    kind: Leading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
        assert spanish(finding.problem) is not None, finding.problem
        assert spanish(finding.mend) is not None, finding.mend
