"""Whether the people interviewed changed, and the estimate for people who are the same throughout.

Weights can mend a change in who was found at home. They do not mend people who left because of
the programme or the war: that is an outcome.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.locale.messages import message
from evaluation.spec.row_keys import MixOf
from evaluation.stats.design import Design
from evaluation.stats.effect_record import Sizes
from evaluation.stats.fit import StepUnavailable
from evaluation.stats.robustness.case import Case, Row, computes, diagnostic, unavailable
from evaluation.stats.robustness.covariate_tests import covariate_tests
from evaluation.stats.robustness.differences import jackknifed, leave_one_out
from evaluation.stats.robustness.entropy import balance
from evaluation.stats.robustness.reweighting import (
    Rows,
    both_rounds,
    terms,
    with_covariates,
)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Target = Literal["treated_endline", "baseline"]
Cell = tuple[bool, bool]

TARGETS: tuple[Target, ...] = ("treated_endline", "baseline")
REASON = message("respondents-weights.reason")


@computes
def composition(case: Case) -> Iterable[Row]:
    """Changes of covariates, and the estimate with their distribution held fixed.

    Parameters
    ----------
    case : Case
        ``variables`` names respondent covariates that the programme cannot have changed.

    Returns
    -------
    iterable of Estimate, Unavailable and Diagnostic
        For the check's first outcome: the difference-in-differences of each covariate (sample
        ``covariate:name`` or ``covariate:name=value``) and their joint test. For every outcome:
        the estimates with sample ``target:treated_endline`` and ``target:baseline``.

    Notes
    -----
    ``treated_endline``: the other three cells are reweighted to the covariates of the treated at
    endline, the target of Sant'Anna and Xu (2023, arXiv:2304.13925), which asks for parallel
    trends given the covariates. ``baseline``: the endline cell of each group is reweighted to the
    same group's own baseline, another estimand: the effect on people as they were then, under
    plain parallel trends. Means are balanced, and squares of numbers with more than two values;
    with an equally or population-weighted estimand every cluster keeps its weight in each round.
    """
    if case.first:
        yield from covariate_tests(case)
    built = with_covariates(case, case.frames.panel, case.check.variables)
    cells = _Cells.of(case, built)
    for target in TARGETS:
        try:
            rows = tuple(_reweighted(case, built, cells, target))
        except StepUnavailable as reason:
            rows = (unavailable(case, "all", reason.problem, sample=MixOf(target)),)
        yield from rows


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Respondents by group and round, with what is to be balanced.

    Attributes
    ----------
    Z : ndarray, shape (n, k)
    frozen : bool
        Whether every cluster keeps its weight.
    """

    rows: Rows
    Z: Floats
    labels: tuple[str, ...]
    frozen: bool

    @classmethod
    def of(cls, case: Case, built: Design) -> "_Cells":
        values, labels = terms(both_rounds(built).frame, case.check.variables, squares="also")
        frozen = case.specification.estimand != "respondents"
        return cls(rows=Rows.of(built), Z=values, labels=labels, frozen=frozen)

    def rows_of(self, cell: Cell) -> Flags:
        group, after = cell
        return np.asarray((self.rows.treated == group) & (self.rows.post == after))

    def weights(
        self, base: Floats, target: Target, start: Mapping[Cell, Floats]
    ) -> tuple[Floats, dict[Cell, Floats]]:
        """Weights with the target's covariates, and the multipliers that they came from."""
        weights, multipliers = base.copy(), {}
        for cell, model in _moves(target).items():
            here = self.rows_of(cell) & (base > 0.0)
            there = self.rows_of(model) & (base > 0.0)
            found = balance(
                self.Z[here],
                base[here],
                np.average(self.Z[there], axis=0, weights=base[there]),
                names=self.labels,
                within=self.rows.codes[here] if self.frozen else None,
                start=start.get(cell),
            )
            weights[here], multipliers[cell] = found.weights, found.multipliers
        return weights, multipliers


def _moves(target: Target) -> dict[Cell, Cell]:
    """Which cells (treated, endline) are reweighted to the covariates of which."""
    if target == "baseline":
        return {(group, True): (group, False) for group in (True, False)}
    return dict.fromkeys(((True, False), (False, False), (False, True)), (True, True))


def _reweighted(case: Case, built: Design, cells: _Cells, target: Target) -> Iterable[Row]:
    rows, sample = cells.rows, MixOf(target)
    weights, start = cells.weights(built.weights, target, {})

    def repeated(cluster: str) -> float:
        base = built.weights * rows.without(cluster)
        return rows.effect(cells.weights(base, target, start)[0])

    yield from jackknifed(
        case,
        rows.effect(weights),
        leave_one_out(rows.clusters, repeated),
        sizes=Sizes.of(built),
        reason=REASON,
        sample=sample,
    )
    lowest = min(
        _kish(weights[cells.rows_of(cell)]) / _kish(built.weights[cells.rows_of(cell)])
        for cell in _moves(target)
    )
    yield diagnostic(case, "lowest_effective_share", lowest, unit="share", sample=sample)


def _kish(weights: Floats) -> float:
    return float(weights.sum() ** 2 / (weights**2).sum())
