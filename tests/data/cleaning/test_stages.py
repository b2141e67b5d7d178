"""The stages read and clean on a whole small study: what they write, and when they do not."""

import re

import pandas as pd
import pyreadstat
import pytest

from evaluation.errors import DataError


def test_a_clean_study_has_no_findings_and_every_row(tiny):
    tiny.write()
    tiny.run()
    assert len(tiny.findings()) == 0
    panel = tiny.panel()
    assert panel["round"].tolist() == ["baseline"] * 24 + ["endline"] * 24
    assert panel["municipality"].tolist() == sorted(panel["municipality"][:24]) * 2
    assert panel["row_key"].iloc[0] == "baseline.csv:2"
    assert panel["row_key"].iloc[24] == "endline.dta:1"
    # 4 of the 6 people of each cluster were seen twice
    assert panel["panel_member"].sum() == 2 * 4 * 4
    assert set(panel["synthetic"]) == {"SYNTHETIC"}


def test_polarity_is_turned_by_the_rounds_code_lists(tiny):
    tiny.write()
    tiny.run()
    panel = tiny.panel()
    # baseline code 1 is "very" (4), endline code 2 is "not very" (2): rows 1 of each file
    assert panel["trust"].iloc[0] == 4
    assert panel["trust"].iloc[24] == 2


def test_missing_kinds_are_kept_apart(tiny):
    tiny.baseline[1]["t1"] = "888888"
    tiny.baseline[2]["t1"] = "98"
    tiny.endline[3]["t1"] = ".a"
    tiny.write()
    tiny.run()
    panel = tiny.panel().set_index("row_key")
    kinds = panel["trust__missing"]
    assert kinds["baseline.csv:3"] == "dont_know"
    assert kinds["baseline.csv:4"] == "refused"
    assert kinds["endline.dta:4"] == "dont_know"
    assert panel.loc[["baseline.csv:3", "baseline.csv:4", "endline.dta:4"], "trust"].isna().all()
    assert kinds.notna().sum() == 3
    # people who are no victims are not asked how often; the baseline did not ask about taking part
    assert (panel.loc[panel["victim"] == 0, "times__missing"] == "not_asked").all()
    assert (panel.loc[panel["round"] == "baseline", "took_part__missing"] == "not_asked").all()


def test_directly_identifying_columns_do_not_reach_the_clean_files(tiny):
    tiny.write()
    tiny.run()
    panel = tiny.panel()
    assert "full_name" not in panel.columns
    assert panel["respondent"].str.fullmatch(r"R\d{6}").all()
    # the new ids still link: 32 rows of 16 people seen twice, 16 people seen once
    assert panel["respondent"].value_counts().value_counts().to_dict() == {2: 16, 1: 16}
    for path in sorted(tiny.clean.iterdir()):
        assert b"Secreta" not in path.read_bytes(), path.name
        assert b"p00" not in path.read_bytes(), path.name


def test_the_stata_file_says_the_same_as_the_panel(tiny):
    tiny.baseline[1]["t1"] = "88"
    tiny.write()
    tiny.run()
    panel = tiny.panel()
    frame, meta = pyreadstat.read_dta(tiny.clean / "panel.dta", user_missing=True)
    assert meta.file_label == "SYNTHETIC tiny"
    assert meta.variable_value_labels["trust"] == {
        1: "not at all", 2: "not very", 3: "somewhat", 4: "very",
    }  # fmt: skip
    assert meta.column_names_to_labels["trust_index"] == "Trust index"
    letters = {"dont_know": "a", "not_asked": "d"}
    for name in ("trust", "times", "took_part"):
        expected = (
            panel[name]
            .astype(object)
            .where(panel[name].notna(), panel[f"{name}__missing"].map(letters))
        )
        assert frame[name].tolist() == expected.tolist(), name
    assert [str(d) for d in frame["interview_date"]] == [
        str(d.date()) for d in panel["interview_date"]
    ]
    # nothing was measured: outcomes without a score are plain missing
    assert frame["victim_pp"].tolist() == panel["victim_pp"].tolist()


def test_the_csv_says_the_same_as_the_panel(tiny):
    tiny.write()
    tiny.run()
    panel = tiny.panel()
    text = (tiny.clean / "panel.csv").read_bytes()
    assert b"\r" not in text
    read = pd.read_csv(tiny.clean / "panel.csv")
    assert list(read.columns) == list(panel.columns)
    assert read["trust_index"].tolist() == panel["trust_index"].tolist()
    assert read["interview_date"].iloc[0] == "2021-03-01"


def test_bytes_repeat(tiny, tmp_path, monkeypatch):
    tiny.write()
    tiny.run()
    first = {p: p.read_bytes() for p in sorted(tiny.root.rglob("*")) if p.is_file()}
    tiny.run()
    assert {p: p.read_bytes() for p in sorted(tiny.root.rglob("*")) if p.is_file()} == first


def test_the_flow_adds_up(tiny):
    tiny.baseline[0] |= {"acepta": "2", "t1": "", "t2": "", "v1": "", "v2": "", "nombre": "-"}
    tiny.ledger = ["baseline,baseline.csv:4,id_persona,p02,,drop,test interview,ana,2025-01-02"]
    tiny.write()
    tiny.run()
    flow = tiny.records("flow.csv").astype({"n": int})
    base = flow[flow["round"] == "baseline"]
    by_step = base.groupby("step")["n"].sum().to_dict()
    # 24 delivered; one dropped (p02), one without consent (p00); both in M1, where 4 were panel
    # members, so 14 stay
    assert by_step == {
        "delivered": 24, "dropped": 1, "no_consent": 1, "valid": 22, "panel_members": 14,
    }  # fmt: skip
    assert base.loc[base["step"] == "dropped", "reason"].unique().tolist() == ["test interview"]
    treated = base[(base["arm"] == "treated")].set_index("step")["n"]
    assert treated["valid"] == 10
    assert len(tiny.panel()) == 46


@pytest.mark.parametrize("stage", ["read", "clean"])
def test_an_error_leaves_no_output_but_its_list(tiny, stage):
    tiny.baseline[0]["t1"] = "7"
    tiny.write()
    if stage == "read":
        (tiny.raw / "baseline.csv").write_bytes(b"damaged")
    with pytest.raises(DataError):
        tiny.run()
    written = {p.relative_to(tiny.root).as_posix() for p in tiny.root.rglob("*") if p.is_file()}
    made = {p for p in written if p.startswith(("build", "data_clean"))}
    of_read = {
        "build/tiny/provenance.json",
        "build/tiny/private/findings_read.csv",
        "build/tiny/private/raw_folder",
        *(f"build/tiny/private/raw/{n}.parquet" for n in ("baseline", "endline", "frame")),
    }
    # where the files lie is remembered all the same
    noted = {"build/tiny/private/raw_folder"}
    assert made - (of_read if stage == "clean" else noted) == {
        "build/tiny/private/findings_error.csv"
    }


def test_a_mended_study_has_no_list_of_errors(tiny):
    tiny.baseline[0]["t1"] = "7"
    tiny.write()
    with pytest.raises(DataError):
        tiny.run()
    tiny.baseline[0]["t1"] = "1"
    tiny.write()
    tiny.run()
    assert not (tiny.build / "private" / "findings_error.csv").exists()


@pytest.mark.parametrize(
    ("columns", "rows", "printed", "counted"),
    [(("t2",), 3, 3, ""), (("t2",), 11, 1, "in 11 rows"), (("t1", "t2"), 3, 6, "")],
)
def test_errors_that_say_the_same_are_printed_once_and_name_the_file(
    tiny, columns, rows, printed, counted
):
    for row in tiny.baseline[:rows]:
        row.update(dict.fromkeys(columns, "7"))
    tiny.write()
    with pytest.raises(DataError) as caught:
        tiny.run()
    message = str(caught.value)
    assert message.count("[unlisted-code]") == printed
    assert counted in message
    together = re.search(r"every one of them is in \S+/findings_error\.csv\n", message)
    assert bool(together) == bool(counted)
    assert len(tiny.records("private/findings_error.csv")) == rows * len(columns)


def test_the_page_of_findings_escapes_and_is_marked(tiny):
    tiny.baseline[0]["duracion"] = "3"
    tiny.write()
    tiny.run()
    page = (tiny.build / "findings.html").read_text(encoding="utf-8")
    assert page.count('class="synthetic"') == 2
    assert "short-interview" in page
    assert "http" not in page


def test_a_table_of_a_file_that_left_the_manifest_goes(tiny):
    tiny.write()
    tiny.run()
    (tiny.clean / "series.parquet").write_bytes(b"from an earlier manifest")
    tiny.run()
    assert not (tiny.clean / "series.parquet").exists()
