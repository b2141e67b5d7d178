"""Diagnostics of few and unequal clusters: how many there are in effect, and what hangs on whom.

No cluster is named, nor any place. Of estimates without one of them there are quartiles and
counts only: with the levels of both groups, an extreme would give back one place's own change.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from evaluation.locale.messages import Message, message, word
from evaluation.spec.records import Diagnostic, Unavailable
from evaluation.spec.study import Study
from evaluation.stats import jackknife
from evaluation.stats.bootstrap import Draws
from evaluation.stats.distribution import Distribution
from evaluation.stats.effect_record import diagnostic, unavailable
from evaluation.stats.fit import StepUnavailable
from evaluation.stats.heading import Heading
from evaluation.stats.leverage import CONSTANT, effective_clusters, leverage
from evaluation.stats.permutation_draws import Permutations
from evaluation.stats.sample import Sample
from evaluation.stats.score_variance import score_variance
from evaluation.stats.steps import Analysis

Floats = NDArray[np.float64]
Row = Diagnostic | Unavailable

SHARE, CLUSTERS, NUMBER, RESPONDENTS = "share", "clusters", "number", "respondents"
QUARTILES = ("q1", "median", "q3")


def quartiles(heading: Heading, name: str, values: Floats) -> tuple[Diagnostic, ...]:
    """``<name>_q1``, ``<name>_median`` and ``<name>_q3`` of estimates, in the outcome's unit."""
    found = np.quantile(values, (0.25, 0.5, 0.75)).tolist()
    return tuple(
        diagnostic(heading, f"{name}_{label}", value, heading.unit)
        for label, value in zip(QUARTILES, found, strict=True)
    )


def attempted(heading: Heading, name: str, unit: str, value: Callable[[], float]) -> Row:
    """A diagnostic, or the record that says why it cannot be had."""
    try:
        return diagnostic(heading, name, value(), unit)
    except StepUnavailable as reason:
        return unavailable(heading, name, reason.problem)


def of_cells(sample: Sample, heading: Heading, study: Study) -> tuple[Row, ...]:
    """Clusters by arm, and respondents per cluster in each arm and round.

    Parameters
    ----------
    sample : Sample
        Two rounds.
    heading : Heading
    study : Study

    Returns
    -------
    tuple of Diagnostic or Unavailable
        ``clusters_<arm>``; ``respondents_min_<arm>_<round>`` and ``respondents_median_...`` over
        the clusters of the arm. The first is one cluster's own count, so it is not told where it
        is below the study's ``minimum_cell``.
    """
    arm = sample.frame[study.columns.arm].to_numpy()
    rows: list[Row] = []
    for known in study.arm:
        inside = arm == known.id
        if not inside.any():
            continue
        number = float(len(sample.clusters(inside)))
        rows.append(diagnostic(heading, f"clusters_{known.id}", number, CLUSTERS))
        rounds = ((heading.contrast_from, ~sample.post), (heading.contrast_to, sample.post))
        for round_id, when in rounds:
            _, counts = np.unique(sample.cluster[inside & when].astype(str), return_counts=True)
            cell = f"{known.id}_{round_id}"
            rows.append(_fewest(heading, f"respondents_min_{cell}", int(counts.min()), study))
            median = float(np.median(counts))
            rows.append(diagnostic(heading, f"respondents_median_{cell}", median, RESPONDENTS))
    return tuple(rows)


def _fewest(heading: Heading, name: str, fewest: int, study: Study) -> Row:
    if fewest < study.minimum_cell:
        reason = message("fewer.reason", minimum_cell=study.minimum_cell)
        return unavailable(heading, name, reason)
    return diagnostic(heading, name, float(fewest), RESPONDENTS)


def of_leverage(analysis: Analysis, heading: Heading) -> tuple[Row, ...]:
    """Largest leverage and the effective numbers of clusters of the effect's column.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading

    Returns
    -------
    tuple of Diagnostic or Unavailable
        ``leverage_max`` and ``partial_leverage_max`` with their ratios to the mean over clusters
        (``..._ratio``); ``css_effective_clusters`` G*(0), errors independent, and
        ``css_effective_clusters_shared`` G*(1), one shock per cluster (and round, where cluster
        effects are absorbed); see `leverage.effective_clusters`.
    """
    blocks, fit, column = analysis.blocks, analysis.fit, analysis.design.column
    found = leverage(blocks, fit, column)
    rows: list[Row] = []
    for name, values in (("leverage", found.cluster), ("partial_leverage", found.partial)):
        largest = float(values.max())
        rows.append(diagnostic(heading, f"{name}_max", largest, NUMBER))
        rows.append(
            diagnostic(heading, f"{name}_max_ratio", largest / float(values.mean()), NUMBER)
        )
    name = "css_effective_clusters"
    rows.append(diagnostic(heading, name, effective_clusters(blocks, fit, column), CLUSTERS))
    shock = heading.contrast_to if blocks.absorb == "cluster" else CONSTANT
    shared = attempted(
        heading,
        f"{name}_shared",
        CLUSTERS,
        lambda: effective_clusters(blocks, fit, column, shared=shock),
    )
    return (*rows, shared)


def of_permutations(
    analysis: Analysis, heading: Heading, permutations: Permutations | None
) -> tuple[Diagnostic, ...]:
    """How many permutations there were, and how many clusters none of them moves.

    Returns
    -------
    tuple of Diagnostic
        ``ri_permutations`` and ``ri_fixed_clusters``, those in strata of one arm only; empty
        where randomisation inference was not asked for or cannot be had.
    """
    found = analysis.steps.get("ri")
    if permutations is None or not isinstance(found, Distribution):
        return ()
    fixed = permutations.among(analysis.blocks.clusters).fixed
    return (
        diagnostic(heading, "ri_permutations", float(found.number), NUMBER),
        diagnostic(heading, "ri_fixed_clusters", float(fixed), CLUSTERS),
    )


def without_places(
    analysis: Analysis, heading: Heading, level: str, place: Mapping[str, str], *, least: int
) -> tuple[Row, ...]:
    """Quartiles of the estimate without one place (a department) at a time.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading
    level : str
        What the places are, such as department; it enters the names.
    place : mapping of str to str
        Cluster id to place.
    least : int
        Clusters of a group that a place must hold, where it holds any: what an estimate without
        the place gives away is then the mean of at least so many.

    Returns
    -------
    tuple of Diagnostic or Unavailable
        ``without_<level>_q1``, ``..._median`` and ``..._q3``; and ``..._sign_changes``, how many
        of these estimates have another sign than the whole.
    """
    blocks, name = analysis.blocks, f"without_{level}"
    places, member = np.unique([place[c] for c in blocks.clusters], return_inverse=True)
    joined = (member[None, :] == np.arange(len(places))[:, None]).astype(np.float64)
    try:
        solved = jackknife.leave_one_out(
            np.einsum("pg,gij->pij", joined, blocks.xx()),
            (joined @ blocks.xy())[:, :, None],
            columns=blocks.columns,
            clusters=(level,) * len(places),
        )
    except StepUnavailable:
        reason = message("without-one-another.reason", level=word(level))
        return _refused(heading, name, (*QUARTILES, "sign_changes"), reason)
    j = blocks.position(analysis.design.column)
    without = solved[:, j, 0]
    changed = np.sum(np.sign(without) != np.sign(analysis.fit.coefficients[j]))
    small = _smallest_group(analysis, joined) < least
    reason = message("some-holds-fewer.reason", level=word(level), least=least)
    return (
        *(
            _refused(heading, name, QUARTILES, reason)
            if small
            else quartiles(heading, name, without)
        ),
        diagnostic(heading, f"{name}_sign_changes", float(changed), NUMBER),
    )


def _smallest_group(analysis: Analysis, joined: Floats) -> float:
    """Fewest clusters that a place holds of a group of which it holds any."""
    treated = np.isin(analysis.blocks.clusters, analysis.design.clusters_treated)
    counts = joined @ np.stack([treated, ~treated], axis=1)
    return float(counts[counts > 0.0].min())


def _refused(
    heading: Heading, name: str, parts: tuple[str, ...], reason: Message
) -> tuple[Unavailable, ...]:
    return tuple(unavailable(heading, f"{name}_{part}", reason) for part in parts)


def of_level(
    analysis: Analysis, heading: Heading, level: str, place: Mapping[str, str], draws: Draws
) -> Row:
    """``score_variance_p_<level>``: p of the test that clustering need not be by this level.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading
    level : str
    place : mapping of str to str
        Cluster id to place.
    draws : Draws
        Bootstrap multipliers by cluster.
    """
    return attempted(
        heading,
        f"score_variance_p_{level}",
        SHARE,
        lambda: (
            score_variance(
                analysis.blocks, analysis.fit, analysis.design.column, coarse=place, draws=draws
            ).p_value
        ),
    )
