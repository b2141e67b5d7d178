"""Codes that Excel shortened are asked about by an example, and nothing is repaired."""

import pandas as pd
import pytest

from evaluation.data.findings import LINE
from evaluation.data.readers.raw_table import Delivered
from evaluation.data.spelling import lost_zeros
from evaluation.errors import DataError
from evaluation.fieldwork.drafting import design_candidates, dictionary_from_data
from evaluation.fieldwork.drafting.column_profile import DraftSource, columns_of
from evaluation.locale.messages import message
from tests.fixtures.tiny import Tiny
from tests.messages import in_spanish, is_known
from tests.tables import cases

CASES = cases(__file__)

# invented codes of five digits, as the department's and the municipality's numbers make them
CODES = {"M1": "05901", "M2": "05902", "M3": "15903", "M4": "05904"}


@pytest.mark.parametrize(
    ("values", "codes", "found"),
    [
        (["5901"], ["05901"], {"5901": "05901"}),
        # a number's column of Excel
        (["5901.0"], ["05901"], {"5901.0": "05901"}),
        (["05901", "5901"], ["05901"], {"5901": "05901"}),
        # no zeros in front are lacking
        (["05901"], ["5901"], {}),
        (["5901"], ["5901", "05901"], {}),
        # two codes would fit
        (["5"], ["05", "005"], {}),
        (["M1", "", "0", "5,901", None], ["05901", "00", "M01"], {}),
        ([5901.0], ["05901"], {"5901.0": "05901"}),
    ],
)
def test_values_that_zeros_in_front_would_make_codes(values, codes, found):
    assert lost_zeros(values, codes) == found


def coded(tiny: Tiny) -> None:
    """The tiny study with codes of digits in place of M1 to M4."""
    for row in (*tiny.baseline, *tiny.endline):
        row["municipio"] = CODES[row["municipio"]]
    for row in tiny.frame:
        row["municipality"] = CODES[row["municipality"]]
        row["aliases"] = ""


def errors(tiny: Tiny) -> pd.DataFrame:
    tiny.write()
    with pytest.raises(DataError):
        tiny.run()
    return tiny.records("private/findings_error.csv")


def shorten(rows: list[dict[str, str]], column: str) -> int:
    before = [row[column] for row in rows]
    for row in rows:
        row[column] = row[column].lstrip("0")
    return sum(old != row[column] for old, row in zip(before, rows, strict=True))


def test_shortened_clusters_get_a_hint_and_no_repair(tiny):
    coded(tiny)
    tiny.baseline[14]["municipio"] = "77777"  # one that zeros do not explain
    number = shorten(tiny.baseline, "municipio")
    assert number == 18
    found = errors(tiny)
    found = found[found["rule"] == "unknown-cluster"]
    hints = found["fix"].str.startswith(
        "leading zeros lost? the file has 5901, the frame 05901: get the file as"
    )
    assert hints.sum() == number
    assert found.loc[~hints, "row_key"].tolist() == ["baseline.csv:16"]
    assert found.loc[~hints, "fix"].tolist() == [str(message("unknown-cluster.fix"))]
    assert set(found["value"]) == {"(not shown)"}
    said = in_spanish(found.loc[hints, "fix"].iloc[0])
    assert said.startswith("¿se perdieron ceros a la izquierda? el archivo tiene 5901, el marco")


def more(rows: list[dict[str, str]]) -> None:
    """Each interview twice, of two people."""
    rows += [{**row, "id_persona": f"q{row['id_persona'][1:]}"} for row in list(rows)]


def test_many_shortened_clusters_are_one_finding_with_their_number(tiny):
    coded(tiny)
    more(tiny.baseline)
    # fewer than half of a column may have lost all the zeros that it had
    for row in tiny.baseline[30:]:
        row["municipio"] = CODES["M3"]
    tiny.baseline[7]["municipio"] = "77777"
    first = next(i for i, row in enumerate(tiny.baseline) if row["municipio"][0] == "0")
    number, of = shorten(tiny.baseline, "municipio"), len(tiny.baseline)
    assert 20 < number < of / 2
    found = errors(tiny).query("rule == 'unknown-cluster'")
    assert found["row_key"].tolist() == [f"baseline.csv:{first + 2}", "baseline.csv:9"]
    one, other = found.itertuples()
    share = f"({number} of {of} cells, this one first)"
    assert str(one.problem) == f"the cluster is neither a code nor an alias of the frame {share}"
    assert str(one.fix).startswith("leading zeros lost? the file has 5901, the frame 05901: get")
    assert str(other.fix).startswith("correct the cell with `set`")
    for text in (str(one.problem), str(one.fix)):
        assert is_known(text)


def in_departments(tiny: Tiny) -> None:
    """Declare a department, and let the frame say that all places lie in 05."""
    tiny.dictionary += """
[[variable]]
name = "department"
type = "id"
label = { en = "Department", es = "Departamento" }
raw = { baseline = "depto", frame = "depto" }
personal = "quasi"
source = "test"
"""
    for row in tiny.frame:
        row["depto"] = "05"


def test_many_shortened_traits_of_the_frame_are_one_finding(tiny):
    in_departments(tiny)
    for row in tiny.baseline:
        row["depto"] = "5"
    tiny.baseline[3]["depto"] = "8"
    found = errors(tiny)
    assert found[["rule", "row_key"]].to_numpy().tolist() == [
        ["frame-mismatch", "baseline.csv:2"],
        ["frame-mismatch", "baseline.csv:5"],
    ]
    number = len(tiny.baseline) - 1
    assert f"({number} of {number + 1} cells, this one first)" in found["problem"].iloc[0]
    assert found["fix"].tolist()[1] == "find out which is right, and correct the other"
    assert is_known(found["problem"].iloc[0])


def test_a_frame_gap_of_shortened_codes_says_so(tiny):
    coded(tiny)
    shorten(tiny.baseline, "municipio")
    shorten(tiny.endline, "municipio")
    found = errors(tiny)
    (gap,) = found.loc[found["rule"] == "frame-gap", "fix"]
    assert gap == (
        "leading zeros lost? the rounds have 5901, the frame 05901: get the files as the survey"
        " server wrote them"
    )


def test_a_frame_that_disagrees_by_zeros_says_so(tiny):
    in_departments(tiny)
    for row in tiny.baseline:
        row["depto"] = "05"
    tiny.write()
    tiny.run()
    assert not tiny.findings()["rule"].eq("frame-mismatch").any()
    tiny.baseline[3]["depto"] = "5"
    found = errors(tiny)
    assert found["row_key"].tolist() == ["baseline.csv:5"]
    (fix,) = found["fix"]
    assert fix.startswith("leading zeros lost? the file has 5, the frame 05: find out which")
    assert is_known(fix)
    tiny.baseline[3]["depto"] = "8"
    (fix,) = errors(tiny)["fix"]
    assert fix == "find out which is right, and correct the other"


def source(name: str, table: dict[str, list[str]]) -> DraftSource:
    frame = pd.DataFrame(table)
    frame[LINE] = range(2, len(frame) + 2)
    return DraftSource(id=name, file=f"{name}.csv", table=Delivered(frame=frame, findings=()))


def places(*, lost: bool) -> list[str]:
    """Forty rows of twenty codes."""
    codes = [f"05{900 + i % 20}" for i in range(40)]
    return [code.lstrip("0") for code in codes] if lost else codes


def test_the_evidence_for_a_cluster_says_that_zeros_may_be_lost():
    frame = source("frame", {"mpio": places(lost=False)[:20], "other": [str(i) for i in range(20)]})
    columns = columns_of(
        [
            source("baseline", {"mpio": places(lost=True), "other": [str(i) for i in range(40)]}),
            source("endline", {"mpio": places(lost=False), "other": [str(i) for i in range(40)]}),
            frame,
        ]
    )
    found = design_candidates.clusters(columns, ("baseline", "endline"))
    first = design_candidates.ranked(found)[0]
    assert first.name == "mpio"
    assert "leading zeros lost? baseline has 5900, the frame 05900" in first.evidence.text("en")
    assert "endline has" not in first.evidence.text("en")


@pytest.mark.parametrize(("name", "cells", "kind", "personal"), CASES["codes"])
def test_codes_of_places_are_not_drafted_as_counts(name, cells, kind, personal):
    columns = columns_of([source("baseline", {name: places(lost=cells == "shortened")})])
    files = dictionary_from_data.draft_from_data(
        columns,
        files={"baseline": "b.csv"},
        clusters=frozenset(),
        respondents=frozenset(),
    )
    (variable,) = [v for file in files for v in file.module.variable]
    assert (variable.type, variable.personal) == (kind, personal)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        # children of a household, visits in a year: from 0 on ever fewer
        ({0: 90, 1: 60, 2: 40, 3: 20, 4: 8, 5: 3}, "count"),
        ({0: 40, 1: 60, 2: 50, 3: 20, 4: 8, 5: 3, 6: 1, 88: 5}, "count"),
        # a scale from 0 to 10 that few leave at an end, one of five steps, one without its 3
        ({k: 20 + 5 * (5 - abs(k - 5)) for k in range(11)}, "ordinal"),
        ({0: 90, 1: 60, 2: 40, 3: 20, 4: 8}, "ordinal"),
        ({0: 90, 1: 60, 2: 40, 4: 20, 5: 8, 6: 3}, "ordinal"),
    ],
)
def test_whole_numbers_that_thin_out_are_drafted_as_counts(cells, kind):
    texts = [str(number) for number, times in cells.items() for _ in range(times)]
    columns = columns_of([source("baseline", {"p31": texts})])
    files = dictionary_from_data.draft_from_data(
        columns, files={"baseline": "b.csv"}, clusters=frozenset(), respondents=frozenset()
    )
    (variable,) = [v for file in files for v in file.module.variable]
    assert variable.type == kind
