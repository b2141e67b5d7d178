"""The description phrase by phrase: outcomes with their effects, what is not measured, groups."""

import dataclasses

import pytest

from evaluation.config.plan import Group
from evaluation.config.review import Phrase
from evaluation.errors import ReportError
from evaluation.report import builders
from tests.report import check_examples, examples
from tests.report.examples import both

TRUST, CRIME, _ = examples.OUTCOMES
CHECK = check_examples.check(
    "form",
    kind="subgroup",
    outcomes=(CRIME.id,),
    groups=(Group(id="members", label=both("Members")), Group(id="others", label=both("Others"))),
)
PHRASES = (
    Phrase(id="trust", phrase=both("Trust"), outcomes=(TRUST.id,)),
    Phrase(id="safe", phrase=both("Safety"), outcomes=(CRIME.id,), among=CHECK.id),
    Phrase(id="plans", phrase=both("Plans"), not_measured=both("Plans would show it.")),
)


def source(*phrases, language="en", **changes):
    """Crime with a level of 20 %, an interval around zero and the detectable effect given."""
    crime = examples.estimate(CRIME, examples.SPECIFICATION, "wcr_s")
    crime = dataclasses.replace(crime, **{"baseline_comparison_mean": 20.0, **changes})
    trust = examples.estimate(TRUST, examples.SPECIFICATION, "wcr_s")
    member = check_examples.of_check(CRIME, CHECK, "members", estimate=-7.5)
    other = check_examples.of_check(CRIME, CHECK, "others", estimate=+3.5)
    made = check_examples.source(
        CHECK, language=language, primary=(trust, crime), check_estimates=(other, member)
    )
    configuration = dataclasses.replace(made.configuration, description=phrases)
    return dataclasses.replace(made, configuration=configuration)


def described():
    """Every kind of phrase."""
    return source(*PHRASES)


def table(*phrases, **changes):
    return builders.build(examples.exhibit("description"), source(*phrases, **changes))


def test_a_phrase_has_a_row_for_each_outcome_group_and_sentence():
    made = table(*PHRASES)
    assert [(row.group, row.id) for row in made.rows] == [
        ("Trust", f"trust-{TRUST.id}"),
        ("Safety", f"safe-{CRIME.id}"),
        ("Safety", f"safe-{CHECK.id}-{CRIME.id}"),
        ("Plans", "plans-not_measured"),
    ]
    # the interval of a primary outcome is simultaneous, so that q would be that of another test
    assert made.cell(f"trust-{TRUST.id}", "p_adjusted").kind == "none"
    # the first group's own effect
    assert made.cell(f"safe-{CHECK.id}-{CRIME.id}", "estimate").value == -7.5
    assert made.cell("plans-not_measured", "estimate").text == "Plans would show it."
    assert made.cell("plans-not_measured", "ci_low").kind == "none"


@pytest.mark.parametrize(
    ("changes", "blind"),
    [
        ({"ci_low": -9.0, "ci_high": 9.0, "mde": 10.1}, True),
        # half of the level is enough; an effect that is detected is seen
        ({"ci_low": -9.0, "ci_high": 9.0, "mde": 10.0}, False),
        ({"ci_low": -19.0, "ci_high": -1.0, "mde": 12.0}, False),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_an_effect_that_the_sample_cannot_show_is_named(changes, blind, language):
    seen = table(*PHRASES, language=language, **changes).cell(f"safe-{CRIME.id}", "seen").text
    told = {"en": "cannot be seen", "es": "no se puede ver"}[language]
    assert (told in seen) == blind


def test_the_table_counts_its_phrases():
    said = dict(table(*PHRASES).said)["counted"]
    assert said.startswith("Of the 3 phrases, 2 are measured by at least one outcome; for 1,")


def test_a_study_without_a_description_has_no_such_table():
    with pytest.raises(ReportError, match="description"):
        table()
