"""Outcomes made another way: other codings of don't know.

The plan's checks of kind ``coding`` ask how far an estimate hangs on how an outcome was made. Each
alternative is one more column of the panel.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.construct import construct
from evaluation.data.item_silence import SILENT, declared_values, extremes, questions
from evaluation.errors import DataError
from evaluation.locale.messages import message
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
        Of kind ``coding`` or ``nonresponse``; other kinds have no alternatives.
    plan, study, dictionary

    Returns
    -------
    DataFrame, n rows with the panel's index
        ``<outcome>__<check>_<coding>`` for each coding, ``<outcome>__<check>_least`` and
        ``_most`` for the extremes.

    Raises
    ------
    DataError
        A coding that is not one of `CODINGS`, or an outcome that cannot be made.

    Notes
    -----
    ``coding``: a don't-know or refused item counts as the lowest, middle or highest of its
    declared values (0 or 1 for a yes-no item, which the middle leaves missing); items without
    declared values stay missing. Outcomes are made by the same functions, an index with the means,
    standard deviations and weights of the main run (of the index itself; another index among its
    items would be standardised anew).

    ``nonresponse``: see `extremes`.
    """
    outcomes = plan.outcomes_of_check(check)
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


def _codings(check: Check) -> tuple[str, ...]:
    for value in check.values:
        if value not in CODINGS:
            raise DataError(
                message("coding.problem", value=value),
                where=f"plan.toml, check.{check.id}.values",
                mend=message("coding.mend", codings=", ".join(CODINGS)),
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
