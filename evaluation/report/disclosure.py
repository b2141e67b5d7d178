"""The disclosure rule: what may be said of few people or places, decided from counts alone.

The rule is by count, so it is decided before a value is looked at. A withheld count that could be
worked out from a total and its other parts takes a second one with it.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol

from evaluation.config.plan import Outcome
from evaluation.config.study import Study
from evaluation.estimation.records import Estimate, Level
from evaluation.locale.messages import Message, message, wording

Of = Literal["interviews", "clusters", "things"]
SENSITIVE_MINIMUM = 30  # respondents in a cell of a sensitive outcome or variable
# Distance from nobody or everybody, relative to the whole, that is rounding: a weighted mean of
# values that are all 100 need not be the float 100.0. Eps 2.2e-16 times the square root of some
# thousand terms stays far below; a respondent with a millionth of the weight stays far above.
CERTAINTY = 1e-9
# `protected`: counts of people that the table's own linear programme protects, printed exactly
Counted = Literal["interviews", "clusters", "things", "protected"]

# What a column, or else a row, counts, by its id. The first that fits.
COUNTED: tuple[tuple[str, Counted], ...] = (
    # the fewest and the usual number in one cluster: below the least they are unavailable records
    (r"respondents_(min|median)_.*", "protected"),
    (r"(n_)?clusters?(_.*)?|(matched|treated_without)_.*|comparison_clusters", "clusters"),
    (r"n(_.*)?|people(_.*)?|(fewer_)?interviews(_.*)?|respondents(_.*)?", "interviews"),
    (r"rows_.*|undated_left_out", "interviews"),
    (r"controls_.*|negative_shares|(.*_)?df(_.*)?|draws|strata(_.*)?|outcomes_.*", "things"),
    (r"(.*_)?sign_changes|(.*_)?verdict_changes|ri_.*|(.*_)?permutations", "things"),
)
# Builders whose counts are protected together, by a linear programme of their own.
PROTECTED = (
    *("flow", "flow_diagram", "corrections", "findings", "response", "attrition_map"),
    "backcheck",
)
# Builders all of whose other counts are of one kind, whatever their columns are called.
REST: Mapping[str, Counted] = {
    # numbers of clusters to take out, and of rows with another conclusion
    "overturn": "things",
    "threat_matrix": "things",
    # how many places and strata stand behind a column's estimates
    "places": "things",
    "places_plot": "things",
    "theory_of_change": "things",
    # how many interviewers there are, and worked where
    "interviewers": "things",
}
EVERYBODY = 100.0  # outcomes in percentage points have levels in per cent
# What the number of clusters follows from where the reference is Student's t or an enumeration
INFERENCE = ("ci_low", "ci_high", "p_value", "p_adjusted", "statistic")
OF_SIZE = ("df",)
SIMULATED = ("wcr", "wcr_s")
# 2 to the number of clusters has a p-value of an enumeration in its denominator up to here
LONGEST_ENUMERATION = 16


def is_shown(count: float | None, of: Of, study: Study) -> bool:
    """Whether a number of interviews, clusters or things may be published by itself.

    Parameters
    ----------
    count : float or None
        The number, or a difference of two. None, or not a number, where nobody knows it.
    of : {"interviews", "clusters", "things"}
        What is counted. Things are columns, files, draws: nobody stands behind one.
    study : Study
        Its least numbers of interviews and clusters.

    Returns
    -------
    bool
        False for an unknown number. Zero is about nobody, and exactly the least is enough.
    """
    return count is not None and (count == 0 or abs(count) >= least_of(of, study))


def least_of(of: Of, study: Study) -> int:
    """The least number of them that may be published."""
    return {"interviews": study.minimum_cell, "clusters": study.minimum_clusters, "things": 0}[of]


def is_small(n: float | None, n_clusters: float | None, *, study: Study) -> bool:
    """Whether a cell rests on too few respondents or too few clusters to be published.

    A cell with exactly the minimum is published. A count of zero is not about anybody, and an
    unknown one is too small.

    Parameters
    ----------
    n, n_clusters : float or None
        Respondents and clusters behind the cell.
    study : Study
        Its least numbers.
    """
    if n == 0:
        return False
    few = not n_clusters or not is_shown(n_clusters, "clusters", study)
    return few or not is_shown(n, "interviews", study)


def has_persons(study: Study) -> bool:
    """Whether a study's numbers are of real persons who were interviewed.

    Parameters
    ----------
    study : Study
        One of invented data, or a panel of counts, interviewed no real person.
    """
    return not study.synthetic and study.panel is None


# Significant digits of what is estimated of real persons: between two releases that differ by one
# person most changes are smaller than the last of them. Others keep all that machines agree on.
ESTIMATE_DIGITS = 4


def coarse(value: float) -> float:
    """An estimate of real persons as it leaves; whole numbers are as they are.

    Parameters
    ----------
    value : float
    """
    whole = not math.isfinite(value) or float(value).is_integer()
    return value if whole else float(f"{value:.{ESTIMATE_DIGITS}g}")


class Sized(Protocol):
    """What rests on interviews in clusters of two groups: a record, or the sizes of an estimate."""

    @property
    def n(self) -> int:
        """Interviews."""

    @property
    def n_clusters_treated(self) -> int:
        """Clusters of the treatment group."""

    @property
    def n_clusters_comparison(self) -> int:
        """Clusters of the comparison group."""


def why_not_beside(
    row: Sized, whole: Sized, *, study: Study, affected: float = 0
) -> Message | None:
    """Why a row may not be published beside another that it is a part of; None where it may.

    Parameters
    ----------
    row, whole : Sized
        The estimate with all clusters less the one without some of them, each times its number of
        clusters, is the change of those left out.
    study : Study
        Its least numbers of interviews and clusters.
    affected : float
        Clusters that lose interviews, whether they leave or stay. Of those that stay only the
        two groups' difference can be had, so that they count over both groups.

    Returns
    -------
    Message or None
        Names neither the clusters nor their number.
    """
    least = study.minimum_clusters
    few = few_left_out(row, whole, study=study)
    for group, is_few in zip(("treatment", "comparison"), few, strict=True):
        if is_few:
            return message(f"too-few-left-out-{group}.reason", least=least)
    if not is_shown(affected, "clusters", study):
        return message("too-few-left-out-clusters.reason", least=least)
    if 0 < whole.n - row.n < study.minimum_cell:
        return message("too-few-left-out-interviews.reason", least=study.minimum_cell)
    return None


def hidden_values(
    left_out: Mapping[str, tuple[int, int]], whole: tuple[int, int], *, study: Study
) -> frozenset[str]:
    """Values without which no estimate may be published, where each is left out in turn.

    Parameters
    ----------
    left_out : mapping of str to (int, int)
        Treated and comparison clusters of each value.
    whole : (int, int)
        All of them, those of no value or of one without a row included.
    study : Study
        Its least number of clusters.

    Notes
    -----
    A value is hidden when it has too few clusters of a group. Where those of all hidden values
    are still too few, alone or with those of no value, they would be what the others leave of the
    whole: the value with the next fewest clusters is hidden too.
    """
    least = study.minimum_clusters
    found = {v for v, counts in left_out.items() if any(0 < n < least for n in counts)}
    for group, everybody in enumerate(whole):
        counts = {v: n[group] for v, n in left_out.items() if n[group]}
        rest = everybody - sum(counts.values())
        # by number of clusters, then by name, whatever the order of the rows
        others = sorted(counts.keys() - found, key=lambda v: (counts[v], v))
        while others:
            gone = sum(counts.get(v, 0) for v in found)
            if not any(0 < n < least for n in (gone, gone + rest)):
                break
            found.add(others.pop(0))
    return frozenset(found)


def few_left_out(row: Sized, whole: Sized, *, study: Study) -> tuple[bool, bool]:
    """Whether two rows differ by some, but too few, treated or comparison clusters."""
    gone = (
        abs(whole.n_clusters_treated - row.n_clusters_treated),
        abs(whole.n_clusters_comparison - row.n_clusters_comparison),
    )
    treated, comparison = (0 < n < study.minimum_clusters for n in gone)
    return treated, comparison


def baseline_is_withheld(
    estimate: Estimate, outcome: Outcome, levels: Iterable[Level], study: Study
) -> bool:
    """Whether a published record may not hold the comparison group's mean and SD at baseline.

    Parameters
    ----------
    estimate : Estimate
        The record; its sample may be a part of the study.
    outcome : Outcome
        What it is about.
    levels : iterable of Level
        All levels of the study. Where the whole sample's level is withheld, so is that of a part:
        the two differ by the part left out.
    study : Study
        Its minimum counts and comparison arms.
    """
    if is_small(estimate.n, estimate.n_clusters_comparison, study=study):
        return True
    if is_certain_level(outcome, estimate.baseline_comparison_mean):
        return True
    arms = study.arms_without_any()
    return any(
        tells(x, outcome, study) for x in levels if x.outcome == outcome.id and x.arm in arms
    )


def tells(level: Level, outcome: Outcome, study: Study) -> bool:
    """Whether a level by itself says too much: few respondents or clusters, or a certainty."""
    small = is_small(level.n, level.n_clusters, study=study)
    few = outcome.sensitive and not level.n >= SENSITIVE_MINIMUM
    return small or few or is_certain_level(outcome, level.mean)


def is_certain_level(outcome: Outcome, mean: float) -> bool:
    """Whether a level of a sensitive outcome is 0% or 100%: it speaks of everybody in the cell."""
    return (
        outcome.sensitive
        and outcome.unit == "percentage points"
        and is_certain(mean, whole=EVERYBODY)
    )


def is_certain(mean: float, *, whole: float) -> bool:
    """Whether a share says something about everybody in its cell: none of them, or all.

    Parameters
    ----------
    mean : float
        Share, in the unit of ``whole``.
    whole : float
        The share of everybody: 100 of percentages, 1 of proportions. Infinite for counts, where
        only zero says something about all.
    """
    unit = whole if math.isfinite(whole) else 1.0
    return min(abs(mean), abs(mean - whole)) <= CERTAINTY * unit


def rule_note(study: Study, language: str) -> str:
    """The rule in words, for the notes of a table that applies it."""
    return wording(
        "disclosure.suppressed",
        language,
        respondents=study.minimum_cell,
        least=study.minimum_clusters,
        clusters=study.names.clusters[language],
        sensitive=SENSITIVE_MINIMUM,
    )


def rounded_interviews(n: int, least: int) -> int:
    """A number of interviews as it is published: to the nearest multiple of ``least``.

    Parameters
    ----------
    n : int
        Zero, or at least ``least``: fewer are withheld before.
    least : int
        The study's least number of interviews that may be published.

    Returns
    -------
    int
        Halves go up. Of two published numbers the difference is zero or at least ``least``.
    """
    return (n + least // 2) // least * least


def finest(n: float, *, whole: float) -> int:
    """Decimals of a mean of whole numbers that leave its number of interviews open.

    Parameters
    ----------
    n : float
        Interviews, to the nearest ten or so.
    whole : float
        What one interview counts: 100 in percentages, 1 in points.

    Returns
    -------
    int
        Means of n interviews lie ``whole / n`` apart. One unit of the last digit is half of that at
        least, so that most numbers of interviews near n have a mean that prints the same.
    """
    return max(0, math.floor(math.log10(2 * n / whole))) if n > 0 else 0


def what_counts(
    builder: str, *, column: str, row: str, own: Literal["", "clusters"] = ""
) -> Counted | None:
    """What a count is of; None where nobody declared it.

    ``own`` is what a row says of its own column ``n``, and of no other.

    Parameters
    ----------
    builder : str
        Of the table; empty for a released record.
    column, row : str
        Ids; the column is asked first.
    own : {"", "clusters"}
    """
    if builder in PROTECTED:
        return "protected"
    if own and column == "n":
        return own
    for name in (column, row):
        for pattern, of in COUNTED:
            if re.fullmatch(pattern, name):
                return of
    return REST.get(builder)


def hidden_with_clusters(*, simulated: bool, p_values: Sequence[float]) -> tuple[str, ...]:
    """Fields that go with a withheld number of clusters.

    Parameters
    ----------
    simulated : bool
        Whether interval and p-value come from draws. Half an interval of Student's t over its
        standard error is the quantile, and the p-value at the statistic the distribution: each
        gives the degrees of freedom exactly.
    p_values : sequence of float
        Of the row. All ways to draw signs are 2 to the number of clusters: a p-value with such a
        denominator is of an enumeration, whatever it calls itself.

    Returns
    -------
    tuple of str
        Estimate and standard error stay: without a quantile they say nothing of the number.
    """
    counted = any(0 < p < 1 and (p * 2**LONGEST_ENUMERATION).is_integer() for p in p_values)
    return OF_SIZE if simulated and not counted else (*OF_SIZE, *INFERENCE)
