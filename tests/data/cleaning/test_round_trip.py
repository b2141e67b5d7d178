"""Any answers that a dictionary allows, written as it says, come back as they were."""

import csv
import datetime
import hashlib
import io
from pathlib import Path

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import given

from evaluation.config.dictionary import NO_TEXT, Code, CodeList, Dictionary, MissingCodes, Variable
from evaluation.config.file_layout import Dialect
from evaluation.config.manifest import RawFile
from evaluation.config.toml_reader import Text
from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.parse import parse
from evaluation.data.readers.read import RawTable, read_file
from evaluation.data.rules.registry import cells
from evaluation.errors import DataError

LABEL = Text(en="x", es="x")
CODES = CodeList(
    id="c",
    values=tuple(
        Code(code=code, value=value, en="x", es="x")
        for code, value in (("1", 4.0), ("02", 3.0), ("x", 2.0), ("-4", 1.0))
    ),
)
WORDS = CodeList(
    id="w",
    values=tuple(Code(code=c, value=v, en="x", es="x") for c, v in (("1", "yes"), ("2", "no"))),
)
MISSING = MissingCodes(
    id="m", dont_know=("88", "888888"), refused=("98",), not_applicable=("NA",), blank="not_asked"
)
WRITTEN = {"dont_know": ["88", "888888"], "refused": ["98"], "not_applicable": ["NA"],
           "not_asked": [""]}  # fmt: skip


def variable(name: str, kind: str, **more) -> Variable:
    return Variable(
        name=name, type=kind, label=LABEL, raw={"baseline": f"raw_{name}"}, missing="m",
        personal="none", source="test", **more,
    )  # fmt: skip


DICTIONARY = Dictionary(
    modules=(),
    variables={
        v.name: v
        for v in (
            variable("scale", "ordinal", codes="c"),
            variable("word", "nominal", codes="w"),
            variable("many", "count", range=(0.0, 1000.0)),
            variable("size", "number"),
            variable("day", "date"),
            variable("moment", "datetime"),
            variable("note", "text"),
            variable("key", "id"),
        )
    },
    codes={"c": CODES, "w": WORDS},
    missing={"m": MISSING},
)
# whatever a cell may hold but for characters that no delimited file carries, and missing codes
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8
).filter(lambda text: text not in ("88", "888888", "98", "\ufeff") and not NO_TEXT.fullmatch(text))
TIMES = st.datetimes(datetime.datetime(1990, 1, 1), datetime.datetime(2040, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)
VALUES = {
    "scale": st.sampled_from([(c.code, c.value) for c in CODES.values]),
    "word": st.sampled_from([(c.code, c.value) for c in WORDS.values]),
    "many": st.integers(0, 1000).filter(lambda n: n not in (88, 98)).map(lambda n: (str(n), n)),
    "size": st.floats(-1e6, 1e6, width=32)
    .filter(lambda x: x not in (88, 98, 888888))
    .map(lambda x: (repr(x).replace(".", ","), x)),
    "day": TIMES.map(lambda t: (t.strftime("%d/%m/%Y"), pd.Timestamp(t.date()))),
    "moment": TIMES.map(lambda t: (t.strftime("%d/%m/%Y %H:%M:%S"), pd.Timestamp(t))),
    "note": TEXTS.map(lambda t: (t, t)),
    "key": TEXTS.map(lambda t: (t, t)),
}
GAPS = st.sampled_from([(text, kind) for kind, texts in WRITTEN.items() for text in texts])
CELL = {name: st.one_of(v.map(lambda c: (*c, None)), GAPS.map(lambda g: (g[0], None, g[1])))
        for name, v in VALUES.items()}  # fmt: skip
ROWS = st.lists(st.fixed_dictionaries(CELL), min_size=1, max_size=6)


@pytest.mark.property
@given(rows=ROWS)
def test_answers_come_back(rows, tmp_path_factory):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow([f"raw_{name}" for name in VALUES])
    writer.writerows([[row[name][0] for name in VALUES] for row in rows])
    path = Path(tmp_path_factory.getbasetemp()) / "round_trip.csv"
    path.write_bytes(text.getvalue().encode())
    file = RawFile(
        id="f", path=path.name, role="baseline", round="baseline", format="csv",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(), rows=len(rows), origin="test",
        dialect=Dialect(encoding="utf-8", delimiter=";", decimal=",", date="%d/%m/%Y"),
    )  # fmt: skip
    parsed = parse(read_file(file, path), DICTIONARY)
    assert cells(parsed, DICTIONARY) == []
    frame = clean(parsed, DICTIONARY)
    assert len(frame) == len(rows)
    for i, row in enumerate(rows):
        for name, (_, value, kind) in row.items():
            got, missing = frame[name].iloc[i], frame[f"{name}__missing"].iloc[i]
            assert (None if pd.isna(missing) else missing) == kind
            assert pd.isna(got) if kind else got == value


def test_a_cell_outside_the_dictionary_is_never_silently_missing():
    for name in ("scale", "word", "many", "size", "day", "moment"):
        problem = DICTIONARY.parse(name, "?", source="baseline")
        assert problem.rule in ("unlisted-code", "not-a-number", "not-a-date")


def test_clean_refuses_a_file_with_a_cell_that_could_not_be_parsed():
    raw = {f"raw_{name}": [""] for name in VALUES} | {"raw_scale": ["7"]}
    frame = pd.DataFrame(raw, dtype="str").assign(__line__=5)
    file = RawFile(
        id="f", path="f.dta", role="baseline", round="baseline", format="dta", sha256="", rows=1,
        origin="test",
    )  # fmt: skip
    parsed = parse(RawTable(file=file, frame=frame), DICTIONARY)
    with pytest.raises(DataError) as caught:
        clean(parsed, DICTIONARY)
    assert caught.value.where == "f.dta:5, column raw_scale"
    assert caught.value.rule == "unlisted-code"
