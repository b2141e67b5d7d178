"""Interviews whose twelve months of recall cross an entry or an event: one finding, counted."""

import numpy as np
import pytest

from evaluation.data.clusters import recall_starts
from tests.fixtures.tiny import Tiny
from tests.tables import cases

CASES = cases(__file__)

EVENT = 'start = 2025-01-24\naffects = "treated only"'


def recalled(tiny: Tiny):
    """Rule, round, line, column and problem of the findings about recall."""
    tiny.write()
    tiny.run()
    findings = tiny.findings()
    found = findings[findings["rule"].str.startswith("recall-")]
    assert set(found["severity"]) <= {"warn"}
    return found[["rule", "round", "line", "column", "problem"]].to_numpy().tolist()


@pytest.mark.parametrize(
    ("day", "first"),
    [("2024-11-05", "2023-11-05"), ("2024-02-29", "2023-03-01"), ("2025-01-01", "2024-01-01")],
)
def test_recall_starts_on_the_same_day_a_year_before(day, first):
    assert recall_starts(np.array([day, "NaT"], "datetime64[D]"))[0] == np.datetime64(first)
    assert np.isnat(recall_starts(np.array(["NaT"], "datetime64[D]")))[0]


def test_a_clean_study_has_none(tiny):
    assert recalled(tiny) == []


def test_endline_within_a_year_of_entry(tiny):
    """Endline interviews are 1 to 24 November 2024; M1 and M2 (the first twelve) entered."""
    tiny.study = tiny.study.replace("entry = 2021-05-20", "entry = 2023-11-04")
    # 4 November 2024 recalls from the day of entry on; 1, 2 and 3 November from before it
    ((*place, problem),) = recalled(tiny)
    assert place == ["recall-crosses-entry", "endline", "0", "fecha"]
    assert problem == (
        "in 3 interviews the 12 months before the interview cross the entry of cohort `c2021`"
        " (2023-11-04)"
    )


def test_endline_before_the_entry(tiny):
    """Interviews of 1 and 2 November came before it, that of the day itself did not."""
    tiny.study = tiny.study.replace("entry = 2021-05-20", "entry = 2024-11-03")
    tiny.write()
    tiny.run()
    findings = tiny.findings()
    (found,) = findings[findings["rule"] == "interview-before-entry"].itertuples()
    assert (found.severity, found.round, found.line, found.column) == (
        "warn",
        "endline",
        "0",
        "fecha",
    )
    assert str(found.problem) == "2 interviews of cohort `c2021` came before its entry (2024-11-03)"


def test_a_baseline_interview_after_entry_is_said_once(tiny):
    tiny.baseline[0]["fecha"] = "2021-05-20"
    assert recalled(tiny) == []
    assert set(tiny.findings()["rule"]) == {"baseline-after-entry"}


def test_an_event_is_one_finding_with_the_interviews_of_its_group(tiny):
    # rows 0 and 1 are treated, row 23 is not; the day before the event recalls nothing of it
    for row, day in ((0, "2025-01-24"), (1, "2025-02-03"), (2, "2025-01-23"), (23, "2025-02-01")):
        tiny.endline[row]["fecha"] = day
    ((*place, problem),) = recalled(tiny)
    assert place == ["recall-crosses-event", "endline", "0", "fecha"]
    assert problem == (
        "in 2 interviews the 12 months before the interview cross `suspension` (from 2025-01-24)"
    )


@pytest.mark.parametrize(("start", "end", "interviews"), CASES["ended"])
def test_an_event_that_ended(tiny, start, end, interviews):
    assert EVENT in tiny.study
    tiny.study = tiny.study.replace(
        EVENT, f'start = {start}\nend = {end}\naffects = "treated only"'
    )
    found = recalled(tiny)
    assert len(found) == (interviews > 0)
    assert all(problem.startswith(f"in {interviews} interviews") for *_, problem in found)


@pytest.mark.parametrize("rule", ["drop", "exclude"])
def test_interviews_that_the_rule_leaves_out_are_not_counted(tiny, rule):
    tiny.study = tiny.study.replace('rule = "flag"', f'rule = "{rule}"')
    tiny.endline[0]["fecha"] = "2025-02-03"
    assert recalled(tiny) == []


def test_an_event_without_a_rule_is_none_of_it(tiny):
    tiny.study = tiny.study.replace('rule = "flag"', 'rule = "none"')
    tiny.endline[0]["fecha"] = "2025-02-03"
    assert recalled(tiny) == []
