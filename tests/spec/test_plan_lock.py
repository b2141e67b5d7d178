"""The plan is what was locked, or a dated and reasoned deviation says that it is not."""

from pathlib import Path

import pytest

from evaluation.errors import SpecError
from evaluation.spec import load, plan, promise
from evaluation.spec.configuration import read_configuration

DEVIATION = """\
[[deviation]]
date = 2024-11-02
plan_hash = "{digest}"
entries = ["{entry}"]
reason = {{ en = "The scale changed.", es = "Cambió la escala." }}
"""


def change_plan(folder: Path) -> str:
    path = folder / "plan.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("draws = 999", "draws = 1999"), encoding="utf-8")
    return promise.plan_hash(load.read_toml(path))


def status(folder: Path) -> str:
    promise = read_configuration(folder).promise
    specification, outcome = promise.plan.specification[0], promise.plan.outcome[0]
    return promise.status(specification, outcome, "primary")


def test_a_changed_plan_without_a_deviation_stops(folder: Path):
    change_plan(folder)
    with pytest.raises(SpecError, match="is not the locked one") as caught:
        read_configuration(folder)
    assert caught.value.rule == "plan-lock"
    assert "deviations.toml" in caught.value.mend


def test_a_deviation_admits_the_changed_plan_and_marks_what_it_names(folder: Path):
    digest = change_plan(folder)
    text = DEVIATION.format(digest=digest, entry="did_main")
    (folder / "deviations.toml").write_text(text, encoding="utf-8")
    assert status(folder) == "deviation"


def test_a_deviation_of_another_plan_admits_nothing(folder: Path):
    change_plan(folder)
    text = DEVIATION.format(digest="0" * 64, entry="did_main")
    (folder / "deviations.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match="is not the locked one"):
        read_configuration(folder)


def test_a_deviation_leaves_other_entries_as_they_were_promised(folder: Path):
    digest = change_plan(folder)
    text = DEVIATION.format(digest=digest, entry="another_outcome")
    (folder / "deviations.toml").write_text(text, encoding="utf-8")
    assert status(folder) == "pre-specified"


def test_a_deviation_without_a_reason_is_refused(folder: Path):
    digest = change_plan(folder)
    text = DEVIATION.format(digest=digest, entry="did_main")
    kept = "".join(line for line in text.splitlines(keepends=True) if "reason" not in line)
    (folder / "deviations.toml").write_text(kept, encoding="utf-8")
    with pytest.raises(SpecError, match="reason"):
        read_configuration(folder)


def test_comments_and_order_of_keys_do_not_change_the_hash(folder: Path):
    path = folder / "plan.toml"
    text = path.read_text(encoding="utf-8")
    moved = text.replace("level = 0.95\ndraws = 999", "draws = 999 # enough\nlevel = 0.95")
    assert moved != text
    path.write_text("# A comment.\n" + moved, encoding="utf-8")
    assert read_configuration(folder).promise.plan.hash == promise.plan_hash(load.read_toml(path))
    assert status(folder) == "pre-specified"


def test_a_plan_written_after_the_data_is_called_so(folder: Path):
    path = folder / "plan.lock"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("seen = false", "seen = true"), encoding="utf-8")
    assert status(folder) == "specified after data collection"


def test_seeds_come_from_the_entry_and_nothing_else():
    # first 16 hexadecimal digits that coreutils' sha256sum prints for the eight letters
    assert plan.seed("did_main") == 0x0F639A44D15CA6ED
    assert plan.seed("did_main") != plan.seed("did_panel")
