"""A small invented study for the tests of the estimators: two rounds, two or four arms."""

import dataclasses
import datetime

import numpy as np
import pandas as pd

from evaluation.config.plan import (
    BalanceTable,
    Family,
    Inference,
    Item,
    Outcome,
    Plan,
    Series,
    Specification,
)
from evaluation.config.preregistration import Lock, Promise
from evaluation.config.study import Arm, Columns, Names, Round, Study, Treatment
from evaluation.config.toml_reader import Text
from evaluation.estimation.records import Provenance

TEXT = Text(en="x", es="x")
PROVENANCE = Provenance(study="small", plan_hash="p" * 64, data_hash="d" * 64, version="0")

COLUMNS = Columns(
    respondent="respondent",
    cluster="village",
    arm="arm",
    weight="weight",
    population="population",
)
STUDY = Study(
    id="small",
    synthetic=True,
    title=TEXT,
    question=TEXT,
    population=TEXT,
    citation=Text(en="none", es="ninguna"),
    names=Names(cluster=TEXT, clusters=TEXT),
    columns=COLUMNS,
    round=(
        Round(
            id="baseline",
            kind="baseline",
            label=TEXT,
            start=datetime.date(2021, 1, 1),
            end=datetime.date(2021, 2, 1),
        ),
        Round(
            id="endline",
            kind="endline",
            label=TEXT,
            start=datetime.date(2024, 1, 1),
            end=datetime.date(2024, 2, 1),
        ),
    ),
    arm=(
        Arm(id="treated", label=TEXT, treatments=("programme",)),
        Arm(id="comparison", label=TEXT, treatments=()),
    ),
    treatment=(Treatment(id="programme", label=TEXT),),
)
FACTORIAL = dataclasses.replace(
    STUDY,
    arm=(
        Arm(id="neither", label=TEXT, treatments=()),
        Arm(id="meetings", label=TEXT, treatments=("meetings",)),
        Arm(id="leaflets", label=TEXT, treatments=("leaflets",)),
        Arm(id="both", label=TEXT, treatments=("meetings", "leaflets")),
    ),
    treatment=(Treatment(id="meetings", label=TEXT), Treatment(id="leaflets", label=TEXT)),
)
DID = Specification(
    id="did_main",
    label=TEXT,
    method="did",
    data="panel",
    sample="all",
    treatment="programme",
    contrast=("baseline", "endline"),
    estimand="equal",
    weights="weight",
    steps=("wcr_s", "cv3", "cr2", "cv1", "wcr"),
    status="primary",
    families=("trust",),
)
ANCOVA = dataclasses.replace(
    DID, id="ancova", method="ancova", lag="cluster_mean", status="sensitivity"
)
INFERENCE = Inference(
    primary_step="wcr_s",
    level=0.95,
    draws=999,
    weights_kind="rademacher",
    seed_entry="small",
    family_wise="max_t",
    family_wise_check=("romano_wolf", "holm"),
    false_discovery="benjamini_hochberg",
)


def outcome(name: str = "y", **changes) -> Outcome:
    """An outcome that stands in the panel under ``name``."""
    given = {
        "id": name,
        "family": "trust",
        "label": TEXT,
        "function": "value",
        "items": (Item(name=name),),
        "minimum_items": 1,
        "unit": "points",
        "desired": "up",
    }
    return Outcome(**(given | changes))


def panel(seed: int = 0, *, clusters: int = 12, rows: int = 9) -> pd.DataFrame:
    """Two rounds, half of the villages treated, unequal sizes and weights, an effect of 0.5.

    Every second respondent is in both rounds. Columns y and z are outcomes, z with gaps; age and
    region are a numeric and a nominal covariate.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for g in range(clusters):
        permanent = rng.normal()
        for position, round_id in enumerate(("baseline", "endline")):
            n = rows + int(rng.integers(0, 5))
            treated = g < clusters // 2
            effect = 0.5 * treated * position
            parts.append(
                pd.DataFrame(
                    {
                        "round": round_id,
                        "village": f"v{g:02d}",
                        "arm": "treated" if treated else "comparison",
                        "respondent": [
                            f"{g}-{i}" if i % 2 and i < rows else f"{g}-{i}-{round_id}"
                            for i in range(n)
                        ],
                        "panel_member": [bool(i % 2 and i < rows) for i in range(n)],
                        "weight": np.exp(rng.normal(0, 0.8, n)),
                        "population": 1000.0 * (g + 1),
                        "age": rng.integers(18, 80, n).astype(float),
                        "region": rng.choice(["coast", "plain", "hill"], n),
                        "y": permanent + 0.3 * position + effect + rng.normal(0, 1, n),
                    }
                )
            )
    table = pd.concat(parts, ignore_index=True)
    table["z"] = table["y"].where(rng.random(len(table)) > 0.15) * 10.0 + rng.normal(
        0, 3, len(table)
    )
    return table.sample(frac=1.0, random_state=seed).reset_index(drop=True)


def frame(table: pd.DataFrame) -> pd.DataFrame:
    """One row per village of a panel, with a covariate from before the programme."""
    known = table[["village", "arm", "population"]].drop_duplicates().sort_values("village")
    rng = np.random.default_rng(5)
    return known.assign(poverty=rng.normal(40, 10, len(known))).reset_index(drop=True)


def series(table: pd.DataFrame, *, slope: float = 0.0, seed: int = 3) -> pd.DataFrame:
    """Events per village and quarter; treated villages' rate grows by ``slope`` a quarter."""
    rng = np.random.default_rng(seed)
    rows = []
    for village, arm, people in frame(table)[["village", "arm", "population"]].itertuples(
        index=False
    ):
        for q in range(8):
            rate = 20.0 + slope * q * (arm == "treated") + rng.normal()
            rows.append((village, f"20{20 + q // 4}Q{q % 4 + 1}", rate * people / 1000.0, people))
    return pd.DataFrame(rows, columns=["village", "quarter", "events", "people"])


SERIES = Series(
    id="events",
    variable="events",
    label=TEXT,
    unit=Text(en="per 1,000", es="por 1.000"),
    period="quarter",
    last_before="2020Q4",
    role="pre_trend",
    per="people",
    scale=1000.0,
)


def preregistration(**changes) -> Promise:
    """A plan of two primary families and one secondary, over columns y, z and y2."""
    families = tuple(
        Family(id=name, label=TEXT, question=TEXT, tier=tier, correction=correction)
        for name, tier, correction in (
            ("trust", "primary", "family_wise"),
            ("police", "primary", "family_wise"),
            ("safety", "secondary", "false_discovery"),
        )
    )
    effects = {"primary": True, "smallest_effect": 0.2, "assumed_effect": 0.3}
    plan = Plan(
        hash="p" * 64,
        inference=INFERENCE,
        family=families,
        outcome=(
            outcome("y", **effects),
            outcome("z", family="police", **effects),
            outcome("y2", family="trust"),
            outcome("s1", family="safety"),
            outcome("s2", family="safety"),
        ),
        specification=(
            dataclasses.replace(
                DID,
                families=("trust", "police", "safety"),
                secondary_steps=("wcr_s", "cv3"),
            ),
            dataclasses.replace(ANCOVA, families=(), outcomes=("y",), steps=("wcr_s", "cv3")),
        ),
        balance=BalanceTable(
            variables=("age", "region"), frame_variables=("poverty",), attrition_variables=("age",)
        ),
        standardise="baseline comparison group",
        series=(SERIES, dataclasses.replace(SERIES, id="accidents", role="placebo")),
    )
    lock = Lock(
        plan_hash="p" * 64,
        registry="none",
        registration="",
        url="",
        date=datetime.date(2020, 12, 1),
        endline_data_seen=False,
        note=TEXT,
        entries={},
    )
    return Promise(plan=dataclasses.replace(plan, **changes), lock=lock, deviations=())


def plan_panel(seed: int = 0) -> pd.DataFrame:
    """A panel with every outcome of `promise`."""
    table = panel(seed)
    rng = np.random.default_rng(seed + 100)
    return table.assign(
        y2=table["y"] + rng.normal(0, 0.5, len(table)),
        s1=rng.normal(0, 1, len(table)),
        s2=table["y"] ** 2,
    )
