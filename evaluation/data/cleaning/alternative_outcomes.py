"""Outcomes made another way: other codings of don't know, silent items at the ends of their scale.

A don't-know or a refusal is an answer that nobody has seen. The items are filled and the outcome
is made of them anew, person by person, so that a silence counts as far as it can change the
outcome and no further: of an outcome made by `any`, only where no item says yes.

The plan's checks of kind ``coding`` ask how far an estimate hangs on how an outcome was made. Each
alternative is one more column of the panel.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.dictionary import Dictionary
from evaluation.config.plan import Check, Outcome, Plan
from evaluation.config.study import Study
from evaluation.data.cleaning.outcomes import construct
from evaluation.data.findings import Rule

CODING = Rule("coding", "error")

Floats = NDArray[np.float64]

SILENT = ("dont_know", "refused")


def extremes(
    panel: pd.DataFrame, check: Check, *, plan: Plan, study: Study, dictionary: Dictionary
) -> pd.DataFrame:
    """The least and the most each outcome of a check can be, given what was answered.

    Parameters
    ----------
    panel : DataFrame, n rows
        The clean panel with its items and their ``<item>__missing`` columns.
    check : Check
        Of kind ``nonresponse``.
    plan, study, dictionary

    Returns
    -------
    DataFrame, n rows with the panel's index
        ``<outcome>__<check>_least`` and ``<outcome>__<check>_most``, and what the outcome of
        anybody can be, ``_floor`` and ``_ceiling``. The first two are equal where silence
        cannot change the outcome, minus and plus infinity where a silent item has no declared
        values and no declared range, NaN where too few items were asked for a score.

    Notes
    -----
    Horowitz and Manski (2000), JASA 95(449): no assumption about who is silent. An index keeps
    the means, standard deviations and weights of the main run. Each function of `construct` is
    monotone in each item, so that the extremes of the items give those of the outcome; a question
    that enters an outcome both ways has no such extremes and counts as unbounded.
    """
    main = panel.drop(columns=[o.id for o in plan.outcome if o.id in panel.columns])
    outcomes = plan.outcomes_of_check(check)
    _, scales = construct(main, plan, study, outcomes=tuple(o.id for o in outcomes))
    made: dict[str, Floats] = {}
    for outcome in outcomes:
        signs = _signs(outcome, plan)
        ends = {name: _ends(name, outcome, dictionary) for name in signs}
        least, most = (
            construct(
                _filled(main, {n: _end(ends[n], s, upward=upward) for n, s in signs.items()}),
                plan,
                study,
                outcomes=(outcome.id,),
                scales=scales,
            )[0][outcome.id].to_numpy(dtype=float)
            for upward in (False, True)
        )
        open_ends = _silent(main, (n for n in signs if ends[n] is None or signs[n] == {-1, 1}))
        made[f"{outcome.id}__{check.id}_least"] = np.where(open_ends, -np.inf, least)
        made[f"{outcome.id}__{check.id}_most"] = np.where(open_ends, np.inf, most)
        for name, upward in (("floor", False), ("ceiling", True)):
            values = {n: _end(ends[n], s, upward=upward) for n, s in signs.items()}
            every = main.iloc[:1].assign(**{n: v for n, v in values.items() if v is not None})
            end = construct(every, plan, study, outcomes=(outcome.id,), scales=scales)[0]
            made[f"{outcome.id}__{check.id}_{name}"] = np.full(
                len(panel), end[outcome.id].to_numpy(dtype=float)[0]
            )
    return pd.DataFrame(made, index=panel.index)


def declared_values(name: str, dictionary: Dictionary) -> tuple[float, ...]:
    """Values of a yes-no or ordered item over all its rounds; none for other variables."""
    variable = dictionary.variables.get(name)
    if variable is None or variable.type not in ("binary", "ordinal"):
        return ()
    lists = [dictionary.code_list(name, source) for source in variable.raw]
    return tuple(float(c.value) for one in lists if one is not None for c in one.values)


def questions(outcomes: Iterable[str], plan: Plan) -> tuple[str, ...]:
    """Variables behind outcomes, through outcomes that are items, sorted."""
    made = {o.id: o for o in plan.outcome}
    return tuple(sorted({name for one in outcomes for name in _signs(made[one], plan)}))


def _signs(outcome: Outcome, plan: Plan) -> dict[str, set[int]]:
    """Questions behind an outcome, each with the directions in which it moves the outcome."""
    made = {o.id: o for o in plan.outcome}
    turned = -1 if outcome.function == "at_most" else 1
    found: dict[str, set[int]] = {}
    for item in outcome.items:
        inner = made.get(item.name)
        parts = {item.name: {1}} if inner is None or inner.id == outcome.id else _signs(inner, plan)
        for name, signs in parts.items():
            found.setdefault(name, set()).update(turned * item.sign * s for s in signs)
    return found


def _ends(name: str, outcome: Outcome, dictionary: Dictionary) -> tuple[float, float] | None:
    """Lowest and highest value a question may take: of its codes, or of its declared range."""
    values = declared_values(name, dictionary)
    variable = dictionary.variables.get(name)
    if values:
        return min(values), max(values)
    if variable is not None and variable.range:
        return variable.range[0], variable.range[1]
    counted = variable is not None and variable.type == "count"
    # of a number of events `any` asks only whether there was one
    return (0.0, 1.0) if counted and outcome.function == "any" else None


def _end(ends: tuple[float, float] | None, signs: set[int], *, upward: bool) -> float | None:
    """The end of a question's values that moves its outcome up, or down."""
    return None if ends is None else ends[upward == (signs == {1})]


def _filled(panel: pd.DataFrame, values: Mapping[str, float | None]) -> pd.DataFrame:
    """The panel with don't-knows and refusals of items put at a value; None leaves them."""
    changed = {
        name: np.where(_silent(panel, (name,)), value, panel[name].to_numpy(dtype=float))
        for name, value in values.items()
        if value is not None and f"{name}__missing" in panel.columns
    }
    return panel.assign(**changed)


def _silent(panel: pd.DataFrame, names: Iterable[str]) -> NDArray[np.bool_]:
    """Rows in which one of the questions got a don't-know or a refusal."""
    found = np.zeros(len(panel), dtype=bool)
    for name in names:
        kind = f"{name}__missing"
        if kind in panel.columns:
            found |= panel[kind].isin(SILENT).to_numpy(dtype=bool)
    return found


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
        values = {n: _value(n, coding, dictionary) for n in questions(wanted, plan)}
        recoded = _filled(main, values)
        scored, _ = construct(recoded, plan, study, outcomes=wanted, scales=weights)
        for outcome in outcomes:
            column = f"{outcome.id}__{check.id}_{coding}"
            made[column] = scored[outcome.id].to_numpy(dtype=float)
    return pd.DataFrame(made, index=panel.index)


def _codings(check: Check) -> tuple[str, ...]:
    for value in check.values:
        if value not in CODINGS:
            raise CODING.refused(
                f"plan.toml, check.{check.id}.values", value=value, codings=", ".join(CODINGS)
            )
    return check.values or DEFAULT_CODINGS


def _value(name: str, coding: str, dictionary: Dictionary) -> float | None:
    """Lowest, middle or highest declared value over all rounds; None without declared values."""
    values = declared_values(name, dictionary)
    if not values or (dictionary.variables[name].type == "binary" and coding == "middle"):
        return None
    low, high = min(values), max(values)
    return {"lowest": low, "middle": (low + high) / 2.0, "highest": high}[coding]
