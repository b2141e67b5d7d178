"""Items that measure alike, and items that do not, in made-up answers with a known factor."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.checks.measurement import measurement, rest_correlations
from evaluation.analysis.checks.measurement_invariance import answers_of, invariance
from evaluation.config.plan import Item
from evaluation.estimation.regression.one_factor import LEVELS, AnswerMoments, one_factor
from tests.analysis.checks.outcome_checks import ROUNDING, diagnostics, reasons, trial
from tests.estimation.studies import STUDY, outcome, panel

KIND = "measurement"
NAMES = ("a", "b", "c", "d")
LOADINGS = dict(zip(NAMES, (1.0, 0.9, 0.8, 0.4), strict=True))
FACTOR_EFFECT = 0.3
PLACES = tuple((arm, r) for arm in ("treated", "comparison") for r in ("baseline", "endline"))


def answers(seed, *, shift=0.0, loading=1.0, rows=60):
    """A factor that moves by .3 in the treated at endline; item d is the weakest of four.

    There, ``shift`` is added to item d and its loading is multiplied by ``loading``. The noise is
    that of the seed whatever is planted, so that what differs is what was planted.
    """
    table = panel(seed, clusters=20, rows=rows)
    rng = np.random.default_rng(seed)
    there = ((table["arm"] == "treated") & (table["round"] == "endline")).to_numpy(dtype=float)
    trait = rng.normal(size=len(table)) + FACTOR_EFFECT * there
    made = {n: LOADINGS[n] * trait + 0.7 * rng.normal(size=len(table)) for n in NAMES}
    made["d"] += there * (shift + (loading - 1.0) * LOADINGS["d"] * trait)
    return table.assign(**made)


INDEX = outcome("y", function="index", unit="SD", items=tuple(Item(name=n) for n in NAMES))


def looked(table, one=INDEX, **changes):
    return tuple(measurement(trial(table, KIND, outcomes=(one,), **changes)))


def said(table, name, level="scalar"):
    return diagnostics(looked(table))[f"invariance:{level}", name]


def cells(table):
    """Items in SD of the comparison group's baseline, by arm and round."""
    base = table[(table["arm"] == "comparison") & (table["round"] == "baseline")]
    items = table[list(NAMES)] / base[list(NAMES)].std(ddof=0)
    return {
        (arm, r): items[(table["arm"] == arm) & (table["round"] == r)].dropna() for arm, r in PLACES
    }


@pytest.mark.property
def test_people_who_answer_alike_are_found_alike():
    """One factor everywhere: CFI falls by far less than the hundredth that rejects."""
    table = answers(1)
    assert said(table, "cfi_change", "metric") > -0.005
    assert said(table, "cfi_change", "scalar") > -0.005


@pytest.mark.property
def test_a_shifted_question_is_seen_by_the_scalar_model_and_moves_the_factor_less():
    """The factor gives the weakest question less weight than the sum does.

    One SD on one of four questions moves the sum by about a quarter of its weight; seen is more
    than the hundredth of CFI that rejects, with equal loadings not.
    """
    plain, shifted = answers(2), answers(2, shift=0.8)
    assert said(shifted, "cfi_change", "metric") > -0.005
    assert said(shifted, "cfi_change", "scalar") < -0.01
    moved = {n: said(shifted, n) - said(plain, n) for n in ("factor_did", "index_did")}
    assert 0.0 < moved["factor_did"] < 0.75 * moved["index_did"]


@pytest.mark.property
def test_a_question_that_measures_something_else_there_is_seen_by_the_metric_model():
    turned = answers(3, loading=-1.0)
    assert said(turned, "cfi_change", "metric") < -0.01
    assert said(answers(3), "cfi_change", "metric") > -0.005


@pytest.mark.truth
def test_records_are_those_of_the_engine_and_of_plain_means():
    """Groups and units written out; another group gives the factor its scale, which drops out."""
    table = answers(4)
    table.loc[table.index[::11], "b"] = np.nan
    found, rows = diagnostics(looked(table)), cells(table)
    order = [PLACES[2], PLACES[0], PLACES[1], PLACES[3]]
    groups = [AnswerMoments.of(rows[place].to_numpy()) for place in order]
    for level in LEVELS:
        fit = one_factor(groups, level)
        for name in ("chi_square", "df", "cfi", "rmsea", "srmr"):
            # the same sums in another order
            assert found[f"invariance:{level}", name] == pytest.approx(getattr(fit, name), rel=1e-9)
    sums = {place: r.sum(axis=1) for place, r in rows.items()}
    sd = sums["comparison", "baseline"].std(ddof=0)
    change = {
        arm: sums[arm, "endline"].mean() - sums[arm, "baseline"].mean()
        for arm in ("treated", "comparison")
    }
    plain = (change["treated"] - change["comparison"]) / sd
    assert found["invariance:scalar", "index_did"] == pytest.approx(plain, abs=ROUNDING)
    means = dict(zip(order, fit.means, strict=True))
    moved = [means[arm, "endline"] - means[arm, "baseline"] for arm in ("treated", "comparison")]
    expected = fit.loadings[0].sum() * (moved[0] - moved[1]) / sd
    # the search stops a billionth of a standard error away
    assert found["invariance:scalar", "factor_did"] == pytest.approx(expected, abs=1e-8)
    assert found["invariance:scalar", "people"] == sum(map(len, rows.values()))


@pytest.mark.property
def test_changes_are_those_from_the_model_before():
    found = diagnostics(looked(answers(5)))
    for before, after in (("configural", "metric"), ("metric", "scalar")):
        for name in ("chi_square", "df", "cfi", "rmsea", "srmr"):
            gap = found[f"invariance:{after}", name] - found[f"invariance:{before}", name]
            assert found[f"invariance:{after}", f"{name}_change"] == gap


@pytest.mark.property
def test_the_order_of_questions_and_rows_changes_nothing():
    table = answers(6)
    one = diagnostics(looked(table))
    turned = dataclasses.replace(INDEX, items=INDEX.items[::-1])
    other = diagnostics(looked(table.sample(frac=1.0, random_state=1), turned))
    assert one.keys() == other.keys()
    for key, value in one.items():
        # alpha, omega and fits are sums in another order, effects end a billionth of an SE away
        assert other[key] == pytest.approx(value, abs=1e-7)


@pytest.mark.property
def test_a_question_asked_the_other_way_round_is_turned():
    table = answers(7)
    turned = table.assign(d=10.0 - 3.0 * table["d"])
    items = (*INDEX.items[:3], Item(name="d", sign=-1))
    other = diagnostics(looked(turned, dataclasses.replace(INDEX, items=items)))
    for key, value in diagnostics(looked(table)).items():
        assert other[key] == pytest.approx(value, abs=1e-7)


@pytest.mark.property
def test_arms_of_one_side_count_by_their_people():
    """The treated in two arms of unequal size: their plain sum does not know it."""
    table = answers(8, rows=80)
    some = (table["arm"] == "treated") & (np.random.default_rng(8).random(len(table)) < 0.3)
    case = trial(table, KIND, outcomes=(INDEX,))
    first, last = STUDY.arm
    split = dataclasses.replace(
        case,
        study=dataclasses.replace(STUDY, arm=(first, dataclasses.replace(first, id="too"), last)),
        frames=dataclasses.replace(
            case.frames, panel=table.assign(arm=table["arm"].mask(some, "too"))
        ),
    )
    found = [diagnostics(invariance(c, answers_of(c, INDEX.items))) for c in (case, split)]
    assert found[1]["invariance:metric", "df"] > found[0]["invariance:metric", "df"]
    one, other = (x["invariance:scalar", "index_did"] for x in found)
    assert other == pytest.approx(one, abs=ROUNDING)


@pytest.mark.property
def test_an_arm_of_neither_side_is_in_the_models_and_not_in_the_effects():
    table = answers(13)
    more = table[table["arm"] == "comparison"].assign(arm="elsewhere")
    more = more.assign(**{n: more[n] + 1.0 for n in NAMES})
    case = trial(table, KIND, outcomes=(INDEX,))
    other = dataclasses.replace(STUDY.arm[0], id="elsewhere", treatments=("something",))
    wider = dataclasses.replace(
        case,
        study=dataclasses.replace(STUDY, arm=(*STUDY.arm, other)),
        frames=dataclasses.replace(case.frames, panel=pd.concat([table, more])),
    )
    found = [diagnostics(invariance(c, answers_of(c, INDEX.items))) for c in (case, wider)]
    assert found[1]["invariance:scalar", "people"] == len(table) + len(more)
    one, two = (x["invariance:scalar", "index_did"] for x in found)
    assert two == pytest.approx(one, abs=ROUNDING)


def test_what_has_no_model_says_why():
    table = answers(9)
    two = dataclasses.replace(INDEX, items=INDEX.items[:2])
    assert "fewer than three items" in reasons(looked(table, two))["all", "invariance"]
    strict = dataclasses.replace(STUDY, minimum_cell=10_000)
    few = reasons(looked(table, study=strict))["all", "invariance"]
    assert few.endswith("people answered every item in a group and round")
    there = (table["arm"] == "treated") & (table["round"] == "endline")
    dull = reasons(looked(table.assign(a=table["a"].mask(there, 1.0))))
    assert dull["all", "invariance"] == "an item does not vary in a group and round"
    assert dull["treated:endline", "rest:a"] == "an item does not vary in a group and round"


def test_a_model_that_fails_ends_the_comparison_with_its_reason():
    """Answers that go together everywhere but in one group, where they go against each other."""
    table = answers(10)
    there = ((table["arm"] == "treated") & (table["round"] == "endline")).to_numpy()
    rng = np.random.default_rng(10)
    noise = rng.normal(size=(len(table), 4))
    noise -= 0.9 * noise.mean(axis=1, keepdims=True)
    for index, name in enumerate(NAMES):
        table[name] = np.where(there, noise[:, index], table[name])
    rows = looked(table)
    found = {s: r for (s, step), r in reasons(rows).items() if step == "invariance"}
    assert len(found) == 1
    sample = next(iter(found))
    assert sample in {"all", *(f"invariance:{level}" for level in LEVELS)}
    assert ("invariance:scalar", "factor_did") not in diagnostics(rows)


@pytest.mark.truth
def test_correlations_with_the_rest():
    """Against the correlation of columns; of two items it is theirs."""
    rows = cells(answers(11))["treated", "endline"]
    found = rest_correlations(rows.cov().to_numpy())
    for index, name in enumerate(NAMES):
        rest = rows.drop(columns=name).sum(axis=1)
        assert found[index] == pytest.approx(rows[name].corr(rest), abs=ROUNDING)
    pair = np.array([[1.0, 0.6], [0.6, 4.0]])
    assert rest_correlations(pair) == pytest.approx([0.3, 0.3], abs=ROUNDING)
    assert np.isnan(rest_correlations(np.diag([1.0, 0.0]))).all()


def test_correlations_with_the_rest_stand_by_arm_and_round():
    table = answers(12)
    found = diagnostics(looked(table))
    for place, rows in cells(table).items():
        expected = rows["d"].corr(rows[["a", "b", "c"]].sum(axis=1))
        assert found[":".join(place), "rest:d"] == pytest.approx(expected, abs=ROUNDING)
