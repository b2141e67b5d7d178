"""The regression of each outcome, put together from cross-products by cluster and round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress

import numpy as np

from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.records import Estimand
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.cross_products import Sums
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.rows import sample_error
from evaluation.estimation.regression.sample_checks import (
    check_groups,
    check_linked,
    check_rounds,
    check_varies,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RespondentCovariate:
    """One respondent column: a number, or whether a nominal variable has one of its values.

    ``variable`` is empty for a number; the columns of one variable stand in sorted order.
    """

    label: str
    variable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PanelRegression:
    """One outcome's difference-in-differences, ready to be estimated.

    Attributes
    ----------
    blocks : Blocks
    column : str
        The column whose coefficient is the effect.
    clusters_treated, clusters_comparison : tuple of str
    baseline_mean, baseline_sd : float
        Weighted mean and SD of arms without any treatment at baseline.
    one_round : tuple of str
        Clusters left out because they were seen in one round only.
    incomplete : int
        Rows left out because a covariate is missing although the outcome is observed.
    """

    blocks: Blocks
    column: str
    clusters_treated: tuple[str, ...]
    clusters_comparison: tuple[str, ...]
    baseline_mean: float
    baseline_sd: float
    one_round: tuple[str, ...]
    incomplete: int

    @property
    def n(self) -> int:
        """Number of rows."""
        return self.blocks.n

    def accumulate(self) -> Blocks:
        """The blocks: what `design.Design` makes from rows is already here."""
        return self.blocks


# What inference needs of a regression, made from sums over rows or from rows.
Built = PanelRegression | Design


# Without slots, for what is made once for all outcomes.
@dataclass(frozen=True, kw_only=True, eq=False)
class ClusterRoundCells:
    """Cross-products of every outcome by cluster and round.

    Attributes
    ----------
    where : str
        Names the specification in messages.
    estimand : {"equal", "population", "respondents"}
    rounds : (str, str)
    clusters : tuple of str
        The G clusters, sorted.
    treated, comparison : ndarray of bool, shape (G,)
        Clusters with the treatment, and of arms without any.
    population : ndarray, shape (G,)
        Ones, unless the estimand needs them.
    changes : dict of str to ndarray, shape (G,)
        Columns that are zero at baseline and this at endline: the effect first, then the round.
    covariates : tuple of RespondentCovariate
        The k respondent columns.
    outcomes : tuple of str
        Ids of the m outcomes.
    incomplete : sequence of m int
        Rows left out because a covariate is missing although the outcome is observed.
    sums : Sums
        By cell, cluster by cluster, baseline before endline.
    shift : ndarray, shape (G, k + m)
        What the sums' columns are less of.
    cancelled : set of str
        Outcomes of which all rows less those without the outcome leave too few digits.
    from_rows : callable
        Makes the regression of one of these, given by its id, from its own rows.
    """

    where: str
    estimand: Estimand
    rounds: tuple[str, str]
    clusters: tuple[str, ...]
    treated: Flags
    comparison: Flags
    population: Floats
    changes: dict[str, Floats]
    covariates: tuple[RespondentCovariate, ...]
    outcomes: tuple[str, ...]
    incomplete: Sequence[int]
    sums: Sums
    shift: Floats
    cancelled: frozenset[str]
    from_rows: Callable[[str], Built]

    def regression(self, outcome: str) -> Built:
        """One outcome's regression.

        Raises
        ------
        EstimationError
            The outcome was not collected, is missing in a whole round or does not vary; fewer
            than two treated or comparison clusters; columns that cannot be estimated.

        Notes
        -----
        Equal, to rounding, to what `design.build` makes of the same frame for the outcome alone.
        """
        where = f"{self.where}, outcome {outcome}"
        if outcome not in self.outcomes:
            raise sample_error("not-collected", "name", where)
        if outcome in self.cancelled:
            return self.from_rows(outcome)
        m = self.outcomes.index(outcome)
        products = self._observed(m)
        counts = np.rint(products[:, :, 0, 0, 0]).astype(np.int64)
        check_rounds(np.asarray(counts.any(axis=0)), self.rounds, where)
        kept = np.asarray((counts > 0).all(axis=1))
        seen = np.asarray((counts > 0).any(axis=1))
        first, last = (self._named(there) for there in (counts > 0).T)
        check_linked(kept.any(), first, last, where)
        treated, other = self._named(kept & self.treated), self._named(kept & ~self.treated)
        check_groups(len(treated), len(other), where, untreated=(kept & self.comparison).any())
        squares, level = self.sums.squares[:, m].reshape(-1, 2)[kept], self._level(m, kept)
        check_varies(squares.any() or np.ptp(level), where)
        scale = self._scale(products, kept)
        names, shifted = self._expanded(products[kept], scale, kept)
        mean, sd = self._baseline(products, scale[:, 0], m, kept)
        return PanelRegression(
            blocks=cluster_blocks.from_sums(
                shifted,
                clusters=self._named(kept),
                columns=names,
                counts=counts[kept].sum(axis=1),
                absorb="cluster",
            ),
            column=names[0],
            clusters_treated=treated,
            clusters_comparison=other,
            baseline_mean=mean,
            baseline_sd=sd,
            one_round=self._named(seen & ~kept),
            incomplete=self.incomplete[m],
        )

    def _observed(self, m: int) -> Floats:
        """``[1, Z]' W^p [1, Z, y]`` of rows with the outcome, shape (G, 2, P, 1 + k, 2 + k)."""
        width = 1 + len(self.covariates)
        columns = [*range(width), width + m]
        products = self.sums.products[..., columns]
        products[..., :width] -= self.sums.absent[:, m]
        return np.asarray(products.reshape(-1, 2, *products.shape[1:]))

    def _scale(self, products: Floats, kept: Flags) -> Floats:
        """Factor on the raw weights by cell, shape (G kept, 2)."""
        total = products[kept, :, self.sums.first, 0, 0]
        if self.estimand == "respondents":
            return np.ones_like(total)
        return np.asarray(self.population[kept, None] / total)

    def _expanded(
        self, products: Floats, scale: Floats, kept: Flags
    ) -> tuple[tuple[str, ...], Floats]:
        """Names of the columns X, and ``[1, X]' W^p [1, X, y]`` by cluster.

        Each of [1, X, y] is a column of the cells times a constant of the cell: a change is the
        column of ones, times nothing at baseline and its own size at endline.
        """
        powers = np.arange(products.shape[2] if self.estimand == "respondents" else 3)
        used = self._covariates_used(products)
        columns = [0] * (1 + len(self.changes)) + [1 + j for j in used]
        times = self._constants[kept, :, :, : len(columns)]
        scaled = times * scale[..., None, None] ** powers[:, None]
        cells = products.take(columns, axis=3).take([*columns, -1], axis=4)
        cells = cells * scaled[..., None]
        cells[..., :-1] *= times[..., None, :]
        names = (*self.changes, *(self.covariates[j].label for j in used))
        return names, np.moveaxis(cells[:, 0] + cells[:, 1], 1, 0)

    @cached_property
    def _constants(self) -> Floats:
        """What stands before each column of [1, X] in a cell, shape (G, 2, 1, 1 + c + k)."""
        end = 1 + len(self.changes)
        times = np.ones((len(self.clusters), 2, 1, end + len(self.covariates)))
        times[:, 0, 0, 1:end] = 0.0
        times[:, 1, 0, 1:end] = np.stack(list(self.changes.values()), axis=1)
        return times

    def _covariates_used(self, products: Floats) -> list[int]:
        """Numbers, and the values of nominal variables that occur, without the first of each."""
        occurs = products[:, :, 0, 0, 1:-1].sum(axis=(0, 1)) > 0.5
        used, begun = [], set()
        for j, covariate in enumerate(self.covariates):
            if not covariate.variable or (occurs[j] and covariate.variable in begun):
                used.append(j)
            elif occurs[j]:
                begun.add(covariate.variable)
        return used

    def _baseline(
        self, products: Floats, scale: Floats, m: int, kept: Flags
    ) -> tuple[float, float]:
        """Weighted mean and SD of the comparison group at baseline, from moments about shifts."""
        group, factor = kept & self.comparison, scale[self.comparison[kept]]
        total, first = (products[group, 0, self.sums.first, 0][:, [0, -1]] * factor[:, None]).T
        second = self.sums.squares[::2, m][group] * factor
        shift, whole = self._level(m, group), total.sum()
        mean = float((total * shift + first).sum() / whole)
        away = shift - mean
        variance = (second + 2.0 * away * first + away**2 * total).sum() / whole
        return mean, float(np.sqrt(max(float(variance), 0.0)))

    def _named(self, flags: Flags) -> tuple[str, ...]:
        return tuple(compress(self.clusters, flags.tolist()))

    def _level(self, m: int, group: Flags) -> Floats:
        """What an outcome's values are less of in some clusters."""
        return np.asarray(self.shift[group, len(self.covariates) + m])
