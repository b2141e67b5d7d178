"""Small studies whose treatment is permuted, and least squares with dummies for any treatment."""

import itertools

import numpy as np

from evaluation.estimation.inference import permutation_draws
from evaluation.estimation.regression import cluster_blocks

# Both sides are least squares on a few hundred rows with condition numbers below 1e3: eight digits
# of t and p are what rounding leaves with certainty.
EXACT = 1e-8


class Case:
    """Two rounds in G clusters, treatment by cluster, weights, and perhaps covariates."""

    def __init__(
        self, seed=0, *, arms, strata=None, covariates=0, sizes=(5, 9, 7, 4, 11, 6, 8, 10)
    ):
        rng = np.random.default_rng(seed)
        self.ids = np.array([f"c{g}" for g in range(len(arms))])
        self.arms = dict(zip(self.ids, arms, strict=True))
        self.strata = dict(zip(self.ids, strata, strict=True)) if strata else {}
        self.cluster = np.repeat(np.arange(len(arms)), sizes[: len(arms)])
        n = len(self.cluster)
        self.post = (np.arange(n) % 2).astype(float)
        self.weights = np.exp(rng.normal(scale=0.6, size=n))
        self.x = rng.normal(size=(n, covariates)) + self.post[:, None]
        shock = rng.normal(size=(2, len(arms)))
        self.y = 5.0 + shock[0, self.cluster] + self.post * (0.7 + shock[1, self.cluster])
        self.y = self.y + self.x @ np.ones(covariates) + rng.normal(size=n)

    def received(self, arms):
        """Treatment columns of each row by cluster-level arms: 0/1 columns of 'a' and of 'b'."""
        of_row = np.asarray(arms, dtype=object)[self.cluster]
        names = ["a", "b"] if any("b" in arm for arm in self.arms.values()) else ["a"]
        return np.column_stack([np.array([name in arm for arm in of_row], float) for name in names])

    def columns(self, arms):
        treated = self.received(arms) * self.post[:, None]
        return np.column_stack([treated, self.post, self.x])

    def blocks(self, order=None):
        order = np.arange(len(self.y)) if order is None else order
        X = self.columns(list(self.arms.values()))
        names = tuple(f"column {j}" for j in range(X.shape[1]))
        return cluster_blocks.accumulate(
            X[order],
            self.y[order],
            weights=self.weights[order],
            cluster=self.ids[self.cluster[order]],
            columns=names,
            absorb="cluster",
        )

    def permutations(self, number, seed=3):
        return permutation_draws.permutations(
            self.arms, strata=self.strata, number=number, seed=seed
        )

    def t_by_dummies(self, arms, *, null=0.0, tested=0):
        """t of a column from weighted least squares with explicit cluster dummies."""
        observed = self.columns(list(self.arms.values()))[:, tested]
        y = self.y - null * observed
        dummies = (self.cluster[:, None] == np.arange(len(self.ids))).astype(float)
        X = np.column_stack([self.columns(arms), dummies])
        inverse = np.linalg.inv(X.T @ (self.weights[:, None] * X))
        beta = inverse @ X.T @ (self.weights * y)
        score = X * (self.weights * (y - X @ beta))[:, None]
        g = len(self.ids)
        sums = np.array([score[self.cluster == k].sum(axis=0) for k in range(g)])
        variance = g / (g - 1) * inverse @ sums.T @ sums @ inverse
        return beta[tested] / np.sqrt(variance[tested, tested])


def distinct(arms, strata):
    """Every distinct assignment with the arms' numbers kept in each stratum, by brute force."""
    kept = []
    for order in sorted(set(itertools.permutations(arms))):
        same = all(
            sorted(a for a, s in zip(order, strata, strict=True) if s == stratum)
            == sorted(a for a, s in zip(arms, strata, strict=True) if s == stratum)
            for stratum in set(strata)
        )
        if same:
            kept.append(order)
    return kept
