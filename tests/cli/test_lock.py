"""``lock`` writes a lock once, and what it writes is the lock of the plan as it stands."""

import shutil
from argparse import Namespace
from pathlib import Path

import pytest

from evaluation.cli import lock
from evaluation.config.configuration import read_configuration
from evaluation.config.decisions import unsettled, untranslated
from evaluation.config.study import read_study
from evaluation.config.toml_reader import Text
from evaluation.errors import SpecError

ROOT = Path(__file__).parents[2]
STUDY = "somos_comunidad"
OPTIONS = Namespace(
    study=STUDY,
    data_raw=None,
    language="en",
    registry='a "registry"',
    registration="7",
    registry_es="",
    registration_es="",
    url="",
    endline_data_seen="yes",
    note_en="Locked.",
    note_es="Cerrado.",
    anyway=False,
)
ANYWAY = Namespace(**{**vars(OPTIONS), "anyway": True})


@pytest.fixture
def config(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "config" / STUDY, tmp_path / "config" / STUDY)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "config" / STUDY


def test_a_locked_plan_is_not_locked_again(config):
    before = (config / "plan.lock").read_bytes()
    with pytest.raises(SpecError, match="locked already") as stopped:
        lock.run(OPTIONS)
    assert "deviations.toml" in str(stopped.value.fix)
    assert (config / "plan.lock").read_bytes() == before


def unlock(config):
    """The plan as it stands, before anybody locked it: there is nothing to deviate from."""
    (config / "plan.lock").unlink()
    (config / "deviations.toml").write_text("# none\n", encoding="utf-8")


def refused(config) -> str:
    """What is left, as the refusal says it; nothing is locked."""
    with pytest.raises(SpecError, match="nothing is locked yet") as stopped:
        lock.run(OPTIONS)
    assert stopped.value.rule == "lock-left"
    assert "--anyway" in str(stopped.value.fix)
    assert not (config / "plan.lock").exists()
    return str(stopped.value)


def test_conclusions_that_cannot_be_reached_are_told_before_the_lock(config, capsys):
    """Victimisation's planned half width at 90 % is 1.04 smallest effects: none is ruled out."""
    unlock(config)
    told = refused(config)
    warned = "warning: victimisation_any: “effects that matter ruled out” cannot be reached"
    assert told.count("cannot be reached") == 1
    assert warned in told
    # neither a comment nor [power] is left to do
    assert "smallest_effect" in told
    assert "comment" not in told
    assert "write [power]" not in told
    lock.run(ANYWAY)
    assert warned in capsys.readouterr().out
    plan = (config / "plan.toml").read_text(encoding="utf-8")
    start, end = plan.index("[power]"), plan.index("[balance]")
    (config / "plan.toml").write_text(plan[:start] + plan[end:], encoding="utf-8")
    unlock(config)
    told = refused(config)
    assert "warning: the plan has no planned design" in told
    assert "write [power]" in told
    assert "comment" not in told


def test_a_new_lock_is_that_of_the_plan_as_it_stands(config, capsys):
    committed = read_configuration(config).preregistration
    unlock(config)
    lock.run(ANYWAY)
    assert f"the plan {committed.plan.hash[:12]} is locked" in capsys.readouterr().out
    preregistration = read_configuration(config).preregistration
    assert preregistration.changed == frozenset()
    assert preregistration.lock.entries == committed.entries
    assert (preregistration.lock.registry, preregistration.lock.registration) == (
        'a "registry"',
        "7",
    )
    assert preregistration.lock.endline_data_seen is True


def test_what_nobody_confirmed_is_listed_before_the_lock(config, capsys):
    unlock(config)
    manifest = config / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(f"# fill in: origin\n# seen: a guess\n{text}", encoding="utf-8")
    plan = config / "plan.toml"
    plan.write_text(f"# confirm: a\n# confirm: b\n{plan.read_text('utf-8')}", encoding="utf-8")
    left = ("manifest.toml:1 fill in: origin", "plan.toml:1 confirm: a", "plan.toml:2 confirm: b")
    told = refused(config)
    assert all(f"\n  {line}\n" in told for line in left)
    assert "a guess" not in told
    assert "read each comment" in told
    lock.run(ANYWAY)
    said = capsys.readouterr().out
    assert "is locked" in said
    assert all(line in said for line in left)


def test_a_number_with_words_is_written_in_both_languages(config):
    unlock(config)
    lock.run(Namespace(**{**vars(ANYWAY), "registration_es": "7, del ensayo"}))
    written = read_configuration(config).preregistration.lock
    assert (written.registry, written.registration) == (
        'a "registry"',
        Text(en="7", es="7, del ensayo"),
    )


def test_a_draft_counts_its_texts_apart_from_what_a_person_settles():
    draft = ROOT / "evaluation" / "fieldwork" / "new_study" / "study.toml"
    text = draft.read_text(encoding="utf-8")
    assert unsettled(text) == ()
    assert untranslated(text) >= 1


def test_a_lock_that_reading_would_refuse_is_not_written(config):
    """Interviews that ended years ago were there to be seen, whatever the option says."""
    unlock(config)
    unseen = Namespace(**{**vars(ANYWAY), "endline_data_seen": "no"})
    with pytest.raises(SpecError) as stopped:
        lock.run(unseen)
    assert not (config / "plan.lock").exists()
    lock.run(ANYWAY)
    written = config / "plan.lock"
    text = written.read_text(encoding="utf-8")
    written.write_text(text.replace("seen = true", "seen = false"), encoding="utf-8")
    with pytest.raises(SpecError) as read:
        read_configuration(config)
    said = [(error.value.problem, error.value.fix, error.value.rule) for error in (stopped, read)]
    assert said[0] == said[1]
    assert "`endline_data_seen` is false, but the lock is dated" in str(read.value)


def test_before_the_last_interview_a_lock_may_say_that_nothing_was_seen(config):
    unlock(config)
    study = config / "study.toml"
    text = study.read_text(encoding="utf-8")
    end = read_study(config).round[-1].end.isoformat()
    study.write_text(text.replace(end, "2999-12-31"), encoding="utf-8")
    lock.run(Namespace(**{**vars(ANYWAY), "endline_data_seen": "no"}))
    assert read_configuration(config).preregistration.lock.endline_data_seen is False
