"""The plan's families put to work: which p-values are adjusted together, and by what.

Primary outcomes of ``family_wise`` families are one set across those families. Their record by the
primary step of the primary specification carries the simultaneous interval and the p-value of the
same single-step test (`multiplicity.simultaneous`); what the outcome alone would have had stands
beside it as diagnostics, and the plan's checks (Romano-Wolf's step-down, Holm) as adjustments.

The other outcomes of all families that correct anything are one set as well, whatever their
family: Benjamini-Hochberg over all of them, because inside families of two to six outcomes it
controls little across the nine that a reader looks through. Beside it, where the plan asks,
Anderson's sharpened q-values of the same set. Outcomes of families that were added after the lock
are a second set (`Plan.controlled_together`).
"""

import dataclasses
from collections.abc import Iterable, Mapping

from evaluation.config.plan import Plan
from evaluation.errors import EstimationError
from evaluation.estimation.inference.estimate_record import diagnostic, record
from evaluation.estimation.inference.multiplicity import (
    CI_KINDS,
    Reference,
    Simultaneous,
    benjamini_hochberg,
    holm,
    romano_wolf,
    sharpened_q,
    simultaneous,
    statistics,
)
from evaluation.estimation.records import Adjustment, Diagnostic, Estimate

# What a primary outcome's record said for itself, and its 90 % interval over all of them.
UNADJUSTED = ("unadjusted_ci_low", "unadjusted_ci_high")
EQUIVALENCE = ("simultaneous_90_low", "simultaneous_90_high")
ACROSS = "benjamini_hochberg_across"


def adjust(
    estimates: tuple[Estimate, ...], references: Mapping[str, Reference], *, plan: Plan
) -> tuple[tuple[Estimate, ...], tuple[Adjustment | Diagnostic, ...]]:
    """Adjust the primary specification's primary step as the plan says.

    Parameters
    ----------
    estimates : tuple of Estimate
        All estimates of a run, unadjusted.
    references : mapping of str to StepResult or Distribution
        Of primary outcomes, by the primary step; distributions all with the same draws.
    plan : Plan

    Returns
    -------
    tuple of Estimate, tuple of Adjustment and Diagnostic
        The same estimates in the same order, with ``p_adjusted`` and ``adjustment`` filled and the
        primary outcomes' intervals simultaneous; then what the plan asks for beside them:
        step-down and Holm p-values and sharpened q, and for each primary outcome
        ``unadjusted_ci_low`` and ``unadjusted_ci_high``, ``simultaneous_90_low`` and
        ``simultaneous_90_high``.

    Raises
    ------
    EstimationError
        A primary outcome has no primary step, so that its family would silently be smaller; or
        the plan asks for max-t of a step that has no reference distribution.
    """
    settings = plan.inference
    chosen = {e.outcome: e for e in estimates if _carries(e, plan)}
    together = plan.corrected_together()
    absent = [name for name in together if name not in chosen or name not in references]
    if absent:
        raise EstimationError.of(
            "primary-outcome",
            "see-row-among",
            "plan.toml, inference.primary_step",
            absent=absent[0],
            primary_step=settings.primary_step,
        )
    primary = [chosen[name] for name in together]
    family = {name: references[name] for name in together}
    method, step, level = settings.family_wise, settings.primary_step, settings.level
    held = simultaneous(family, method=method, step=step, level=level) if family else {}
    adjusted = {e.outcome: _at_once(e, held[e.outcome], plan) for e in primary}
    sets = [
        [chosen[name] for name in names if name in chosen] for names in plan.controlled_together()
    ]
    for others in sets:
        q = benjamini_hochberg([e.p_value for e in others])
        adjusted |= {
            e.outcome: dataclasses.replace(e, p_adjusted=p, adjustment=ACROSS)
            for e, p in zip(others, q, strict=True)
        }
    replaced = tuple(adjusted.get(e.outcome, e) if _carries(e, plan) else e for e in estimates)
    beside = (d for e in primary for d in _beside(e, held[e.outcome]))
    sharpened = (found for others in sets for found in _sharpened(others, plan))
    return replaced, (*_checks(primary, family, plan), *sharpened, *beside)


def _at_once(estimate: Estimate, held: Simultaneous, plan: Plan) -> Estimate:
    """A primary outcome's record, its interval and adjusted p of one simultaneous test."""
    method, found = plan.inference.family_wise, held.interval
    return dataclasses.replace(
        estimate,
        ci_low=found.low,
        ci_high=found.high,
        ci_kind=CI_KINDS[method][found.shape],
        ci_low_mc_error=found.low_mc_error,
        ci_high_mc_error=found.high_mc_error,
        p_adjusted=held.p_value,
        adjustment=method,
    )


def _beside(alone: Estimate, held: Simultaneous) -> Iterable[Diagnostic]:
    found = held.equivalence
    values = (
        *zip(UNADJUSTED, (alone.ci_low, alone.ci_high), strict=True),
        *zip(EQUIVALENCE, (found.low, found.high), strict=True),
    )
    for name, value in values:
        yield diagnostic(alone, name, value, alone.unit)


def _carries(estimate: Estimate, plan: Plan) -> bool:
    return (
        estimate.specification == plan.primary_specification().id
        and estimate.step == plan.inference.primary_step
    )


def _checks(
    primary: list[Estimate], family: Mapping[str, Reference], plan: Plan
) -> tuple[Adjustment, ...]:
    """The primary set adjusted step by step, by the methods that the plan names."""
    found: list[Adjustment] = []
    for method in plan.inference.family_wise_check if primary else ():
        if method == "holm":
            adjusted = holm([e.p_value for e in primary])
        else:
            drawn, draws = statistics(family, step=plan.inference.primary_step)
            stepped = romano_wolf(drawn, draws=draws)
            adjusted = tuple(stepped[e.outcome] for e in primary)
        found += _records(primary, adjusted, method)
    return tuple(found)


def _sharpened(others: list[Estimate], plan: Plan) -> tuple[Adjustment, ...]:
    if "sharpened_q" not in plan.inference.false_discovery_check:
        return ()
    return _records(others, sharpened_q([e.p_value for e in others]), "sharpened_q_across")


def _records(
    rows: Iterable[Estimate], adjusted: Iterable[float], method: str
) -> tuple[Adjustment, ...]:
    return tuple(
        record(Adjustment, e, method=method, p_adjusted=p)
        for e, p in zip(rows, adjusted, strict=True)
    )
