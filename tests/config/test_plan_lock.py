"""The plan is what was locked, or a dated and reasoned deviation says that it is not."""

from pathlib import Path

import pytest

from evaluation.config import plan, preregistration, toml_reader
from evaluation.config.configuration import read_configuration
from evaluation.errors import SpecError

DEVIATION = """\
[[deviation]]
date = {date}
plan_hash = "{digest}"
entries = [{entries}]
reason = {{ en = "{reason}", es = "{reason}" }}
"""


def change(folder: Path, old: str, new: str, name: str = "plan.toml") -> str:
    """Change one text after the lock; the hash of the plan then."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return preregistration.plan_hash(toml_reader.read_toml(folder / "plan.toml"))


def deviate(
    folder: Path, digest: str, *entries: str, date: str = "2024-11-02", reason: str = "Needed."
) -> None:
    listed = ", ".join(f'"{entry}"' for entry in entries)
    text = DEVIATION.format(digest=digest, entries=listed, date=date, reason=reason)
    path = folder / "deviations.toml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def status(folder: Path) -> str:
    preregistration = read_configuration(folder).preregistration
    specification, outcome = preregistration.plan.specification[0], preregistration.plan.outcome[0]
    return preregistration.status(specification, outcome, "primary")


# what is changed after the lock, and the entry that a deviation must name
CHANGES = {
    "inference": (("draws = 999", "draws = 1999"), "inference"),
    "family": (('correction = "family_wise"', 'correction = "none"'), "family.trust"),
    "outcome": (("smallest_effect = 0.1", "smallest_effect = 0.05"), "outcome.trust_index"),
    "specification": (('steps = ["cv1", "wcr_s"]', 'steps = ["wcr_s"]'), "specification.did_main"),
}


@pytest.mark.parametrize(("edit", "entry"), CHANGES.values(), ids=CHANGES)
def test_a_change_stops_until_a_deviation_names_it_and_then_marks_the_rows(folder, edit, entry):
    digest = change(folder, *edit)
    with pytest.raises(SpecError, match=entry) as caught:
        read_configuration(folder)
    assert caught.value.rule == "plan-lock"
    assert digest in str(caught.value.fix)
    deviate(folder, digest, entry)
    assert status(folder) == "deviation"


def test_a_changed_coding_of_an_item_is_a_change(folder):
    before, after = 'code = "1", value = 1', 'code = "1", value = 0'
    digest = change(folder, before, after, "dictionary/tiny.toml")
    with pytest.raises(SpecError, match=r"coding\.trust"):
        read_configuration(folder)
    deviate(folder, digest, "coding.trust")
    assert status(folder) == "deviation"


def test_a_deviation_of_another_plan_admits_nothing(folder):
    change(folder, "draws = 999", "draws = 1999")
    deviate(folder, "0" * 64, "inference")
    with pytest.raises(SpecError, match="last deviation"):
        read_configuration(folder)


def test_a_deviation_leaves_other_entries_as_they_were_promised(folder):
    digest = change(folder, 'variables = ["trust"]', 'variables = ["help"]')
    deviate(folder, digest, "balance")
    assert status(folder) == "pre-specified"


WRONG = {
    "names what did not change": ({"entries": ("family.trust",)}, "as it was locked"),
    "names nothing": ({"entries": ()}, "not as locked"),
    "gives no reason": ({"reason": " "}, "gives no reason"),
    "dated before the lock": ({"date": "1999-01-01"}, "before the lock"),
}


@pytest.mark.parametrize(("wrong", "message"), WRONG.values(), ids=WRONG)
def test_a_deviation_that_does_not_hold_is_refused(folder, wrong, message):
    digest = change(folder, "draws = 999", "draws = 1999")
    if wrong.get("entries"):
        deviate(folder, digest, "inference", *wrong["entries"])
    else:
        given = {"entries": ("inference",)} | wrong
        deviate(folder, digest, *given.pop("entries"), **given)
    with pytest.raises(SpecError, match=message):
        read_configuration(folder)


def test_deviations_stand_in_order_of_time(folder):
    digest = change(folder, "draws = 999", "draws = 1999")
    deviate(folder, digest, "inference")
    digest = change(folder, "smallest_effect = 0.1", "smallest_effect = 0.05")
    deviate(folder, digest, "outcome.trust_index", date="2024-10-30")
    with pytest.raises(SpecError, match="oldest first"):
        read_configuration(folder)


def test_an_unseen_endline_cannot_be_claimed_after_its_last_interview(folder):
    change(folder, "date = 2021-01-15", "date = 2026-01-15", "plan.lock")
    with pytest.raises(SpecError, match="endline_data_seen") as caught:
        read_configuration(folder)
    assert "endline_data_seen = true" in str(caught.value.fix)


def test_comments_and_order_of_keys_do_not_change_the_hash(folder):
    path = folder / "plan.toml"
    text = path.read_text(encoding="utf-8")
    moved = text.replace("level = 0.95\ndraws = 999", "draws = 999 # enough\nlevel = 0.95")
    assert moved != text
    path.write_text("# A comment.\n" + moved, encoding="utf-8")
    assert read_configuration(folder).preregistration.plan.hash == preregistration.plan_hash(
        toml_reader.read_toml(path)
    )
    assert status(folder) == "pre-specified"


def test_a_plan_written_after_the_data_is_called_so(folder):
    path = folder / "plan.lock"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("seen = false", "seen = true"), encoding="utf-8")
    assert status(folder) == "specified after data collection"


def test_seeds_come_from_the_entry_and_nothing_else():
    # first 16 hexadecimal digits that coreutils' sha256sum prints for the eight letters
    assert plan.seed("did_main") == 0x0F639A44D15CA6ED
    assert plan.seed("did_main") != plan.seed("did_panel")


def test_without_a_lock_the_study_is_blinded_and_no_result_has_another_status(folder):
    (folder / "plan.lock").unlink()
    found = read_configuration(folder)
    assert found.preregistration.lock is None
    assert found.study.blinded
    assert found.study.mark.split()[-1] == "BLINDED"
    assert status(folder) == "blinded"


def test_only_a_plan_without_a_lock_must_say_inside_what_clusters_were_assigned(folder):
    change(folder, "[columns]\n", '[columns]\nstratum = "population"\n', "study.toml")
    assert "permutation_strata" not in (folder / "plan.toml").read_text(encoding="utf-8")
    assert not read_configuration(folder).study.blinded
    (folder / "plan.lock").unlink()
    with pytest.raises(SpecError, match="permutation_strata"):
        read_configuration(folder)


def test_deviations_need_a_lock_to_deviate_from(folder):
    deviate(folder, "0" * 64, "inference")
    (folder / "plan.lock").unlink()
    with pytest.raises(SpecError, match=r"no plan\.lock to deviate from"):
        read_configuration(folder)


def test_blinding_is_a_fact_and_no_key(folder):
    path = folder / "study.toml"
    path.write_text(f"blinded = false\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    with pytest.raises(SpecError, match="unknown key `blinded`"):
        read_configuration(folder)


def test_words_that_pages_print_are_no_part_of_what_was_locked(folder):
    before = read_configuration(folder).preregistration
    said = '{ en = "Trust, as people say it", es = "Confianza, como se dice" }'
    text = (folder / "plan.toml").read_text(encoding="utf-8")
    at = text.index("[[outcome]]") + len("[[outcome]]")
    put = f"{text[:at]}\nshown.label = {said}{text[at:]}"
    (folder / "plan.toml").write_text(put, encoding="utf-8")
    after = read_configuration(folder).preregistration
    assert after.plan.outcome[0].label["en"] == "Trust, as people say it"
    assert (after.plan.hash, after.entries) == (before.plan.hash, before.entries)


@pytest.mark.parametrize("wrong", ['shown.function = "sum"', 'shown = "Trust"'])
def test_nothing_but_words_may_be_shown_otherwise(folder, wrong):
    change(folder, "[[outcome]]", f"[[outcome]]\n{wrong}")
    with pytest.raises(SpecError, match=r"outcome\.trust_index") as caught:
        read_configuration(folder)
    assert "label" in str(caught.value)
