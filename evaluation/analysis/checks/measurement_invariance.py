"""Whether the items of an index measure alike in every group and round.

A difference-in-differences of an index takes for granted that the same factor gives the same
answers in all groups and rounds. One factor is fitted to all of them with more and more held equal,
and the difference-in-differences of its means is put beside that of the items' plain sum.
"""

import functools
import operator
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.analysis.checks.check_context import CheckContext, Row
from evaluation.config.confidentiality import said
from evaluation.config.plan import Item
from evaluation.estimation.arrays import Floats, Ids
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.one_factor import LEVELS, AnswerMoments, FactorFit, one_factor
from evaluation.estimation.row_keys import WHOLE, Invariance
from evaluation.locale.messages import message

Cell = tuple[str, str]

FIT = ("chi_square", "df", "cfi", "rmsea", "srmr")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """Items in the direction of the index, in SD of the comparison group at baseline.

    Attributes
    ----------
    values : ndarray, shape (n, k)
        Of people who answered every item.
    arm, round : ndarray of str, shape (n,)
    cells : tuple of (arm, round)
        All of the study's arms in the rounds that are compared.
    """

    values: Floats
    arm: Ids
    round: Ids
    cells: tuple[Cell, ...]

    def rows_of(self, cell: Cell) -> Floats:
        """Rows of an arm and round."""
        return np.asarray(self.values[(self.arm == cell[0]) & (self.round == cell[1])])


def answers_of(context: CheckContext, items: tuple[Item, ...]) -> Answers | None:
    """Complete answers to the items; None where one does not vary where the unit comes from.

    Parameters
    ----------
    context : CheckContext
    items : tuple of Item
        Questions of the panel.
    """
    panel, rounds = context.frames.panel, context.specification.contrast
    values = np.column_stack([i.sign * panel[i.name].to_numpy(dtype=np.float64) for i in items])
    arm = panel[context.study.columns.arm].to_numpy(dtype=object)
    round_ = panel["round"].to_numpy(dtype=object)
    reference = np.isin(arm, context.study.arms_without_any()) & (round_ == rounds[0])
    spread = pd.DataFrame(values[reference]).std(ddof=0).to_numpy()
    if not (spread > 0.0).all():
        return None
    complete = np.isfinite(values).all(axis=1)
    return Answers(
        values=values[complete] / spread,
        arm=arm[complete],
        round=round_[complete],
        cells=tuple((a.id, r) for a in context.study.arm for r in rounds),
    )


def invariance(context: CheckContext, answers: Answers, suffix: str = "") -> Iterable[Row]:
    """Fit of one factor with more and more held equal, and what that does to the effect.

    Parameters
    ----------
    context : CheckContext
    answers : Answers
    suffix : str
        Behind every name: ``:<outcome>`` for an outcome inside the index.

    Returns
    -------
    iterable of records
        Diagnostics ``chi_square``, ``df``, ``cfi``, ``rmsea``, ``srmr`` with sample
        ``invariance:<level>``, each with ``_change`` from the level before; ``people`` and the
        difference-in-differences ``factor_did`` and ``index_did`` with sample
        ``invariance:scalar``. Where a level is unavailable, ``invariance`` says why.

    Notes
    -----
    Levels as in `one_factor`. Both differences are unweighted, of the same people and in SD of the
    items' sum in the comparison group at baseline: the factor's is the sum of the loadings times
    that of its means, which is what the sum of the items would show if their intercepts were
    equal, whatever group gives the factor its scale.
    """
    name = f"invariance{suffix}"
    if answers.values.shape[1] < 3:
        yield context.unavailable(message("one-factor-not.problem"), name)
        return
    fewest = min(len(answers.rows_of(cell)) for cell in answers.cells)
    if fewest < max(context.study.minimum_cell, 2):
        number = said(fewest, context.study.minimum_cell)
        yield context.unavailable(message("people-answered.reason", number=number), name)
        return
    groups = [AnswerMoments.of(answers.rows_of(cell)) for cell in answers.cells]
    before: FactorFit | None = None
    for level in LEVELS:
        try:
            fit = one_factor(groups, level)
        except StepUnavailable as error:
            # the levels above hold more equal: without this one there is nothing to compare
            whole = before is None
            yield context.unavailable(
                error.problem, name, sample=WHOLE if whole else Invariance(level)
            )
            return
        yield from _fit(context, fit, before, suffix)
        before = fit
    if before is not None:
        yield from _effects(context, answers, before, suffix)


def _fit(
    context: CheckContext, fit: FactorFit, before: FactorFit | None, suffix: str
) -> Iterable[Row]:
    sample = Invariance(fit.level)
    for name in FIT:
        value = float(getattr(fit, name))
        if np.isnan(value):
            reason = message("model-without.reason")
            yield context.unavailable(reason, f"{name}{suffix}", sample=sample)
            continue
        yield context.diagnostic(f"{name}{suffix}", value, unit="", sample=sample)
        change = np.nan if before is None else value - float(getattr(before, name))
        if np.isfinite(change):
            yield context.diagnostic(f"{name}_change{suffix}", change, unit="", sample=sample)


def _effects(context: CheckContext, answers: Answers, fit: FactorFit, suffix: str) -> Iterable[Row]:
    """Difference-in-differences of the factor and of the sum, over the arms that are compared."""
    cells = answers.cells
    sums = {cell: answers.rows_of(cell).sum(axis=1) for cell in cells}
    share = _contrast(context, {cell: len(found) for cell, found in sums.items()})
    moved = [share[cell] * float(mean) for cell, mean in zip(cells, fit.means, strict=True)]
    factor = float(np.sum(fit.loadings[0])) * functools.reduce(operator.add, moved)
    answered = [share[cell] * float(found.mean()) for cell, found in sums.items()]
    plain = functools.reduce(operator.add, answered)
    before = context.specification.contrast[0]
    compared = context.study.arms_without_any()
    reference = np.concatenate([sums[arm, before] for arm in compared])
    sd = float(reference.std())
    sample = Invariance(fit.level)
    people = sum(len(found) for found in sums.values())
    yield context.diagnostic(f"people{suffix}", people, unit="respondents", sample=sample)
    effects = {f"factor_did{suffix}": factor / sd, f"index_did{suffix}": plain / sd}
    yield from context.diagnostics(effects, unit="SD", sample=sample)


def _contrast(context: CheckContext, people: dict[Cell, int]) -> dict[Cell, float]:
    """Weight of each arm and round: arms of one side count by their people."""
    before, after = context.specification.contrast
    sides = (
        (1.0, context.study.arms_with(context.specification.treatment)),
        (-1.0, context.study.arms_without_any()),
    )
    found = dict.fromkeys(people, 0.0)
    for side, arms in sides:
        for turn, round_ in ((-1.0, before), (1.0, after)):
            total = sum(people[arm, round_] for arm in arms)
            for arm in arms:
                found[arm, round_] = side * turn * people[arm, round_] / total
    return found
