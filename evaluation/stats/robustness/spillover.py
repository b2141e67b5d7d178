"""Comparison clusters near treated ones: left out, or given a change of their own.

If the programme reached beyond the treated clusters, comparison clusters near them changed too,
and the primary estimate compares with clusters that are partly treated. Both views assume that
comparison clusters further away were not reached.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np
from scipy.spatial.distance import cdist

from evaluation.errors import EstimationError
from evaluation.locale.messages import Message, message
from evaluation.spec.counts import said
from evaluation.spec.records import Difference, Estimate
from evaluation.spec.row_keys import LeaveOut, Outside, Ring
from evaluation.stats.design import Design
from evaluation.stats.robustness.case import Case, Row, computes, diagnostic, linear, unavailable
from evaluation.stats.robustness.cluster_changes import last_round
from evaluation.stats.robustness.conley import coordinates
from evaluation.stats.robustness.differences import compared
from evaluation.stats.robustness.left_out import too_few

# With fewer comparison clusters left their own shocks would be read as the programme's effect.
FEWEST = 6
FEWEST_SUBREGIONS = 2
SEPARATOR = "|"

Rings = Mapping[str, frozenset[str]]


@computes
def spillover(case: Case) -> Iterable[Row]:
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
    subregions hold them. A ring of too few clusters for a change of its own leaves the comparison;
    the effect is then `Unavailable`, since the primary estimate and it would tell their change.
    """
    built = case.primary_design()
    rings = {"bordering": _bordering(case) & set(built.clusters_comparison)}
    rows = [*_left_out(case, built, rings), *_rings(case, built, rings, effect=Outside())]
    if case.check.distances:
        rows += _bands(case, built)
    return tuple(rows)


def _left_out(case: Case, built: Design, rings: Rings) -> tuple[Row, ...]:
    sample = LeaveOut("bordering")
    reason = _not_informative(case, built, rings)
    if reason:
        return (unavailable(case, "all", reason, sample=sample),)
    near = rings["bordering"]
    ids = case.frames.panel[case.study.columns.cluster].astype(str)
    left = case.design(case.frames.panel[~ids.isin(near)])
    reason = too_few(case, built, left)
    if reason:
        return (unavailable(case, "all", reason, sample=sample),)
    return compared(case, left, sample=sample)


def _bands(case: Case, built: Design) -> tuple[Row, ...]:
    edges = (0.0, *sorted(case.check.distances))
    nearest = _distance_to_treated(case, built)
    unplaced = [c for c in built.clusters_comparison if c not in nearest]
    effect = Outside(f"{edges[-1]:g}")
    if unplaced:
        reason = message("comparison-clusters.reason", n=len(unplaced))
        return (unavailable(case, "all", reason, sample=effect),)
    bands = {
        f"{low:g}-{high:g}": frozenset(
            c for c in built.clusters_comparison if low <= nearest[c] < high
        )
        for low, high in pairwise(edges)
    }
    return _rings(case, built, bands, effect=effect)


def _rings(case: Case, built: Design, rings: Rings, *, effect: Outside) -> tuple[Row, ...]:
    """Rows of the regression with a change of its own for each ring."""
    counts = _counts(case, built, rings, effect)
    reason = _not_informative(case, built, rings)
    if reason:
        samples = [*map(Ring, rings), effect]
        return *(unavailable(case, "all", reason, sample=s) for s in samples), *counts
    fewest = max(case.study.minimum_clusters, 2)
    small = {n for n, members in rings.items() if len(members) < fewest}
    smaller = _without_small(case, rings, small)
    ringed = _with_rings(case, smaller, rings, small)
    rows: list[Row] = []
    for name, members in rings.items():
        if name in small:
            number = said(len(members), case.study.minimum_clusters)
            reason = message("not-informative-comparison-clusters.reason", number=number)
            rows.append(unavailable(case, "all", reason, sample=Ring(name)))
        else:
            rows += _ring(case, ringed, rings, name)
    reason = too_few(case, built, smaller)
    if reason:
        return *rows, unavailable(case, "all", reason, sample=effect), *counts
    against = _against(ringed, rings, ringed.column, ringed.clusters_treated)
    effects = compared(case, against, sample=effect)
    return *rows, *_counted(against, effects), *counts


def _ring(case: Case, ringed: Design, rings: Rings, name: str) -> tuple[Row, ...]:
    """Change of a ring against comparison clusters outside all rings."""
    members = tuple(sorted(rings[name]))
    against = _against(ringed, rings, _column(case, name), members)
    return _counted(against, linear(case, against, sample=Ring(name)))


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


def _without_small(case: Case, rings: Rings, small: set[str]) -> Design:
    """The primary regression without clusters of rings too small for a change of their own."""
    gone = frozenset[str]().union(*(rings[name] for name in small))
    ids = case.frames.panel[case.study.columns.cluster].astype(str)
    return case.design(case.frames.panel[~ids.isin(gone)])


def _with_rings(case: Case, built: Design, rings: Rings, small: set[str]) -> Design:
    """The regression with ring x post columns after its own."""
    post = last_round(built)
    names = [name for name in rings if name not in small]
    columns = [np.isin(built.cluster, sorted(rings[name])) * post for name in names]
    return dataclasses.replace(
        built,
        X=np.column_stack([built.X, *columns]),
        columns=(*built.columns, *(_column(case, name) for name in names)),
    )


def _column(case: Case, name: str) -> str:
    return f"ring {name} x {case.specification.contrast[1]}"


def _counts(case: Case, built: Design, rings: Rings, effect: Outside) -> tuple[Row, ...]:
    outside = set(built.clusters_comparison).difference(*rings.values())
    named = [*((Ring(name), members) for name, members in rings.items()), (effect, outside)]
    return tuple(
        diagnostic(case, "comparison_clusters", len(members), unit="clusters", sample=sample)
        for sample, members in named
    )


def _not_informative(case: Case, built: Design, rings: Rings) -> Message | None:
    """Why the comparison clusters outside the rings say too little; empty where they do."""
    outside = set(built.clusters_comparison).difference(*rings.values())
    fewest = max(case.study.minimum_clusters, FEWEST)
    if len(outside) < fewest:
        number = said(len(outside), case.study.minimum_clusters)
        return message(
            "not-informative-comparison.reason",
            number=number,
            n=len(built.clusters_comparison),
            fewest=fewest,
        )
    name, frame = case.study.columns.subregion, case.frames.frame
    if name is None:
        return None
    of_cluster = frame[case.study.columns.cluster].astype(str).isin(outside)
    held = int(frame.loc[of_cluster, name].nunique())
    if held < FEWEST_SUBREGIONS:
        return message("not-informative.reason", held=held, fewest_subregions=FEWEST_SUBREGIONS)
    return None


def _treated(case: Case) -> frozenset[str]:
    """Treated clusters of the frame, interviewed or not."""
    frame, columns = case.frames.frame, case.study.columns
    treated = frame[columns.arm].isin(case.study.arms_with(case.specification.treatment))
    return frozenset(frame.loc[treated, columns.cluster].astype(str))


def _bordering(case: Case) -> frozenset[str]:
    """Clusters that border a treated one, as either of the two says."""
    name, frame = case.check.variables[0], case.frames.frame
    if name not in frame.columns or frame[name].isna().all():
        raise EstimationError(
            message("covariate-not-in-frame", variable=name),
            where="plan.toml, `variables`",
            mend=message("name-variable-lists.mend", separator=SEPARATOR),
        )
    listed = frame[name].fillna("").str.split(SEPARATOR)
    ids, treated = frame[case.study.columns.cluster].astype(str), _treated(case)
    found: set[str] = set()
    for cluster, others in zip(ids, listed, strict=True):
        near = {other.strip() for other in others}
        if near & treated:
            found.add(cluster)
        if cluster in treated:
            found |= near
    return frozenset(found)


def _distance_to_treated(case: Case, built: Design) -> dict[str, float]:
    """Km from each placed comparison cluster to the nearest treated one."""
    places = coordinates(case)
    treated = np.array([places[c] for c in sorted(_treated(case)) if c in places])
    placed = [c for c in built.clusters_comparison if c in places]
    if not (len(treated) and placed):
        return {}
    nearest = cdist(np.array([places[c] for c in placed]), treated).min(axis=1)
    return dict(zip(placed, nearest.tolist(), strict=True))
