"""Which rows an estimate rests on, and how much each counts: rows checked, then weighted.

With ``equal`` each cluster's rows sum to one in each round, with ``population`` to the cluster's
population, with ``respondents`` they stay as the plan gives them. The totals are taken after rows
without the outcome are gone, so that item non-response cannot move weight between clusters or
rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Flags, Floats, Ids
from evaluation.estimation.parameters import Regression, StudyDesign
from evaluation.estimation.regression.rows import (
    check_columns,
    choose,
    complete,
    plain,
    sample_error,
)
from evaluation.estimation.regression.sample_checks import (
    check_groups,
    check_linked,
    check_people,
    check_rounds,
    check_varies,
    differing,
    in_two_arms,
    infinite,
    not_positive,
)

# A mean is rounded to 1e-16 of itself, and each value's distance from it too.
_ROUNDING = 1e-12
# Moments about another point than the mean leave sqrt(1e-16) of the distance to it. That distance
# is a change between rounds, and the standard error of a change is a hundredth of it or more.
_CANCELLED = 1e-5


def weighted_moments(values: Floats, weights: Floats) -> tuple[float, float]:
    """Weighted mean, and SD sqrt(sum w (x - m)^2 / sum w), in the unit of the values.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        Weights are not all zero.
    """
    mean = float(np.average(values, weights=weights))
    return mean, float(np.sqrt(np.average((values - mean) ** 2, weights=weights)))


def is_spread(sd: float, *, mean: float, change: float) -> bool:
    """Whether a standard deviation is one, and not the rounding of zero.

    Parameters
    ----------
    sd, mean : float
        Of one group's values, in their unit.
    change : float
        What is to be divided by the SD, or its standard error if that is larger, in that unit.

    Returns
    -------
    bool
        False up to 1e-12 |mean|, or 1e-5 |change|: a change of a hundred thousand SDs says that
        the values did not vary, not that the change was large.
    """
    return sd > max(_ROUNDING * abs(mean), _CANCELLED * abs(change))


def is_error(std_error: float, *, mean: float, sd: float) -> bool:
    """Whether a standard error is one, and not the rounding of zero.

    Parameters
    ----------
    std_error : float
        Of an effect, in the outcome's unit.
    mean, sd : float
        Of the outcome, in the same unit.

    Returns
    -------
    bool
        False up to 1e-12 of |mean| or SD. So it is where nobody's answer moves between rounds, as
        a fixed trait of a panel does not: sums then differ by their rounding alone, which looks
        like a change of its own size to the regression, and not to the answers.
    """
    return std_error > _ROUNDING * max(abs(mean), sd)


def weights_of(
    frame: pd.DataFrame, specification: Regression, *, post: Flags, study: StudyDesign, where: str
) -> Floats:
    """Weights of an estimand for the rows of a sample.

    Parameters
    ----------
    frame : DataFrame, n rows
        Rows that are used, without missing outcomes.
    specification : Regression
    post : ndarray of bool, shape (n,)
        Rows of the last round.
    study : StudyDesign
    where : str
        Names the estimate in messages.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    EstimationError
        A weight or population that is missing or not positive, or a population that differs
        within a cluster.
    """
    given = _given_weights(frame, specification.weights, where)
    if specification.estimand == "respondents":
        return given
    cluster, _ = pd.factorize(frame[study.columns.cluster])
    cell = 2 * cluster + post
    scaled = given / np.bincount(cell, weights=given)[cell]
    if specification.estimand == "equal":
        return np.asarray(scaled)
    name = study.columns.population or "population"
    people = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    check_people(people, name, where)
    if len(frame[[study.columns.cluster, name]].drop_duplicates()) > cluster.max() + 1:
        raise differing(name, where)
    return np.asarray(scaled * people)


def _given_weights(frame: pd.DataFrame, weights: str, where: str) -> Floats:
    if weights == "none":
        return np.ones(len(frame))
    name = weights.removeprefix("inverse:")
    given = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    bad = int((~(np.isfinite(given) & (given > 0))).sum())
    if bad:
        raise not_positive(bad, name, where)
    return np.asarray(1.0 / given if weights.startswith("inverse:") else given)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows of one estimate, n of them.

    Attributes
    ----------
    specification : Regression
        That chose the rows.
    study : StudyDesign
    frame : DataFrame, n rows
        The chosen rows, index 0 to n - 1; of a panel, the columns that the estimate needs.
    y : ndarray, shape (n,)
        OutcomeColumn, in its own unit, never missing.
    weights : ndarray, shape (n,)
        Positive weights of the estimand.
    cluster : ndarray of str, shape (n,)
    post : ndarray of bool, shape (n,)
        Rows of the last of the rounds.
    treated, comparison : ndarray of bool, shape (n,)
        Rows of arms with the treatment, and of arms without any.
    one_round : tuple of str
        Clusters left out because they were seen in one round only.
    incomplete : int
        Rows left out because a covariate is missing although the outcome is observed.
    """

    specification: Regression
    study: StudyDesign
    frame: pd.DataFrame
    y: Floats
    weights: Floats
    cluster: Ids
    post: Flags
    treated: Flags
    comparison: Flags
    one_round: tuple[str, ...]
    incomplete: int

    @property
    def arms(self) -> Ids:
        """Arm of each row, shape (n,)."""
        return self.frame[self.study.columns.arm].to_numpy()

    @property
    def respondents(self) -> Ids:
        """Respondent of each row, shape (n,); None in all where the data name nobody."""
        name = self.study.columns.respondent
        if name not in self.frame.columns:
            return np.full(len(self.y), None)
        return self.frame[name].to_numpy()

    def moments(self, rows: Flags) -> tuple[float, float]:
        """Weighted mean and SD of the outcome in some of the rows; see `weighted_moments`."""
        return weighted_moments(self.y[rows], self.weights[rows])

    def clusters(self, rows: Flags) -> tuple[str, ...]:
        """Sorted ids of the clusters in some of the rows."""
        return tuple(sorted(set(self.cluster[rows])))


def seen_twice(respondents: ArrayLike, clusters: ArrayLike, post: Flags) -> Codes:
    """Row numbers of both interviews of the respondents whom a cluster has in both rounds.

    Parameters
    ----------
    respondents, clusters : array_like, shape (n,)
        Ids of respondents, missing where unknown, and clusters.
    post : ndarray of bool, shape (n,)
        Rows of the second round.

    Returns
    -------
    ndarray of int, shape (n01, 2)
        First and second interview.
    """
    rows = pd.DataFrame({"id": respondents, "cluster": clusters, "row": np.arange(len(post))})
    known = (rows["id"].notna() & (rows["id"] != "")).to_numpy()
    both = rows[known & ~post].merge(rows[known & post], on=["id", "cluster"])
    return np.asarray(both[["row_x", "row_y"]])


def select(
    frame: pd.DataFrame,
    specification: Regression,
    *,
    value: str,
    rounds: tuple[str, ...],
    study: StudyDesign,
) -> Sample:
    """Choose and weight the rows of one estimate.

    Parameters
    ----------
    frame : DataFrame
        Clean rounds stacked, or the clean analysis file.
    specification : Regression
        Gives sample, treatment, covariates, weights and estimand.
    value : str
        Column of the outcome.
    rounds : tuple of str
        One or two rounds; empty for a file without rounds.
    study : StudyDesign

    Returns
    -------
    Sample

    Raises
    ------
    EstimationError
        A column or a round without values, an unknown arm, a cluster in two arms, fewer than
        two treated or comparison clusters, a respondent twice in a round, a weight that is
        missing or not positive, an outcome that is infinite or does not vary.
    """
    where = f"specification {specification.id}, outcome {value}"
    needed = check_columns(frame, specification, value=value, rounds=rounds, study=study)
    if rounds:
        # A panel is wide, and every choice of rows below copies what it chooses from. A file
        # without rounds is kept whole: it holds baseline values under names not known here.
        wanted = {*needed, study.columns.respondent}
        frame = frame[[name for name in frame.columns if name in wanted]]
    chosen = frame[choose(frame, specification, rounds, study, where).keep]
    observed = _observed(chosen, value, rounds, where)
    answered = observed[complete(observed, (*specification.covariates, *specification.effects))]
    kept, one_round = _in_every_round(answered, rounds, study.columns.cluster, where)
    arm = kept[study.columns.arm]
    # without rounds every row is of the last
    post = np.ones(len(kept), dtype=bool)
    if rounds:
        post = (kept["round"] == rounds[-1]).to_numpy(dtype=bool)
    sample = Sample(
        specification=specification,
        study=study,
        frame=kept.reset_index(drop=True),
        y=kept[value].to_numpy(dtype=np.float64),
        weights=weights_of(kept, specification, post=post, study=study, where=where),
        cluster=kept[study.columns.cluster].astype(str).to_numpy(dtype=object),
        post=post,
        treated=arm.isin(study.arms_with(specification.treatment)).to_numpy(dtype=bool),
        comparison=arm.isin(study.arms_without_any()).to_numpy(dtype=bool),
        one_round=one_round,
        incomplete=len(observed) - len(answered),
    )
    _check_arms(sample.cluster, arm, where)
    treated, other = sample.clusters(sample.treated), sample.clusters(~sample.treated)
    check_groups(len(treated), len(other), where, untreated=sample.comparison.any())
    check_varies(np.ptp(sample.y), where)
    return sample


def dummies(
    frame: pd.DataFrame, names: Sequence[str], *, first: str
) -> tuple[list[Floats], list[str]]:
    """Columns of 0 and 1 for the values of variables, in sorted order.

    Parameters
    ----------
    frame : DataFrame
        Without missing values in these variables.
    names : sequence of str
        Variables.
    first : {"drop", "keep"}
        Whether the first value of the first variable has a column; later variables never have
        one for their first value, which would repeat the constant.
    """
    columns: list[Floats] = []
    labels: list[str] = []
    for position, name in enumerate(names):
        codes, values = pd.factorize(frame[name], sort=True)
        start = 0 if first == "keep" and position == 0 else 1
        for code in range(start, len(values)):
            columns.append((codes == code).astype(np.float64))
            labels.append(f"{name}={plain(values[code])}")
    return columns, labels


def _observed(
    chosen: pd.DataFrame, value: str, rounds: tuple[str, ...], where: str
) -> pd.DataFrame:
    if not pd.api.types.is_numeric_dtype(chosen[value]):
        raise sample_error("outcome-not-numeric", "name-numeric-outcome", where)
    values = chosen[value].to_numpy(dtype=np.float64, na_value=np.nan)
    unbounded = int(np.count_nonzero(np.isinf(values)))
    if unbounded:
        raise infinite(unbounded, value, where)
    observed = chosen[np.isfinite(values)]
    check_rounds([(observed["round"] == r).any() for r in rounds], rounds, where)
    if observed.empty:
        raise sample_error("outcome-missing-every", "check-file", where)
    return observed


def _in_every_round(
    frame: pd.DataFrame, rounds: tuple[str, ...], cluster: str, where: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    if len(rounds) < 2:
        return frame, ()
    sets = [set(frame.loc[frame["round"] == r, cluster].unique()) for r in rounds]
    both = set.intersection(*sets)
    check_linked(both, sorted(map(str, sets[0])), sorted(map(str, sets[-1])), where)
    alone = set.union(*sets) - both
    if not alone:
        return frame, ()
    return frame[frame[cluster].isin(both)], tuple(sorted(map(str, alone)))


def _check_arms(cluster: Ids, arm: pd.Series, where: str) -> None:
    """Two arms in one cluster are a fault even where neither has the treatment in question."""
    seen = pd.DataFrame({"cluster": cluster, "arm": arm.to_numpy(dtype=object)}).drop_duplicates()
    both = sorted(set(seen["cluster"][seen["cluster"].duplicated()]))
    if both:
        raise in_two_arms(both[0], len(both), where)


def first_weights(panel: pd.DataFrame, specification: Regression, study: StudyDesign) -> Floats:
    """Weights of a specification at the first round; all NaN where one is missing.

    Parameters
    ----------
    panel : DataFrame
    specification : Regression
    study : StudyDesign

    Returns
    -------
    ndarray, shape (n,)
        In the order of the first round's rows.
    """
    cluster, people = study.columns.cluster, study.columns.population or "population"
    used = (cluster, people, specification.weights.removeprefix("inverse:"))
    named = [name for name in panel.columns if name in used]
    first = panel.loc[panel["round"] == study.rounds[0], named]
    earlier = np.zeros(len(first), dtype=bool)
    try:
        return weights_of(first, specification, post=earlier, study=study, where="found again")
    except EstimationError:
        return np.full(len(first), np.nan)
