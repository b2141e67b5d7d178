"""``new-study`` from a form and a server's export: what form and files say is not asked again."""

import argparse
import shutil
import tomllib
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from evaluation.cli import new_study
from evaluation.cli.stages import clean, read
from evaluation.config.decisions import open_in, to_settle
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.errors import SpecError
from evaluation.report.terminal import FoundErrors
from evaluation.storage.folders import add_common
from tests.fixtures import form_study
from tests.fixtures.outcomes import outcome

SERVERS = tuple(form_study.EXPORTS)
SOURCES = ("baseline", "endline", "frame")
CONFIG = Path("config/villages")
# a decision is what stops a stage, or what `lock` counts as unread
MOST_DECISIONS = 10
OUTCOME = outcome("trust", "trust_police")


class Folders(NamedTuple):
    """To be read only."""

    drafted: Path
    cleaned: Path


OPTIONS = argparse.Namespace(study="villages", data_raw="raw", language="en")


def draft(server: str) -> None:
    """A study drafted from the delivered files of a server, in the working folder."""
    parser = argparse.ArgumentParser()
    add_common(parser)
    new_study.add_new_study_arguments(parser)
    words = form_study.deliver(Path("raw"), server=server)
    new_study.run_new_study(parser.parse_args(["villages", *words]))


@pytest.fixture(scope="module", params=SERVERS)
def folders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """The study of each server as it was drafted, and cleaned once all is decided."""
    drafted, cleaned = (tmp_path_factory.mktemp(name) for name in ("drafted", "cleaned"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(drafted)
        draft(request.param)
        shutil.copytree(drafted, cleaned, dirs_exist_ok=True)
        patch.chdir(cleaned)
        decide()
        read.run(OPTIONS)
        clean.run(OPTIONS)
    return Folders(drafted, cleaned)


@pytest.fixture
def in_drafted(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folders.drafted)


@pytest.fixture
def in_cleaned(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folders.cleaned)


@pytest.fixture
def surveycto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drafted study that a test may change."""
    monkeypatch.chdir(tmp_path)
    draft("surveycto")
    decide()


def decide() -> None:
    plan = CONFIG / "plan.toml"
    lines = plan.read_text(encoding="utf-8").splitlines()
    for i, line in enumerate(lines):
        if line.startswith("outcome = "):
            lines[i] = ""
        if line.startswith("estimand = "):
            lines[i] = 'estimand = "respondents"'
    plan.write_text("\n".join((*lines, OUTCOME)), encoding="utf-8")


@pytest.mark.usefixtures("in_drafted")
def test_at_most_ten_decisions_stand_open():
    stops = [decision.key for _, decision in open_in(CONFIG)]
    assert stops == ["outcome", "specification.did_main.estimand"]
    assert len(stops) + sum(to_settle(CONFIG).values()) <= MOST_DECISIONS


@pytest.mark.usefixtures("in_cleaned")
def test_the_clean_data_are_the_answers_that_were_given():
    panel = pd.read_parquet("data_clean/villages/panel.parquet")
    for round_id in SOURCES[:2]:
        # below the header, in the order in which they were made
        numbered = enumerate(form_study.interviews(round_id), start=2)
        given = {line: one for line, one in numbered if one["consent"]}
        found = panel[panel["round"] == round_id]
        found = found.set_index(found["row_key"].str.rpartition(":")[2].astype(int))
        assert sorted(found.index) == list(given)
        for line, one in list(given.items())[:60]:
            row = found.loc[line]
            assert row["starttime"] == one["start"]
            assert row["age"] == one["age"]
            police = one["trust_police"]
            assert (row["trust_police"] == police) or row["trust_police__missing"] == "dont_know"
            ages = [row[f"member_age_{i}"] for i in (1, 2, 3) if f"member_age_{i}" in row]
            # KoBo has repeats in workbooks only, not in its CSV
            assert [age for age in ages if pd.notna(age)] == (one["members"] if ages else [])
            media = [i for i in (1, 2, 3) if row[f"media_{i}"] == 1]
            assert media == one.get("media", [])
            # skipped by somebody who was asked, and not asked
            why = {name: row[f"{name}_1__missing"] for name in ("media", "crimes")}
            assert pd.isna(why["media"]) if "media" in one else why["media"] == "refused"
            assert pd.isna(why["crimes"]) if one["victim"] else why["crimes"] == "not_applicable"


@pytest.mark.usefixtures("in_drafted")
@pytest.mark.parametrize("folders", ["kobo workbook"], indirect=True)
def test_repeats_of_a_workbook_are_sheets_and_one_inside_another_is_told():
    manifest = (CONFIG / "manifest.toml").read_text(encoding="utf-8")
    for file in tomllib.loads(manifest)["file"][:2]:
        (repeat,) = file["export"]["repeat"]
        assert (repeat["member"], repeat["most"]) == ("member", 3)
        assert (repeat["parent"], repeat["key"]) == ("_submission__uuid", "_uuid")
    assert manifest.count("sheet 'visit' is not read: it does not repeat in 'villages'") == 2
    assert "member_age_3" in read_dictionary(CONFIG, SOURCES).variables


@pytest.mark.usefixtures("in_cleaned")
def test_what_is_filled_in_before_consent_is_no_answer():
    findings = pd.read_csv("build/villages/findings.csv")
    assert not findings["rule"].str.contains("consent").any()


@pytest.mark.usefixtures("in_drafted")
def test_villages_are_not_named_and_each_column_is_declared_once():
    texts = {p.name: p.read_text(encoding="utf-8") for p in CONFIG.rglob("*.toml")}
    assert not [name for name, text in texts.items() if "Quebrada" in text]
    variables = read_dictionary(CONFIG, SOURCES).variables
    assert variables["village"].raw == dict.fromkeys(SOURCES, "village")
    assert (variables["village"].type, variables["trust_police"].type) == ("id", "ordinal")
    assert not [name for name in variables if name.startswith("demo_")]
    for file in tomllib.loads(texts["manifest.toml"])["file"]:
        declared = {v.raw.get(file["id"]) for v in variables.values()}
        assert not declared & set(file["ignore_columns"])


@pytest.mark.usefixtures("in_drafted")
def test_what_is_compared_at_baseline_says_who_somebody_is():
    plan = tomllib.loads((CONFIG / "plan.toml").read_text(encoding="utf-8"))
    # of the respondent; those of the household's members are repeats of one question
    assert plan["balance"]["variables"] == ["age"]
    assert plan["balance"]["frame_variables"] == ["people"]


def drop(*values: str) -> None:
    """A rule of the manifest that leaves villages out of both rounds."""
    path = CONFIG / "manifest.toml"
    rule = f"""drop = [
  {{ column = "village", values = {list(values)}, reason = {{ en = "Pilot", es = "Piloto" }} }},
]"""
    lines = [
        f"{line}\n{rule}" if line.startswith("round = ") else line
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    path.write_text("\n".join(lines).replace("'", '"') + "\n", encoding="utf-8")


@pytest.mark.usefixtures("surveycto")
def test_rows_are_left_out_by_rule_and_counted_under_the_reason():
    drop("100", "101")
    read.run(OPTIONS)
    clean.run(OPTIONS)
    panel = pd.read_parquet("data_clean/villages/panel.parquet")
    assert not set(panel["village"]) & {"100", "101"}
    assert panel["village"].nunique() == 22
    flow = pd.read_csv("build/villages/flow.csv")
    gone = flow[(flow["step"] == "dropped") & (flow["reason"] == "Pilot")]
    assert gone.groupby("round")["n"].sum().to_dict() == {"baseline": 40, "endline": 40}


@pytest.mark.usefixtures("surveycto")
def test_a_rule_that_leaves_nothing_out_is_an_error():
    drop("nowhere")
    read.run(OPTIONS)
    with pytest.raises(FoundErrors) as stopped:
        clean.run(OPTIONS)
    assert {finding.rule for finding in stopped.value.errors} == {"drop-rule"}
    ignored = (CONFIG / "manifest.toml").read_text(encoding="utf-8")
    ignored = ignored.replace("ignore_columns = [", 'ignore_columns = ["village", ').replace(
        ", ]", "]"
    )
    (CONFIG / "manifest.toml").write_text(ignored, encoding="utf-8")
    with pytest.raises(SpecError, match="a column of its ignore_columns"):
        read.run(OPTIONS)


@pytest.mark.usefixtures("in_drafted")
def test_sex_stays_and_what_follows_a_sensitive_answer_is_sensitive():
    folder = CONFIG / "dictionary"
    dictionary = "".join(p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.toml")))
    blocks = {b.partition('name = "')[2].partition('"')[0]: b for b in dictionary.split("[[var")}
    assert 'over_time = "same"\n' in blocks["sex"]
    assert "people of both rounds are the same" in blocks["sex"]
    # nobody grew older between the rounds of the invented survey
    assert '# where one person answers in all rounds, write: over_time = "ages"' in blocks["age"]
    members = [block for name, block in blocks.items() if "member_age" in name]
    assert not any("over_time" in block for block in members)
    assert all('personal = "sensitive"' in blocks[f"crimes_{i}"] for i in (1, 2, 3))
