"""Outcomes made another way: other codings of don't know, and the equally weighted index.

The plan's checks of kind ``coding`` and ``equal_weight_index`` ask how far an estimate hangs on
how an outcome was made. Each alternative is one more column of the panel.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data import index
from evaluation.data.construct import construct
from evaluation.data.item_silence import SILENT, declared_values, extremes, questions
from evaluation.errors import DataError
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.plan import Check, Outcome, Plan
from evaluation.spec.study import Study

Floats = NDArray[np.float64]

# Values a don't-know or a refusal is given, and those a plan that names none asks for.
CODINGS = ("lowest", "middle", "highest")
DEFAULT_CODINGS = ("lowest", "highest")


def alternatives(
    panel: pd.DataFrame, check: Check, *, plan: Plan, study: Study, dictionary: Dictionary
) -> pd.DataFrame:
    """Alternative outcomes of one check, to be put beside the panel's columns.

    Parameters
    ----------
    panel : DataFrame, n rows
        The clean panel with its outcomes, items and their ``<item>__missing`` columns.
    check : Check
        Of kind ``coding``, ``nonresponse`` or ``equal_weight_index``; other kinds have no
        alternatives.
    plan, study, dictionary

    Returns
    -------
    DataFrame, n rows with the panel's index
        ``<outcome>__<check>_<coding>`` for each coding, ``<outcome>__<check>_least`` and
        ``_most`` for the extremes, or ``<outcome>__<check>`` for each index.

    Raises
    ------
    DataError
        A coding that is not one of `CODINGS`, or an outcome that cannot be made.

    Notes
    -----
    ``coding``: a don't-know or refused item counts as the lowest, middle or highest of its
    declared values (0 or 1 for a yes-no item, which the middle leaves missing); items without
    declared values stay missing. Outcomes are made by the same functions, an index with the means,
    standard deviations and weights of the main run.

    ``nonresponse``: see `extremes`. ``equal_weight_index``: see `equal_weights`.
    """
    outcomes = plan.outcomes_of_check(check)
    if check.kind == "equal_weight_index":
        return _equal_weight_indices(panel, check, outcomes, plan, study)
    if check.kind == "nonresponse":
        return extremes(panel, check, plan=plan, study=study, dictionary=dictionary)
    if check.kind != "coding":
        return pd.DataFrame(index=panel.index)
    main = panel.drop(columns=[o.id for o in plan.outcome if o.id in panel.columns])
    wanted = tuple(o.id for o in outcomes)
    _, weights = construct(main, plan, study, outcomes=wanted)
    made: dict[str, Floats] = {}
    for coding in _codings(check):
        recoded = _recoded(main, coding, questions(wanted, plan), dictionary)
        scored, _ = construct(recoded, plan, study, outcomes=wanted, scales=weights)
        for outcome in outcomes:
            column = f"{outcome.id}__{check.id}_{coding}"
            made[column] = scored[outcome.id].to_numpy(dtype=float)
    return pd.DataFrame(made, index=panel.index)


def equal_weights(
    items: Floats, outcome: Outcome, reference: index.Reference, cell: NDArray[np.int64]
) -> Floats:
    """Equally weighted index of standardised items.

    Parameters
    ----------
    items : ndarray, shape (n, items)
        Unsigned, NaN where missing.
    outcome : Outcome
        Gives signs and ``minimum_items``.
    reference : Reference
        Baseline comparison group, which fixes means and standard deviations.
    cell : ndarray, shape (n,)
        Arm and round of each row, as a number.

    Returns
    -------
    ndarray, shape (n,)
        In SD of the baseline comparison group; NaN with fewer than ``minimum_items`` items.

    Notes
    -----
    Kling, Liebman and Katz (2007), Econometrica 75(1): items as z-scores of the
    comparison group, averaged with equal weights; a missing item of a person with enough others is
    imputed at the weighted mean of the person's own arm and round. The average is standardised
    once more by the baseline comparison group, so that its unit is the same as the main index's,
    which theirs is not.
    """
    standard = np.empty(items.shape)
    for j, item in enumerate(outcome.items):
        values = _standardised(items[:, j], reference)
        if values is None:
            problem = f"item `{item.name}` does not vary in the baseline comparison group"
            raise index.misfit(outcome, problem, "leave the item out of the index")
        standard[:, j] = _imputed(values * item.sign, reference.weights, cell)
    enough = np.isfinite(items).sum(axis=1) >= outcome.minimum_items
    score = _standardised(np.where(enough, standard.mean(axis=1), np.nan), reference)
    if score is None:
        raise index.misfit(outcome, "the items cancel each other", "check the items' signs")
    return np.asarray(score * outcome.scale)


def _standardised(values: Floats, reference: index.Reference) -> Floats | None:
    """Values less the reference group's mean, over its SD; None where that does not vary."""
    use = reference.rows & np.isfinite(values)
    weights = reference.weights[use]
    if not weights.sum() > 0.0:
        return None
    mean = float(np.average(values[use], weights=weights))
    sd = float(np.sqrt(np.average((values[use] - mean) ** 2, weights=weights)))
    # a constant column leaves rounding noise, never a usable spread
    return (values - mean) / sd if sd > 1e-12 * max(1.0, abs(mean)) else None


def _equal_weight_indices(
    panel: pd.DataFrame,
    check: Check,
    outcomes: Iterable[Outcome],
    plan: Plan,
    study: Study,
) -> pd.DataFrame:
    made: dict[str, Floats] = {}
    arm_and_round = panel.groupby([study.columns.arm, "round"], dropna=False).ngroup().to_numpy()
    for outcome in outcomes:
        if outcome.function != "index":
            continue
        items = _columns(_with_outcomes(panel, outcome, plan, study), outcome)
        reference = index.baseline_comparison(panel, study)
        made[f"{outcome.id}__{check.id}"] = equal_weights(items, outcome, reference, arm_and_round)
    return pd.DataFrame(made, index=panel.index)


def _with_outcomes(panel: pd.DataFrame, outcome: Outcome, plan: Plan, study: Study) -> pd.DataFrame:
    """The panel with outcomes that are items of an index, made where they are not there yet."""
    absent = tuple(item.name for item in outcome.items if item.name not in panel.columns)
    if not absent:
        return panel
    return construct(panel, plan, study, outcomes=absent)[0]


def _codings(check: Check) -> tuple[str, ...]:
    for value in check.values:
        if value not in CODINGS:
            raise DataError(
                f"coding `{value}` is unknown",
                where=f"plan.toml, check.{check.id}.values",
                mend=f"choose from {', '.join(CODINGS)}",
                rule="coding",
            )
    return check.values or DEFAULT_CODINGS


def _recoded(
    panel: pd.DataFrame, coding: str, names: tuple[str, ...], dictionary: Dictionary
) -> pd.DataFrame:
    """The panel with don't-knows and refusals of some items put at a declared value."""
    changed: dict[str, Floats] = {}
    for name in names:
        kind = f"{name}__missing"
        value = _value(name, coding, dictionary)
        if value is None or kind not in panel.columns:
            continue
        silent = panel[kind].isin(SILENT).to_numpy(dtype=bool)
        changed[name] = np.where(silent, value, panel[name].to_numpy(dtype=float))
    return panel.assign(**changed)


def _value(name: str, coding: str, dictionary: Dictionary) -> float | None:
    """Lowest, middle or highest declared value over all rounds; None without declared values."""
    values = declared_values(name, dictionary)
    if not values or (dictionary.variables[name].type == "binary" and coding == "middle"):
        return None
    low, high = min(values), max(values)
    return {"lowest": low, "middle": (low + high) / 2.0, "highest": high}[coding]


def _columns(panel: pd.DataFrame, outcome: Outcome) -> Floats:
    return np.column_stack([panel[i.name].to_numpy(dtype=float) for i in outcome.items])


def _imputed(values: Floats, weights: Floats, cell: NDArray[np.int64]) -> Floats:
    """Missing values at the weighted mean of their cell; a cell without values stays missing."""
    known = np.isfinite(values)
    size = int(cell.max()) + 1
    total = np.bincount(cell[known], (values * weights)[known], size)
    weight = np.bincount(cell[known], weights[known], size)
    mean = np.where(weight > 0.0, total / np.where(weight > 0.0, weight, 1.0), np.nan)
    return np.where(known, values, mean[cell])
