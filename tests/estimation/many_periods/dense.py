"""Second calculation of event studies: loops over units and dense least squares, no group means.

Rows have unit, time (whole numbers from 1), first (missing is never), y, w, s and x; the rules are
those of the papers: Callaway and Sant'Anna (2021), eq. 2.6, 2.8 and 2.10; Borusyak, Jaravel and
Spiess (2024), eq. 3.
"""

import numpy as np
import pandas as pd

RANK = 1e-9


def compared(frame, *, comparison, base, anticipation):
    """Cohort, period, base period, own units and others, of each cell that can be compared."""
    first, y, known = _read(frame, anticipation)
    last = frame["time"].max()
    s = frame.groupby("unit")["s"].first()
    periods = y.columns.tolist()
    for g in sorted({v for v in first[known] if v <= last}):
        earlier = [t for t in periods if t < g - anticipation]
        if not earlier:
            continue
        for t in periods:
            pre = t < g - anticipation and base == "varying"
            b = ([p for p in periods if p < t] or [None])[-1] if pre else earlier[-1]
            if b is None or b == t:
                continue
            there = [u for u in known if np.isfinite(y.loc[u, t]) and np.isfinite(y.loc[u, b])]
            own = [u for u in there if first[u] == g]
            until = max(t, b) + anticipation
            other = [
                u
                for u in there
                if first[u] == np.inf
                or first[u] > last + anticipation
                or (comparison == "not_yet" and first[u] > until and first[u] != g)
            ]
            if not own or not set(s[own]) <= set(s[other]):
                continue
            yield g, t, b, own, other


def cells(frame, *, comparison, base, anticipation, regression=False):
    """ATT(g, t) by (g, t), whatever can be compared, and the weight of each cohort."""
    first, y, known = _read(frame, anticipation)
    w, s, x = (frame.groupby("unit")[name].first() for name in ("w", "s", "x"))
    found = {}
    choices = {"comparison": comparison, "base": base, "anticipation": anticipation}
    for g, t, b, own, other in compared(frame, **choices):
        change = y[t] - y[b]
        found[int(g), t] = (
            _regressed(change, own, other, w, x) if regression else _means(change, own, other, w, s)
        )
    size = {g: w[[u for u in known if first[u] == g]].sum() for g, _ in found}
    return found, size


def _read(frame, anticipation):
    first = frame.groupby("unit")["first"].first().fillna(np.inf)
    last = frame["time"].max()
    first = first.where(first <= last, np.inf) if not anticipation else first
    y = frame.pivot_table(index="unit", columns="time", values="y")
    known = [u for u in y.index if (y.loc[u].dropna().index < first[u] - anticipation).any()]
    return first, y, known


def _means(change, own, other, w, s):
    total = 0.0
    for stratum in set(s[own]):
        a = [u for u in own if s[u] == stratum]
        b = [u for u in other if s[u] == stratum]
        gap = np.average(change[a], weights=w[a]) - np.average(change[b], weights=w[b])
        total += w[a].sum() / w[own].sum() * gap
    return total


def _regressed(change, own, other, w, x):
    root = np.sqrt(w[other].to_numpy())
    X = np.column_stack([np.ones(len(other)), x[other]])
    slopes = np.linalg.lstsq(X * root[:, None], change[other] * root, rcond=None)[0]
    left = change[own] - np.column_stack([np.ones(len(own)), x[own]]) @ slopes
    return np.average(left, weights=w[own])


def averages(found, size):
    """The simple average, and those by relative period, of cells and cohort sizes."""
    table = pd.DataFrame(
        [(g, t, t - g, value, size[g]) for (g, t), value in found.items()],
        columns=["g", "t", "e", "value", "size"],
    )
    made = {
        str(e): np.average(part["value"], weights=part["size"]) for e, part in table.groupby("e")
    }
    after = table[table["e"] >= 0]
    simple = np.average(after["value"], weights=after["size"]) if len(after) else None
    return simple, made


def imputed(frame, *, anticipation):
    """Simple average of outcomes less what unit and period effects of untreated rows tell."""
    first = frame["first"].fillna(np.inf)
    last = frame["time"].max()
    rows = frame[(first <= last) | (frame["time"] < first - anticipation)]
    first = first[rows.index]
    first = first.where(first <= last, np.inf)
    untreated = rows["time"] < first - anticipation
    known = untreated.groupby(rows["unit"]).transform("any")
    rows, untreated, first = rows[known], untreated[known], first[known]
    period = rows["time"].astype(str) + "|" + rows["s"].astype(str)
    X = pd.get_dummies(pd.DataFrame({"u": rows["unit"].astype(str), "p": period})).to_numpy(float)
    u = untreated.to_numpy()
    root = np.sqrt(rows["w"].to_numpy())[u]
    beta = np.linalg.lstsq(X[u] * root[:, None], rows["y"].to_numpy()[u] * root, rcond=None)[0]
    away = rows["y"].to_numpy() - X @ beta
    wanted = (rows["time"] >= first).to_numpy(copy=True)
    # a cohort and period with a stratum in which nobody is untreated then has no effect
    free = set(period[untreated])
    lost = {(g, t) for g, t, p in zip(first, rows["time"], period, strict=True) if p not in free}
    wanted &= np.array([(g, t) not in lost for g, t in zip(first, rows["time"], strict=True)])
    if not wanted.any():
        return None
    weight = rows["w"].to_numpy()[wanted]
    target = weight @ X[wanted] / weight.sum()
    basis = np.linalg.pinv(X[u]) @ X[u]
    if np.abs(target @ basis - target).max() > RANK:
        return None
    return float(weight @ away[wanted] / weight.sum())
