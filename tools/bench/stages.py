"""A delivered survey from its files to clean ones: this package, and pandas with a contract.

Both run in a folder that holds ``config`` and ``data_raw`` (``survey_files.py``). This package also
writes CSV and Stata files in two languages and all its findings; the other writes Parquet alone.
"""
# ruff: noqa: PLC0415 -- an engine is imported only where it is measured

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from tools.bench import survey_files
from tools.bench.survey_files import FILES, SCALES, STUDY, Question

Call = Callable[[], dict[str, float]]
MISSING = {"short": [88, 98], "long": [888_888, 988_888]}
DAYS = (pd.Timestamp("2021-02-15"), pd.Timestamp("2025-01-24"))
CLEAN = Path("data_clean") / STUDY
# megabytes of the processes that a call started, which its own peak does not hold
PEAKS: list[float] = []


def ours(root: Path) -> Call:
    """The stages read and clean, each a process of its own as Make runs them, start included."""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    os.chdir(root)

    def call() -> dict[str, float]:
        for stage in ("read", "clean"):
            command = [sys.executable, "-m", "evaluation", stage, "--study", STUDY]
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                raise RuntimeError(f"the stage {stage} stopped")
            PEAKS.append(used.ru_maxrss / 1024.0)
        return _told(CLEAN / "panel.parquet", age="age", weight="weight")

    return call


def pandas_pandera(root: Path) -> Call:
    """``read_csv`` with ids as text, the dictionary's rules as a contract, Parquet."""
    import pandera.pandas as pa

    os.chdir(root)
    kept = pa.DataFrameSchema(_contract(pa), strict=True, unique=["id_persona"])
    path = Path("panel.parquet")

    def call() -> dict[str, float]:
        rounds = [kept.validate(_read(name), lazy=True) for name in ("baseline", "endline")]
        panel = pd.concat([_without_codes(t.loc[t["consent"] == 1]) for t in rounds])
        panel.to_parquet(path, index=False)
        return _told(path, age="age", weight="peso")

    return call


def _told(path: Path, *, age: str, weight: str) -> dict[str, float]:
    """What both have to agree on: the people who consented, their ages and weights."""
    table = pq.read_table(path, columns=[age, weight]).to_pandas()
    return {"rows": float(len(table)), "age": table[age].sum(), "weight": table[weight].sum()}


def _read(name: str) -> pd.DataFrame:
    texts = dict.fromkeys(("id_persona", "municipio", "encuestador", "version"), "str")
    return pd.read_csv(
        Path("data_raw") / STUDY / FILES[name],
        dtype=texts,
        parse_dates=["fecha", "inicio"],
        usecols=lambda column: column != "observaciones",
    ).assign(round=name)


def _without_codes(table: pd.DataFrame) -> pd.DataFrame:
    """Missing codes as missing values."""
    coded = [q for q in survey_files.questions() if q.name not in ("sex", "age")]
    return table.assign(
        **{q.name: table[q.name].mask(table[q.name].isin(MISSING[_missing(q)])) for q in coded}
    )


def _missing(question: Question) -> str:
    return "long" if question.kind in ("count", "number") else "short"


def _contract(pa) -> dict:
    """The dictionary's rules: patterns, codes, ranges; blanks where consent was refused."""
    places = [f"M{i + 1:04d}" for i in range(survey_files.CLUSTERS)]
    columns = {
        "id_persona": pa.Column("str", pa.Check.str_matches(r"^\d{8}$")),
        "municipio": pa.Column("str", pa.Check.isin(places)),
        # whatever unit pandas reads dates in
        "fecha": pa.Column(None, pa.Check.in_range(*DAYS)),
        "inicio": pa.Column(None),
        "duracion": pa.Column(float, pa.Check.in_range(1, 300)),
        "encuestador": pa.Column("str", pa.Check.str_matches(r"^E\d{4}$")),
        "version": pa.Column("str", pa.Check.isin(list(survey_files.VERSIONS.values()))),
        "consent": pa.Column(int, pa.Check.isin([0, 1])),
        "peso": pa.Column(float, pa.Check.in_range(0.1, 10)),
        "round": pa.Column("str"),
    }
    return columns | {q.name: _question(pa, q) for q in survey_files.questions()}


def _question(pa, question: Question):
    codes = MISSING[_missing(question)]
    if question.kind in ("count", "number"):
        most = 60 if question.kind == "count" else 100_000
        low, high = (18, 99) if question.name == "age" else (0, most)
        check = pa.Check(lambda s: s.between(low, high) | s.isin(codes))
    else:
        allowed = list(range(1, SCALES.get(question.codes, len(question.choices)) + 1))
        check = pa.Check.isin([*allowed, *codes])
    return pa.Column(float, check, nullable=True)
