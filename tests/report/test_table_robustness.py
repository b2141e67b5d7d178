"""Which rows count for the primary verdict, which are withheld, and what rows leave out."""

import dataclasses

import pytest

from evaluation.report import agreement, figures, layout, tables
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import TRUST

# 0.10 with an interval from 0.02 to 0.18 and 0.1 the smallest that matters: effect detected.
TOP = examples.estimate(
    TRUST, examples.SPECIFICATION, "wcr_s", estimate=0.10, ci_low=0.02, ci_high=0.18, n=7000
)


def check(identifier, kind, theme="model", **changes):
    return dataclasses.replace(
        made.check("bracket"),
        id=identifier,
        kind=kind,
        theme=theme,
        label=examples.both(f"Check {identifier}"),
        answers=examples.both(f"What {identifier} answers."),
        **changes,
    )


def row(check_, estimate, sample="all", **changes):
    """An estimate with an interval of 0.08 on each side."""
    values = {"estimate": estimate, "ci_low": estimate - 0.08, "ci_high": estimate + 0.08}
    return made.of_check(TRUST, check_, sample, **{**values, "n": 7000, **changes})


def study(*pairs, diagnostics=(), absent=(), primary=TOP):
    checks = dict.fromkeys(c for c, _ in pairs)
    return made.source(
        *checks,
        primary=(primary,),
        check_estimates=tuple(e for _, e in pairs if e is not None),
        check_diagnostics=tuple(diagnostics),
        check_unavailable=tuple(absent),
    )


def build(source):
    return tables.build(examples.exhibit("robustness", outcomes=("trust",)), source)


def asked(source):
    return {x.line.id: x.asks for x in agreement.judged(source, TRUST)}


MONTHS = check("months", "controls")
COHORT = check("cohort", "leave_out")
CONLEY = check("conley", "conley")
CHANGES = check("changes", "first_differences")
MIX = check("mix", "composition")
PANEL = check("panel", "attrition_weights")
EXPOSED = check("exposed", "leave_exposed")
MATCHED = check("matched", "matching")


def test_a_row_of_another_estimand_stands_under_other_weights_whatever_its_check_doubts():
    table = build(
        study((CHANGES, row(CHANGES, 0.07, estimand="respondents")), (MONTHS, row(MONTHS, 0.09)))
    )
    groups = {r.id: r.group for r in table.rows}
    assert groups == {
        "primary": "",
        "changes": "Other weights: another question",
        "months": "Model",
    }
    assert [r.id for r in table.rows] == ["primary", "changes", "months"]


def test_no_row_has_a_conclusion_and_counts_of_both_groups_in_one_column():
    found = row(MONTHS, 0.12, n_clusters_treated=35, n_clusters_comparison=34)
    table = build(study((MONTHS, found)))
    page = layout.printed(table)
    assert page.head[1:4] == ("Effect (standard error)", "95% interval", "p")
    assert page.head[-2] == "Treatment villages / comparison villages"
    nb = "\N{NO-BREAK SPACE}"
    assert page.rows[1].cells[-2][0] == f"35{nb}/{nb}34"
    # downloads keep the two counts apart
    assert table.cell("months", "n_clusters_treated").value == 35
    assert table.cell("months", "n_clusters_comparison").value == 34


def test_only_the_primary_question_counts_and_no_estimate_counts_twice():
    source = study(
        (MONTHS, row(MONTHS, 0.12)),
        (COHORT, row(COHORT, 0.2, "without:b", n_clusters_treated=25)),
        (CONLEY, row(CONLEY, 0.10, "within:50", step="conley")),
        (CONLEY, row(CONLEY, 0.10, "within:100", step="conley")),
        (MIX, row(MIX, 0.11, "target:treated_endline")),
        (MIX, row(MIX, 0.3, "target:baseline")),
        (PANEL, row(PANEL, 0.4, "panel:unweighted")),
    )
    assert asked(source) == {
        "months": "same",
        "cohort-without_b": "some places",
        "conley-within_50": "repeats",
        "conley-within_100": "repeats",
        "mix-target_treated_endline": "same",
        "mix-target_baseline": "other weights",
        "panel-panel_unweighted": "other people",
    }
    said = dict(build(source).said)["agreement"]
    # 0.12 and 0.11 with 0.08 on each side exclude zero and reach 0.1, like the primary interval
    assert "the primary verdict is effect detected." in said
    assert "2 rows ask the primary question with an estimate of their own: all give" in said
    assert "lie between +0.11 and +0.12 SD" in said
    assert "Of 5 other rows (other weights" in said
    assert "+0.40" not in said


def test_a_row_with_another_verdict_is_not_counted_as_agreement():
    # 0.05 with 0.08 on each side holds zero and 0.1: inconclusive
    said = dict(build(study((MONTHS, row(MONTHS, 0.05)))).said)["agreement"]
    assert "1 row asks the primary question with an estimate of its own: none gives" in said


def test_estimates_apart_by_more_than_rounding_are_two():
    near = study((MONTHS, row(MONTHS, 0.10 * (1 + 1e-8))))
    assert asked(near) == {"months": "same"}
    same = study((MONTHS, row(MONTHS, 0.10 * (1 + 1e-12))))
    assert asked(same) == {"months": "repeats"}


@pytest.mark.parametrize(
    ("changes", "hidden"),
    [
        ({"n_clusters_comparison": 34}, True),
        ({"n_clusters_comparison": 33}, True),
        ({"n_clusters_comparison": 32}, False),
        ({"n_clusters_treated": 33}, True),
        ({"n_clusters_comparison": 35, "n": 6991}, True),
        ({"n_clusters_comparison": 35, "n": 6990}, False),
        ({"n_clusters_comparison": 35, "n": 7000}, False),
    ],
)
def test_a_row_that_leaves_too_little_out_is_withheld(changes, hidden):
    # fewer than 3 clusters or 10 respondents: the primary estimate less the row would tell theirs
    left_out = made.diagnostic(
        TRUST, EXPOSED, "clusters_left_out_comparison", 1, sample="without:exposed"
    )
    found = row(EXPOSED, 0.09, "without:exposed", **changes)
    table = build(study((EXPOSED, found), diagnostics=(left_out,)))
    identifier = "exposed-without_exposed"
    cell = table.cell(identifier, "estimate")
    assert (cell.kind == "suppressed") is hidden
    assert all(x.value is None for x in table.rows[1].cells) is hidden
    assert any(note.startswith("Suppressed too.") for note in table.notes) is hidden
    figure = figures.draw(
        examples.exhibit("specification_curve", outcomes=("trust",)),
        study((EXPOSED, found), (MONTHS, row(MONTHS, 0.12))),
    )
    assert (identifier in {r.id for r in figure.data.rows}) is not hidden


def test_a_row_whose_weights_are_chosen_anew_is_no_subtraction():
    table = build(study((MATCHED, row(MATCHED, 0.09, n_clusters_treated=33))))
    assert table.cell("matched", "estimate").value == 0.09
    assert not any(note.startswith("Suppressed") for note in table.notes)


def test_what_rows_leave_out_is_counted_and_said():
    before = check("before", "before_date")
    sample = "before:2025-01-24"
    numbers = {
        "interviews_left_out_treated": 200,
        "interviews_left_out_comparison": 39,
        "clusters_left_out": 4,
    }
    table = build(
        study(
            (before, row(before, 0.09, sample, n=6561, n_clusters_treated=31)),
            diagnostics=[made.diagnostic(TRUST, before, *x, sample) for x in numbers.items()],
        )
    )
    identifier = "before-before_2025_01_24"
    assert table.cell(identifier, "interviews_left_out").value == 240
    assert table.cell(identifier, "fewer_interviews").value == 440
    assert table.cell(identifier, "clusters_left_out").value == 4
    note = next(n for n in table.notes if n.startswith("Left out."))
    assert (
        "240 interviews (treatment group 200, comparison group 40) and 4 villages;"
        " 440 interviews fewer than the primary estimate." in note
    )


@pytest.mark.parametrize(
    ("n", "said"), [(7001, "fewer than 10"), (6996, "fewer than 10"), (6990, "10"), (7000, "0")]
)
def test_a_small_difference_to_the_primary_estimate_is_not_counted(n, said):
    table = build(study((MONTHS, row(MONTHS, 0.12, n=n))))
    assert table.cell("months", "fewer_interviews").text == said


def test_a_group_with_few_interviews_left_out_takes_the_sum_with_it():
    before = check("before", "before_date")
    counts = {"interviews_left_out_treated": 50, "interviews_left_out_comparison": 3}
    table = build(
        study(
            (before, row(before, 0.09, "before:x", n=6947)),
            diagnostics=[made.diagnostic(TRUST, before, *x, "before:x") for x in counts.items()],
        )
    )
    for name in ("interviews_left_out", "interviews_left_out_comparison"):
        cell = table.cell("before-before_x", name)
        assert (cell.kind, cell.text) == ("suppressed", "fewer than 10")


def test_controls_that_cannot_be_told_apart_are_counted():
    numbers = {"controls_used": 14, "controls_left_out": 13, "rows_without_control": 4}
    table = build(
        study(
            (MONTHS, row(MONTHS, 0.12, n=6996)),
            diagnostics=[made.diagnostic(TRUST, MONTHS, *x) for x in numbers.items()],
        )
    )
    note = next(n for n in table.notes if n.startswith("Controls."))
    assert "14 of 27 controls can be told apart" in note
    assert "fewer than 10 interviews without a known control" in note
    assert table.cell("months", "rows_without_control").kind == "suppressed"
    assert table.cell("months", "controls_left_out").value == 13


def test_weights_that_are_made_once_are_said_to_be_held_fixed():
    strata = check("strata", "strata_round")
    notes = build(study((strata, row(strata, 0.12)))).notes
    assert any(n.startswith("Weights held fixed. Check strata:") for n in notes)
    assert not any(
        n.startswith("Weights held fixed.") for n in build(study((MONTHS, row(MONTHS, 0.12)))).notes
    )


def test_a_missing_row_prints_its_reason_and_is_said_to_be_missing():
    reason = "too few clusters left out to publish"
    absent = made.unavailable(TRUST, EXPOSED, "all", reason, sample="without:exposed")
    table = build(study((EXPOSED, None), (MONTHS, row(MONTHS, 0.12)), absent=(absent,)))
    assert table.cell("exposed-without_exposed", "estimate").text == f"not available: {reason}"
    assert "1 row cannot be shown; its reason stands" in dict(table.said)["agreement"]


def test_without_a_primary_estimate_nothing_is_judged():
    source = study((MONTHS, row(MONTHS, 0.12)))
    absent = made.unavailable(TRUST, MONTHS, "wcr_s", "no second round")
    absent = dataclasses.replace(absent, specification="did_main")
    records = dataclasses.replace(source.records, estimates=(), unavailable=(absent,))
    table = build(dataclasses.replace(source, records=records))
    assert table.said == ()
    assert table.cell("primary", "estimate").text == "not available: no second round"
    assert table.cell("months", "fewer_interviews").kind == "none"


def curve(source):
    return figures.draw(examples.exhibit("specification_curve", outcomes=("trust",)), source)


def test_the_curve_has_no_other_weights_and_says_what_open_dots_are():
    figure = curve(
        study(
            (MONTHS, row(MONTHS, 0.12)),
            (COHORT, row(COHORT, 0.5, "without:b", n_clusters_treated=25)),
            (MIX, row(MIX, 0.9, "target:baseline")),
            (CHANGES, row(CHANGES, 0.8, estimand="respondents")),
        )
    )
    assert [r.id for r in figure.data.rows] == ["primary", "months", "cohort-without_b"]
    assert figure.data.cell("cohort-without_b", "asks").text.startswith("another question")
    assert "2 filled dots ask the primary question, from +0.10 to +0.12 SD" in figure.alt
    assert "2 of their intervals exclude zero" in figure.alt
    assert "1 more row with an open dot asks something else." in figure.alt


def test_a_row_that_repeats_estimate_and_interval_is_drawn_once():
    one_out = check("one_out", "leave_one_out")
    twice = {"n_clusters_treated": 30, "n_clusters_comparison": 30}
    figure = curve(
        study(
            (COHORT, row(COHORT, 0.3, "without:b", **twice)),
            (one_out, row(one_out, 0.3, "without:b", **twice)),
            (one_out, row(one_out, 0.2, "without:c", **twice)),
            (CONLEY, row(CONLEY, 0.10, "within:50", step="conley", ci_low=0.0, ci_high=0.2)),
        )
    )
    assert [r.id for r in figure.data.rows] == [
        "primary",
        "conley-within_50",
        "one_out-without_c",
        "cohort-without_b",
    ]
