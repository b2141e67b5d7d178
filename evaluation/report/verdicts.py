"""The published verdict rule: from an interval and the smallest effect that matters.

Two questions decide, and both are asked of the interval, not of the point estimate:

============================  =========================  ==============================
                              interval reaches an effect interval lies inside the
                              that matters               effects too small to matter
============================  =========================  ==============================
interval excludes zero        effect detected            detected but smaller than matters
interval includes zero        inconclusive               meaningful effect ruled out
============================  =========================  ==============================

A bound that equals zero includes zero; a bound that equals the smallest effect reaches it. Ties
therefore never strengthen a claim.
"""

from collections.abc import Mapping
from typing import Literal

from evaluation.spec.load import Text
from evaluation.spec.records import Estimate

Verdict = Literal[
    "effect detected",
    "detected but smaller than matters",
    "meaningful effect ruled out",
    "inconclusive",
]
Evidence = Literal[
    "excludes zero by both methods and after adjustment",
    "excludes zero by both methods, after adjustment inside its family only",
    "excludes zero by both methods, not after adjustment",
    "excludes zero by both methods, not adjusted",
    "depends on the inference method",
    "excludes zero by the one method available",
    "does not exclude zero",
]
Direction = Literal["desired", "not desired", "no desired direction"]

# The literals as they are printed.
VERDICTS: Mapping[Verdict, Text] = {
    "effect detected": Text(en="effect detected", es="efecto detectado"),
    "detected but smaller than matters": Text(
        en="detected but smaller than matters", es="detectado, pero menor que el que importa"
    ),
    "meaningful effect ruled out": Text(
        en="meaningful effect ruled out", es="se descarta un efecto importante"
    ),
    "inconclusive": Text(en="inconclusive", es="no concluyente"),
}
EVIDENCES: Mapping[Evidence, Text] = {
    "excludes zero by both methods and after adjustment": Text(
        en="excludes zero by both methods and after adjustment",
        es="excluye el cero con ambos métodos y después del ajuste",
    ),
    "excludes zero by both methods, after adjustment inside its family only": Text(
        en="excludes zero by both methods, after adjustment inside its family only",
        es="excluye el cero con ambos métodos, después del ajuste solo dentro de su familia",
    ),
    "excludes zero by both methods, not after adjustment": Text(
        en="excludes zero by both methods, not after adjustment",
        es="excluye el cero con ambos métodos, no después del ajuste",
    ),
    "excludes zero by both methods, not adjusted": Text(
        en="excludes zero by both methods, not adjusted",
        es="excluye el cero con ambos métodos, sin ajuste",
    ),
    "depends on the inference method": Text(
        en="depends on the inference method", es="depende del método de inferencia"
    ),
    "excludes zero by the one method available": Text(
        en="excludes zero by the one method available",
        es="excluye el cero con el único método disponible",
    ),
    "does not exclude zero": Text(en="does not exclude zero", es="no excluye el cero"),
}
EXPLAINED: Mapping[Verdict, Text] = {
    "effect detected": Text(
        en="the interval excludes zero and reaches effects that matter",
        es="el intervalo excluye el cero y alcanza efectos que importan",
    ),
    "detected but smaller than matters": Text(
        en="the interval excludes zero, and every effect in it is smaller than the smallest that"
        " matters",
        es="el intervalo excluye el cero, y todos los efectos que contiene son menores que el"
        " mínimo de interés",
    ),
    "meaningful effect ruled out": Text(
        en="the interval includes zero, and every effect in it is smaller than the smallest that"
        " matters",
        es="el intervalo incluye el cero, y todos los efectos que contiene son menores que el"
        " mínimo de interés",
    ),
    "inconclusive": Text(
        en="the interval includes zero and also effects that matter: the study cannot tell them"
        " apart",
        es="el intervalo incluye el cero y también efectos que importan: el estudio no puede"
        " distinguirlos",
    ),
}


def verdict(low: float, high: float, *, smallest_effect: float) -> Verdict:
    """Verdict on an effect.

    Parameters
    ----------
    low, high : float
        Bounds of the primary interval, in the unit of the outcome; may be infinite.
    smallest_effect : float
        Smallest effect that matters, positive, in the same unit.

    Raises
    ------
    ValueError
        ``smallest_effect`` is not positive, or the bounds are not in order.
    """
    if not smallest_effect > 0:
        raise ValueError("the smallest effect that matters is a positive number")
    if not low <= high:
        raise ValueError("the bounds of an interval are in order")
    excludes_zero = low > 0 or high < 0
    inside = -smallest_effect < low and high < smallest_effect
    if excludes_zero:
        return "detected but smaller than matters" if inside else "effect detected"
    return "meaningful effect ruled out" if inside else "inconclusive"


def direction(estimate: float, desired: Literal["up", "down", "none"]) -> Direction:
    """Whether an estimate points where the programme wants the outcome to go."""
    if desired == "none" or estimate == 0:
        return "no desired direction"
    return "desired" if (estimate > 0) == (desired == "up") else "not desired"


def evidence(estimate: Estimate, jackknife: Estimate | None, *, across: float) -> Evidence:
    """Level of evidence against zero, by rule: interval, CV3's interval, adjustment.

    Parameters
    ----------
    estimate : Estimate
        By the step the specification is read by.
    jackknife : Estimate or None
        The same by CV3; None where it cannot be had.
    across : float
        p adjusted for all outcomes that the plan adjusts together with this one, whatever their
        family; infinite where nobody computed it.
    """
    excludes = _excludes_zero(estimate)
    if jackknife is None:
        return "excludes zero by the one method available" if excludes else "does not exclude zero"
    if excludes != _excludes_zero(jackknife):
        return "depends on the inference method"
    if not excludes:
        return "does not exclude zero"
    if estimate.adjustment == "none":
        return "excludes zero by both methods, not adjusted"
    if estimate.p_adjusted > 1 - estimate.level:
        return "excludes zero by both methods, not after adjustment"
    if across > 1 - estimate.level:
        return "excludes zero by both methods, after adjustment inside its family only"
    return "excludes zero by both methods and after adjustment"


def _excludes_zero(estimate: Estimate) -> bool:
    return estimate.ci_low > 0 or estimate.ci_high < 0
