"""Factors that others put on the cluster-robust variance, where ours is G/(G-1)."""

import dataclasses

from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import StepResult, cv1, least_squares


def factor(blocks: Blocks, name: str) -> float:
    """CR0 1; CR1 G/(G-1); CR1S G/(G-1) (N-1)/(N-k), k counting absorbed effects; stata_nested the
    same with k not counting effects nested in clusters.
    """
    g, n, k = len(blocks.clusters), blocks.n, len(blocks.columns)
    if name in ("CR0", "CR1"):
        return 1.0 if name == "CR0" else g / (g - 1)
    k += g if (name, blocks.absorb) == ("CR1S", "cluster") else 0
    return g / (g - 1) * (n - 1) / (n - k)


def cluster_robust(blocks: Blocks, column: str, name: str) -> StepResult:
    """CV1 with another factor."""
    ours = cv1(least_squares(blocks), column)
    ratio = factor(blocks, name) / factor(blocks, "CR1")
    return dataclasses.replace(ours, std_error=ours.std_error * ratio**0.5)
