"""Suppression at the thresholds themselves: one below, at, one above."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

from evaluation.config.dictionary import AskedIf
from evaluation.locale.messages import wording
from evaluation.report import builders, disclosure
from evaluation.report.disclosure import what_counts
from evaluation.report.formats import table
from evaluation.report.linked_counts import parts
from evaluation.report.row_disclosure import is_of_clusters
from evaluation.report.table_disclosure import protected
from evaluation.report.tables import balance
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

AGAIN = examples.balance("reinterviewed", "attrition")

TRUST, _, THREATS = examples.OUTCOMES
STUDY = examples.STUDY  # fewer than 10 respondents, fewer than 3 clusters


@pytest.mark.parametrize(
    ("n", "clusters", "small"),
    [
        (9, 35, True),
        (10, 35, False),
        (11, 35, False),
        (500, 2, True),
        (500, 3, False),
        (500, 4, False),
        (0, 0, False),
        (500, 0, True),
        (None, 35, True),
        (500, None, True),
        (math.nan, 35, True),
        (500, math.nan, True),
    ],
)
def test_small_cell(n, clusters, small):
    assert disclosure.is_small(n, clusters, study=STUDY) is small


@pytest.mark.parametrize(
    ("count", "of", "shown"),
    [
        (9, "interviews", False),
        (-9, "interviews", False),
        (10, "interviews", True),
        (-10, "interviews", True),
        (2, "clusters", False),
        (3, "clusters", True),
        (0, "interviews", True),
        (0, "clusters", True),
        (1, "things", True),
        (None, "things", False),
        (None, "interviews", False),
        (math.nan, "clusters", False),
    ],
)
def test_one_function_says_whether_a_count_is_shown(count, of, shown):
    assert disclosure.is_shown(count, of, STUDY) is shown


@pytest.mark.parametrize(("counts", "withheld"), CASES["withheld"])
def test_withheld_parts(counts, withheld):
    assert parts(counts, [3] * len(counts), STUDY) == tuple(withheld)


def test_marks_are_one_for_each_part():
    for secret in ((False,), (False,) * 4):
        with pytest.raises(ValueError, match="zip"):
            parts((10, 11, 12), (3, 3, 3), STUDY, secret=secret)


def test_part_withheld_for_few_clusters_takes_another_with_it():
    # 12 respondents in too few clusters: alone, the total would give them away
    found = parts((12, 60, 50), (3, 3, 3), STUDY, secret=(True, False, False))
    assert found == (True, False, True)


@pytest.mark.parametrize(
    ("mean", "whole", "certain"),
    [
        # 1e-9 of the whole: of 100, of 1, and of counts, where the whole is without a bound
        (100.0 - 9e-8, 100.0, True),
        (100.0 - 1.1e-7, 100.0, False),
        (100.0 + 9e-8, 100.0, True),
        (-9e-8, 100.0, True),
        (1.1e-7, 100.0, False),
        (9e-10, 1.0, True),
        (1.1e-9, 1.0, False),
        (9e-10, math.inf, True),
        (1.1e-9, math.inf, False),
        (100.0, math.inf, False),
        (50.0, 100.0, False),
    ],
)
def test_certainty_is_relative_to_the_whole(mean, whole, certain):
    assert disclosure.is_certain(mean, whole=whole) is certain


@pytest.mark.parametrize(("changes", "away"), CASES["left_out"])
def test_what_a_row_leaves_out_of_another(changes, away):
    """The whole: 7,012 respondents in 35 and 35 clusters; ten and three are the minima."""
    whole = examples.estimate(TRUST, examples.SPECIFICATION, "cv1")
    row = dataclasses.replace(whole, **changes)
    assert (disclosure.why_not_beside(row, whole, study=STUDY) is not None) is away


@pytest.mark.parametrize(
    ("affected", "away"), [(0, False), (2, True), (3, False), (math.nan, True)]
)
def test_clusters_that_lose_interviews_and_stay_are_counted_too(affected, away):
    whole = examples.estimate(TRUST, examples.SPECIFICATION, "cv1")
    row = dataclasses.replace(whole, n=whole.n - 12)
    reason = disclosure.why_not_beside(row, whole, study=STUDY, affected=affected)
    assert (reason is not None) is away
    if reason is not None:
        assert reason.text("en").endswith(f"fewer than {STUDY.minimum_clusters}")


@pytest.mark.parametrize(("letters", "expected"), CASES["in_turn"])
def test_values_that_are_left_out_in_turn(letters, expected):
    """The first half are treated; a dash has no value. At least three may be told of."""
    half = len(letters) // 2
    groups = letters[:half], letters[half:]
    counts = {v: tuple(g.count(v) for g in groups) for v in sorted({*letters} - {"-"})}
    study = dataclasses.replace(STUDY, minimum_clusters=3)
    hidden = disclosure.hidden_values(counts, (half, len(letters) - half), study=study)
    assert hidden == set(expected)


def levels_with(outcome, **changes):
    """The small study with one cell of one outcome changed (treatment group at endline)."""
    made = examples.records().levels
    changed = tuple(
        dataclasses.replace(x, **changes)
        if (x.outcome, x.arm, x.round) == (outcome.id, "treated", "endline")
        else x
        for x in made
    )
    return examples.source(levels=changed)


@pytest.mark.parametrize(
    ("outcome", "changes", "kind"),
    [
        (TRUST, {"n": 9}, "suppressed"),
        (TRUST, {"n": 10}, "number"),
        (TRUST, {"n": 11}, "number"),
        (TRUST, {"n_clusters": 2}, "suppressed"),
        (TRUST, {"n_clusters": 3}, "number"),
        (THREATS, {"n": 29}, "suppressed"),  # sensitive outcomes need thirty
        (THREATS, {"n": 30}, "number"),
        (THREATS, {"mean": 0.0}, "suppressed"),
        (THREATS, {"mean": 100.0}, "suppressed"),
        (THREATS, {"mean": 99.9}, "number"),
        # a weighted mean of 0 and 100 in floats: 1e-9 of the whole is 1e-7 points
        (THREATS, {"mean": 100.0 - 1.5e-14}, "suppressed"),
        (THREATS, {"mean": 1.5e-14}, "suppressed"),
        (THREATS, {"mean": 100.0 - 2e-7}, "number"),
    ],
)
def test_level_cell(outcome, changes, kind):
    table = builders.build(examples.exhibit("levels"), levels_with(outcome, **changes))
    row = f"{outcome.id}-treated"
    for column in ("mean_endline", "std_error_endline"):
        assert table.cell(row, column).kind == kind
    count = "count" if kind == "number" else kind
    assert table.cell(row, "n_endline").kind == count
    # one of four levels could be worked out from the effect and the other three
    assert table.cell(row, "mean_baseline").kind == kind
    assert table.cell(row, "n_baseline").kind == count
    other = f"{outcome.id}-comparison"
    assert table.cell(other, "mean_baseline").kind == "number"
    assert table.cell(other, "mean_endline").kind == "number"


@pytest.mark.parametrize("arm", ["treated", "comparison"])
@pytest.mark.parametrize("round_", ["baseline", "endline"])
def test_a_withheld_level_cannot_be_had_from_the_effect_and_the_others(arm, round_):
    """The reader's arithmetic: unknown levels of one equation, effect = (t1 - t0) - (c1 - c0)."""
    changed = tuple(
        dataclasses.replace(x, n=9) if (x.outcome, x.arm, x.round) == ("trust", arm, round_) else x
        for x in examples.records().levels
    )
    source = examples.source(levels=changed)
    table = builders.build(examples.exhibit("levels"), source)
    cells = {
        (a, r): table.cell(f"trust-{a}", f"mean_{r}").kind
        for a in ("treated", "comparison")
        for r in ("baseline", "endline")
    }
    hidden = {place for place, kind in cells.items() if kind == "suppressed"}
    assert (arm, round_) in hidden
    assert len(hidden) >= 2
    # nor from the same numbers beside the effect
    effects = builders.build(examples.exhibit("effects"), source)
    for a, r in hidden:
        assert effects.cell("trust", f"n_{a}_{r}").kind == "suppressed"
    shown = effects.cell("trust", "baseline_mean").kind
    assert (shown == "suppressed") is (("comparison", "baseline") in hidden)


@pytest.mark.parametrize(("n", "named"), [(29, False), (30, True)])
def test_the_sample_note_keeps_to_the_higher_minimum_of_sensitive_outcomes(n, named):
    levels = tuple(
        dataclasses.replace(x, n=n) if (x.outcome, x.arm) == ("threats", "treated") else x
        for x in examples.records().levels
    )
    exhibit = examples.exhibit("levels", outcomes=("threats",))
    table = builders.build(exhibit, examples.source(levels=levels))
    (note,) = [x for x in table.notes if x.startswith("Sample")]
    assert (f" {n} (" in note) is named


def test_rule_is_in_the_notes():
    table = builders.build(examples.exhibit("levels"), examples.source())
    assert any("fewer than 10 respondents or fewer than 3 villages" in n for n in table.notes)


@pytest.mark.parametrize("n", [7, 70])
def test_the_rule_is_said_once(n):
    """By the builder that knows of it; else where something is withheld."""
    table = builders.build(examples.exhibit("levels"), levels_with(TRUST, n=n))
    said = disclosure.rule_note(STUDY, "en")
    assert " ".join(table.notes).count(said) == 1
    effects = builders.build(examples.exhibit("effects"), levels_with(TRUST, n=n))
    assert " ".join(effects.notes).count(said) == (n == 7)


@pytest.mark.parametrize("synthetic", [True, False])
def test_plan_hashes_and_the_mark_of_invented_data_stay_the_last_notes(synthetic):
    study = dataclasses.replace(STUDY, synthetic=synthetic)
    configuration = dataclasses.replace(examples.CONFIGURATION, study=study)
    table = builders.build(examples.exhibit("levels"), examples.source(configuration))
    begins = [note.split(".")[0].split(":")[0] for note in table.all_notes]
    last = ["Interviews", "Plan", "Made from", *(["SYNTHETIC DATA"] if synthetic else [])]
    assert begins[-len(last) :] == last


def test_small_number_is_not_in_the_notes_either():
    table = builders.build(examples.exhibit("levels"), levels_with(TRUST, n=7))
    assert not any("7 to" in note or ": 7 " in note for note in table.notes)


def test_weighted_mean_of_nothing_but_hundreds_is_certain():
    # these seven weights miss 100 by one unit in the last place: 0.1, 0.2, 0.30000000000000004 ...
    weights = [0.1 * k for k in range(1, 8)]
    mean = float(np.average([100.0] * 7, weights=weights))
    assert mean != 100.0
    table = builders.build(examples.exhibit("levels"), levels_with(THREATS, mean=mean))
    assert table.cell("threats-treated", "mean_endline").kind == "suppressed"


def at_baseline(outcome, arm="comparison", **changes):
    """The small study with one baseline cell of one outcome changed."""
    return examples.source(
        levels=tuple(
            dataclasses.replace(x, **changes)
            if (x.outcome, x.arm, x.round) == (outcome.id, arm, "baseline")
            else x
            for x in examples.records().levels
        )
    )


# what gives the mean or the SD away: the effect over the effect in SD is the SD
BASELINE = ("baseline_mean", "baseline_sd", "estimate_sd")


@pytest.mark.parametrize(
    ("outcome", "changes", "kind"),
    [
        (TRUST, {"n": 9}, "suppressed"),
        (TRUST, {"n": 10}, "shown"),
        (TRUST, {"n_clusters": 2}, "suppressed"),
        (TRUST, {"n_clusters": 3}, "shown"),
        (THREATS, {"n": 29}, "suppressed"),
        (THREATS, {"n": 30}, "shown"),
        (THREATS, {"mean": 0.0}, "suppressed"),
        (THREATS, {"mean": 100.0}, "suppressed"),
        (THREATS, {"mean": 99.9}, "shown"),
        (TRUST, {"arm": "treated", "n": 9}, "shown"),  # another group's cell
    ],
)
def test_baseline_level_beside_an_effect(outcome, changes, kind):
    source = at_baseline(outcome, **{"arm": "comparison", **changes})
    table = builders.build(examples.exhibit("effects"), source)
    for column in BASELINE:
        assert (table.cell(outcome.id, column).kind == "suppressed") is (kind == "suppressed")
    assert table.cell(outcome.id, "estimate").kind == "effect"
    assert table.cell("crime", "baseline_mean").kind == "number"
    withheld = any(cell.kind == "suppressed" for row in table.rows for cell in row.cells)
    assert any(note.startswith("Suppressed. ") for note in table.notes) is withheld


def test_baseline_level_is_withheld_with_the_other_round_of_its_arm():
    levels = tuple(
        dataclasses.replace(x, n=9) if (x.arm, x.round) == ("comparison", "endline") else x
        for x in examples.records().levels
    )
    table = builders.build(examples.exhibit("effects"), examples.source(levels=levels))
    assert table.cell("trust", "baseline_mean").kind == "suppressed"
    assert table.cell("trust", "n_comparison_endline").kind == "suppressed"
    assert table.cell("trust", "n_treated_endline").kind == "count"


def test_interviews_behind_an_effect_follow_the_rule_of_the_levels():
    table = builders.build(examples.exhibit("effects"), at_baseline(THREATS, n=29))
    assert table.cell("threats", "n_comparison_baseline").kind == "suppressed"
    assert table.cell("trust", "n_comparison_baseline").kind == "count"


@pytest.mark.parametrize("mean", [0.0, 100.0, 18.4])
def test_baseline_of_an_analysis_file_has_no_level_and_is_judged_by_itself(mean):
    specification = dataclasses.replace(examples.SPECIFICATION, data="analysis")
    plan = dataclasses.replace(examples.PLAN, specification=(specification,))
    preregistration = dataclasses.replace(examples.CONFIGURATION.preregistration, plan=plan)
    configuration = dataclasses.replace(examples.CONFIGURATION, preregistration=preregistration)
    made = tuple(
        dataclasses.replace(e, baseline_comparison_mean=mean)
        for e in examples.records(configuration).estimates
    )
    source = examples.source(configuration, estimates=made, levels=())
    table = builders.build(examples.exhibit("effects"), source)
    suppressed = table.cell("threats", "baseline_mean").kind == "suppressed"
    assert suppressed is (mean != 18.4)
    assert table.cell("crime", "baseline_mean").kind == "number"  # not sensitive


def test_figure_of_effects_does_not_give_a_withheld_sd_away():
    figure = builders.draw(examples.exhibit("coefficient_plot"), at_baseline(THREATS, n=29))
    for column in ("estimate_sd", "ci_low_sd", "ci_high_sd", "smallest_effect_sd"):
        assert figure.data.cell("threats-did_main", column).kind == "suppressed"
    assert figure.data.cell("threats-did_main", "estimate").kind == "effect"
    assert figure.data.cell("crime-did_main", "estimate_sd").kind == "effect"
    # nor does the picture: another SD leaves it as it is
    levels = at_baseline(THREATS, n=29).records.levels
    made = tuple(
        dataclasses.replace(e, baseline_comparison_sd=3.0, estimate_sd=-0.8)
        if e.outcome == "threats"
        else e
        for e in examples.records().estimates
    )
    other = builders.draw(
        examples.exhibit("coefficient_plot"), examples.source(levels=levels, estimates=made)
    )
    assert figure.svg == other.svg


@pytest.mark.parametrize(("changes", "kind"), CASES["balance"])
@pytest.mark.parametrize(("sample", "row"), [("all", "q2"), ("stayers", "q2-stayers-baseline")])
def test_balance_row(sample, row, changes, kind):
    source = examples.source(balance=(examples.balance("q2", sample, **changes), AGAIN))
    table = builders.build(examples.exhibit("balance"), source)
    for column in table.columns[2:]:
        assert (table.cell(row, column.id).kind == "suppressed") is (kind == "suppressed")
    assert table.cell(row, "mean_treated").kind == kind


OF_CLUSTERS = {"n": 347, "n_clusters": 347, "n_treated": 173, "n_comparison": 174,
               "n_clusters_treated": 173, "n_clusters_comparison": 174}  # fmt: skip
ROUNDED = wording("interviews-rounded", "en", least=10)


def of_so_many(treated: int, comparison: int) -> dict[str, int]:
    """Numbers of a row of the frame with so many clusters in each group."""
    whole = {"n": treated + comparison, "n_clusters": treated + comparison}
    groups = {"treated": treated, "comparison": comparison}
    return {**whole, **{f"{p}_{g}": n for g, n in groups.items() for p in ("n", "n_clusters")}}


def balance_table(*rows):
    return builders.build(examples.exhibit("balance"), examples.source(balance=(*rows, AGAIN)))


def test_a_row_of_clusters_counts_clusters():
    """347 police beats are 347: no interview stands behind a variable of the frame."""
    of_clusters = examples.balance("population", "clusters", **OF_CLUSTERS)
    made = balance_table(examples.balance("q2", "all", n=3497), of_clusters)
    assert made.cell("population-clusters-baseline", "n").value == 347
    assert made.cell("population-clusters-baseline", "n_clusters").value == 347
    assert made.cell("q2-all-baseline", "n").value == 3500
    assert ROUNDED in made.notes


@pytest.mark.parametrize(("builder", "value"), [("levels", 18.4), ("trend_plot", 18.4444)])
def test_a_mean_of_interviews_that_nobody_counts_has_the_digits_of_the_page(builder, value):
    """Only a public series may say more in its file."""
    bare = table.number(18.4444, decimals=1, unit="%")
    made = dataclasses.replace(
        builders.build(examples.exhibit("balance"), examples.source()),
        columns=(table.Column(id="mean", label="Mean"),),
        rows=(table.row("crime", bare),),
    )
    found = protected(made, examples.source(), builder=builder)
    assert found.rows[0].cells[-1].value == value


def test_clusters_alone_are_not_rounded_and_no_note_says_they_were():
    source = examples.source(balance=(examples.balance("population", "clusters", **OF_CLUSTERS),))
    rows = balance._rows(source, source.records.balance)
    made = builders.build(examples.exhibit("balance"), examples.source())
    alone = protected(dataclasses.replace(made, rows=rows), source, builder="balance")
    assert alone.cell("population", "n").value == 347
    assert protected(dataclasses.replace(made, notes=()), source, builder="balance").notes != ()
    bare = dataclasses.replace(made, rows=rows, notes=())
    assert protected(bare, source, builder="balance").notes == ()


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        # fewer clusters than may be told, and fewer in one group
        ({**OF_CLUSTERS, "n": 2, "n_clusters": 2}, None),
        ({**OF_CLUSTERS, "n_clusters_treated": 2}, None),
        # a number that is none of clusters stays one of interviews
        ({**OF_CLUSTERS, "n": 348}, 350),
        # nobody is behind eight clusters of the frame; the least of clusters is three
        (of_so_many(4, 4), 8),
        (of_so_many(3, 5), 8),
        (of_so_many(2, 6), None),
    ],
)
def test_a_row_of_clusters_is_withheld_like_any_other(changes, shown):
    made = balance_table(
        examples.balance("q2", "all"), examples.balance("population", "clusters", **changes)
    )
    assert made.cell("population-clusters-baseline", "n").value == shown


@pytest.mark.parametrize(("personal", "own"), [("quasi", True), ("direct", False)])
def test_clusters_that_are_persons_are_told_as_persons(personal, own):
    configuration = examples.source().configuration
    named = configuration.dictionary.variables[configuration.study.columns.cluster]
    record = examples.balance("population", "clusters", **of_so_many(4, 4))
    assert is_of_clusters(record, dataclasses.replace(named, personal=personal)) is own


@pytest.mark.parametrize("column", ["n_treated", "people", "interviews", "unknown"])
def test_what_a_row_says_is_of_its_column_n_alone(column):
    said = what_counts("balance", column=column, row="x", own="clusters")
    assert said == what_counts("balance", column=column, row="x") != "clusters"


@pytest.mark.parametrize("row", ["n_clusters-all-baseline", "clusters-stayers-baseline"])
def test_a_variable_may_be_called_like_clusters(row):
    assert what_counts("balance", column="n", row=row) == "interviews"


def with_personal(personal, kind="binary"):
    """The small study with its one variable in another class of personal data."""
    dictionary = examples.CONFIGURATION.dictionary
    changed = dataclasses.replace(dictionary.variables["q2"], personal=personal, type=kind)
    return dataclasses.replace(
        examples.CONFIGURATION,
        dictionary=dataclasses.replace(
            dictionary, variables={**dictionary.variables, "q2": changed}
        ),
    )


@pytest.mark.parametrize("personal", ["sensitive", "direct"])
@pytest.mark.parametrize(("changes", "kind"), CASES["sensitive_balance"])
@pytest.mark.parametrize(("sample", "row"), [("all", "q2"), ("leavers", "q2-leavers-baseline")])
def test_balance_row_of_a_sensitive_variable(sample, row, personal, changes, kind):
    rows = (examples.balance("q2", sample, **changes), AGAIN)
    source = examples.source(with_personal(personal), balance=rows)
    table = builders.build(examples.exhibit("balance"), source)
    assert table.cell(row, "mean_treated").kind == kind


@pytest.mark.parametrize(("n", "kind"), [(29, "suppressed"), (30, "number")])
def test_balance_row_of_an_item_that_a_sensitive_answer_leads_to(n, kind):
    dictionary = examples.CONFIGURATION.dictionary
    first = dataclasses.replace(dictionary.variables["q2"], name="first", personal="sensitive")
    then = dataclasses.replace(
        dictionary.variables["q2"], asked_if=AskedIf(variable="first", values=(1,))
    )
    variables = {**dictionary.variables, "first": first, "q2": then}
    asked = dataclasses.replace(
        examples.CONFIGURATION, dictionary=dataclasses.replace(dictionary, variables=variables)
    )
    source = examples.source(asked, balance=(examples.balance("q2", "all", n_treated=n), AGAIN))
    assert (
        builders.build(examples.exhibit("balance"), source).cell("q2", "mean_treated").kind == kind
    )


@pytest.mark.parametrize(("mean", "kind"), [(0.0, "suppressed"), (1.0, "number")])
def test_sensitive_count_is_certain_at_zero_only(mean, kind):
    rows = (examples.balance("q2", "all", mean_treated=mean), AGAIN)
    source = examples.source(with_personal("sensitive", "count"), balance=rows)
    table = builders.build(examples.exhibit("balance"), source)
    assert table.cell("q2", "mean_treated").kind == kind


def test_sensitive_outcome_in_the_balance_table():
    rows = (examples.balance("threats", "all", mean_treated=100.0), AGAIN)
    table = builders.build(examples.exhibit("balance"), examples.source(balance=rows))
    assert table.cell("threats", "mean_treated").kind == "suppressed"


@pytest.mark.parametrize(("mean", "kind"), [(1.0, "suppressed"), (0.9, "number")])
def test_one_answer_that_everybody_gave_is_certain(mean, kind):
    """A share of the one answer, whatever the numbers of the others are."""
    rows = (examples.balance("q2=1", "all", mean_treated=mean), AGAIN)
    source = examples.source(with_personal("sensitive", "nominal"), balance=rows)
    table = builders.build(examples.exhibit("balance"), source)
    assert table.cell("q2_1", "mean_treated").kind == kind


def test_no_value_of_a_sensitive_variable_can_be_worked_out_from_the_others():
    # shares of the values sum to one: with one withheld, the rest give it away
    rows = (
        examples.balance("q2=1", "all", mean_treated=0.0),
        examples.balance("q2=2", "all", mean_treated=0.4),
        examples.balance("q2=3", "all", mean_treated=0.6),
        AGAIN,
    )
    source = examples.source(with_personal("sensitive", "nominal"), balance=rows)
    table = builders.build(examples.exhibit("balance"), source)
    assert {table.cell(f"q2_{n}", "mean_treated").kind for n in (1, 2, 3)} == {"suppressed"}


def test_stayers_are_withheld_with_leavers():
    # all respondents minus stayers are the leavers
    rows = (examples.balance("q2", "stayers"), examples.balance("q2", "leavers", n_treated=9))
    table = builders.build(examples.exhibit("balance"), examples.source(balance=rows))
    for sample in ("stayers", "leavers"):
        assert table.cell(f"q2-{sample}-baseline", "mean_treated").kind == "suppressed"


def test_large_difference_of_a_withheld_row_is_not_named():
    row = examples.balance("q2", "all", n_treated=9, normalised_difference=0.9)
    table = builders.build(examples.exhibit("balance"), examples.source(balance=(row, AGAIN)))
    assert not any("0.90" in note for note in table.notes)
    assert "0.90" not in dict(table.said)["beyond"]


@pytest.mark.parametrize(
    ("n", "text", "kind"),
    [(1, "fewer than 10", "suppressed"), (9, "fewer than 10", "suppressed"),
     (10, "10", "count"), (11, "11", "count")],
)  # fmt: skip
def test_count_of_corrections(n, text, kind):
    (made,) = examples.records().corrections
    source = examples.source(corrections=(dataclasses.replace(made, n=n),))
    table = builders.build(examples.exhibit("corrections"), source)
    cell = table.cell("baseline-drop-typed_twice", "n_corrections")
    assert (cell.text, cell.kind) == (text, kind)
    assert cell.value == (None if kind == "suppressed" else n)
    assert any("fewer than 10" in note for note in table.notes)


def test_findings_say_which_small_counts_are_withheld():
    table = builders.build(examples.exhibit("findings"), examples.source())
    (note,) = [n for n in table.notes if n.startswith("Counts. ")]
    assert "Counts below 10 interviews or 3 villages are not shown" in note


def flow_of(*removed):
    """One group and round: 500 valid interviews, and the removals ``(step, reason, n)``."""
    left_out = sum(n for _, _, n in removed)
    return examples.source(
        flow=(
            examples.flow("baseline", "treated", "delivered", 500 + left_out),
            *(examples.flow("baseline", "treated", s, n, reason) for s, reason, n in removed),
            examples.flow("baseline", "treated", "valid", 500),
        )
    )


@pytest.mark.parametrize(("n", "kind"), [(9, "suppressed"), (10, "count"), (11, "count")])
def test_sum_of_all_removals(n, kind):
    table = builders.build(examples.exhibit("flow"), flow_of(("no_consent", "", n)))
    assert table.cell("baseline-left_out", "n_treated").kind == kind
    # delivered minus valid is the sum: where the sum is withheld, the number delivered is too
    assert table.cell("baseline-delivered", "n_treated").kind == kind
    assert table.cell("baseline-valid", "n_treated").kind == "count"


def test_reasons_that_are_all_withheld_are_named_without_a_count():
    source = flow_of(("no_consent", "", 8), ("dropped", "sent twice; the first is kept", 3))
    table = builders.build(examples.exhibit("flow"), source)
    assert [row.id for row in table.rows] == [
        "baseline-delivered", "baseline-left_out", "baseline-valid",
    ]  # fmt: skip
    assert table.cell("baseline-left_out", "n_treated").value == 11
    assert table.cell("baseline-left_out", "reason").text == "no consent; sent twice"


def test_a_reason_is_not_shown_where_the_sum_would_give_the_other_away():
    source = flow_of(("no_consent", "", 16), ("dropped", "sent twice", 3))
    table = builders.build(examples.exhibit("flow"), source)
    assert table.cell("baseline-left_out", "n_treated").value == 19
    assert "16" not in [c.text for row in table.rows for c in row.cells]


def test_reasons_large_enough_keep_their_rows():
    source = flow_of(("no_consent", "", 16), ("dropped", "sent twice", 12))
    table = builders.build(examples.exhibit("flow"), source)
    assert table.cell("baseline-no_consent", "n_treated").value == 16
    assert table.cell("baseline-dropped-sent_twice", "n_treated").value == 12


def test_the_diagram_names_reasons_behind_their_sum():
    source = flow_of(("no_consent", "", 8), ("dropped", "sent twice; the first is kept", 3))
    alt = builders.draw(examples.exhibit("flow_diagram"), source).alt
    assert (
        "Delivered: 511. − 11 excluded: no consent; sent twice. Valid: 500 in 35 villages." in alt
    )


def test_the_diagram_does_not_show_that_a_group_lacks_a_reason():
    source = flow_of(("no_consent", "", 12), ("dropped", "sent twice", 3))
    other = [
        dataclasses.replace(f, arm="comparison", n=0 if f.step == "dropped" else f.n)
        for f in source.records.flow
    ]
    both = examples.source(flow=(*source.records.flow, *other))
    alt = builders.draw(examples.exhibit("flow_diagram"), both).alt
    assert alt.count("excluded: no consent; sent twice.") == 2
    assert ";;" not in alt


@pytest.mark.parametrize(
    ("n", "least", "shown"), [(1294, 10, 1290), (1295, 10, 1300), (7, 5, 5), (8, 5, 10)]
)
def test_interviews_are_rounded_to_the_nearest_and_halves_go_up(n, least, shown):
    assert disclosure.rounded_interviews(n, least) == shown


@pytest.mark.property
@pytest.mark.parametrize("rest", range(4))
def test_what_is_left_out_in_turn_tells_of_nobody_few_whatever_the_counts(rest):
    """Every three values of up to five clusters: what the shown ones leave is nobody, or enough."""
    study = dataclasses.replace(STUDY, minimum_clusters=3)
    for numbers in itertools.product(range(6), repeat=3):
        counts = {name: (n, 4) for name, n in zip("ABC", numbers, strict=True)}
        hidden = disclosure.hidden_values(counts, (sum(numbers) + rest, 12), study=study)
        shown = [counts[name][0] for name in counts.keys() - hidden]
        assert all(n == 0 or n >= 3 for n in shown)
        for left in (sum(numbers) - sum(shown), sum(numbers) + rest - sum(shown)):
            assert left == 0 or left >= 3 or not any(shown)
