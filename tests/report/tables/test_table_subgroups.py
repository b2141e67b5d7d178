"""Groups of people: differences only, their correction, and who is withheld."""

import dataclasses

import pytest

from evaluation.config.plan import Check, Group
from evaluation.config.toml_reader import Text
from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.formats import page_layout
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST
from tests.report.examples import both


def words(english):
    """A label that is no name: it differs between the languages."""
    return Text(en=english, es=f"{english} (es)")


def check(identifier, groups, known, kind="subgroup"):
    return Check(
        id=identifier,
        label=both(f"By {identifier}"),
        answers=both(f"What {identifier} answers."),
        kind=kind,
        theme="for whom",
        variables=("q2",),
        known=known,
        groups=tuple(Group(id=g, label=words(g.capitalize()), low=0) for g in groups),
    )


SEX = check("sex", ("women", "men"), "before the programme")
AREA = check("area", ("rural",), "descriptive")
KINDS = check("kinds", ("none", "afro", "other"), "panel baseline")


def row(check_, sample, estimate, ends, p, outcome=TRUST, adjusted=None, **changes):
    correction = {} if adjusted is None else {"p_adjusted": adjusted, "adjustment": "bh"}
    return made.of_check(
        outcome,
        check_,
        sample,
        **{
            "estimate": estimate,
            "ci_low": ends[0],
            "ci_high": ends[1],
            "p_value": p,
            "p_adjusted": p,
            "adjustment": "none",
            **correction,
            **changes,
        },
    )


WOMEN = row(SEX, "women", 0.31, (0.05, 0.57), 0.021, n=4000)
MEN = row(SEX, "men", 0.11, (-0.09, 0.31), 0.281, n=3012)
BY_SEX = row(SEX, "difference:women-men", 0.20, (-0.08, 0.48), 0.164, adjusted=0.328)
RURAL = row(AREA, "rural", 0.02, (-0.2, 0.24), 0.86, n=7002)
BY_AREA = row(AREA, "difference:rural-others", -0.15, (-0.29, -0.01), 0.03, adjusted=0.06, n=7012)
SEX_ROWS = (WOMEN, MEN, BY_SEX)


def study(rows=SEX_ROWS, checks=(SEX,), **changes):
    return made.source(*checks, check_estimates=rows, **changes)


def build(source, outcomes=("trust",)):
    return builders.build(examples.exhibit("subgroups", outcomes=outcomes), source)


def test_a_check_that_cannot_be_had_stands_with_its_reason():
    reason = "no cluster has both groups"
    absent = made.unavailable(TRUST, SEX, "all", reason)
    table = build(study((), check_unavailable=(absent,)))
    (only,) = table.rows
    assert only.id == "trust-sex"
    assert only.group.startswith("Trust \N{EN DASH} By sex")
    assert only.cells[0].text == "Differences between the groups"
    assert reason in table.cell("trust-sex", "estimate").text


def test_only_the_difference_stands_with_its_interval_and_both_p():
    table = build(study())
    assert [r.id for r in table.rows] == [
        "trust-sex-difference_women_men",
    ]
    assert "so effects by group are not shown" in " ".join(table.notes)
    first = table.rows[0].id
    assert table.rows[0].cells[0].text == "Difference: “Women” minus “Men”"
    assert table.cell(first, "estimate").value == 0.20
    assert (table.cell(first, "ci_low").value, table.cell(first, "ci_high").value) == (-0.08, 0.48)
    assert table.cell(first, "p_value").value == 0.164
    assert table.cell(first, "p_adjusted").value == 0.328
    assert table.rows[0].group == "Trust – By sex"


def test_a_group_named_alike_in_both_languages_keeps_its_capital_letter():
    place = dataclasses.replace(SEX.groups[1], label=Text(en="Sucre", es="Sucre"))
    check = dataclasses.replace(SEX, groups=(SEX.groups[0], place))
    assert build(study(checks=(check,))).rows[0].cells[0].text == "Difference: “Women” minus Sucre"


def test_at_most_eight_columns_are_printed():
    assert len(page_layout.printed(build(study())).head) <= 8


def test_what_is_read_after_the_programme_began_is_marked():
    table = build(study((*SEX_ROWS, RURAL, BY_AREA), (SEX, AREA)))
    groups = {r.group for r in table.rows}
    assert "Trust – By area (descriptive)" in groups
    assert dict(table.said)["trust"].endswith(
        "The smallest adjusted p-value is 0.060, for “Rural” minus everyone else (descriptive):"
        " −0.15 SD (95% CI −0.29 to −0.01)."
    )


def test_differences_with_the_same_adjusted_p_are_said_to_be_several():
    tied = dataclasses.replace(BY_AREA, p_adjusted=BY_SEX.p_adjusted)
    said = dict(build(study((*SEX_ROWS, RURAL, tied), (SEX, AREA))).said)["trust"]
    assert ", tied with others: " in said
    alone = dict(build(study((*SEX_ROWS, RURAL, BY_AREA), (SEX, AREA))).said)["trust"]
    assert "among others" not in alone


def test_a_sentence_says_what_the_correction_leaves():
    said = dict(build(study()).said)["trust"]
    assert "none of 1 adjusted p-values is below 5%" in said
    assert "“Women” minus “Men”: +0.20 SD (95% CI −0.08 to +0.48)." in said
    clear = dataclasses.replace(BY_SEX, p_adjusted=0.049)
    said = dict(build(study((WOMEN, MEN, clear))).said)["trust"]
    assert "1 of 1 adjusted p-values is below 5%" in said


def test_the_joint_test_of_more_than_two_groups_has_a_row_of_its_own():
    rows = tuple(row(KINDS, g, 0.1, (0, 0.2), 0.5) for g in ("none", "afro", "other"))
    rows += (row(KINDS, "difference:afro-none", 0.0, (-0.1, 0.1), 0.9, adjusted=0.9),)
    values = (("joint_f", 4.0769), ("joint_df_1", 2), ("joint_df_2", 68), ("joint_p", 0.0213))
    joint = tuple(made.diagnostic(TRUST, KINDS, n, v, sample="joint") for n, v in values)
    table = build(study(rows, (KINDS,), check_diagnostics=joint))
    assert table.rows[0].cells[0].text == "All groups equal: F(2, 68) = 4.08"
    assert table.cell("trust-kinds-joint", "p_value").value == 0.0213
    assert [r.id for r in table.rows][1:] == ["trust-kinds-difference_afro_none"]


@pytest.mark.parametrize(
    ("treated", "comparison", "said"),
    [
        (35, 33, ("35", "suppressed", "\u2013")),
        (32, 34, ("32", "suppressed", "\u2013")),
        (32, 35, ("32", "35", "\u2013")),
    ],
)
def test_places_without_a_group_are_told_from_three_on(treated, comparison, said):
    few = dataclasses.replace(BY_SEX, n_clusters_treated=treated, n_clusters_comparison=comparison)
    table = build(study((WOMEN, MEN, few)))
    names = ("n_clusters_treated", "n_clusters_comparison", "clusters_without_group")
    assert tuple(table.cell("trust-sex-difference_women_men", name).text for name in names) == said
    told = any(note.startswith("Not counted.") for note in table.notes)
    assert told is ("suppressed" in said)


def test_a_small_group_takes_every_difference_that_would_give_it_away_with_it():
    few = dataclasses.replace(MEN, n=9)
    table = build(study((WOMEN, few, BY_SEX)))
    assert table.cell("trust-sex-difference_women_men", "estimate").kind == "suppressed"
    assert "Suppressed." in " ".join(table.notes)
    assert "0.20" not in dict(table.said)["trust"]


@pytest.mark.parametrize(("n", "kind"), [(119, "suppressed"), (120, "effect")])
def test_a_group_by_a_sensitive_trait_needs_thirty_people_in_each_group_and_round(
    monkeypatch, n, kind
):
    # 30 respondents (disclosure.SENSITIVE_MINIMUM) by two groups and two rounds
    of = (dataclasses.replace(RURAL, n=n), BY_AREA), (AREA,)
    row = "trust-area-difference_rural_others"
    assert build(study(*of)).cell(row, "estimate").kind == "effect"
    variables = study(*of).configuration.dictionary.variables
    sensitive = dataclasses.replace(variables["q2"], personal="sensitive")
    monkeypatch.setitem(variables, "q2", sensitive)
    table = build(study(*of))
    assert table.cell(row, "estimate").kind == kind


@pytest.mark.parametrize(("n", "kind"), [(7003, "suppressed"), (7011, "suppressed")])
def test_a_small_rest_is_withheld_though_it_has_no_row(n, kind):
    # of everybody else only n - 7,002 people remain, from one to nine
    table = build(study((RURAL, dataclasses.replace(BY_AREA, n=n)), (AREA,)))
    assert table.cell("trust-area-difference_rural_others", "estimate").kind == kind
    enough = build(study((RURAL, BY_AREA), (AREA,)))
    assert enough.cell("trust-area-difference_rural_others", "estimate").value == -0.15


def test_a_group_that_cannot_be_had_prints_its_reason():
    absent = made.unavailable(TRUST, SEX, "all", "2 treated clusters", sample="men")
    none = made.unavailable(TRUST, SEX, "all", "no effect for men", sample="difference:women-men")
    table = build(study((WOMEN,), check_unavailable=(absent, none)))
    shown = table.cell("trust-sex-difference_women_men", "estimate").text
    assert shown == "not available: no effect for men"


@pytest.mark.parametrize(("count", "said"), [(9, "fewer than 10"), (10, "By sex 10"), (0, "")])
def test_interviews_without_the_trait_are_counted_but_few_are_not(count, said):
    counted = (made.diagnostic(TRUST, SEX, "interviews_without_trait", count),)
    note = next(
        n for n in build(study(check_diagnostics=counted)).notes if n.startswith("Not covered")
    )
    assert said in note
    assert ("without the characteristic" in note) == bool(count)


def test_cohorts_are_descriptive_and_not_corrected():
    entry = check("entry", (), None, kind="cohorts")
    first = row(entry, "only:first", 0.1, (0.0, 0.2), 0.2)
    between = row(entry, "difference:first-first", 0.9, (0.8, 1.0), 0.001)
    table = build(study((*SEX_ROWS, first, between), (SEX, entry)))
    assert table.cell("trust-entry-difference_first_first", "p_adjusted").kind == "none"
    assert "of 1 adjusted p-values" in dict(table.said)["trust"]
    at = next(r for r in table.rows if r.id == "trust-entry-difference_first_first")
    assert at.group.endswith("(descriptive)")
    assert "not randomised" in table.cell(at.id, "known").text
    assert any("Differences between cohorts are not adjusted" in n for n in table.notes)


def test_outcomes_stand_one_after_the_other():
    crime = tuple(
        dataclasses.replace(e, outcome="crime", unit=CRIME.unit, estimate=-2.0) for e in SEX_ROWS
    )
    table = build(study((*SEX_ROWS, *crime)), ("trust", "crime"))
    assert [r.id.split("-")[0] for r in table.rows] == ["trust", "crime"]
    said = dict(table.said)
    assert set(said) == {"trust", "crime", "looks"}
    assert said["looks"] == (
        "We compared the effect between groups (2 differences, 2 outcomes): no adjusted p is below"
        " 5%, which does not show that the effects are equal. p is adjusted within each outcome"
        " only."
    )
    note = next(n for n in table.notes if n.startswith("Adjusted p. Adjusted within one outcome:"))
    assert "Across several outcomes, it understates the number of comparisons." in note


def test_the_looks_of_one_outcome_are_counted_without_those_that_are_withheld():
    clear = dataclasses.replace(BY_SEX, p_adjusted=0.049)
    said = dict(build(study((WOMEN, MEN, clear))).said)["looks"]
    assert said == (
        "We compared the effect between groups (1 difference, 1 outcome): 1 adjusted p is below 5%."
    )
    few = dataclasses.replace(WOMEN, n=9)
    said = dict(build(study((few, MEN, clear))).said)["looks"]
    assert said == "No difference between groups can be shown."


def test_neither_a_result_nor_a_reason_stops_the_build():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(study(()))
    with pytest.raises(ReportError, match="no check of the kind"):
        build(study((), ()))
