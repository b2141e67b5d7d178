"""Random designs of the doors, and what dense arithmetic of numpy alone makes of them."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from scipy import stats

# Sums over a few hundred rows in another order, on covariates whose level is up to a million times
# their spread: six of sixteen digits go with that, and least squares takes two more.
CLOSE = 1e-7


def survey(seed):
    """Two rounds in 8 to 14 clusters: unequal cells, weights, gaps, covariates of any level."""
    rng = np.random.default_rng(seed)
    g = int(rng.integers(8, 15))
    treated = rng.permutation(np.arange(g) < rng.integers(3, g - 2))
    sizes = rng.integers(4, 9, (g, 2))
    cells = [(c, t) for c in range(g) for t in (0, 1) for _ in range(sizes[c, t])]
    made = pd.DataFrame(cells, columns=["c", "post"])
    n, c = len(made), made["c"].to_numpy()
    level = rng.choice([0.0, 1e3, 1e6])
    made = made.assign(
        treated=treated[c].astype(int),
        x=level + rng.normal(size=n),
        kind=rng.choice(["a", "b", "z"], n),
        w=np.exp(rng.normal(scale=0.5, size=n)),
        people=rng.integers(50, 900, g)[c],
        block=(np.arange(g) % 2)[c],
        dose=rng.normal(size=n).round(2),
    )
    shock = rng.normal(size=(g, 2))
    y = 3.0 + shock[c, made["post"]] + rng.normal(size=n) + 0.5 * (made["x"] - level)
    # some of the first round are asked again, under the same id
    rank = made.groupby(["c", "post"]).cumcount().to_numpy()
    again = rank < 4
    who = np.where(again, c * 1_000 + rank, 1_000_000 + np.arange(n))
    silent = (rng.random(n) < rng.choice([0.0, 0.1])) & (rank > 1)
    return made.assign(y=y.mask(silent), who=who, c=[f"k{v:02d}" for v in c])


def after(seed):
    """The last round with the baseline value, which some, a block or nobody lack."""
    given = survey(seed)
    rng = np.random.default_rng((seed, 1))
    last = given[given["post"] == 1].reset_index(drop=True)
    before = rng.choice([0.0, 1e5]) + last["y"].fillna(3.0) + rng.normal(size=len(last))
    lost = [
        rng.random(len(last)) < 0.2,
        (last["block"] == 1).to_numpy(),
        np.zeros(len(last), dtype=bool),
        # only where there is no outcome either
        last["y"].isna().to_numpy(),
    ][seed % 4]
    return last.assign(before=before.mask(lost))


def dummies(values, *, first=True):
    values = np.asarray(values)
    found = np.unique(values)[0 if first else 1 :]
    return (values[:, None] == found).astype(float)


def centred(values):
    """Less its mean: the same slopes, and digits that the dense arithmetic needs."""
    values = np.asarray(values, dtype=float)
    return values - values.mean()


class Dense:
    """Weighted least squares by QR, its cluster errors and those by row."""

    def __init__(self, X, y, weights, cluster):
        root = np.sqrt(weights)[:, None]
        self.X, self.y, self.cluster = X * root, np.asarray(y, float) * root[:, 0], cluster
        self.rank = int(np.linalg.matrix_rank(self.X))
        self.beta = self._fit(np.ones(len(y), dtype=bool))
        self.residual = self.y - self.X @ self.beta
        self.bread = np.linalg.pinv(self.X.T @ self.X)

    def identifies(self, j):
        """Whether a column is none that the others make up."""
        return self.rank > np.linalg.matrix_rank(np.delete(self.X, j, axis=1))

    def _fit(self, rows):
        return np.linalg.lstsq(self.X[rows], self.y[rows])[0]

    def cv1(self, j):
        names = np.unique(self.cluster)
        parts = [
            self.bread[j] @ self.X[self.cluster == c].T @ self.residual[self.cluster == c]
            for c in names
        ]
        return np.sqrt(len(names) / (len(names) - 1) * np.sum(np.square(parts)))

    def cv3(self, j):
        """Jackknife about the estimate; not a number where a cluster carries the coefficient."""
        names, moved = np.unique(self.cluster), []
        for c in names:
            rows = self.cluster != c
            kept = self.X[rows]
            others = np.delete(kept, j, axis=1)
            if np.linalg.matrix_rank(kept) == np.linalg.matrix_rank(others):
                return np.nan
            moved.append(self._fit(rows)[j] - self.beta[j])
        return np.sqrt((len(names) - 1) / len(names) * np.sum(np.square(moved)))

    def classical(self, j):
        return np.sqrt(self.bread[j, j] * self.residual @ self.residual / self.df)

    def hc1(self, j):
        parts = (self.X @ self.bread[j]) * self.residual
        return np.sqrt(parts @ parts * len(self.y) / self.df)

    @property
    def df(self):
        return len(self.y) - self.rank

    def row(self, method, j=0):
        """Estimate, standard error and p-value by a method."""
        error = getattr(self, method)(j)
        df = self.df if method in ("classical", "hc1") else len(np.unique(self.cluster)) - 1
        return self.beta[j], error, 2.0 * stats.t.sf(abs(self.beta[j] / error), df)


def weights_of(given, weights, estimand):
    own = np.ones(len(given)) if weights == "none" else given[weights].to_numpy(dtype=float)
    if estimand == "respondents":
        return own
    total = pd.Series(own).groupby([given["c"].to_numpy(), given["post"].to_numpy()])
    scaled = own / total.transform("sum").to_numpy()
    return scaled if estimand == "equal" else scaled * given["people"].to_numpy()


def did(given, call):
    """Source: two-way fixed effects with a dummy for every cluster."""
    used = given.dropna(subset=["y"]).reset_index(drop=True)
    post = used["post"].to_numpy(dtype=float)
    columns = [used["treated"] * post, *_covariates(used, call["covariates"])]
    strata = used["block"] if call["strata_round"] else np.zeros(len(used))
    X = np.column_stack([*columns, dummies(strata) * post[:, None], dummies(used["c"])])
    w = weights_of(used, call["weights"], call["estimand"])
    return Dense(X, centred(used["y"]), w, used["c"].to_numpy())


def ancova(given, call):
    """Source: McKenzie (2012) with an indicator of a missing baseline, by dummies."""
    used = given.dropna(subset=["y"]).reset_index(drop=True)
    lacks = used["before"].isna().to_numpy()
    before = (used["before"] - used["before"].mean()).fillna(0.0)
    columns = [used["treated"], before, lacks.astype(float), *_covariates(used, call["covariates"])]
    effects = dummies(used["block"]) if call["blocks"] else np.ones((len(used), 1))
    w = weights_of(used, call["weights"], "respondents")
    return Dense(np.column_stack([*columns, effects]), centred(used["y"]), w, used["c"].to_numpy())


def regression(given, call):
    """Source: dummies for what is absorbed, products of columns."""
    used = given.dropna(subset=["y"]).reset_index(drop=True)
    columns = [used["treated"] * used["post"], used["dose"], used["post"], centred(used["x"])]
    absorb = call["absorb"]
    effects = dummies(used[absorb]) if absorb else np.ones((len(used), 1))
    w = weights_of(used, call["weights"], "respondents")
    return Dense(np.column_stack([*columns, effects]), centred(used["y"]), w, used["c"].to_numpy())


def _covariates(used, names):
    for name in names:
        if name == "kind":
            yield from dummies(used[name], first=False).T
        else:
            yield centred(used[name])


def balance(given, call):
    """Source: weighted means of the groups; Imbens and Rubin (2015) for the normalised one."""
    used = given[given["post"] == 0].reset_index(drop=True)
    w = weights_of(used, call["weights"], call["estimand"])
    treated, rows = used["treated"].to_numpy() == 1, []
    for label in ("x", "kind=a", "kind=b", "kind=z"):
        value = centred(used["x"]) if label == "x" else used["kind"] == label[-1]
        value = np.asarray(value, dtype=float)
        fit = Dense(
            np.column_stack([treated, np.ones(len(used))]).astype(float), value, w, used["c"]
        )
        variances = []
        for group in (treated, ~treated):
            mean = np.average(value[group], weights=w[group])
            variances.append(np.average((value[group] - mean) ** 2, weights=w[group]))
        rows.append((label, *fit.row("cv1"), fit.beta[0] / np.sqrt(np.mean(variances))))
    return rows


def attrition(given, call):
    """Source: Lee (2009) on changes: the group seen more often is trimmed to the other's share."""
    first = given[(given["post"] == 0) & given["y"].notna()].reset_index(drop=True)
    last = given[given["post"] == 1].set_index("who")["y"]
    change = (first["who"].map(last) - first["y"]).to_numpy()
    w = weights_of(first, call["weights"], call["estimand"])
    treated = first["treated"].to_numpy() == 1
    seen = np.isfinite(change)
    share = [w[g & seen].sum() / w[g].sum() for g in (treated, ~treated)]
    ends = []
    for lowest in (True, False):
        means = []
        for group, own, up in ((treated, share[0], lowest), (~treated, share[1], not lowest)):
            values, mass = change[group & seen], w[group & seen]
            order = np.argsort(values if up else -values)
            values, mass = values[order], mass[order]
            goal = min(share) / own * mass.sum()
            kept = np.diff(np.minimum(np.cumsum(np.r_[0.0, mass]), goal))
            means.append(kept @ values / kept.sum())
        ends.append(means[0] - means[1])
    return tuple(ends)


def silence(given, call):
    """Source: Horowitz and Manski (2000): each missing answer where it pulls the effect most."""
    effects = []
    plain = {"covariates": (), "strata_round": ""}
    w = weights_of(given, call["weights"], call["estimand"])
    post = given["post"].to_numpy(dtype=float)
    others = np.column_stack([post, dummies(given["c"])]) * np.sqrt(w)[:, None]
    x = (given["treated"] * post).to_numpy() * np.sqrt(w)
    pull = (x - others @ np.linalg.lstsq(others, x)[0]) * np.sqrt(w)
    for up in (-1.0, 1.0):
        filled = np.where(up * pull > 0.0, call["scale"][1], call["scale"][0])
        whole = given.assign(y=given["y"].where(given["y"].notna(), filled))
        effects.append(did(whole, call | plain).beta[0])
    return tuple(effects)


def of_other_types(given):
    """The same frame in the types that libraries have for the same values."""
    truth = given.copy()
    for name in ("treated", "post"):
        if truth[name].nunique() == 2:
            truth[name] = (truth[name] == 1).astype(object)
    return {
        "nullable": given.convert_dtypes(),
        "arrow types": truth.convert_dtypes(dtype_backend="pyarrow"),
        "objects": truth.astype({n: object for n in given.columns if n != "who"}),
        "categories": given.astype({"c": "category", "kind": "category", "treated": "category"}),
        "polars": pl.from_pandas(given),
        "arrow": pa.Table.from_pandas(given),
    }
