"""Administrative series: every cluster once in every period, in periods that sort."""

import hashlib

import pytest

from evaluation.errors import DataError
from tests.fixtures.tiny import CLUSTERS, Row, Tiny, csv_bytes
from tests.tables import cases

CASES = cases(__file__)

PERIODS = ("2019Q3", "2019Q4", "2020Q1")
VARIABLES = CASES["variables"]
SERIES = CASES["series"]
ENTRY = CASES["entry"]


def rows() -> list[Row]:
    return [
        {"municipality": code, "quarter": period, "homicides": str(i)}
        for i, code in enumerate(CLUSTERS)
        for period in PERIODS
    ]


def run(tiny: Tiny, table: list[Row]) -> None:
    tiny.dictionary = tiny.dictionary.replace(
        'frame = "municipality" }', 'frame = "municipality", series = "municipality" }'
    )
    tiny.dictionary += VARIABLES
    tiny.plan += SERIES
    tiny.write()
    data = csv_bytes(table or rows())
    data = data if table else data.split(b"\n", 1)[0] + b"\n"
    (tiny.raw / "series.csv").write_bytes(data)
    with (tiny.config / "manifest.toml").open("a", encoding="utf-8") as manifest:
        manifest.write(ENTRY.format(digest=hashlib.sha256(data).hexdigest(), rows=len(table)))
    tiny.run()


def errors(tiny: Tiny, table: list[Row]) -> list[tuple[str, int, str]]:
    """Rule, line and problem of every error; nothing clean may have been written."""
    with pytest.raises(DataError):
        run(tiny, table)
    assert not tiny.clean.exists()
    found = tiny.records("private/findings_error.csv")
    assert (found["fix"] != "").all()
    return list(zip(found["rule"], found["line"].astype(int), found["problem"], strict=True))


def test_a_whole_series_has_no_finding(tiny):
    run(tiny, rows())
    assert len(tiny.findings()) == 0
    assert (tiny.clean / "series.parquet").exists()


def test_a_cluster_period_that_stands_twice(tiny):
    # line 1 is the header, so the first row of M1 is on line 2 and the thirteenth row on line 14
    ((rule, line, problem),) = errors(tiny, [*rows(), rows()[0]])
    assert (rule, line) == ("duplicate-period", 14)
    assert "series.csv:2" in problem


def test_an_alias_is_the_same_cluster(tiny):
    ((rule, line, _),) = errors(tiny, [*rows(), rows()[0] | {"municipality": "m1"}])
    assert (rule, line) == ("duplicate-period", 14)


def test_a_cluster_period_that_is_absent(tiny):
    table = rows()
    del table[4]
    ((rule, line, problem),) = errors(tiny, table)
    # M2 begins on line 5
    assert (rule, line) == ("missing-period", 5)
    assert "lacks 1 of 3 periods (2019Q4)" in problem


@pytest.mark.parametrize("text", ["2019-Q4", "Q4 2019", "2019Q5", "2019-10", "2019", "19Q4"])
def test_a_period_in_another_notation(tiny, text):
    table = rows()
    table[4]["quarter"] = text
    found = errors(tiny, table)
    assert [(rule, line) for rule, line, _ in found] == [("missing-period", 5), ("period", 6)]
    assert "like 2019Q3" in found[1][2]


def test_an_empty_period(tiny):
    table = rows()
    table[4]["quarter"] = ""
    found = errors(tiny, table)
    assert ("period", 6, "the period is missing") in found


@pytest.mark.parametrize("periods", [("2018", "2019", "2020"), ("2019-07", "2019-08", "2019-09")])
def test_years_and_months_are_periods_too(tiny, periods):
    new = dict(zip(PERIODS, periods, strict=True))
    run(tiny, [row | {"quarter": new[row["quarter"]]} for row in rows()])
    assert len(tiny.findings()) == 0


def test_no_notation_at_all(tiny):
    found = errors(tiny, [row | {"quarter": f"period {row['quarter']}"} for row in rows()])
    assert {rule for rule, _, _ in found} == {"period"}
    assert "2019Q3, 2019-07, 2019" in found[0][2]


def test_a_cluster_without_rows_is_a_warning(tiny):
    run(tiny, rows()[:-3])
    assert tiny.findings()[["rule", "severity"]].to_numpy().tolist() == [["empty-cluster", "warn"]]


def test_a_header_alone_is_one_error(tiny):
    assert errors(tiny, []) == [("no-rows", 0, "the file has a header and no rows")]
