"""The declared study of homicides on invented counts, whose effect is planted."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.analysis.panels.run_panel import PanelResults, run_panel
from evaluation.analysis.panels.units import PanelFrames, Units
from evaluation.config.declared import read_declared
from evaluation.config.plan import Plan
from evaluation.config.preregistration import Promise
from evaluation.config.study import Study
from evaluation.estimation.records import Provenance

CONFIG = Path(__file__).resolve().parents[3] / "config" / "homicides"
STRATA = ("A", "B", "C", "D", "")
SIZE = 14
CODES = [f"{s:02d}{k:03d}" for s in range(len(STRATA)) for k in range(SIZE)]
# three of the first two strata and none of the third and fourth; the fifth is of another kind
TREATED = ["00000", "00001", "01000"]
AMONG = [code for code in CODES if code[:2] in ("00", "01", "02")]


def declared() -> tuple[Study, Promise]:
    study, _, promise = read_declared(CONFIG)
    return study, promise


def only(promise: Promise, *names: str, permutations: int = 199) -> Promise:
    """The promise with some of its specifications; the primary one is kept."""
    plan = promise.plan
    kept = tuple(s for s in plan.specification if s.id in names or s.status == "primary")
    inference = dataclasses.replace(plan.inference, permutations=permutations)
    return dataclasses.replace(
        promise, plan=dataclasses.replace(plan, specification=kept, inference=inference)
    )


def frames(*, effect: float = 0.0, noise: int = 0, later: tuple[str, ...] = ()) -> PanelFrames:
    """Counts that are proportional to people, times ``exp(effect)`` from entry on.

    Those of ``later`` enter in 2022, and the list is then complete.
    """
    rng = np.random.default_rng(noise)
    years = np.arange(2003, 2025)
    entry = dict.fromkeys(TREATED, 2021) | dict.fromkeys(later, 2022)
    rows = []
    for n, code in enumerate(CODES):
        people = 20_000.0 + 1_000.0 * n
        shock = 1.0 + 0.02 * np.arange(len(years)) * (1 + int(code[:2]))
        mean = 40e-5 * people * shock * np.exp(effect * (years >= entry.get(code, 9999)))
        count = rng.poisson(mean).astype(float) if noise else mean
        table = pd.DataFrame({"municipality": code, "year": years, "homicides": count})
        rows.append(table.assign(population=people, rate=1e5 * count / people))
    panel = pd.concat(rows, ignore_index=True)
    for name in ("homicides_firearm", "homicides_women", "homicides_under_18"):
        panel[name] = panel["homicides"] / 2.0
    panel["population_2012"] = panel["population"].where(panel["year"] >= 2012)
    panel["population_2003"] = 2.0 * panel["population"]
    frame = pd.DataFrame(
        {
            "municipality": CODES,
            "subregion": [STRATA[int(code[:2])] or None for code in CODES],
            "department": ["CAUCA" if code[:2] == "01" else "NARIÑO" for code in CODES],
            # strata lie far apart, their clusters 22 km from each other
            "lat": [5.0 * int(code[:2]) - 4.0 for code in CODES],
            "lon": [0.2 * int(code[2:]) - 75.0 for code in CODES],
        }
    )
    status = [
        "treated" if code in entry else "unknown" if code in AMONG and not later else "never"
        for code in CODES
    ]
    assignment = pd.DataFrame(
        {
            "municipality": CODES,
            "status": status,
            "first_treated": [float(entry.get(code, np.nan)) for code in CODES],
            "among": [code in AMONG for code in CODES],
        }
    )
    merged = panel.iloc[:0]
    return PanelFrames(
        panel=panel, merged=merged, frame=frame, assignment=assignment, events=events()
    )


def events() -> pd.DataFrame:
    """Four events of every cluster in 2020: two of them on one Monday of March, two in May."""
    days = {"2020-03-02": 2, "2020-05-06": 1, "2020-05-09": 1, "1999-01-01": 9}
    rows = [(code, pd.Timestamp(day), n) for code in CODES for day, n in days.items()]
    return pd.DataFrame(rows, columns=["cluster", "date", "amount"])


def units(made: PanelFrames, plan: Plan | None = None) -> Units:
    study, promise = declared()
    return Units(frames=made, study=study, plan=plan or promise.plan)


def results(made: PanelFrames, *names: str) -> PanelResults:
    study, promise = declared()
    provenance = Provenance(study=study.id, plan_hash="p", data_hash="d", version="0")
    return run_panel(
        made, study=study, preregistration=only(promise, *names), provenance=provenance
    )
