"""Ledger, risk of bias, certainty and claims: judgements as declared, numbers from records."""

import dataclasses
import datetime
from pathlib import Path

import pytest

from evaluation.config.exhibits import Erratum
from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.prose import threats
from tests.report import check_examples as made
from tests.report import examples, review_examples
from tests.report.check_examples import TRUST
from tests.report.test_exhibits_in_spanish import in_spanish

BOOK = Path(__file__).parents[3] / "book"


def built(builder, source=None):
    return builders.build(examples.exhibit(builder), source or review_examples.study())


def cells(table, row):
    return [c.text for c in next(r for r in table.rows if r.id == row).cells]


def test_an_assumption_stands_with_its_evidence_and_its_exhibits():
    table = built("assumptions")
    assert cells(table, "trends") == [
        "Alike", "A series", "tbl-breakdown, fig-trends", "Too large",
        "Unequal trends",
    ]  # fmt: skip
    assert cells(table, "scale")[-1] == "None; see the exhibits"
    assert any("one person, 2025-03-01" in note for note in table.notes)


def test_a_check_that_could_not_be_run_is_said_not_to_have_been():
    source = review_examples.study()
    reason = made.unavailable(TRUST, review_examples.TWO_ROUND, "all", "no")
    nothing = {"check_diagnostics": (), "bounds": ()}
    records = dataclasses.replace(source.records, **nothing, check_unavailable=(reason,))
    table = built("assumptions", dataclasses.replace(source, records=records))
    said = "Unequal trends (could not be run; the annex says why)"
    assert cells(table, "trends")[-1] == said


def test_errata_have_the_largest_consequence_first_and_then_the_newest():
    def entry(number: str, day: int) -> Erratum:
        texts = dict.fromkeys(("what", "before", "after", "reason"), examples.both("x"))
        return Erratum(number=number, date=datetime.date(2025, 3, day), **texts)

    listed = (
        entry("tbl-bounds.trust.low", 1),
        entry("tbl-did-main.trust.n", 3),
        entry("tbl-costs.whole.cost", 2),
        entry("tbl-did-main.trust.ci_low", 1),
        entry("tbl-did-main.trust.estimate", 1),
        entry("tbl-did-main.trust.verdict", 1),
        entry("all-numbers", 1),
    )
    source = review_examples.study()
    configuration = dataclasses.replace(source.configuration, errata=listed)
    table = built("erratum", dataclasses.replace(source, configuration=configuration))
    assert [row.cells[-1].text for row in table.rows] == [
        "all-numbers", "tbl-did-main.trust.verdict", "tbl-did-main.trust.estimate",
        "tbl-did-main.trust.ci_low", "tbl-did-main.trust.n", "tbl-costs.whole.cost",
        "tbl-bounds.trust.low",
    ]  # fmt: skip


def test_each_domain_has_its_judgement_and_the_worst_is_overall():
    table = built("risk_of_bias")
    assert len(table.rows) == 8
    assert cells(table, "trust-confounding")[:3] == ["Every primary outcome", "Low", "Why"]
    assert cells(table, "trust-overall")[1] == "Serious"
    assert any(note.endswith("Tool: ROBINS-I.") for note in table.notes)


def test_outcomes_judged_alike_share_a_row_and_others_have_their_own():
    source = review_examples.study()
    review = source.configuration.review
    own = dataclasses.replace(
        review.risk[0],
        judgement="critical",
        support=examples.both("Crime alone"),
        outcomes=("crime",),
    )
    alike = dataclasses.replace(review.risk[0], outcomes=("trust",))
    changed = dataclasses.replace(review, risk=(alike, own, *review.risk[1:]))
    configuration = dataclasses.replace(source.configuration, review=changed)
    table = built("risk_of_bias", dataclasses.replace(source, configuration=configuration))
    rows = [
        [row.id, row.group, *(cell.text for cell in row.cells[:2])]
        for row in table.rows
        if row.group in ("Confounding", "Overall")
    ]
    assert rows == [
        ["trust-confounding", "Confounding", "Trust", "Low"],
        ["crime-confounding", "Confounding", "Victim of crime", "Critical"],
        ["trust-overall", "Overall", "Trust", "Serious"],
        ["crime-overall", "Overall", "Victim of crime", "Critical"],
    ]


def test_certainty_is_the_start_less_its_downgrades():
    table = built("certainty", review_examples.study(primary=(-0.1, 0.3)))
    assert cells(table, "trust-risk_of_bias")[1] == "Two levels lower"
    assert cells(table, "trust-inconsistency")[1] == "Not lowered"
    assert cells(table, "trust-certainty")[1] == "Low"


@pytest.mark.parametrize(
    ("tool", "start", "named"),
    [("ROBINS-I", "high", True), ("ROBINS-I", "low", False), ("RoB 2", "high", False)],
)
def test_a_start_at_high_without_a_lottery_names_its_guidance(tool, start, named):
    """Schünemann et al. 2019 (doi 10.1016/j.jclinepi.2018.01.012): with ROBINS-I start at high."""
    source = review_examples.study(primary=(-0.1, 0.3))
    review = source.configuration.review
    certainty = tuple(dataclasses.replace(g, start=start) for g in review.certainty)
    review = dataclasses.replace(review, tool=tool, certainty=certainty)
    configuration = dataclasses.replace(source.configuration, review=review)
    found = cells(built("certainty", dataclasses.replace(source, configuration=configuration)),
                  "trust-start")  # fmt: skip
    assert found[2].startswith("Looked at")
    assert ("111:105–114" in found[2]) == named
    references = (BOOK / "common" / "references.bib").read_text(encoding="utf-8")
    assert "year = {2019}, volume = {111}, pages = {105--114}" in references


@pytest.mark.parametrize(
    ("primary", "judged", "holds"),
    [
        ((0.05, 0.25), "effect detected", True),
        ((0.05, 0.25), "effect detected, large enough to matter", False),
        ((0.3, 0.5), "effect detected", False),
        ((0.3, 0.5), "effect detected, large enough to matter", True),
    ],
)
def test_a_certainty_is_withheld_where_the_interval_has_other_sizes_than_were_judged(
    primary, judged, holds
):
    source = review_examples.study(primary=primary)
    review = source.configuration.review
    first, *others = review.certainty
    certainty = (dataclasses.replace(first, conclusion=judged), *others)
    review = dataclasses.replace(review, certainty=certainty)
    configuration = dataclasses.replace(source.configuration, review=review)
    table = built("certainty", dataclasses.replace(source, configuration=configuration))
    assert (cells(table, "trust-certainty")[1] == "Low") is holds


def test_as_many_threats_to_two_outcomes_are_not_called_the_same(monkeypatch):
    answers = {"trust": [True, False, False], "crime": [False, True, False]}
    monkeypatch.setattr(
        threats,
        "answers_to_threats",
        lambda case: {f"threat {i}": x for i, x in enumerate(answers[case.outcome.id])},
    )
    source = review_examples.study(primary=(-0.1, 0.3))
    assert dict(built("certainty", source).said)["threats"].endswith(
        "One would make the interval for trust exclude zero; one would make the interval for "
        "victim of crime exclude zero."
    )
    # that none would is the same of both
    answers |= {outcome: [False] for outcome in answers}
    assert dict(built("certainty", source).said)["threats"].endswith(
        "In the ranges tried, none would make the intervals for trust and victim of crime exclude "
        "zero."
    )
    # of one threat to each nobody can say: which one is not the same
    answers |= {outcome: [False, None] for outcome in answers}
    assert dict(built("certainty", source).said)["threats"].endswith(
        "In the ranges tried, none would make the interval for trust exclude zero, and one cannot "
        "be judged with these data; in the ranges tried, none would make the interval for victim "
        "of crime exclude zero, and one cannot be judged with these data."
    )


def test_pages_quote_the_overall_judgements_in_a_line():
    inconclusive = review_examples.study(primary=(-0.1, 0.3))
    assert dict(built("risk_of_bias").said)["overall"] == (
        "Overall risk of bias (ROBINS-I): serious for every primary outcome."
    )
    assert dict(built("certainty", inconclusive).said)["overall"] == (
        "Certainty of the evidence (GRADE): low for every primary outcome."
    )
    assert dict(built("certainty", inconclusive).said)["threats"] == (
        "We examined three threats, one at a time. Two would make the interval for trust exclude "
        "zero, and one cannot be judged with these data; "
        "one would make the interval for victim of crime exclude zero."
    )
    # judged on another conclusion of trust: withheld in the line as it is in the table
    assert dict(built("certainty", review_examples.study()).said)["overall"] == (
        "Certainty of the evidence (GRADE): withheld until it is rated again for trust; "
        "low for victim of crime."
    )
    assert dict(built("certainty", review_examples.study()).said)["threats"] == (
        "We examined three threats, one at a time. Three would change the conclusion on trust; "
        "one would make the interval for victim of crime exclude zero."
    )


@pytest.mark.parametrize("page", ["medellin/index.md", "somos_comunidad/index.md"])
def test_the_summary_shows_the_overall_judgements(page):
    text = (BOOK / page).read_text(encoding="utf-8")
    for key in ("risk-of-bias.all.overall", "certainty.all.overall", "certainty.all.threats"):
        assert f"{{sentence}}`tbl-{key}`" in text
    assert "{doc}`credibility`" in text


def test_a_judgement_on_another_verdict_is_withheld():
    """Trust excludes zero here, and its statement was made when it was inconclusive."""
    table = built("certainty", review_examples.study(primary=(0.05, 0.25)))
    assert cells(table, "trust-certainty")[1].startswith(
        "not available: rated for another conclusion"
    )
    assert cells(table, "crime-certainty")[1] == "Low"


def test_a_claim_names_its_exhibit_and_the_lines_of_its_functions():
    table = built("claims")
    assert cells(table, "effects-1") == [
        "It changed",
        "tbl-main",
        "run_plan",
        "computes",
        "evaluation/analysis/run_plan.py, line 103",
    ]
    assert cells(table, "effects-2")[2:] == [
        "effects", "shows", "evaluation/report/tables/effects.py, line 42",
    ]  # fmt: skip


def test_a_function_without_a_line_stops_the_build():
    source = review_examples.study()
    records = dataclasses.replace(source.records, lines={})
    with pytest.raises(ReportError, match="no one looked up the line"):
        built("claims", dataclasses.replace(source, records=records))


@pytest.mark.parametrize("builder", ["assumptions", "risk_of_bias", "certainty", "claims"])
def test_a_study_that_nobody_judged_cannot_show_judgements(builder):
    with pytest.raises(ReportError, match=r"no review\.toml"):
        built(builder, examples.source())


@pytest.mark.parametrize(
    "builder", ["overturn", "assumptions", "risk_of_bias", "certainty", "claims"]
)
def test_no_english_is_left_in_spanish(builder):
    source = in_spanish.in_language("es", review_examples.study())
    spoken = dataclasses.replace(
        source.configuration, review=in_spanish._words(source.configuration.review)
    )
    source = dataclasses.replace(source, configuration=spoken)
    texts = in_spanish.texts(in_spanish.asked(builder), source)
    assert [t for t in texts if in_spanish.FUNCTION_WORDS.search(t)] == []
