"""A round of interviews made in memory: a few questions, written as texts and parsed."""

import datetime
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evaluation.config.dictionary import Code, CodeList, Dictionary, MissingCodes, Module, Variable
from evaluation.config.manifest import RawFile
from evaluation.config.study import Arm, Columns, Names, Round, Study, Treatment
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.clusters import Frame
from evaluation.data.findings import LINE
from evaluation.data.readers.read import RawTable
from evaluation.data.rules.rule import Declared

WORDS = {"en": "x", "es": "x"}
ROUNDS = ("baseline", "endline")
CLUSTERS = tuple(f"M{i:02d}" for i in range(20))
KINDS = {
    "respondent": "id",
    "municipality": "id",
    "enumerator": "id",
    "start_time": "datetime",
    "duration_min": "number",
}


def scale(list_id: str, values: Sequence[float], *, first: int = 1) -> CodeList:
    """Codes from ``first`` on, in order, standing for ``values``."""
    codes = [
        Code(code=str(first + i), value=float(value), en=f"e{i}", es=f"s{i}")
        for i, value in enumerate(values)
    ]
    return CodeList(id=list_id, values=tuple(codes))


def question(name: str, kind: str, codes: str | dict[str, str] | None = None) -> Variable:
    return Variable(
        name=name,
        type=kind,
        label=WORDS,
        raw=dict.fromkeys(ROUNDS, name),
        personal="none",
        source="test",
        question=None if name in KINDS else WORDS,
        codes=codes,
        missing="survey",
    )


def dictionary(questions: Sequence[Variable], lists: Sequence[CodeList]) -> Dictionary:
    """The questions, the design's columns, and missing codes: 88, 98 and blank."""
    survey = MissingCodes(id="survey", dont_know=("88",), refused=("98",), blank="not_asked")
    variables = (*(question(name, kind) for name, kind in KINDS.items()), *questions)
    module = Module(
        module="m", title=WORDS, codes=tuple(lists), missing=(survey,), variable=variables
    )
    return Dictionary(
        (module,),
        {v.name: v for v in variables},
        {codes.id: codes for codes in lists},
        {"survey": survey},
    )


def study(**changes: object) -> Study:
    columns = Columns(
        respondent="respondent",
        cluster="municipality",
        arm="arm",
        enumerator="enumerator",
        duration="duration_min",
    )
    dates = [(datetime.date(y, 1, 1), datetime.date(y, 12, 31)) for y in (2021, 2024)]
    fields: dict = {
        "id": "field",
        "synthetic": True,
        "title": WORDS,
        "question": WORDS,
        "population": WORDS,
        "citation": WORDS,
        "names": Names(cluster=WORDS, clusters=WORDS),
        "columns": columns,
        "round": tuple(
            Round(id=r, kind=r, label=WORDS, start=start, end=end)
            for r, (start, end) in zip(ROUNDS, dates, strict=True)
        ),
        "arm": (
            Arm(id="treated", label=WORDS, treatments=("t",)),
            Arm(id="comparison", label=WORDS, treatments=()),
        ),
        "treatment": (Treatment(id="t", label=WORDS),),
    }
    return Study(**(fields | changes))


def frame() -> Frame:
    table = pd.DataFrame(
        {
            "municipality": CLUSTERS,
            "arm": ["treated", "comparison"] * 10,
            "department": ["A"] * 10 + ["B"] * 10,
        }
    )
    return Frame(table=table, aliases={}, cluster="municipality", arm="arm", cohort="")


def declared(words: Dictionary, **changes: object) -> Declared:
    return Declared(words, study(**changes), frame())


def read(rows: Mapping[str, Sequence[str]], words: Dictionary, *, source: str) -> Parsed:
    """Texts by column, parsed; columns of the design that are not given are filled in."""
    n = len(next(iter(rows.values())))
    start = datetime.datetime(2024, 3, 4, 8)
    filled: dict[str, Sequence[str]] = {
        "respondent": [f"P{i:05d}" for i in range(n)],
        "municipality": [CLUSTERS[i * len(CLUSTERS) // n] for i in range(n)],
        "enumerator": [f"E{i % 4}" for i in range(n)],
        # one interview every four hours from eight on, three a day: nobody is in two places
        "start_time": [
            f"{start + datetime.timedelta(days=i // 12, hours=4 * (i // 4 % 3)):%Y-%m-%d %H:%M:%S}"
            for i in range(n)
        ],
        "duration_min": [str(40 + i % 11) for i in range(n)],
    }
    table = pd.DataFrame({name: pd.Series(list(v), dtype="str") for name, v in filled.items()})
    table = table.assign(**{k: pd.Series(list(v), dtype="str") for k, v in rows.items()})
    table[LINE] = np.arange(2, n + 2)
    file = RawFile(
        id=source,
        path=f"{source}.csv",
        role=source,
        format="csv",
        sha256="",
        rows=n,
        origin="test",
        round=source,
    )
    return parse(RawTable(file=file, frame=table), words)
