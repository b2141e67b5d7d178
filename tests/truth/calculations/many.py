"""Corrections for many outcomes, and critical values under a bounded bias."""

from evaluation.estimation.inference.fixed_length import critical_value
from evaluation.estimation.inference.multiplicity import benjamini_hochberg, holm, sharpened_q

# Ten p-values from reading Anderson's procedure; fifteen of the myocardial infarction study.
TEN = (0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216)
MYOCARDIAL = (
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
)  # fmt: skip
RATE = 0.05


def sharpened() -> dict[str, float]:
    """Sharpened q of each of the ten."""
    return {str(p): q for p, q in zip(TEN, sharpened_q(TEN), strict=True)}


def myocardial() -> dict[str, float]:
    """Hypotheses rejected at five in a hundred."""
    return {
        "benjamini_hochberg": float(sum(p <= RATE for p in benjamini_hochberg(MYOCARDIAL))),
        "holm": float(sum(p <= RATE for p in holm(MYOCARDIAL))),
    }


def bounded_bias() -> dict[str, float]:
    """Critical values without bias, and with one of half a standard error."""
    return {"0": critical_value(0.0), "0.5": critical_value(0.5)}
