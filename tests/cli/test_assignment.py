"""Arm, stratum and cohort of each cluster are locked; only a deviation changes them."""

import argparse
import re
import subprocess
from pathlib import Path

import pytest

from evaluation.cli import lock, publish
from evaluation.cli.stages import assignment
from evaluation.config.configuration import read_configuration
from evaluation.config.study import read_study
from evaluation.errors import SpecError
from evaluation.release.kept_inputs import keep
from evaluation.report.terminal import FoundErrors
from evaluation.site import facts
from evaluation.storage.folders import Paths
from tests.fixtures.locking import without_assignment
from tests.fixtures.tiny import Tiny, csv_bytes

DEVIATION = """
[[deviation]]
date = 2024-11-02
plan_hash = "{hash}"
entries = ["assignment"]
assignment = "{sum}"
reason = {{ en = "M2 was never reached.", es = "Nunca se llegó a M2." }}
"""


@pytest.fixture
def locked(tiny: Tiny) -> Tiny:
    """The tiny study, its older lock completed."""
    tiny.write()
    complete(tiny)
    return tiny


def complete(tiny: Tiny) -> None:
    lock.run_complete_lock(tiny.options())


def text_of(tiny: Tiny) -> str:
    return (tiny.config / "plan.lock").read_text(encoding="utf-8")


def deliver(tiny: Tiny) -> None:
    """The list of clusters as it stands now, accepted by the manifest."""
    (tiny.config / "municipalities.csv").write_bytes(csv_bytes(tiny.frame))
    tiny.write_manifest()


def exchange(tiny: Tiny) -> None:
    """Two municipalities get each other's group and cohort: no rule of the data can see it."""
    two, three = tiny.frame[1], tiny.frame[2]
    for name in ("arm", "cohort"):
        two[name], three[name] = three[name], two[name]
    for row in tiny.endline:
        row["x2"] = "2"
    tiny.write()


def deviate(tiny: Tiny, found: FoundErrors) -> None:
    """The deviation that the message asks for, with its texts."""
    said = str(found.errors[0].fix)
    total, of_plan = re.findall(r'= "([0-9a-f]{64})"', said)
    deviations = tiny.config / "deviations.toml"
    deviations.write_text(DEVIATION.format(hash=of_plan, sum=total), encoding="utf-8")


def changed(tiny: Tiny) -> FoundErrors:
    kept = text_of(tiny)
    exchange(tiny)
    (tiny.config / "plan.lock").write_text(kept, encoding="utf-8")
    tiny.run_read()
    with pytest.raises(FoundErrors) as stopped:
        tiny.run()
    assert {f.rule for f in stopped.value.errors} == {"assignment-changed"}
    return stopped.value


def test_an_exchanged_group_stops_until_a_deviation_names_it_and_then_every_row_says_so(locked):
    deviate(locked, changed(locked))
    locked.run()
    found = read_configuration(locked.config).preregistration
    assert found.changed == {"assignment"}
    plan = found.plan
    assert found.status(plan.specification[0], plan.outcome[0], "primary") == "deviation"


def test_every_page_says_that_the_assignment_was_changed_and_why(locked):
    made_of = {"study": "tiny", "plan_hash": "0" * 64, "data_hash": "0" * 64, "version": "0"}
    before = facts.collect(read_configuration(locked.config), made_of, "en")["banner"]
    deviate(locked, changed(locked))
    configuration = read_configuration(locked.config)
    for language, reason in {"en": "M2 was never reached.", "es": "Nunca se llegó a M2."}.items():
        said = facts.collect(configuration, made_of, language)["banner"]
        assert reason in said
        assert reason not in before


def test_a_second_change_needs_a_second_deviation(locked):
    deviate(locked, changed(locked))
    locked.frame[3]["arm"], locked.frame[3]["cohort"] = "treated", "c2021"
    deliver(locked)
    locked.run_read()
    with pytest.raises(FoundErrors) as stopped:
        locked.run()
    assert stopped.value.errors[0].rule == "assignment-changed"


def test_a_deviation_of_the_assignment_holds_its_fingerprint(locked):
    deviate(locked, changed(locked))
    path = locked.config / "deviations.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"assignment = .*\n", "", text), encoding="utf-8")
    with pytest.raises(SpecError, match="assignment"):
        read_configuration(locked.config)


def test_order_and_other_columns_of_the_list_are_no_part_of_the_assignment(locked):
    before = assignment.delivered(Paths.of(locked.options()))
    locked.frame.reverse()
    locked.frame[0]["population"] = "5"
    deliver(locked)
    assert assignment.delivered(Paths.of(locked.options())) == before


@pytest.mark.parametrize("name", ["municipality", "arm", "cohort", "population"])
def test_code_arm_cohort_and_stratum_are(tiny, name):
    tiny.study = tiny.study.replace('arm = "arm"', 'arm = "arm"\nstratum = "population"')
    tiny.write()
    before = assignment.delivered(Paths.of(tiny.options()))
    changes = {
        "municipality": {"municipality": "M9"},
        "arm": {"arm": "comparison", "cohort": ""},
        "cohort": {"cohort": "c2022"},
        "population": {"population": "7"},
    }
    tiny.study = tiny.study.replace("[[event]]", COHORT + "[[event]]", 1)
    tiny.frame[0] |= changes[name]
    tiny.write()
    assert assignment.delivered(Paths.of(tiny.options())) != before


COHORT = """[[cohort]]
id = "c2022"
label = { en = "Entered 2022", es = "Ingreso 2022" }
entry = 2022-05-20
"""


def test_what_a_group_receives_is(tiny):
    """Exchanging the groups' treatments in study.toml would turn the sign of every effect."""
    tiny.write()
    before = assignment.delivered(Paths.of(tiny.options()))
    given = 'treatments = ["programme"]'
    text = tiny.study.replace("treatments = []", "treatments = [0]").replace(
        given, "treatments = []"
    )
    tiny.study = text.replace("treatments = [0]", given)
    for row in tiny.frame:
        row["cohort"] = "" if row["arm"] == "treated" else "c2021"
    tiny.write()
    assert assignment.delivered(Paths.of(tiny.options())) != before


def test_a_lock_tells_no_code_and_no_arm_and_has_one_sum_for_all_clusters(locked):
    text = text_of(locked)
    own = text[text.index("[assignment]") :].partition("\n\n")[0]
    assert len(re.findall(r"[0-9a-f]{16,}", own)) == 1
    assert not any(row["municipality"] in own for row in locked.frame)


def test_a_study_with_an_older_lock_builds_with_a_warning_and_is_not_released(tiny, capsys):
    tiny.write()
    tiny.run()
    assert "complete-lock" in capsys.readouterr().err
    paths = Paths.of(tiny.options())
    with pytest.raises(SpecError) as stopped:
        publish._check_assignment(paths, read_study(tiny.config))
    assert "complete-lock" in str(stopped.value.fix)
    complete(tiny)
    publish._check_assignment(paths, read_study(tiny.config))
    tiny.run()
    assert "complete-lock" not in capsys.readouterr().err


def test_a_lock_is_completed_once(locked):
    before = text_of(locked)
    with pytest.raises(SpecError, match="locked already"):
        complete(locked)
    assert text_of(locked) == before


@pytest.mark.parametrize("gone", ["format = 2\n", r"\[assignment\]\n(?:.+\n)+"])
def test_half_of_a_new_lock_is_none(locked, gone):
    text = text_of(locked)
    cut = re.sub(gone, "", text)
    assert cut != text
    (locked.config / "plan.lock").write_text(cut, encoding="utf-8")
    with pytest.raises(SpecError, match="format = 2") as stopped:
        read_configuration(locked.config)
    assert stopped.value.rule == "plan-lock"


def git(*arguments: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


def test_a_lock_that_lost_what_git_has_is_refused(locked):
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "locked")
    without_assignment(locked.config)
    read_configuration(locked.config)
    with pytest.raises(SpecError, match="earlier commit"):
        locked.run()
    exchange(locked)
    without_assignment(locked.config)
    with pytest.raises(SpecError, match="earlier commit"):
        complete(locked)


def test_a_lock_is_not_completed_with_another_list_than_a_release_kept(tiny):
    tiny.write()
    tiny.run_read()
    keep(Paths.of(argparse.Namespace(study="tiny", data_raw="")), b"sums")
    assert list(Path("build/tiny/private/releases").glob("*/frame.parquet"))
    exchange(tiny)
    with pytest.raises(SpecError, match="earlier commit or release"):
        complete(tiny)


def test_a_release_keeps_the_lock_and_later_locks_are_held_against_it(locked):
    locked.run_read()
    keep(Paths.of(argparse.Namespace(study="tiny", data_raw="")), b"sums")
    text = text_of(locked)
    other = re.sub(r'sum = "[0-9a-f]*"', f'sum = "{"0" * 64}"', text)
    (locked.config / "plan.lock").write_text(other, encoding="utf-8")
    with pytest.raises(SpecError, match="release"):
        locked.run()
