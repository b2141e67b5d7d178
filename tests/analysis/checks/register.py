"""Every kind of check: outcome and options with which the tests run it, and the rows it gives.

Rows are written down by hand: every sample, step, name and unit. Source: the docstring of each
check. Readers find rows by these names, so a row under another name, in another unit or twice is
a wrong row whatever its number.
"""

import datetime
from collections.abc import Mapping
from typing import Any, NamedTuple

from evaluation.config.plan import Group, Item, Outcome
from tests.estimation.studies import SERIES, TEXT, outcome


class Checked(NamedTuple):
    """A kind of check: outcome, options of ``[[check]]``, and what its rows are."""

    outcome: Outcome
    options: Mapping[str, Any]
    rows: set[tuple[str, ...]]


ITEMS = outcome(
    "y", function="mean", items=tuple(Item(name=n) for n in ("a", "b", "c")), primary=True
)
VALUE = outcome("y", primary=True)
DAY = datetime.date(2024, 1, 20)
GROUPS = tuple(Group(id=n, label=TEXT, values=(v,)) for n, v in (("women", "1"), ("men", "0")))
REGIONS = tuple(Group(id=n, label=TEXT, values=(n,)) for n in ("coast", "hill", "plain"))
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
REGISTER: Mapping[str, Checked] = {
    "strata_round": Checked(
        VALUE,
        {"variables": ("place",)},
        compared("all", *LINEAR)
        | said("all", strata_left_out="strata", treated_share_left_out="share of treated weight"),
    ),
    "controls": Checked(
        VALUE,
        {"variables": ("age", "region")},
        compared("all", *LINEAR)
        | said(
            "all", controls_used="columns", controls_left_out="columns", rows_without_control="rows"
        ),
    ),
    "leave_one_out": Checked(
        VALUE,
        {"variables": ("place",)},
        set().union(*(compared(f"without:{p}", *LINEAR) for p in "ABCD"))
        | said(
            "all",
            leave_one_out_q1="points",
            leave_one_out_median="points",
            leave_one_out_q3="points",
            leave_one_out_sign_changes="values",
            leave_one_out_not_available="values",
        ),
    ),
    "before_date": Checked(
        VALUE,
        {"date": DAY},
        compared("before:2024-01-20", *LINEAR)
        | said(
            "before:2024-01-20",
            interviews_left_out_treated="rows",
            interviews_left_out_comparison="rows",
            undated_left_out="rows",
            clusters_left_out="clusters",
            clusters_with_fewer_interviews="clusters",
        ),
    ),
    "leave_exposed": Checked(
        VALUE,
        {"variables": ("took_part",), "share": 0.1},
        compared("without:exposed", *LINEAR)
        | said("without:exposed", clusters_left_out_comparison="clusters"),
    ),
    "spillover": Checked(
        VALUE,
        {"variables": ("neighbours",), "distances": (15.0,)},
        compared("without:bordering", *LINEAR)
        | estimate("ring:bordering", *LINEAR)
        | compared("ring:effect", *LINEAR)
        | estimate("ring:0-15", *LINEAR)
        | compared("beyond:15", *LINEAR)
        | {
            ("diagnostic", sample, "comparison_clusters", "clusters")
            for sample in ("ring:bordering", "ring:effect", "ring:0-15", "beyond:15")
        },
    ),
    "conley": Checked(
        VALUE,
        {"distances": (5.0, 10.0)},
        set().union(
            *(
                estimate(f"within:{km}", "conley")
                | said(f"within:{km}", clusters_within_cutoff="clusters", conley_to_cv1="ratio")
                for km in (5, 10)
            )
        ),
    ),
    "entropy_balancing": Checked(
        VALUE,
        {"variables": ("poverty",)},
        jackknife("all")
        | said("all", effective_comparison_clusters="count", largest_comparison_share="share")
        | {("balance", "poverty")},
    ),
    "composition": Checked(
        VALUE,
        {"variables": ("age", "sex", "region")},
        estimate("covariate:age", "cv3", unit="SD")
        | estimate("covariate:sex", "cv3", unit="percentage points")
        | set().union(
            *(
                estimate(f"covariate:region={r}", "cv3", unit="percentage points")
                for r in ("coast", "hill", "plain")
            )
        )
        | said("covariates:joint", joint_f="", joint_df1="", joint_df2="", joint_p="")
        | jackknife("target:treated_endline")
        | said("target:treated_endline", lowest_effective_share="share"),
    ),
    "doubly_robust": Checked(
        VALUE,
        {"variables": ("age", "sex")},
        jackknife("all")
        | said("all", largest_propensity="share", effective_share_comparison="share"),
    ),
    "attrition_weights": Checked(
        VALUE,
        {"variables": ("age",)},
        estimate("rate:reinterviewed", *LINEAR, unit="percentage points")
        | said(
            "rate:reinterviewed",
            reinterviewed_treated="percent",
            reinterviewed_comparison="percent",
        )
        | jackknife("panel:ipw")
        | said("panel:ipw", lowest_probability="share"),
    ),
    "attrition_bounds": Checked(
        VALUE,
        {},
        ends(
            "panel:changes", "each end with its t(G-1) limit, jackknife; conservative for the range"
        )
        | said(
            "panel:changes",
            seen_again_treated="share",
            seen_again_comparison="share",
            trimmed_treated="share",
            trimmed_comparison="share",
        ),
    ),
    "bracket": Checked(
        VALUE,
        {},
        ends("bracket", "union of two intervals, not a confidence interval")
        | said(
            "all",
            beta="slope",
            baseline_gap="points",
            did_minus_lagged="points",
            weighting_difference="points",
        )
        | jackknife("lagged:corrected")
        | said("lagged:corrected", reliability="share", beta="slope"),
    ),
    "two_round_sensitivity": Checked(
        VALUE,
        {"variables": ("place",), "in_plan": (SERIES,)},
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
        | absent("m:control_none", "benchmark"),
    ),
    "functional_form": Checked(
        VALUE,
        {"variables": ("sex",)},
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
        ),
    ),
    "coding": Checked(
        VALUE, {}, compared("dont_know:lowest", *LINEAR) | compared("dont_know:highest", *LINEAR)
    ),
    "nonresponse": Checked(
        ITEMS,
        {},
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
        | set().union(*(estimate(f"assumed:{n}", *LINEAR) for n in ("half", "once", "twice"))),
    ),
    "interviewers": Checked(
        VALUE,
        {"variables": ("asker",)},
        estimate("all", "two_way")
        | said(
            "all",
            icc="share",
            interviewers="count",
            interviewers_in_both_groups="count",
            interviewers_in_both_rounds="count",
        )
        | said("round:baseline", v="correlation")
        | said("round:endline", v="correlation"),
    ),
    "conditioning": Checked(
        VALUE,
        {},
        set().union(
            *(
                estimate(f"again:{name}", *LINEAR)
                for name in ("all", "treated", "comparison", "difference")
            )
        ),
    ),
    "measurement": Checked(
        ITEMS,
        {},
        set().union(*(estimate(f"item:{n}", *LINEAR, unit="SD") for n in "abc"))
        | set().union(*(said(c, alpha="reliability", omega="reliability") for c in CELLS))
        | {("diagnostic", c, f"rest:{n}", "correlation") for c in CELLS for n in "abc"}
        # three items: the model without restrictions is saturated
        | absent("invariance:configural", "rmsea")
        | said("invariance:configural", chi_square="", df="", cfi="", srmr="")
        | said("invariance:metric", rmsea="", **FIT)
        | said("invariance:scalar", rmsea="", rmsea_change="", **FIT)
        | said("invariance:scalar", people="respondents", factor_did="SD", index_did="SD"),
    ),
    "subgroup": Checked(
        VALUE,
        {"variables": ("region",), "groups": REGIONS, "known": "descriptive"},
        set().union(
            *(
                estimate(r, *LINEAR) | said(r, clusters_without_group="clusters")
                for r in ("coast", "hill", "plain")
            )
        )
        | estimate("difference:hill-coast", *LINEAR)
        | estimate("difference:plain-coast", *LINEAR)
        | said("joint", joint_f="", joint_df_1="", joint_df_2="", joint_p="")
        | said("all", interviews_without_trait="interviews"),
    ),
    "cohorts": Checked(
        VALUE,
        {},
        estimate("only:first", *LINEAR)
        | estimate("only:second", *LINEAR)
        | estimate("difference:first-second", *LINEAR),
    ),
    "exposure": Checked(
        VALUE,
        {"variables": ("took_part",)},
        estimate("first_stage", *LINEAR, unit="percentage points")
        | said("first_stage", dilution="share"),
    ),
    "by_place": Checked(
        VALUE,
        {"variables": ("place",)},
        set().union(*(estimate(f"only:{p}", *LINEAR) for p in "ABCD")),
    ),
    "variance_of_changes": Checked(
        VALUE,
        {},
        said("all", clusters_dropped="clusters")
        | set().union(
            *(
                said(g, sd_of_changes="points", sd_of_noise="points", sd_between="points")
                for g in ("treated", "comparison")
            )
        )
        | ends("ratio", "Fieller set of jackknifed variances, t(G-2)", "ratio")
        | ends("sd_of_effects", "none"),
    ),
}
