"""Doubly robust difference-in-differences on rows made from formulas."""

import numpy as np

from tests.analysis.checks.test_doubly_robust import att, infinitesimal, two_rounds


def doubly_robust() -> dict[str, float]:
    """Weighted and unweighted estimate, and the error by village of the influence function."""
    problem, weights, village = two_rounds()
    shares = infinitesimal(problem, weights, village)
    return {
        "weighted": att(problem, weights),
        "unweighted": att(problem, np.ones(len(weights))),
        "std_error": float(np.sqrt(shares @ shares)),
    }
