"""Errors of the rule in data of 36 + 36 clusters, kept in a file that this module writes.

`python -m tests.estimation.planning.rule_errors` writes it (half a minute of processor time).
Three independent outcomes with normal changes, the planned standard error of the demonstration
(.052 SD) and a smallest effect of .2 SD. Beside each rate its reference: the rule applied to
draws of its closed form, an estimate that is normal and an error that is chi-squared.
"""

import ast
import hashlib
import json
from pathlib import Path
from types import ModuleType

import numpy as np

from evaluation.analysis.planning import null_data, rule_calibration
from evaluation.estimation.planning.conclusion_chances import intervals_of
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.regression.fit import critical
from tests.estimation.studies import preregistration
from tools.kept import lines_of

KEPT = Path(__file__).with_name("rule_errors.json")
G, ERROR, SMALLEST, OUTCOMES = 72, 0.052, 0.2, 3
SD = ERROR / np.sqrt(4.0 / G)
DATA_SETS, PART = 5_000, 100
# settings with the number of equal zones
CELLS = (
    ("permuted treatment", 6),
    ("sign flips", 6),
    ("biased", 6),
    ("shared by zones", 4),
    ("shared by zones", 6),
)
RATES = ("detected", "ruled out", "missed")
SUMMED = (rule_calibration, null_data)


def layouts(zones, seed=3):
    """Three outcomes, uncorrelated; residuals of fits without a cluster have the planned spread."""
    rng = np.random.default_rng(seed)
    group = (np.arange(G) % 2).astype(float)
    ids = tuple(f"v{g:02d}" for g in range(G))
    table = np.empty((G, OUTCOMES))
    for arm in (0.0, 1.0):
        drawn = rng.normal(size=(G // 2, OUTCOMES))
        table[group == arm] = np.linalg.qr(drawn - drawn.mean(axis=0)).Q * np.sqrt(G / 2)
    # leaving a cluster out takes it from a mean of one cluster fewer
    table *= (1 - 2 / G) * SD
    found = {}
    for k, changes in enumerate(table.T):
        blocks = cluster_blocks.accumulate(
            np.ones((G, 1)),
            changes,
            weights=np.ones(G),
            cluster=ids,
            columns=("endline",),
            absorb="none",
        )
        found[f"y{k}"] = null_data.NullDesign(
            bases=blocks,
            treatments=("treated",),
            received=group[:, None],
            strata=np.arange(G) // (G // zones),
        )
    return found


def rates(setting, zones, start=0, number=PART):
    """Hits of detected, ruled out and of missed by the first outcome in some data sets."""
    found = rule_calibration.errors(
        layouts(zones),
        {f"y{k}": SMALLEST for k in range(OUTCOMES)},
        setting,
        plan=preregistration().plan,
        number=number,
        entry=f"kept {setting} {zones} {start}",
    )
    return [int(n) for n in found[:3].sum(axis=1)]


def reference(setting, zones, number=1_000_000):
    """The same chances from draws of estimate and error, by t quantiles; see Notes.

    Notes
    -----
    Of clusters' changes with variance 1, a share a of it common to the m clusters of a zone, and
    half of the Z zones treated, the estimate has the variance (1 - a + m a) 4/G, and squares
    around the groups' means sum to (1 - a) chi2(G - Z) + (1 - a + m a) chi2(Z - 2), independent
    of it. Without zones both are the textbook's.
    """
    rng, m = np.random.default_rng(8), G // zones
    shape = (OUTCOMES, number)
    if setting == "shared by zones":
        own, whole = 1.0 - rule_calibration.SHARED, 1.0 - rule_calibration.SHARED * (1 - m)
        squares = own * rng.chisquare(G - zones, shape) + whole * rng.chisquare(zones - 2, shape)
    else:
        whole, squares = 1.0, rng.chisquare(G - 2, shape)
    spread = ERROR * np.sqrt(squares / (G - 1))
    estimate = ERROR * np.sqrt(whole) * rng.standard_normal(shape)
    bias = rule_calibration.BIAS * SMALLEST if setting == "biased" else 0.0
    test = intervals_of(ERROR, df=G - 1.0, outcomes=OUTCOMES, level=0.95)
    none, small = np.abs(estimate + bias), np.abs(estimate + SMALLEST - bias)
    detected = (none > test.outer * spread).any(axis=0)
    ruled_out = (small < np.minimum(test.outer * spread, SMALLEST - test.inner * spread)).any(
        axis=0
    )
    missed = none[0] > critical(G - 1, 0.95) * spread[0]
    return [float(np.mean(x)) for x in (detected, ruled_out, missed)]


def code_sum():
    """Sum of what the calibration computes, whatever its comments and docstrings say."""
    return hashlib.sha256("".join(_bare(m) for m in SUMMED).encode()).hexdigest()


def _bare(module: ModuleType) -> str:
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [
                x
                for x in body
                if not (isinstance(x, ast.Expr) and isinstance(x.value, ast.Constant))
            ]
    return ast.dump(tree)


def rows():
    """All cells: rates with their errors, references, and hits of the first hundred data sets."""
    for setting, zones in CELLS:
        hits = [rates(setting, zones, start) for start in range(0, DATA_SETS, PART)]
        found = np.sum(hits, axis=0) / DATA_SETS
        compared = reference(setting, zones)
        for k, name in enumerate(RATES):
            yield {
                "setting": setting,
                "zones": zones,
                "error": name,
                "rate": round(float(found[k]), 4),
                "mc_error": round(float(np.sqrt(found[k] * (1 - found[k]) / DATA_SETS)), 4),
                "reference": round(compared[k], 4),
                "first_hundred": hits[0][k],
            }


def kept():
    """What is kept."""
    return json.loads(KEPT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    head = {"code": code_sum(), "data_sets": DATA_SETS}
    made = list(rows())
    KEPT.write_text(lines_of(head, {"rates": made}), encoding="utf-8")
    for one in made:
        print(*one.values(), sep="\t")
