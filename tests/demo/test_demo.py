"""The demonstration's files: bytes, municipalities, planted flaws and the ledger that cures them.

Counts to be met are those of the plan of flaws in tools/demo/flaws.py, exact by design.
"""

import csv
import io
import shutil

import pandas as pd
import pyreadstat
import pytest

from evaluation.__main__ import main
from evaluation.config.plan import seed
from evaluation.config.study import LEDGER
from evaluation.data.readers import stata
from evaluation.estimation.records import Finding
from evaluation.report import truth
from evaluation.storage.disk import read_records
from tests.data import in_spanish
from tests.fixtures.demonstration import (
    CONFIG,
    RAW,
    STUDY,
    demonstration,
    interviews,
    made,
    write_study,
)
from tools.demo import export, flaws, survey
from tools.demo.__main__ import main as make

RAW_FILES = (export.BASELINE_FILE, export.ENDLINE_FILE, export.SERIES_FILE)


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(RAW / name, dtype=str, keep_default_na=False, encoding="utf-8-sig")


# ---- bytes


@pytest.mark.parametrize("name", RAW_FILES)
def test_committed_files_are_what_the_maker_makes(name):
    assert (RAW / name).read_bytes() == made("default")[name]


def test_committed_ledger_is_what_the_maker_makes():
    assert (CONFIG / LEDGER).read_bytes() == made("default")[LEDGER]


def test_files_are_small_and_marked_synthetic():
    for name in RAW_FILES:
        content = (RAW / name).read_bytes()
        assert len(content) < 3_000_000
        assert b"SYNTHETIC" in content


def test_stata_file_has_labels_missing_letters_and_a_fixed_time():
    content = (RAW / export.ENDLINE_FILE).read_bytes()
    _, meta = pyreadstat.read_dta(io.BytesIO(content), user_missing=True)
    assert meta.variable_value_labels["t1"][4.0] == "Muy confiable"
    assert set(meta.missing_user_values["a1"]) == {"a", "b"}
    assert set(meta.missing_user_values["r1"]) >= {"c"}
    assert stata.FIXED_TIME in content[:300]


def test_stata_file_has_the_smallest_types():
    """Answers take a byte each; only the weight, which has cents, takes eight."""
    content = (RAW / export.ENDLINE_FILE).read_bytes()
    _, meta = pyreadstat.read_dta(io.BytesIO(content), metadataonly=True)
    kinds = pd.Series(meta.readstat_variable_types)
    assert kinds[kinds == "double"].index.tolist() == ["factor_exp"]
    assert (kinds == "int8").sum() > 80


def test_demo_data_writes_the_raw_files_and_nothing_else(tmp_path, monkeypatch):
    shutil.copytree(CONFIG, tmp_path / "config" / STUDY)
    monkeypatch.chdir(tmp_path)
    before = sorted(p for p in tmp_path.rglob("*") if p.is_file())
    make()
    new = sorted(p.name for p in tmp_path.rglob("*") if p.is_file() and p not in before)
    assert new == sorted(RAW_FILES)
    assert (tmp_path / "config" / STUDY / "manifest.toml").read_bytes() == (
        CONFIG / "manifest.toml"
    ).read_bytes()


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("manifest.toml", 'sha256 = "', 'sha256 = "0', "another checksum"),
        ("corrections.csv", "tablet clock", "clock", "corrections.csv"),
        ("study.toml", "synthetic = true", "synthetic = false", "not synthetic"),
    ],
)
def test_demo_data_says_what_does_not_agree(tmp_path, monkeypatch, file, old, new, said):
    shutil.copytree(CONFIG, tmp_path / "config" / STUDY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(survey, "draw", lambda *_, **__: None)
    monkeypatch.setattr(export, "export", lambda *_, **__: dict(made("default")))
    path = tmp_path / "config" / STUDY / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SystemExit, match=said):
        make()


# ---- municipalities


def test_frame_has_the_programme_s_numbers_and_no_real_place():
    frame = demonstration().frame
    assert frame["municipality"].tolist() == [f"M{n:02d}" for n in range(1, 71)]
    assert frame["cohort"].value_counts().to_dict() == {"": 35, "c2022": 25, "c2021": 10}
    assert (frame["cohort"] == "").equals(frame["arm"] == "comparison")
    assert set(frame["department"]) == {
        "Antioquia",
        "Bolívar",
        "Cauca",
        "Córdoba",
        "Nariño",
        "Norte de Santander",
        "Sucre",
    }


def test_each_stratum_holds_both_arms_in_equal_numbers():
    frame = demonstration().frame
    counts = pd.crosstab(frame["stratum"], frame["arm"])
    assert (counts["treated"] == counts["comparison"]).all()
    assert len(counts) == 12


def test_subregions_cross_departments_as_those_of_the_pdet_do():
    """Only S6, like the Catatumbo, lies in one department and holds all of it."""
    frame = demonstration().frame
    by = {
        name: {frozenset(rows["municipality"]) for _, rows in frame.groupby(name)}
        for name in ("department", "subregion")
    }
    assert len(by["subregion"] & by["department"]) == 1
    crossed = frame.groupby("subregion")["department"].unique().map(set).to_dict()
    assert crossed["S2"] == {"Bolívar", "Sucre"}
    assert crossed["S4"] == {"Cauca", "Nariño"}
    balance = pd.crosstab(frame["subregion"], frame["arm"])
    assert balance["treated"].tolist() == balance["comparison"].tolist() == [6, 7, 5, 6, 6, 5]
    assert set(frame["department"].value_counts()) <= set(range(6, 13))


def test_neighbours_are_mutual():
    frame = demonstration().frame
    near = {c: set(n.split("|")) for c, n in zip(frame.municipality, frame.neighbours, strict=True)}
    assert all(code in near[other] for code, others in near.items() for other in others)
    assert all(code not in others for code, others in near.items())


# ---- planted flaws through the pipeline


def test_every_finding_of_the_demonstration_has_its_spanish(cleaned):
    findings = read_records(cleaned / "build" / STUDY / "private" / "findings.csv", Finding)
    assert len({f.problem for f in findings}) > 10
    assert in_spanish.unknown_findings(findings) == []


def test_every_planted_flaw_is_found_and_none_stops_the_build(cleaned):
    findings = pd.read_csv(cleaned / "build" / STUDY / "findings.csv")
    counts = findings.groupby(["severity", "rule", "round"]).size().to_dict()
    expected = {
        # sent twice (4 and 3) and one person under another's id in each round
        ("info", "duplicate-id", "baseline"): 5,
        ("info", "duplicate-id", "endline"): 4,
        ("info", "duplicate-interview", "baseline"): 2,
        ("info", "duplicate-interview", "endline"): 1,
        ("info", "unlisted-code", "baseline"): 3,
        ("info", "unlisted-code", "endline"): 3,
        ("info", "out-of-range", "baseline"): 1,
        ("info", "out-of-range", "endline"): 1,
        ("info", "wrong-round", "baseline"): 2,
        ("info", "wrong-round", "endline"): 2,
        ("warn", "short-interview", "baseline"): 4,
        ("warn", "short-interview", "endline"): 9,
        ("warn", "heaping", "endline"): 1,
        ("warn", "exposure-in-comparison", "endline"): 1,
    }
    assert {key: counts.get(key, 0) for key in expected} == expected
    assert "error" not in set(findings["severity"])
    assert counts["info", "cluster-alias", "baseline"] > 100
    assert counts["warn", "date-after-event", "endline"] > 100


def test_flow_counts_refusals_copies_and_the_panel(cleaned):
    flow = pd.read_csv(cleaned / "build" / STUDY / "flow.csv")
    counts = flow.groupby(["round", "step"])["n"].sum().to_dict()
    assert counts["baseline", "delivered"] == interviews() + 24 + 6
    assert counts["endline", "delivered"] == interviews() + 31 + 4
    assert counts["baseline", "no_consent"] == 24
    assert counts["endline", "no_consent"] == 31
    assert counts["baseline", "dropped"] == 6
    assert counts["endline", "dropped"] == 4
    assert counts["baseline", "valid"] == counts["endline", "valid"] == interviews()


@pytest.mark.parametrize(
    "name", ["t1_trustworthy", "p1_trust_police", "v5_dwelling_theft", "l1_thermometer", "age"]
)
def test_clean_values_are_those_that_were_drawn(cleaned, name):
    # the way through codes, missing codes, typing errors, ledger and back loses nothing
    panel = pd.read_parquet(cleaned / "data_clean" / STUDY / "panel.parquet")
    entry = truth.read_truth(CONFIG, "default").seed_entry
    data = demonstration().draw("default", seed=seed(entry), attrition="planned", silence="planned")
    for round_id in data.rounds:
        drawn = data.of_round(round_id)[name].value_counts(dropna=False)
        clean = panel.loc[panel["round"] == round_id, name].value_counts(dropna=False)
        pd.testing.assert_series_equal(clean.sort_index(), drawn.sort_index(), check_names=False)


def test_without_its_ledger_the_study_stops_and_names_every_flaw(tmp_path, monkeypatch, capsys):
    root = write_study(tmp_path, "default")
    ledger = root / "config" / STUDY / LEDGER
    ledger.write_text(ledger.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
    monkeypatch.chdir(root)
    assert main(["read"]) == 0
    assert main(["clean"]) == 1
    errors = pd.read_csv(root / "build" / STUDY / "private" / "findings_error.csv")
    assert set(errors["rule"]) == {"duplicate-id", "unlisted-code", "out-of-range", "wrong-round"}
    assert not (root / "data_clean" / STUDY / "panel.parquet").exists()
    assert "fix" in capsys.readouterr().err


def test_files_without_flaws_yield_no_finding_but_the_suspension(tmp_path, monkeypatch):
    root = write_study(tmp_path, "default", flaws="none")
    monkeypatch.chdir(root)
    assert main(["read"]) == 0
    assert main(["clean"]) == 0
    findings = pd.read_csv(root / "build" / STUDY / "findings.csv")
    assert set(findings["rule"]) == {"date-after-event", "recall-crosses-event"}


def test_ledger_is_dated_reasoned_and_in_the_order_of_the_files():
    text = (CONFIG / LEDGER).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {r["action"] for r in rows} == {"set", "drop", "new_id"}
    assert all(r["reason"] and r["by"] and r["date"] for r in rows)
    lines = [(r["round"], int(r["row_key"].split(":")[1])) for r in rows]
    assert lines == sorted(lines)


def test_trust_item_turned_its_codes_between_the_rounds():
    # raw codes of the same person go against each other, clean values go together
    data = demonstration().draw("default", seed=5, variables=("respondent", "t1_trustworthy"))
    texts = {r: data.of_round(r).set_index("respondent")["t1_trustworthy"] for r in data.rounds}
    dictionary = demonstration().dictionary
    raw = {}
    for round_id, values in texts.items():
        codes = dictionary.code_list("t1_trustworthy", round_id)
        assert codes is not None
        raw[round_id] = values.map({c.value: float(c.code) for c in codes.values})
    clean = pd.concat(texts, axis=1).dropna().corr().iloc[0, 1]
    turned = pd.concat(raw, axis=1).dropna().corr().iloc[0, 1]
    assert clean > 0.2
    assert turned == pytest.approx(-clean)


def test_both_generations_of_missing_codes_stand_in_the_baseline():
    answers = table(export.BASELINE_FILE)["b18"]
    assert {"88", "888888", "98", "988888"} <= set(answers)
    interviewers = table(export.BASELINE_FILE)["encuestador"]
    assert not {"88", "98"} & set(answers[~interviewers.isin(flaws.OLD_FORM_TEAMS)])
