"""What `review.toml` may say, and what stops it."""

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.config.review import DOMAINS, JUDGEMENTS
from evaluation.errors import SpecError
from tests.config.test_plan_lock import change, deviate
from tests.tables import cases

CASES = cases(__file__)

HEAD = CASES["head"]
RISK = """\
[[risk]]
domain = "{}"
judgement = "{}"
support = {{ en = "a", es = "b" }}
exhibits = ["tbl-did-main"]
"""
RISKS = "".join(RISK.format(domain, "moderate") for domain in DOMAINS["ROBINS-I"])


def read(folder, text):
    (folder / "review.toml").write_text(text, encoding="utf-8")
    return read_configuration(folder).review


def test_a_study_that_nobody_judged_has_none(folder):
    assert read_configuration(folder).review is None


def test_judgements_are_read(folder):
    review = read(folder, HEAD + RISKS)
    assert review.overall("trust_index") == "moderate"
    # high less four levels would be below the lowest
    assert review.certainty[0].certainty == "very low"


def test_the_worst_domain_decides_the_whole(folder):
    worse = RISKS.replace('"moderate"', '"serious"', 1)
    assert read(folder, HEAD + worse).overall("trust_index") == "serious"


@pytest.mark.parametrize(("old", "new", "problem"), CASES["refused"])
def test_what_does_not_hold_stops(folder, old, new, problem):
    text = HEAD + RISKS
    assert old in text
    with pytest.raises(SpecError, match=problem):
        read(folder, text.replace(old, new, 1))


def locked_after_endline(folder):
    lock = folder / "plan.lock"
    text = lock.read_text(encoding="utf-8").replace("_seen = false", "_seen = true")
    lock.write_text(text, encoding="utf-8")


def changed_after_endline(folder):
    locked_after_endline(folder)
    digest = change(folder, "smallest_effect = 0.1", "smallest_effect = 0.05")
    deviate(folder, digest, "outcome.trust_index")


@pytest.mark.parametrize(
    ("spoil", "tool", "least"),
    [
        (lambda _: None, "ROBINS-I", "low"),
        (locked_after_endline, "ROBINS-I", "moderate"),
        (changed_after_endline, "ROBINS-I", "serious"),
        (lambda _: None, "RoB 2", "low"),
        (locked_after_endline, "RoB 2", "some concerns"),
        (changed_after_endline, "RoB 2", "some concerns"),
    ],
)
def test_the_reported_result_is_judged_no_better_than_the_lock_allows(folder, spoil, tool, least):
    spoil(folder)
    head = HEAD.replace("ROBINS-I", tool)
    others = "".join(RISK.format(d, "low") for d in DOMAINS[tool] if d != "reported_result")
    allowed = JUDGEMENTS[tool][JUDGEMENTS[tool].index(least) :]
    for judgement in JUDGEMENTS[tool]:
        text = head + others + RISK.format("reported_result", judgement)
        if judgement in allowed:
            assert read(folder, text).overall("trust_index") == judgement
        else:
            with pytest.raises(SpecError, match="endline data had been seen") as caught:
                read(folder, text)
            assert f"`{least}` or worse" in str(caught.value.fix)


def test_a_domain_judged_twice_stops(folder):
    with pytest.raises(SpecError, match="has 2 judgements"):
        read(folder, HEAD + RISKS + RISK.format("selection", "low"))


def test_a_primary_outcome_without_certainty_stops(folder):
    text = HEAD + RISKS
    start = text.index("[[certainty]]")
    end = text.index("[[risk]]")
    with pytest.raises(SpecError, match="certainty"):
        read(folder, text[:start] + text[end:])


def test_a_domain_without_evidence_is_not_assessed(folder):
    """It makes nothing better: the overall judgement is the worst of the others."""
    domains = DOMAINS["ROBINS-I"]
    some = {"deviations": "not assessed", "missing_data": "not assessed", "confounding": "serious"}
    text = "".join(RISK.format(d, some.get(d, "moderate")) for d in domains)
    assert read(folder, HEAD + text).overall("trust_index") == "serious"


def test_the_reported_result_of_a_known_plan_is_always_assessed(folder):
    changed_after_endline(folder)
    domains = DOMAINS["ROBINS-I"]
    some = {"reported_result": "not assessed"}
    text = "".join(RISK.format(d, some.get(d, "serious")) for d in domains)
    with pytest.raises(SpecError, match="endline data had been seen"):
        read(folder, HEAD + text)
