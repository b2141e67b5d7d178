"""Whole stages and two releases of interviewed persons: the second may not disclose one of them."""

import argparse
import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from evaluation.cli.publish import run_publish
from evaluation.errors import StorageError
from evaluation.release.earlier_releases import read_list
from evaluation.release.published_tables import published
from evaluation.storage import disk
from evaluation.storage.folders import Paths
from tests.pipeline import schools
from tests.report import recovery_releases

pytestmark = [pytest.mark.book, pytest.mark.pipeline]

STUDY = ("--study", schools.STUDY, "--data-raw", "raw")
DROP = "endline,second.dta:{line},pupil_id,{pupil},,drop,asked to leave,AB,2026-12-02,{sum:.12}\n"


@pytest.fixture
def root(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pupils' study as one of real persons: what is published from it stays in a copy."""
    copied = shutil.copytree(written, tmp_path / "root")
    monkeypatch.chdir(copied)
    return copied


def publish(release: str, *, check: str = "no") -> None:
    run_publish(
        argparse.Namespace(
            study=schools.STUDY, data_raw="raw", language="en", release=release,
            replace="no", draft="no", check=check,
        )
    )  # fmt: skip


def withdraw(root: Path, lines: Sequence[int]) -> None:
    """These rows of the second file leave, and the statistics are made again."""
    table = schools.pupils(2025, first=7000)
    ledger = root / "config" / schools.STUDY / "corrections.csv"
    head = ledger.read_text(encoding="utf-8").partition("\n")[0]
    delivery = disk.sha256(root / "raw" / "second.dta")
    rows = (DROP.format(line=n, pupil=table["pupil_id"][n - 1], sum=delivery) for n in lines)
    ledger.write_text(f"{head}\n{''.join(rows)}", encoding="utf-8")
    for stage in ("read", "clean", "estimate"):
        schools.run(root, stage, *STUDY)


def effects(text: str) -> dict[str, float]:
    return {row["outcome"]: float(row["estimate"]) for row in csv.DictReader(text.splitlines())}


def test_a_second_release_that_discloses_one_pupil_s_answer_is_stopped(root):
    publish("out/v1")
    paths = Paths.of(argparse.Namespace(study=schools.STUDY, data_raw="raw"))
    (first,) = read_list(paths.config).release
    publish("out/again")
    assert read_list(paths.config).release == (first,)

    # of a school with books, one who always reads: the effect falls, which says "more than most"
    table = schools.pupils(2025, first=7000)
    pupil = table.index[(table["treated"] == 1) & (table["reads"] == 3)][0]
    withdraw(root, [pupil + 1])
    files = published([("estimates.csv", paths.build / "estimates.csv")], paths)
    before = Path("out/v1/estimates.csv").read_text(encoding="utf-8")
    after = files["estimates.csv"].decode("utf-8")
    assert recovery_releases.answers(effects(before), effects(after)) == {"reading": 1}

    with pytest.raises(StorageError) as caught:
        publish("out/v2")
    assert caught.value.problem.id == "release-of-few.problem"
    assert not Path("out/v2").exists()
    assert read_list(paths.config).release == (first,)

    # ten together may leave
    withdraw(root, range(1, 11))
    publish("out/v2", check="yes")
