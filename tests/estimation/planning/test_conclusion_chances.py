"""Chance of each conclusion: closed form against simulation, and the rule's error in whole runs."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from evaluation.analysis.planning.planned_chances import (
    ASSUMED_AT,
    MULTIPLES,
    planned_chances,
    planned_designs,
    planned_intervals,
)
from evaluation.config.declared import FILE_SOURCES
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.preregistration import read_plan
from evaluation.config.study import read_study
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.inference.multiplicity import simultaneous
from evaluation.estimation.planning.conclusion_chances import (
    can_rule_out,
    chances,
    design_intervals,
    intervals_of,
    needed,
    other_assumptions,
)
from evaluation.estimation.planning.planned_design import Planned, Spread
from evaluation.estimation.planning.planned_design import std_error as planned_error
from evaluation.estimation.regression import cluster_blocks
from evaluation.report.prose.conclusions import conclusion

CONFIG = Path(__file__).parents[3] / "config"
NAMES = {
    "effect detected": "detected",
    "detected but smaller than matters": "detected",
    "effects that matter ruled out": "ruled_out",
    "inconclusive": "inconclusive",
}
# Monte Carlo errors that a share may lie from its probability: 4 is passed by one in 16,000.
FAR = 4.0


def plan_of(study):
    folder = CONFIG / study
    declared = read_study(folder)
    dictionary = read_dictionary(folder, (*declared.rounds, *FILE_SOURCES))
    return read_plan(folder, declared, dictionary)[1]


def drawn(effect, test, smallest, *, number, rng):
    """Shares of the conclusions over normal estimates with chi-squared errors, in the rule."""
    b = rng.normal(effect, test.std_error, number)
    s = test.std_error * np.sqrt(rng.chisquare(test.df, number) / test.df)
    excludes = np.abs(b) > test.outer * s
    inside = np.abs(b) + test.inner * s < smallest
    return {
        "detected": np.mean(excludes),
        "ruled_out": np.mean(~excludes & inside),
        "inconclusive": np.mean(~excludes & ~inside),
    }


@pytest.mark.parametrize("study", ["somos_comunidad", "medellin"])
def test_closed_form_of_every_primary_outcome_against_simulation(study):
    """400,000 draws a row; tolerance: four Monte Carlo errors, and 1e-5 for shares near zero."""
    plan = plan_of(study)
    rng, number = np.random.default_rng(11), 400_000
    rows = planned_chances(plan, study=study)
    tests = planned_intervals(plan)
    designs = planned_designs(plan)
    assert [(r.outcome, r.multiple, r.icc, r.cluster_autocorrelation) for r in rows] == [
        (o.id, m, s.icc, s.cac)
        for o in plan.primary_outcomes()
        for m in MULTIPLES
        for s in (designs[o.id][1], *(other_assumptions(*designs[o.id]) if m in ASSUMED_AT else ()))
    ]
    for row in rows:
        test = dataclasses.replace(tests[row.outcome], std_error=row.std_error)
        found = drawn(row.effect, test, row.smallest_effect, number=number, rng=rng)
        for name, share in found.items():
            p = getattr(row, name)
            error = math.sqrt(max(p * (1.0 - p), 0.0) / number)
            assert share == pytest.approx(p, abs=FAR * error + 1e-5), (row.outcome, name)


@pytest.mark.parametrize("ratio", [0.5, 1.5, 2.5, 4.0, 6.0])
@pytest.mark.parametrize("df", [7.0, 69.0, math.inf])
def test_closed_form_where_every_conclusion_can_be_reached(ratio, df):
    """Smallest effect of six errors: all four have a chance; type S and M by the same draws."""
    test = intervals_of(1.0, df=df, outcomes=3, level=0.95)
    found = chances(ratio, test, smallest_effect=6.0)
    rng, number = np.random.default_rng(5), 400_000
    known = math.isinf(df)
    b = rng.normal(ratio, 1.0, number)
    s = np.ones(number) if known else np.sqrt(rng.chisquare(df, number) / df)
    excludes = np.abs(b) > test.outer * s
    inside = np.abs(b) + test.inner * s < 6.0
    for name, where in (
        ("detected", excludes),
        ("ruled_out", ~excludes & inside),
        ("inconclusive", ~excludes & ~inside),
    ):
        p = getattr(found, name)
        error = math.sqrt(p * (1.0 - p) / number)
        assert np.mean(where) == pytest.approx(p, abs=FAR * error + 1e-5), name
    exaggerated = np.abs(b[excludes]) / ratio
    error = exaggerated.std() / math.sqrt(excludes.sum())
    assert exaggerated.mean() == pytest.approx(found.type_m, abs=FAR * error)
    wrong = np.mean(b[excludes] < 0.0)
    error = math.sqrt(found.type_s * (1.0 - found.type_s) / excludes.sum())
    assert wrong == pytest.approx(found.type_s, abs=FAR * error + 1e-5)


@pytest.mark.truth
def test_less_lasting_and_more_clustering_cost_what_the_second_reading_found():
    """35 + 35 municipalities of 100: ruled out at 0 and detected at the smallest effect, in %.

    90 and 92 as planned, 77 and 82 at an autocorrelation of .6, 41 and 60 with an ICC of .10 as
    well: numbers of an independent calculation, to its last digit.
    """
    rows = planned_chances(plan_of("somos_comunidad"), study="somos_comunidad")
    for outcome in ("trust_neighbours", "confidence_police"):
        own = [r for r in rows if r.outcome == outcome]
        ruled_out = [100 * r.ruled_out for r in own if r.multiple == 0.0]
        detected = [100 * r.detected for r in own if r.multiple == 1.0]
        assert ruled_out == pytest.approx([90, 77, 41], abs=1.0)
        assert detected == pytest.approx([92, 82, 60], abs=1.0)


def test_other_assumptions_are_those_that_change_something():
    """Where endlines are compared the autocorrelation plays no part; an ICC above .10 is kept."""
    changes, endlines = PLANNED, dataclasses.replace(PLANNED, compared="endlines")
    assert [(s.icc, s.cac) for s in other_assumptions(changes, SPREAD)] == [(0.05, 0.6), (0.1, 0.6)]
    assert [(s.icc, s.cac) for s in other_assumptions(endlines, SPREAD)] == [(0.1, 0.8)]
    assert other_assumptions(changes, Spread(icc=0.2, cac=0.6)) == ()


@pytest.mark.truth
def test_the_redrawn_design_of_the_demonstration():
    """Planned there: 35 + 35 clusters, error .052, smallest effect .20 SD.

    Ruled out .91 where there is no effect, to the two digits that were promised, and detected
    above .99 at twice the smallest.
    """
    test = intervals_of(0.052, df=69.0, outcomes=3, level=0.95)
    assert chances(0.0, test, smallest_effect=0.2).ruled_out == pytest.approx(0.91, abs=0.01)
    assert chances(0.4, test, smallest_effect=0.2).detected > 0.99
    assert can_rule_out(test, smallest_effect=0.2)


def test_a_wide_interval_can_rule_nothing_out():
    """Half widths of 1.5 smallest effects and more, as in the first demonstration."""
    test = intervals_of(0.07, df=69.0, outcomes=3, level=0.95)
    assert not can_rule_out(test, smallest_effect=0.1)
    assert can_rule_out(test, smallest_effect=1.0)


PLANNED = Planned(treated=35, comparison=35, respondents=100.0)
SPREAD = Spread(icc=0.05, cac=0.8)


@pytest.mark.parametrize("target", ["detected", "ruled_out"])
def test_what_is_needed_is_just_enough(target):
    """At each answer the chance is 80 % or more, and at the number before it is less."""
    found = needed(target, PLANNED, SPREAD, outcomes=3, level=0.95, smallest=0.15)

    def chance(planned, smallest):
        test = design_intervals(planned, SPREAD, outcomes=3, level=0.95)
        if target == "ruled_out":
            return chances(0.0, test, smallest_effect=smallest).ruled_out
        return chances(smallest, test, smallest_effect=smallest).detected

    assert chance(PLANNED, found.smallest_effect) == pytest.approx(0.8, abs=1e-9)
    for n, enough in ((found.respondents, True), (found.respondents - 1, False)):
        design = Planned(treated=35, comparison=35, respondents=float(n))
        assert (chance(design, 0.15) >= 0.8) == enough
    assert (
        chance(PLANNED, 0.15)
        < 0.8
        < chance(
            Planned(treated=found.clusters, comparison=found.clusters, respondents=100.0), 0.15
        )
    )
    # clusters are in both groups together, here in equal parts
    half = found.clusters / 2
    design = Planned(treated=math.ceil(half), comparison=math.ceil(half), respondents=100.0)
    assert chance(design, 0.15) >= 0.8


def test_respondents_alone_may_never_be_enough():
    """What clusters' own changes leave, 0.0338 of error, does not fall with respondents."""
    few = Planned(treated=35, comparison=35, respondents=10.0)
    found = needed("ruled_out", few, SPREAD, outcomes=3, level=0.95, smallest=0.05)
    assert found.respondents is None
    assert found.clusters > 70


def null_data(seed, *, outcomes=3, clusters=70, effect=0.0, error=0.052):
    """Changes of independent outcomes by cluster, half treated, with the planned standard error."""
    rng = np.random.default_rng(seed)
    ids = tuple(f"v{g:02d}" for g in range(clusters))
    group = (np.arange(clusters) % 2).astype(float)
    columns = np.column_stack([group, np.ones(clusters)])
    sd = error / math.sqrt(4.0 / clusters)
    return ids, [
        cluster_blocks.accumulate(
            columns,
            effect * group + rng.normal(0.0, sd, clusters),
            weights=np.ones(clusters),
            cluster=ids,
            columns=("treated", "all"),
            absorb="none",
        )
        for _ in range(outcomes)
    ]


def concluded(seed, *, smallest=0.2, draws=999, **design):
    """Conclusions of one data set by the whole of the inference."""
    ids, made = null_data(seed, **design)
    multipliers = bootstrap.draws(ids, number=draws, seed=seed)
    references = {
        f"y{k}": bootstrap.wild(b, "treated", multipliers, scores="jackknifed")
        for k, b in enumerate(made)
    }
    found = simultaneous(references, method="max_t", step="wcr_s", level=0.95)
    return [
        NAMES[
            conclusion(
                (one.interval.low, one.interval.high),
                (one.equivalence.low, one.equivalence.high),
                smallest_effect=smallest,
            )
        ]
        for one in found.values()
    ]


def wrong(rows):
    """Share of data sets without effects in which any outcome is detected, and its MC error."""
    share = float(np.mean(["detected" in r for r in rows]))
    return share, math.sqrt(0.05 * 0.95 / len(rows))


def test_any_wrong_detection_in_a_few_null_data_sets():
    """80 data sets of 24 clusters: at most 5 % and three Monte Carlo errors, 12 %."""
    rows = [concluded(s, clusters=24, draws=499) for s in range(80)]
    share, error = wrong(rows)
    assert share <= 0.05 + 3.0 * error


@pytest.mark.long
def test_the_rule_errs_as_rarely_as_it_says():
    """2,000 null data sets of 35 + 35 clusters and three independent outcomes, 999 draws each.

    Any wrong "detected" at most 5 % and two Monte Carlo errors (0.5 % each). What is ruled out
    where there is no effect is compared with the closed form, to three Monte Carlo errors over
    6,000 outcomes and 0.01 for the bootstrap's own 999 draws.
    """
    rows = [concluded(seed) for seed in range(2_000)]
    share, error = wrong(rows)
    every = [one for row in rows for one in row]
    ruled = every.count("ruled_out") / len(every)
    expected = chances(
        0.0, intervals_of(0.052, df=69.0, outcomes=3, level=0.95), smallest_effect=0.2
    ).ruled_out
    print(
        f"any wrong detection {share:.4f} (MC {error:.4f}); ruled out {ruled:.4f}, {expected:.4f}"
    )
    assert share <= 0.05 + 2.0 * error
    assert ruled == pytest.approx(expected, abs=3.0 * math.sqrt(ruled * (1 - ruled) / 6_000) + 0.01)


@pytest.mark.long
@pytest.mark.parametrize("multiple", [0.5, 1.0, 2.0, 3.0])
def test_whole_runs_conclude_as_the_closed_form_says(multiple):
    """150 data sets of three outcomes with one true effect; four MC errors and 0.02 for draws."""
    effect = multiple * 0.2
    rows = [concluded(10_000 + seed, effect=effect) for seed in range(150)]
    every = [one for row in rows for one in row]
    expected = chances(
        effect, intervals_of(0.052, df=69.0, outcomes=3, level=0.95), smallest_effect=0.2
    )
    for name in NAMES.values():
        p = getattr(expected, name)
        error = math.sqrt(max(p * (1.0 - p), 0.0) / len(every))
        share = every.count(name) / len(every)
        print(f"{multiple} {name} {share:.3f} {p:.3f}")
        assert share == pytest.approx(p, abs=FAR * error + 0.02)


def test_the_error_of_the_planned_design_is_the_plannings():
    """Nothing is planned twice: the same standard error as `python -m evaluation power` uses."""
    test = design_intervals(PLANNED, SPREAD, outcomes=3, level=0.95)
    assert test.std_error == planned_error(PLANNED, SPREAD)
    assert test.df == 69.0
