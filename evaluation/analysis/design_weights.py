"""Weights of a survey round, built from its design: selection, non-response, margins, bound.

    w_i = 1 / (p_i1 p_i2 ...) x (eligible sampled / interviewed) of its cell x raking

Base weights are those of Horvitz and Thompson (1952, JASA 47); the adjustment supposes that inside
a cell those who were not interviewed are like those who were (Little 1986, International
Statistical Review 54). What weights say about themselves is checked here too: totals against the
frame, spread, and rounds side by side.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.config.sampling import KnownMargin, Level, WeightCheck, Weighting
from evaluation.config.study import Study
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.regression.sample_checks import weights_error
from evaluation.estimation.weights.raking import Margin, Raked, cut, design_effect, rake, rake_below


def check_weights(
    panel: pd.DataFrame, study: Study, *, n_cut: Mapping[str, int] | None = None
) -> tuple[WeightCheck, ...]:
    """Sums and spread of the weights by round, for all, by stratum and by cluster.

    Parameters
    ----------
    panel : DataFrame
        Linked rounds with the study's weight, cluster, and population and stratum where it has
        them. Rows without a positive weight are passed over: other checks name them.
    study : Study
    n_cut : mapping of round id to int, optional
        Weights that were cut when they were built.

    Returns
    -------
    tuple of WeightCheck
        Empty where the study has no weight.
    """
    columns = study.columns
    if columns.weight is None or columns.weight not in panel.columns:
        return ()
    weights = panel[columns.weight].to_numpy(dtype=np.float64, na_value=np.nan)
    used = ("round", columns.weight, columns.cluster, columns.stratum, columns.population)
    named = [name for name in dict.fromkeys(used) if name is not None and name in panel.columns]
    rows = panel.loc[np.isfinite(weights) & (weights > 0.0), named]
    found: list[WeightCheck] = []
    before: dict[tuple[str, str], float] = {}
    for round_id in study.rounds:
        here = rows[rows["round"] == round_id]
        if here.empty:
            continue
        whole, *parts = _round(here, study, round_id, before)
        checks = [replace(whole, n_cut=(n_cut or {}).get(round_id, -1)), *parts]
        total = whole.total
        before = {(c.level, c.name): c.total / total for c in checks}
        found += checks
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Whole:
    """All interviews of a round: their weights' total, and rows and people of each cluster."""

    total: float
    rows: pd.Series
    people: pd.Series | None

    @classmethod
    def of(cls, here: pd.DataFrame, study: Study) -> "_Whole":
        name, cluster = study.columns.population, study.columns.cluster
        people = None
        if name is not None and name in here.columns:
            people = here.drop_duplicates(cluster).set_index(cluster)[name]
        rows = here[cluster].value_counts(sort=False, dropna=False)
        return cls(float(here[study.columns.weight].sum()), rows, people)

    def people_of(self, rows: pd.DataFrame, study: Study) -> float:
        """Population of the clusters that lie wholly in some rows; NaN where one lies in part."""
        clusters = rows[study.columns.cluster].unique()
        if self.people is None or self.rows[clusters].sum() != len(rows):
            return float("nan")
        return float(self.people[clusters].sum(skipna=False))


def _round(
    here: pd.DataFrame, study: Study, round_id: str, before: Mapping[tuple[str, str], float]
) -> Iterator[WeightCheck]:
    """The whole round first, then its strata and clusters, in their order."""
    columns, whole = study.columns, _Whole.of(here, study)
    everybody = whole.people_of(here, study)

    def check(rows: pd.DataFrame, level: Level, name: str) -> WeightCheck:
        weights = rows[columns.weight].to_numpy(dtype=np.float64)
        total, people = float(weights.sum()), whole.people_of(rows, study)
        earlier = before.get((level, name))
        return WeightCheck(
            study=study.id,
            round=round_id,
            level=level,
            name=name,
            n=len(rows),
            n_clusters=int(rows[columns.cluster].nunique()),
            total=total,
            people=people,
            coverage=total / people * (everybody / whole.total),
            design_effect=design_effect(weights),
            largest_to_smallest=float(weights.max() / weights.min()),
            share_change=np.nan if earlier is None else total / whole.total / earlier,
            whole_design_effect=design_effect(weights),
            variation=float(weights.std() / weights.mean()),
        )

    clusters = [
        check(rows, "cluster", str(name)) for name, rows in here.groupby(columns.cluster, sort=True)
    ]
    yield replace(
        check(here, "all", ""),
        design_effect=float(np.mean([c.design_effect for c in clusters])),
        largest_to_smallest=max(c.largest_to_smallest for c in clusters),
    )
    if columns.stratum is not None and columns.stratum in here.columns:
        for name, rows in here.groupby(columns.stratum, sort=True):
            yield check(rows, "stratum", str(name))
    yield from clusters


Cell = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """Units that were sampled in a round, interviewed or not.

    Attributes
    ----------
    rows : DataFrame, m rows
        The variables of ``cells``, and the selection probabilities where units count by weight.
    eligible : ndarray, shape (m,)
        1 for eligible units, 0 for others, AAPOR's e for those of unknown eligibility.
    """

    rows: pd.DataFrame
    eligible: Floats


def build(
    rows: pd.DataFrame,
    weighting: Weighting,
    *,
    sampled: Sampled | None = None,
    people: pd.DataFrame | None = None,
    where: str,
) -> Raked:
    """Weights of the interviews of one round.

    Parameters
    ----------
    rows : DataFrame, n rows
        Interviews that are used: probabilities, cells and margin variables.
    weighting : Weighting
    sampled : Sampled, optional
        Needed where the weighting has cells.
    people : DataFrame, optional
        The round's margins: margin variables, missing where a row is not about them, and the
        people. Needed where the weighting has margins.
    where : str
        Names the round in messages.

    Returns
    -------
    Raked
        Weights in the order of the rows. Without margins they are people by the design itself.

    Raises
    ------
    EstimationError
        A probability outside 0 to 1, a cell that cannot be adjusted, or margins that cannot be
        held; the message names the round and the cell or margin. And where the weighting has
        cells or margins and what they need was not given.
    """
    if weighting.cells and sampled is None:
        raise weights_error("weights-without-sampled-units", "list-their-file", where)
    if weighting.margin and people is None:
        raise weights_error("weights-without-populations", "list-their-file", where)
    weights = base_weights(rows[list(weighting.probabilities)].to_numpy(dtype=np.float64), where)
    banded = in_bands(rows, weighting.bands)
    if weighting.cells and sampled is not None:
        weights = weights * _adjustment(banded, weights, weighting, sampled, where)
    try:
        if not weighting.margin or people is None:
            if weighting.bound is None:
                return Raked(weights=weights, iterations=0, gap=0.0)
            return cut(weights, bound=weighting.bound)
        margins = [margin_of(banded, m, weighting, people) for m in weighting.margin]
        if weighting.bound is None:
            return rake(weights, margins)
        return rake_below(weights, margins, bound=weighting.bound)
    except EstimationError as error:
        raise EstimationError(error.problem, where=where, fix=error.fix, rule="weights") from None


def base_weights(probabilities: Floats, where: str) -> Floats:
    """One over the product of the stages' selection probabilities.

    Parameters
    ----------
    probabilities : ndarray, shape (n, stages)
    where : str
        Names the rows in messages.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    EstimationError
        A probability that is missing, not above 0, or above 1.
    """
    good = np.isfinite(probabilities) & (probabilities > 0.0) & (probabilities <= 1.0)
    bad = int((~good.all(axis=1)).sum())
    if bad:
        raise weights_error("rows-selection", "complete-probabilities", where, bad=bad)
    return np.asarray(1.0 / probabilities.prod(axis=1))


def response_factors(
    sampled: Sequence[Cell], sizes: Floats, *, interviewed: Sequence[Cell], base: Floats, where: str
) -> Floats:
    """Factor of each interview that makes its cell as large as what was sampled in it.

    Parameters
    ----------
    sampled : sequence of m cells
    sizes : ndarray, shape (m,)
        What each sampled unit counts; 0 for units that are not eligible.
    interviewed : sequence of n cells
    base : ndarray, shape (n,)
        What each interview counts.
    where : str
        Names the rows in messages.

    Returns
    -------
    ndarray, shape (n,)
        Sum of ``sizes`` of the cell / sum of ``base`` of the cell.

    Raises
    ------
    EstimationError
        A cell without interviews, without sampled units, or with more interviewed than sampled.
    """
    wanted, had = _by_cell(sampled, sizes), _by_cell(interviewed, base)
    for cell in sorted(wanted.keys() | had.keys(), key=str):
        if not had.get(cell, 0.0) and wanted[cell]:
            raise weights_error("cell-sampled", "join-cell-most-like", where, named=_named(cell))
        # sums of the same numbers in another order differ by rounding
        if had.get(cell, 0.0) > wanted.get(cell, 0.0) * (1.0 + 1e-9):
            raise weights_error("more-interviewed", "complete-file", where, named=_named(cell))
    return np.array([wanted[cell] / had[cell] for cell in interviewed])


def in_bands(rows: pd.DataFrame, bands: Mapping[str, tuple[float, ...]]) -> pd.DataFrame:
    """Rows with each banded number replaced by the lower end of its group; missing below all.

    Parameters
    ----------
    rows : DataFrame, n rows
    bands : mapping of str to tuple of float
        Lower ends of the groups of each variable, ascending.
    """
    made = {}
    for name, ends in bands.items():
        if name not in rows:
            continue
        values = rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
        place = np.searchsorted(ends, values, side="right") - 1
        lower = np.asarray(ends, dtype=np.float64)[np.maximum(place, 0)]
        made[name] = np.where((place >= 0) & np.isfinite(values), lower, np.nan)
    return rows.assign(**made)


def margin_of(
    rows: pd.DataFrame, known: KnownMargin, weighting: Weighting, people: pd.DataFrame
) -> Margin:
    """One margin for raking, from the rows of the margins' file that are about its variables.

    Parameters
    ----------
    rows : DataFrame, n rows
        Interviews, numbers already in bands.
    known : KnownMargin
    weighting : Weighting
    people : DataFrame
        The file of margins of one round.

    Returns
    -------
    Margin
        A row with a missing value is in no cell.

    Raises
    ------
    EstimationError
        No row of the file is about the margin, or a cell stands twice.
    """
    names = list(known.variables)
    others = [name for name in weighting.margin_variables if name not in names]
    mine = people[people[names].notna().all(axis=1) & people[others].isna().all(axis=1)]
    cells = _cells(mine, names)
    if not cells:
        raise weights_error(
            "file-margins", "add-rows-people", "margins", id=known.id, names=", ".join(names)
        )
    place = {cell: code for code, cell in enumerate(cells)}
    if len(place) < len(cells):
        twice = next(cell for cell in cells if cells.count(cell) > 1)
        raise weights_error(
            "cell-margin-stands", "keep-one-row", "margins", named=_named(twice), id=known.id
        )
    codes = np.array([place.get(cell, -1) for cell in _cells(rows, names)], dtype=np.int64)
    return Margin(
        name=known.id,
        cells=tuple(_named(cell) for cell in cells),
        codes=codes,
        totals=mine[weighting.people].to_numpy(dtype=np.float64, na_value=np.nan),
    )


def _adjustment(
    rows: pd.DataFrame, base: Floats, weighting: Weighting, sampled: Sampled, where: str
) -> Floats:
    units, names = in_bands(sampled.rows, weighting.bands), list(weighting.cells)
    for frame, what in ((rows, "interviews"), (units[sampled.eligible > 0.0], "sampled-units")):
        lost = int(frame[names].isna().any(axis=1).sum())
        if lost:
            raise weights_error(f"{what}-in-no-cell", "complete-these", where, n=lost)
    able = sampled.eligible > 0.0
    sizes, own = sampled.eligible[able], np.ones(len(base))
    if weighting.sampled == "weights":
        chances = units.loc[able, list(weighting.probabilities)].to_numpy(dtype=np.float64)
        sizes, own = sizes * base_weights(chances, f"{where}, contacts"), base
    return response_factors(
        _cells(units[able], names), sizes, interviewed=_cells(rows, names), base=own, where=where
    )


def _cells(rows: pd.DataFrame, names: list[str]) -> list[Cell]:
    """Values of a row's variables as a key; numbers as floats, whatever column held them."""
    columns = [
        rows[name].astype("float64") if pd.api.types.is_numeric_dtype(rows[name]) else rows[name]
        for name in names
    ]
    return list(zip(*columns, strict=True))


def _by_cell(cells: Sequence[Cell], sizes: Floats) -> dict[Cell, float]:
    sums: dict[Cell, float] = {}
    for cell, size in zip(cells, sizes, strict=True):
        sums[cell] = sums.get(cell, 0.0) + float(size)
    return sums


def _named(cell: Cell) -> str:
    return " x ".join(f"{v:.15g}" if isinstance(v, float) else str(v) for v in cell)
