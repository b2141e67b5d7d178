"""Neighbours: comparison clusters near treated ones, and errors shared over distance (Conley).

If the programme reached beyond the treated clusters, comparison clusters near them changed too,
and the primary estimate compares with clusters that are partly treated. Both views assume that
comparison clusters further away were not reached.
"""

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise

import numpy as np
from scipy.spatial.distance import cdist

from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.difference_from_primary import compared
from evaluation.analysis.checks.leave_out import without
from evaluation.config.confidentiality import said
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.inference.estimate_record import RowFacts, recorded
from evaluation.estimation.inference.steps import by_t
from evaluation.estimation.records import Difference, Estimate
from evaluation.estimation.regression.cluster_changes import last_round
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import Fit, cv1, least_squares, small_sample_factor
from evaluation.estimation.row_keys import LeaveOut, Outside, Ring, Within
from evaluation.locale.messages import Message, ResultNumber, message


@computes
def conley(context: CheckContext) -> Iterable[Row]:
    """The primary estimate with Conley standard errors, one row per cutoff.

    Returns
    -------
    iterable of Row
        Sample ``within:<km>``, step ``conley``; beside each the mean number of other clusters
        within the cutoff and the ratio of the standard error to CV1's.

    Raises
    ------
    EstimationError
        The study has no coordinates, or a cutoff is negative.

    Notes
    -----
    V = G/(G-1) sum_g sum_h K(d_gh / c) u_g u_h with K(r) = max(0, 1 - r), d the distance in km
    and u_g = [(X'WX)^-1 X_g' W_g e_g] the cluster's part of the error of the effect (Conley
    1999, J. Econometrics 92(1), section 3, with a radial Bartlett kernel). Without covariates
    u_g is that of the first differences, weighted for the estimand. The factor makes cutoff 0
    equal CV1. Reference t(G-1). A radial Bartlett kernel need not be positive definite in the
    plane, so the variance may be negative. Since the u_g sum to zero, cutoffs that reach most
    other clusters drive the variance to zero whatever the data.
    """
    blocks = (built := context.primary_design()).accumulate()
    fit = least_squares(blocks)
    where = coordinates(context)
    unplaced = [c for c in blocks.clusters if c not in where]
    if unplaced:
        reason = message("conley-clusters-have-no.reason")
        return tuple(
            context.unavailable(reason, "conley", sample=Within(f"{cutoff:g}"))
            for cutoff in context.check.distances
        )
    points = np.array([where[c] for c in blocks.clusters])
    distance = np.asarray(cdist(points, points))
    sizes = RowFacts.of(built)
    return tuple(
        row
        for cutoff in context.check.distances
        for row in _rows(context, fit, distance, cutoff=cutoff, column=built.column, sizes=sizes)
    )


def _rows(
    context: CheckContext,
    fit: Fit,
    distance: Floats,
    *,
    cutoff: float,
    column: str,
    sizes: RowFacts,
) -> tuple[Row, ...]:
    sample = Within(f"{cutoff:g}")
    variance = conley_variance(fit, column, distance, cutoff=cutoff)
    reached = float((bartlett(distance, cutoff) > 0.0).sum() - len(distance)) / len(distance)
    beside = context.diagnostic("clusters_within_cutoff", reached, unit="clusters", sample=sample)
    plain = cv1(fit, column)
    # rounding leaves about 1e-16 of the parts' own size where the true sum is zero
    if not variance > 1e-12 * plain.std_error**2:
        reason = message("variance-not.reason", cutoff=ResultNumber(f"{cutoff:g}"))
        return context.unavailable(reason, "conley", sample=sample), beside
    error = float(np.sqrt(variance))
    kind = message("conley-standard.reason", cutoff=ResultNumber(f"{cutoff:g}"))
    df, level = float(fit.n_clusters - 1), context.plan.inference.level
    found = by_t(plain.estimate, error, df=df, level=level, p_kind=kind)
    return (
        recorded(context.heading(sample), "conley", found, sizes=sizes),
        beside,
        context.diagnostic("conley_to_cv1", error / plain.std_error, unit="ratio", sample=sample),
    )


def conley_variance(fit: Fit, column: str, distance: Floats, *, cutoff: float) -> float:
    """Variance of a coefficient when errors are alike up to a distance; it may be negative.

    Parameters
    ----------
    fit : Fit
    column : str
    distance : ndarray, shape (G, G)
        Between the clusters, in the order of the fit's scores.
    cutoff : float
        In the distances' unit.
    """
    influence, kernel = fit.influence(column), bartlett(distance, cutoff)
    return small_sample_factor(fit) * float(influence @ kernel @ influence)


def bartlett(distance: Floats, cutoff: float) -> Floats:
    """Weights max(0, 1 - d / cutoff), one for a cluster with itself; shape of the distances.

    Parameters
    ----------
    distance : ndarray
        In km.
    cutoff : float
        In km; zero leaves each cluster to itself.
    """
    if not (np.isfinite(cutoff) and cutoff >= 0.0):
        raise EstimationError.of(
            "cutoff-km-no",
            "write-cutoffs",
            "plan.toml, `distances`",
            cutoff=ResultNumber(f"{cutoff:g}"),
        )
    if cutoff == 0.0:
        return np.eye(len(distance))
    return np.asarray(np.maximum(0.0, 1.0 - distance / cutoff))


def coordinates(context: CheckContext) -> dict[str, tuple[float, float]]:
    """Place of each cluster of the frame in km; clusters without coordinates are absent.

    Raises
    ------
    EstimationError
        The study or the frame of clusters has no coordinates at all.
    """
    columns, frame = context.study.columns, context.frames.frame
    names = (columns.x_km, columns.y_km)
    if None in names or not set(names) <= set(frame.columns):
        raise EstimationError.of(
            "conley-study-has-no", "name-variables", "study.toml, `columns.x_km` and `columns.y_km`"
        )
    ids = frame[columns.cluster].astype(str)
    places = frame[list(names)].to_numpy(dtype=np.float64)
    return {
        cluster: (float(x), float(y))
        for cluster, (x, y) in zip(ids, places, strict=True)
        if np.isfinite(x) and np.isfinite(y)
    }


# With fewer comparison clusters left their own shocks would be read as the programme's effect.
FEWEST = 6
FEWEST_SUBREGIONS = 2
SEPARATOR = "|"

Rings = Mapping[str, frozenset[str]]


@computes
def spillover(context: CheckContext) -> Iterable[Row]:
    """Leave out comparison clusters that border treated ones, or give them their own change.

    Returns
    -------
    iterable of Row
        ``without:bordering`` leaves them out. ``ring:bordering`` is their change against that
        of the other comparison clusters, the spillover estimate, and ``ring:effect`` the effect
        against those others. With distances, ``ring:<from>-<to>`` is the same for comparison
        clusters at these km from the nearest treated cluster, and ``beyond:<km>`` the effect
        against those further away. Each row counts the interviews and clusters that its contrast
        compares. Beside them, the number of comparison clusters in each ring.

    Raises
    ------
    EstimationError
        The frame of clusters does not say which border which, or distances are asked for
        without coordinates.

    Notes
    -----
    y on treated x post, post and ring x post for each ring of comparison clusters, with cluster
    effects (Butts 2021, arXiv:2105.03737, section 3); spillovers between treated clusters stay
    in the effect. By rule "not informative", and `Unavailable`, when fewer than
    max(minimum_clusters, 6) comparison clusters outside the rings stay, or fewer than two
    subregions hold them. A ring of too few clusters for a change of its own leaves the comparison.
    """
    built = context.primary_design()
    rings = {"bordering": _bordering(context) & set(built.clusters_comparison)}
    rows = [*_left_out(context, built, rings), *_rings(context, built, rings, effect=Outside())]
    if context.check.distances:
        rows += _bands(context, built)
    return tuple(rows)


def _left_out(context: CheckContext, built: Design, rings: Rings) -> tuple[Row, ...]:
    sample = LeaveOut("bordering")
    reason = _not_informative(context, built, rings)
    if reason:
        return (context.unavailable(reason, sample=sample),)
    return without(context, _rows_of(context, rings["bordering"]), sample=sample)[0]


def _bands(context: CheckContext, built: Design) -> tuple[Row, ...]:
    edges = (0.0, *sorted(context.check.distances))
    nearest = _distance_to_treated(context, built)
    unplaced = [c for c in built.clusters_comparison if c not in nearest]
    effect = Outside(f"{edges[-1]:g}")
    if unplaced:
        reason = message("comparison-clusters.reason")
        return (context.unavailable(reason, sample=effect),)
    bands = {
        f"{low:g}-{high:g}": frozenset(
            c for c in built.clusters_comparison if low <= nearest[c] < high
        )
        for low, high in pairwise(edges)
    }
    return _rings(context, built, bands, effect=effect)


def _rings(
    context: CheckContext, built: Design, rings: Rings, *, effect: Outside
) -> tuple[Row, ...]:
    """Rows of the regression with a change of its own for each ring."""
    counts = _counts(context, built, rings, effect)
    reason = _not_informative(context, built, rings)
    if reason:
        samples = [*map(Ring, rings), effect]
        return *(context.unavailable(reason, sample=s) for s in samples), *counts
    # rings with too few clusters to estimate a change are left out of the comparison
    fewest = max(context.study.minimum_clusters, 2)
    small = {n for n, members in rings.items() if len(members) < fewest}
    gone = _rows_of(context, [c for name in small for c in rings[name]])
    ringed = _with_rings(context, context.design(context.frames.panel[~gone]), rings, small)
    rows: list[Row] = []
    for name, members in rings.items():
        if name in small:
            number = said(len(members), context.study.minimum_clusters)
            reason = message("not-informative-comparison-clusters.reason", number=number)
            rows.append(context.unavailable(reason, sample=Ring(name)))
        else:
            against = _against(ringed, rings, _column(context, name), tuple(sorted(members)))
            rows += _counted(against, context.linear(against, sample=Ring(name)))
    against = _against(ringed, rings, ringed.column, ringed.clusters_treated)
    effects = compared(context, against, sample=effect)
    return *rows, *_counted(against, effects), *counts


def _against(ringed: Design, rings: Rings, column: str, clusters: tuple[str, ...]) -> Design:
    """The regression read as some clusters against the comparison clusters outside all rings."""
    outside = set(ringed.clusters_comparison).difference(*rings.values())
    return dataclasses.replace(
        ringed,
        column=column,
        clusters_treated=clusters,
        clusters_comparison=tuple(sorted(outside)),
    )


def _counted(against: Design, rows: Iterable[Row]) -> tuple[Row, ...]:
    """Records that count the interviews of the clusters compared, not all of the regression's."""
    clusters = [*against.clusters_treated, *against.clusters_comparison]
    n = int(np.isin(against.cluster, clusters).sum())
    return tuple(
        dataclasses.replace(row, n=n) if isinstance(row, (Estimate, Difference)) else row
        for row in rows
    )


def _rows_of(context: CheckContext, clusters: Collection[str]) -> Flags:
    """Rows of the panel of some clusters."""
    ids = context.frames.panel[context.study.columns.cluster].astype(str)
    return ids.isin(clusters).to_numpy()


def _with_rings(context: CheckContext, built: Design, rings: Rings, small: set[str]) -> Design:
    """The regression with ring x post columns after its own."""
    post = last_round(built)
    names = [name for name in rings if name not in small]
    columns = [np.isin(built.cluster, sorted(rings[name])) * post for name in names]
    return dataclasses.replace(
        built,
        X=np.column_stack([built.X, *columns]),
        columns=(*built.columns, *(_column(context, name) for name in names)),
    )


def _column(context: CheckContext, name: str) -> str:
    return f"ring {name} x {context.specification.contrast[1]}"


def _counts(context: CheckContext, built: Design, rings: Rings, effect: Outside) -> tuple[Row, ...]:
    outside = frozenset(built.clusters_comparison).difference(*rings.values())
    named = [*((Ring(name), members) for name, members in rings.items()), (effect, outside)]
    return tuple(
        context.diagnostic("comparison_clusters", len(members), unit="clusters", sample=sample)
        for sample, members in named
    )


def _not_informative(context: CheckContext, built: Design, rings: Rings) -> Message | None:
    """Why the comparison clusters outside the rings say too little; empty where they do."""
    outside = set(built.clusters_comparison).difference(*rings.values())
    fewest = max(context.study.minimum_clusters, FEWEST)
    if len(outside) < fewest:
        number = said(len(outside), context.study.minimum_clusters)
        return message(
            "not-informative-comparison.reason",
            number=number,
            n=len(built.clusters_comparison),
            fewest=fewest,
        )
    name, frame = context.study.columns.subregion, context.frames.frame
    if name is None:
        return None
    of_cluster = frame[context.study.columns.cluster].astype(str).isin(outside)
    held = int(frame.loc[of_cluster, name].nunique())
    if held < FEWEST_SUBREGIONS:
        return message("not-informative.reason", held=held, fewest_subregions=FEWEST_SUBREGIONS)
    return None


def _treated(context: CheckContext) -> frozenset[str]:
    """Treated clusters of the frame, interviewed or not."""
    frame, columns = context.frames.frame, context.study.columns
    treated = frame[columns.arm].isin(context.study.arms_with(context.specification.treatment))
    return frozenset(frame.loc[treated, columns.cluster].astype(str))


def _bordering(context: CheckContext) -> frozenset[str]:
    """Clusters that border a treated one, as either of the two says."""
    name, frame = context.check.variables[0], context.frames.frame
    if name not in frame.columns or frame[name].isna().all():
        raise EstimationError(
            message("covariate-not-in-frame", variable=name),
            where=f"variable {name}",
            fix=message("name-variable-lists.fix", separator=SEPARATOR),
        )
    listed = frame[name].fillna("").str.split(SEPARATOR)
    ids, treated = frame[context.study.columns.cluster].astype(str), _treated(context)
    found: set[str] = set()
    for cluster, others in zip(ids, listed, strict=True):
        near = {other.strip() for other in others}
        if near & treated:
            found.add(cluster)
        if cluster in treated:
            found |= near
    return frozenset(found)


def _distance_to_treated(context: CheckContext, built: Design) -> dict[str, float]:
    """Km from each placed comparison cluster to the nearest treated one."""
    places = coordinates(context)
    treated = np.array([places[c] for c in sorted(_treated(context)) if c in places])
    placed = [c for c in built.clusters_comparison if c in places]
    if not (len(treated) and placed):
        return {}
    nearest = cdist(np.array([places[c] for c in placed]), treated).min(axis=1)
    return dict(zip(placed, nearest.tolist(), strict=True))
