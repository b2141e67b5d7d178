"""What each kind of check gives: every sample, step, name and unit, written down by hand.

Source: the docstring of each check. Readers find rows by these names, so a row under another
name, in another unit or twice is a wrong row whatever its number.
"""

import pytest

from evaluation.estimation.checks.check_context import computes
from evaluation.study.check_kinds import KINDS
from evaluation.study.records import (
    Bound,
    CovariateBalance,
    Diagnostic,
    Difference,
    Estimate,
    Level,
    Unavailable,
)
from tests.estimation.checks.every_check import CHECKS, rows_of_the_study

LINEAR = ("wcr_s", "cv3")


def estimate(sample, *steps, unit="points"):
    return {("estimate", sample, step, unit) for step in steps}


def absent(sample, *steps):
    return {("unavailable", sample, step) for step in steps}


def said(sample, **units):
    return {("diagnostic", sample, name, unit) for name, unit in units.items()}


# Of the effect as a function of what silent people would have answered.
SLOPES = ("intercept", "slope", "slope_treated", "slope_comparison")
SHARES = (
    *("rate", "rate_treated", "rate_comparison"),
    *(f"{end}_{group}" for end in ("from", "to") for group in ("treated", "comparison")),
)


def ends(sample, kind, unit="points"):
    return {("bound", sample, kind, unit)}


def compared(sample, *steps):
    """A row of the primary question, with its difference from the primary estimate."""
    return estimate(sample, *steps) | {("difference", sample, "points")}


def jackknife(sample):
    """An estimator that is not linear in the outcome has no bootstrap."""
    return compared(sample, "cv3") | absent(sample, "wcr_s")


CELLS = tuple(f"{arm}:{r}" for arm in ("treated", "comparison") for r in ("baseline", "endline"))
FIT = {f"{n}{c}": "" for n in ("chi_square", "df", "cfi", "srmr") for c in ("", "_change")}
REGISTER = {
    "strata_round": (
        compared("all", *LINEAR)
        | said("all", strata_left_out="strata", treated_share_left_out="share of treated weight")
    ),
    "controls": (
        compared("all", *LINEAR)
        | said(
            "all", controls_used="columns", controls_left_out="columns", rows_without_control="rows"
        )
    ),
    "leave_one_out": (
        set().union(*(compared(f"without:{p}", *LINEAR) for p in "ABCD"))
        | said(
            "all",
            leave_one_out_q1="points",
            leave_one_out_median="points",
            leave_one_out_q3="points",
            leave_one_out_sign_changes="values",
            leave_one_out_not_available="values",
        )
    ),
    "before_date": (
        compared("before:2024-01-20", *LINEAR)
        | said(
            "before:2024-01-20",
            interviews_left_out_treated="rows",
            interviews_left_out_comparison="rows",
            undated_left_out="rows",
            clusters_left_out="clusters",
            clusters_with_fewer_interviews="clusters",
        )
    ),
    "leave_exposed": (
        compared("without:exposed", *LINEAR)
        | said("without:exposed", clusters_left_out_comparison="clusters")
    ),
    "spillover": (
        compared("without:bordering", *LINEAR)
        | estimate("ring:bordering", *LINEAR)
        | compared("ring:effect", *LINEAR)
        | estimate("ring:0-15", *LINEAR)
        | compared("beyond:15", *LINEAR)
        | {
            ("diagnostic", sample, "comparison_clusters", "clusters")
            for sample in ("ring:bordering", "ring:effect", "ring:0-15", "beyond:15")
        }
    ),
    "conley": (
        set().union(
            *(
                estimate(f"within:{km}", "conley")
                | said(f"within:{km}", clusters_within_cutoff="clusters", conley_to_cv1="ratio")
                for km in (5, 10)
            )
        )
    ),
    "entropy_balancing": (
        jackknife("all")
        | said("all", effective_comparison_clusters="count", largest_comparison_share="share")
        | {("balance", "poverty")}
    ),
    "composition": (
        estimate("covariate:age", "cv3", unit="SD")
        | estimate("covariate:sex", "cv3", unit="percentage points")
        | set().union(
            *(
                estimate(f"covariate:region={r}", "cv3", unit="percentage points")
                for r in ("coast", "hill", "plain")
            )
        )
        | said("covariates:joint", joint_f="", joint_df1="", joint_df2="", joint_p="")
        | set().union(
            *(
                jackknife(f"target:{t}") | said(f"target:{t}", lowest_effective_share="share")
                for t in ("treated_endline", "baseline")
            )
        )
    ),
    "doubly_robust": (
        jackknife("all")
        | said("all", largest_propensity="share", effective_share_comparison="share")
    ),
    "attrition_weights": (
        estimate("rate:reinterviewed", *LINEAR, unit="percentage points")
        | said(
            "rate:reinterviewed",
            reinterviewed_treated="percent",
            reinterviewed_comparison="percent",
        )
        | jackknife("panel:ipw")
        | said("panel:ipw", lowest_probability="share")
    ),
    "attrition_bounds": (
        ends(
            "panel:changes", "each end with its t(G-1) limit, jackknife; conservative for the range"
        )
        | said(
            "panel:changes",
            seen_again_treated="share",
            seen_again_comparison="share",
            trimmed_treated="share",
            trimmed_comparison="share",
        )
    ),
    "bracket": (
        compared("lagged", *LINEAR)
        | ends("bracket", "union of two intervals, not a confidence interval")
        | said(
            "all",
            beta="slope",
            baseline_gap="points",
            did_minus_lagged="points",
            weighting_difference="points",
        )
        | jackknife("lagged:corrected")
        | said("lagged:corrected", reliability="share", beta="slope")
    ),
    "two_round_sensitivity": (
        said(
            "all",
            interval_holds_zero="1 yes, 0 no",
            breakdown="points",
            breakdown_sd="SD",
            breakdown_point="points",
            breakdown_point_sd="SD",
        )
        # both groups have the same share of every place
        | said(
            "m:places",
            places_share_gap="share",
            benchmark="points",
            benchmark_low="points",
            benchmark_high="points",
        )
        | absent("m:places", "benchmark")
        | set().union(
            *(
                said(f"m:{m}", benchmark="points", benchmark_low="points", benchmark_high="points")
                | ends(f"m:{m}", "primary interval widened by M on each side")
                | ends(
                    f"flci:{m}",
                    "fixed length, bias at most M, folded-t quantile, CV3 standard error",
                )
                for m in ("covariate_poverty", "covariates_x2", "covariates_x3")
            )
        )
        | absent("m:earlier_survey", "benchmark")
        | absent("m:control_none", "benchmark")
    ),
    "functional_form": (
        {
            ("diagnostic", f"item:sex:{cell}", f"share:{value}", "share")
            for cell in (*CELLS, "implied")
            for value in (0, 1)
        }
        | said(
            "item:sex:implied",
            negative_shares="values",
            smallest_share="share",
            smallest_share_std_error="share",
        )
    ),
    "coding": (compared("dont_know:lowest", *LINEAR) | compared("dont_know:highest", *LINEAR)),
    "nonresponse": (
        absent("rate:dont_know", "all")
        | estimate("rate:refused", *LINEAR, unit="percentage points")
        | estimate("silent", *LINEAR, unit="percentage points")
        | estimate("answered", *LINEAR)
        | {
            ("level", "silent", arm, r, "percentage points")
            for arm in ("treated", "comparison")
            for r in ("baseline", "endline")
        }
        | ends("worst_case", "lower limit of the lower end to upper limit of the upper end")
        | ends("plausible", "lower limit of the lower end to upper limit of the upper end")
        | said("silence", **dict.fromkeys(map("silence_{}".format, SLOPES), "points"))
        | said("silence", **dict.fromkeys(map("silence_{}".format, SHARES), "share"))
        | set().union(*(estimate(f"assumed:{n}", *LINEAR) for n in ("half", "once", "twice")))
    ),
    "interviewers": (
        estimate("all", "two_way")
        | said(
            "all",
            icc="share",
            interviewers="count",
            interviewers_in_both_groups="count",
            interviewers_in_both_rounds="count",
        )
        | said("round:baseline", v="correlation")
        | said("round:endline", v="correlation")
    ),
    "conditioning": set().union(
        *(
            estimate(f"again:{name}", *LINEAR)
            for name in ("all", "treated", "comparison", "difference")
        )
    ),
    "measurement": (
        set().union(*(estimate(f"item:{n}", *LINEAR, unit="SD") for n in "abc"))
        | set().union(*(said(c, alpha="reliability", omega="reliability") for c in CELLS))
        | {("diagnostic", c, f"rest:{n}", "correlation") for c in CELLS for n in "abc"}
        # three items: the model without restrictions is saturated
        | absent("invariance:configural", "rmsea")
        | said("invariance:configural", chi_square="", df="", cfi="", srmr="")
        | said("invariance:metric", rmsea="", **FIT)
        | said("invariance:scalar", rmsea="", rmsea_change="", **FIT)
        | said("invariance:scalar", people="respondents", factor_did="SD", index_did="SD")
    ),
    "subgroup": (
        set().union(
            *(
                estimate(r, *LINEAR) | said(r, clusters_without_group="clusters")
                for r in ("coast", "hill", "plain")
            )
        )
        | estimate("difference:hill-coast", *LINEAR)
        | estimate("difference:plain-coast", *LINEAR)
        | said("joint", joint_f="", joint_df_1="", joint_df_2="", joint_p="")
        | said("all", interviews_without_trait="interviews")
    ),
    "cohorts": (
        estimate("only:first", *LINEAR)
        | estimate("only:second", *LINEAR)
        | estimate("difference:first-second", *LINEAR)
    ),
    "exposure": (
        estimate("first_stage", *LINEAR, unit="percentage points")
        | said("first_stage", dilution="share")
    ),
    "by_place": set().union(*(estimate(f"only:{p}", *LINEAR) for p in "ABCD")),
    "variance_of_changes": (
        said("all", clusters_dropped="clusters")
        | set().union(
            *(
                said(g, sd_of_changes="points", sd_of_noise="points", sd_between="points")
                for g in ("treated", "comparison")
            )
        )
        | ends("ratio", "Fieller set of jackknifed variances, t(G-2)", "ratio")
        | ends("sd_of_effects", "none")
    ),
}


def line(row):
    """What a row is, apart from its numbers."""
    if isinstance(row, Estimate):
        return ("estimate", row.sample.text(), row.step, row.unit)
    if isinstance(row, Unavailable):
        return ("unavailable", row.sample.text(), row.step)
    if isinstance(row, Difference):
        return ("difference", row.sample.text(), row.unit)
    if isinstance(row, Bound):
        return ("bound", row.sample.text(), str(row.ci_kind), row.unit)
    if isinstance(row, CovariateBalance):
        return ("balance", row.variable)
    if isinstance(row, Level):
        return ("level", row.sample.text(), row.arm, row.round, row.unit)
    assert isinstance(row, Diagnostic)
    return ("diagnostic", row.sample.text(), row.name, row.unit)


def test_every_kind_is_in_the_register():
    assert set(REGISTER) == set(CHECKS) == set(KINDS) == set(computes)


@pytest.mark.parametrize("kind", REGISTER)
def test_rows_of_each_kind(kind):
    """Rows as registered, each once, under the check's heading whatever regression it is from."""
    expected = REGISTER[kind]
    rows = rows_of_the_study(kind)
    found = [line(row) for row in rows]
    assert set(found) == expected
    assert len(found) == len(expected), "a row is there twice"
    for row in rows:
        assert row.study == "small"
        if isinstance(row, Level):
            continue
        assert row.specification == "looked"
        if isinstance(row, CovariateBalance):
            continue
        assert (row.outcome, row.estimand) == ("y", "equal")
        if isinstance(row, Estimate | Difference | Bound):
            assert (row.status, row.level) == ("exploratory", 0.95)
            assert (row.plan_hash, row.data_hash) == ("p" * 64, "d" * 64)
            assert min(row.n, row.n_clusters_treated, row.n_clusters_comparison) > 0
