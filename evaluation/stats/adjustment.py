"""The plan's families put to work: which p-values are adjusted together, and by what.

Primary outcomes of ``family_wise`` families are one set across those families: Romano-Wolf on
the primary step's t statistics (or Holm, where the plan says so), with the plan's check beside
it. The other outcomes of each family that corrects anything are adjusted inside the family by
Benjamini-Hochberg. Only the primary specification's primary step carries adjusted p-values.

Beside them, where the plan asks: Anderson's sharpened q-values inside the same families, and both
corrections across all of these families together. They are records of their own and replace
nothing.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.spec.plan import Family, Plan
from evaluation.spec.records import Adjustment, Diagnostic, Estimate
from evaluation.stats.distribution import Distribution
from evaluation.stats.multiplicity import (
    benjamini_hochberg,
    holm,
    max_t_critical,
    romano_wolf,
    sharpened_q,
)

Floats = NDArray[np.float64]


def adjust(
    estimates: tuple[Estimate, ...], distributions: Mapping[str, Distribution], *, plan: Plan
) -> tuple[tuple[Estimate, ...], tuple[Adjustment, ...]]:
    """Adjust the p-values of the primary specification as the plan says.

    Parameters
    ----------
    estimates : tuple of Estimate
        All estimates of a run, unadjusted.
    distributions : mapping of str to Distribution
        Of primary outcomes, by the primary step, all with the same draws.
    plan : Plan

    Returns
    -------
    tuple of Estimate, tuple of Adjustment
        The same estimates in the same order, with ``p_adjusted`` and ``adjustment`` filled; and
        the checks: Holm on the primary set, and what the plan's ``false_discovery_check`` names.

    Raises
    ------
    EstimationError
        A primary outcome has no primary step, so that its family would silently be smaller.
    """
    chosen = {e.outcome: e for e in estimates if _carries(e, plan)}
    together = plan.corrected_together()
    absent = [name for name in together if name not in chosen]
    if absent:
        raise EstimationError(
            f"primary outcome {absent[0]} has no estimate by {plan.inference.primary_step}",
            where="plan.toml, inference.primary_step",
            mend="see its row among the unavailable; choose a primary step that every primary"
            " outcome has",
        )
    adjusted = _family_wise([chosen[name] for name in together], distributions, plan)
    for family in plan.family:
        adjusted |= _inside(family, chosen, together, plan)
    replaced = tuple(
        dataclasses.replace(e, p_adjusted=adjusted[e.outcome][0], adjustment=adjusted[e.outcome][1])
        if _carries(e, plan) and e.outcome in adjusted
        else e
        for e in estimates
    )
    checks = _check([chosen[name] for name in together], plan)
    return replaced, (*checks, *_false_discovery_checks(chosen, together, plan))


def _carries(estimate: Estimate, plan: Plan) -> bool:
    return (
        estimate.specification == plan.primary_specification().id
        and estimate.step == plan.inference.primary_step
    )


def _family_wise(
    chosen: list[Estimate], distributions: Mapping[str, Distribution], plan: Plan
) -> dict[str, tuple[float, str]]:
    method = plan.inference.family_wise
    if not chosen:
        return {}
    if method == "holm":
        return _named(chosen, holm([e.p_value for e in chosen]), method)
    absent = [e.outcome for e in chosen if e.outcome not in distributions]
    if absent:
        raise EstimationError(
            f"Romano-Wolf needs a bootstrap, which {plan.inference.primary_step} is not",
            where="plan.toml, inference.family_wise",
            mend="use wcr_s as the primary step, or holm",
        )
    family, draws = _statistics(chosen, distributions)
    found = romano_wolf(family, draws=draws)
    return _named(chosen, [found[e.outcome] for e in chosen], method)


def _statistics(
    chosen: list[Estimate], distributions: Mapping[str, Distribution]
) -> tuple[dict[str, tuple[float, Floats]], Literal["random", "enumerated"]]:
    family = {e.outcome: distributions[e.outcome] for e in chosen}
    enumerated = all(b.enumerated for b in family.values())
    statistics = {name: b.statistics() for name, b in family.items()}
    return statistics, "enumerated" if enumerated else "random"


def simultaneous(
    estimates: tuple[Estimate, ...], distributions: Mapping[str, Distribution], *, plan: Plan
) -> tuple[Diagnostic, ...]:
    """Max-t simultaneous intervals of the primary outcomes, beside the unadjusted ones.

    Parameters
    ----------
    estimates, distributions, plan
        As in `adjust`.

    Returns
    -------
    tuple of Diagnostic
        ``simultaneous_ci_low`` and ``simultaneous_ci_high`` of each primary outcome, all of them
        covering at once at the plan's level. Empty where the plan's family-wise method is not
        Romano-Wolf.

    Notes
    -----
    The hull of estimate -+ c x CV1 standard error, c the max-t critical value, and the outcome's
    unadjusted interval. c comes from t* under a null of zero, while the unadjusted interval asks
    the bootstrap anew at every value tried; with few or unequal clusters it can reach further than
    c standard errors, and an interval for several outcomes that is shorter than the one for this
    outcome alone would claim more than it knows. Widening keeps the joint coverage.
    """
    together = plan.corrected_together()
    chosen = [e for e in estimates if _carries(e, plan) and e.outcome in together]
    if plan.inference.family_wise != "romano_wolf" or not chosen:
        return ()
    statistics, draws = _statistics(chosen, distributions)
    critical = max_t_critical(statistics, level=plan.inference.level, draws=draws)
    return tuple(
        Diagnostic(
            study=e.study,
            outcome=e.outcome,
            specification=e.specification,
            estimand=e.estimand,
            sample=e.sample,
            name=f"simultaneous_ci_{name}",
            value=value,
            unit=e.unit,
        )
        for e in chosen
        for name, value in _hull(e, critical * e.std_error)
    )


def _hull(e: Estimate, half: float) -> tuple[tuple[str, float], tuple[str, float]]:
    low, high = min(e.estimate - half, e.ci_low), max(e.estimate + half, e.ci_high)
    return ("low", low), ("high", high)


def _inside(
    family: Family, chosen: Mapping[str, Estimate], together: tuple[str, ...], plan: Plan
) -> dict[str, tuple[float, str]]:
    rows = _corrected(family, chosen, together, plan)
    adjusted = benjamini_hochberg([e.p_value for e in rows])
    return _named(rows, adjusted, plan.inference.false_discovery)


def _corrected(
    family: Family, chosen: Mapping[str, Estimate], together: tuple[str, ...], plan: Plan
) -> list[Estimate]:
    """Estimates adjusted inside a family: all but those of the primary set."""
    if family.correction == "none":
        return []
    return [
        chosen[o.id]
        for o in plan.outcome
        if o.family == family.id and o.id in chosen and o.id not in together
    ]


def _false_discovery_checks(
    chosen: Mapping[str, Estimate], together: tuple[str, ...], plan: Plan
) -> tuple[Adjustment, ...]:
    """Sharpened q inside families, and both corrections across all families they apply to."""
    asked = plan.inference.false_discovery_check
    families = [_corrected(family, chosen, together, plan) for family in plan.family]
    every = [e for rows in families for e in rows]
    found: list[Adjustment] = []
    if "sharpened_q" in asked:
        for rows in families:
            found += _records(rows, sharpened_q([e.p_value for e in rows]), "sharpened_q")
    if "across_families" in asked:
        p_values = [e.p_value for e in every]
        found += _records(every, benjamini_hochberg(p_values), "benjamini_hochberg_across")
        if "sharpened_q" in asked:
            found += _records(every, sharpened_q(p_values), "sharpened_q_across")
    return tuple(found)


def _records(
    rows: Iterable[Estimate], adjusted: Iterable[float], method: str
) -> tuple[Adjustment, ...]:
    return tuple(
        Adjustment(
            study=e.study,
            outcome=e.outcome,
            family=e.family,
            specification=e.specification,
            estimand=e.estimand,
            method=method,
            p_value=e.p_value,
            p_adjusted=p,
        )
        for e, p in zip(rows, adjusted, strict=True)
    )


def _named(
    rows: list[Estimate], adjusted: Iterable[float], method: str
) -> dict[str, tuple[float, str]]:
    return {e.outcome: (p, method) for e, p in zip(rows, adjusted, strict=True)}


def _check(chosen: list[Estimate], plan: Plan) -> tuple[Adjustment, ...]:
    if plan.inference.family_wise_check == "none":
        return ()
    adjusted = holm([e.p_value for e in chosen])
    return _records(chosen, adjusted, plan.inference.family_wise_check)
