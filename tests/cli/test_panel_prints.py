"""A panel has no brief: the command that prints says so before it looks for a browser."""

from argparse import Namespace
from pathlib import Path

import pytest

from evaluation.cli import pdf
from evaluation.errors import ReportError


def test_a_panel_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    options = Namespace(study="homicides", data_raw="", language="en", again="yes")
    with pytest.raises(ReportError, match="no brief"):
        pdf.run(options)
