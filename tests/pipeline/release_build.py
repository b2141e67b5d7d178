"""A small finished build that can be published in a moment."""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from evaluation.release import contents, published_tables
from evaluation.storage import disk
from evaluation.storage.folders import Paths
from tests.fixtures.tiny import STUDY

CSV = "study,estimate\nmade_up,0.1234567890123\n"
ANSWERED = """
[publication]
authors = ["Doe, Ann"]
year = 2026
institution = { en = "A university", es = "Una universidad" }
contact = { en = "the office", es = "la oficina" }
funding = { en = "None.", es = "Ninguna." }
conflicts = { en = "None.", es = "Ninguno." }
law = { en = "The law.", es = "La ley." }
"""
MADE_FROM = {"plan_hash": "a" * 64, "data_hash": "b" * 64, "version": "1.2.3"}


def as_they_are(files: Iterable[tuple[str, Path]], _: Paths, **__: object) -> dict[str, bytes]:
    """The content of files, nothing withheld."""
    return {name: disk.read_bytes(path) for name, path in files}


def in_languages(*languages: str) -> str:
    """Text of a study's file, published in these languages."""
    named = STUDY.replace('id = "tiny"', 'id = "made_up"')
    return f"languages = {json.dumps(languages)}\n{named}{ANSWERED}"


def small_build(monkeypatch: pytest.MonkeyPatch) -> argparse.Namespace:
    """A small finished build in the working folder, and options that publish it.

    Its records are no records of a study, so that nothing of them is withheld: what a release
    withholds is tested where the rule is (`tests/report/recovery.py`).
    """
    for module in (contents, published_tables):
        monkeypatch.setattr(module, "published", as_they_are)
    build = Path("build/made_up")
    for name in published_tables.RECORDS:
        disk.write_text(build / name, CSV if name.endswith(".csv") else json.dumps(MADE_FROM))
    disk.write_text(Path("config/made_up/corrections.csv"), "round,row_key\n")
    disk.write_text(Path("config/made_up/study.toml"), in_languages("en"))
    disk.write_text(Path("config/made_up/exhibits.toml"), "")
    disk.write_text(Path("book/_toc.made_up.yml"), "root: index\n")
    disk.write_text(build / "en" / "numbers.json", '{"a": 0.5}\n')
    disk.write_text(build / "findings.csv", "row_key\nfile.csv:12\n")
    disk.write_text(build / "private" / "leave_one_out.csv", "cluster\nM01\n")
    disk.write_text(build / "en" / "exhibits" / "tbl-a.csv", CSV)
    disk.write_bytes(build / "en" / "exhibits" / "tbl-a.xlsx", b"workbook")
    disk.write_text(build / "en" / "notebooks" / "a.ipynb", "{}\n")
    disk.write_text(build / "en" / "site" / "index.html", "<html></html>\n")
    return argparse.Namespace(
        study="made_up",
        data_raw="",
        language="en",
        release="out/v1",
        replace="no",
        draft="no",
        check="no",
    )


def change(options: argparse.Namespace, name: str, content: str) -> None:
    disk.write_text(Path("build") / options.study / name, content)
