"""The table of recovery: the truth beside the estimate, and never in a study of real people."""

import dataclasses

import pytest

from evaluation.config.design_records import TrueEffect
from evaluation.errors import ReportError
from evaluation.estimation.records import Estimate
from evaluation.report import builders
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME

EXHIBIT = examples.exhibit("recovery", outcomes=(), specifications=("did_main",))
NAMES = tuple(outcome.id for outcome in examples.OUTCOMES)


def truth(outcome: str, average: float) -> TrueEffect:
    return TrueEffect(outcome=outcome, unit="SD", c2021=9.0, c2022=9.0, average=average)


def build(truths, *, exhibit=EXHIBIT, synthetic=True, language="en", silent=None):
    study = dataclasses.replace(examples.STUDY, synthetic=synthetic)
    configuration = dataclasses.replace(examples.CONFIGURATION, study=study)
    source = examples.source(configuration, true_effects=tuple(truths))
    if silent is not None:
        asked = made.check("nonresponse")
        effect = made.of_check(CRIME, asked, "silent", unit="percentage points", estimate=silent)
        source = made.source(asked, check_estimates=(effect,), true_effects=tuple(truths))
    return builders.build(exhibit, dataclasses.replace(source, language=language))


def record(name: str) -> Estimate:
    found = examples.source().records.estimates
    return next(
        e for e in found if (e.outcome, e.specification, e.step) == (name, "did_main", "wcr_s")
    )


def test_a_row_says_what_was_put_in_what_was_found_and_whether_the_interval_holds_it():
    first, second = NAMES[:2]
    inside, outside = record(first), record(second)
    table = build([truth(first, inside.ci_high), truth(second, outside.ci_high + 0.01)])
    assert [row.id for row in table.rows] == [first, second]
    for name, found, held in ((first, inside, "yes"), (second, outside, "no")):
        values = {c.id: table.cell(name, c.id).value for c in table.columns}
        assert values["estimate"] == found.estimate
        assert (values["ci_low"], values["ci_high"]) == (found.ci_low, found.ci_high)
        assert table.cell(name, "inside").text == held
    assert table.cell(first, "true").value == inside.ci_high
    assert dict(table.said)["held"] == "95% intervals that contain the true effect: 1 of 2."


def test_spanish_says_the_same():
    table = build([truth(NAMES[0], 0.0)], language="es")
    assert table.columns[2].label == "Efecto verdadero"
    assert "contienen el efecto verdadero" in dict(table.said)["held"]


@pytest.mark.parametrize(
    ("truths", "changes", "synthetic"),
    [
        ([], {}, True),
        ([truth(NAMES[0], 0.0)], {}, False),
        ([truth(NAMES[0], 0.0)], {"outcomes": (NAMES[1],)}, True),
    ],
)
def test_without_a_truth_there_is_nothing_to_recover(truths, changes, synthetic):
    with pytest.raises(ReportError, match="no true effect to recover"):
        build(truths, exhibit=dataclasses.replace(EXHIBIT, **changes), synthetic=synthetic)


@pytest.mark.parametrize(
    ("away", "silent", "is_said"),
    [(-6.0, -2.0, True), (-6.0, 2.0, False), (6.0, 2.0, True), (0.0, -2.0, False)],
)
def test_a_miss_says_what_unanswered_questions_explain_at_most(away, silent, is_said):
    """Nothing where the interval holds the truth, nor where silence moves the other way."""
    found = record("crime")
    said = dict(build([truth("crime", found.estimate + away)], silent=silent).said)["held"]
    moved = found.estimate + silent
    assert (f"would move by {silent:+.1f}\u00a0pp, to {moved:+.1f}\u00a0pp" in said.replace(
        "\N{MINUS SIGN}", "-")) is is_said  # fmt: skip
    assert ("The survey does not show how many of them would answer yes." in said) is is_said
