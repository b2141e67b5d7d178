"""Findings about the frame name the row that is to be looked at."""

from tests.data.rules.test_check import errors, one


def test_a_cluster_that_nobody_visited_has_a_row_and_a_column(tiny):
    # the later code stands first in the file: the row that is named is the file's first
    for code in ("M6", "M5"):
        place = {"municipality": code, "aliases": f"Municipio {code[1:]}"}
        tiny.frame.append(tiny.frame[3] | place)
    tiny.write()
    tiny.run()
    findings = tiny.findings().set_index("rule").loc["never-visited"]
    assert findings["severity"] == "warn"
    assert findings["row_key"] == "municipalities.csv:6"
    assert findings["line"] == "6"
    assert findings["column"] == "municipality"
    assert findings["problem"].startswith("2 clusters of the frame, this one first")


def test_a_cluster_that_stands_twice_names_both_rows(tiny):
    tiny.frame.append(tiny.frame[1] | {"aliases": ""})
    found = errors(tiny)
    assert one(found)[:3] == ("duplicate-cluster", "municipalities.csv:6", "municipality")
    assert "in row municipalities.csv:3" in found["problem"].iloc[0]
