"""``new-study`` from the files of Medellín as people have them: at most ten decisions, each once.

A decision is what stops a stage, or what `lock` counts as unread. The columns are those of the
published files; who drafts merged the groups into the interviews, as no list of clusters is given.
"""

import argparse
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from evaluation.cli import new_study
from evaluation.cli.stages import clean, read
from evaluation.config.decisions import open_in, unread
from evaluation.errors import SpecError
from evaluation.storage.folders import add_common
from tests.conftest import shared_data
from tests.fixtures.outcomes import outcome

pytestmark = pytest.mark.truth

CONFIG = Path("config/medellin")
MOST_DECISIONS = 10
STOPS = ["days", "columns.stratum", "variable.satis_trust.codes", "outcome"]
ESTIMAND = "specification.did_main.estimand"
TREATMENT = "specification.did_main.treatment"
WEIGHTS = "specification.did_main.weights"
# of the files that say what each group received, one column is enough
ASSIGNED = ["treatment", "block_ID"]
FACTS = [*ASSIGNED, "treatment_chr", "population", "first_mtg_block", "ESTACION"]


def interviews(columns: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both rounds, with what is known of a cluster in each of its rows."""
    folder = "metaketa4_colombia"
    units = pd.read_csv(shared_data(f"{folder}/col_units.csv"))[["cuadrante", *columns]]
    names = (f"{folder}/col_{name}_survey.csv" for name in ("baseline", "endline"))
    first, last = (pd.read_csv(shared_data(name)).merge(units, on="cuadrante") for name in names)
    return first, last


def two_files(columns: list[str]) -> list[str]:
    names = ("raw/first.csv", "raw/last.csv")
    for name, table in zip(names, interviews(columns), strict=True):
        table.to_csv(name, index=False)
    return ["--baseline", names[0], "--endline", names[1]]


def weighted() -> list[str]:
    """One treatment, and a weight of each interview."""
    given = two_files(["Z_common", "block_ID"])
    for name in given[1::2]:
        table = pd.read_csv(name)
        table["weight"] = 0.5 + table["cuadrante"] % 21 / 20
        table.to_csv(name, index=False)
    return given


def one_file() -> list[str]:
    first, last = interviews(ASSIGNED)
    whole = pd.concat([first.assign(round=1), last.assign(round=2)])
    whole.to_stata("raw/long.dta", write_index=False)
    return ["--data", "raw/long.dta"]


def with_facts() -> list[str]:
    """Several columns could be the group: its own is named, which is a decision as well."""
    return [*two_files(FACTS), "--cluster", "cuadrante", "--arm", "treatment"]


DELIVERED: dict[str, tuple[Callable[[], list[str]], list[str], int]] = {
    "two files": (lambda: two_files(ASSIGNED), [TREATMENT, ESTIMAND], 8),
    "two files with weights": (weighted, [ESTIMAND, WEIGHTS], 9),
    "one long file": (one_file, [TREATMENT, ESTIMAND], 8),
    "clusters without a list": (with_facts, [TREATMENT, ESTIMAND], 9),
}
ANSWERS = {
    "stratum": '"block_id"',
    "days": "{ baseline = [2018-05-01, 2018-07-31], endline = [2019-08-01, 2019-12-15] }",
    "codes": '{ baseline = "satis_trust_baseline_codes", endline = "satis_trust_endline_codes" }',
    "treatment": '"programme"',
    "estimand": '"respondents"',
    "weights": '"none"',
}


def drafted(given: list[str]) -> None:
    parser = argparse.ArgumentParser()
    add_common(parser)
    new_study.add_new_study_arguments(parser)
    new_study.run_new_study(parser.parse_args(["medellin", *given]))


def settle() -> None:
    """The answers of a person who knows the design, in place of the open lines."""
    for path in CONFIG.rglob("*.toml"):
        text = path.read_text(encoding="utf-8")
        for line in re.findall("^.* = ['\"]DECIDE.*$", text, flags=re.MULTILINE):
            key = line.partition(" = ")[0]
            text = text.replace(line, f"{key} = {ANSWERS[key]}" if key in ANSWERS else "")
        if path.name == "plan.toml":
            text += outcome("trust_level", "satis_trust")
        head, name, after = text.partition('id = "satis_trust_baseline_codes"')
        codes, end, rest = after.partition("]\n")
        # the baseline counts from one, the endline from zero
        counted = re.sub(r"value = (\d)", lambda found: f"value = {int(found[1]) - 1}", codes)
        path.write_text(f"{head}{name}{counted}{end}{rest}", encoding="utf-8")


@pytest.fixture(scope="module", params=DELIVERED)
def draft(request, tmp_path_factory):
    """A folder with the drafted study, made once, and what was given for it."""
    folder = tmp_path_factory.mktemp("medellin")
    write, plan, most = DELIVERED[request.param]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("raw").mkdir()
        given = write()
        drafted(given)
    return folder, given, plan, most


@pytest.fixture
def delivered(draft, tmp_path, monkeypatch):
    folder, given, plan, most = draft
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return given, plan, most


def test_at_most_ten_decisions_stand_open(delivered):
    given, plan, most = delivered
    stops = {decision.key: decision for _, decision in open_in(CONFIG)}
    assert list(stops) == [*STOPS, *plan]
    comments = [said for _, said in unread(CONFIG)]
    compared = [x for x in comments if "is the comparison: its code is 0" in x]
    # with several treatments the question whose effect is meant names the comparison
    assert len(compared) == (TREATMENT not in plan)
    others = [said for said in comments if said not in compared]
    assert [" ".join(said.split()[:4]) for said in others] == [
        f"confirm: the {variables()} variables,",
        "confirm: 1,210 of 3,644",
    ]
    named = int("--arm" in given)
    assert len(stops) + len(comments) + named == most <= MOST_DECISIONS
    # days on which a block first met are no interviews'
    assert stops["days"].choices[1:] == (
        "no column of the files contains days of interviews: ask the office",
    )
    if TREATMENT in plan:
        assert "against the clusters of `treatment_0`?" in stops[TREATMENT].question
        assert "to treatment_1, treatment_2 and treatment_3:" in stops[TREATMENT].choices[0]


def variables() -> int:
    texts = (path.read_text(encoding="utf-8") for path in CONFIG.rglob("dictionary/*.toml"))
    return "".join(texts).count("[[variable]]")


@pytest.mark.usefixtures("delivered")
@pytest.mark.parametrize("draft", ["two files with weights", "one long file"], indirect=True)
def test_with_these_answers_the_clean_data_are_the_delivered_ones():
    settle()
    options = argparse.Namespace(study="medellin", data_raw="", language="en")
    read.run(options)
    clean.run(options)
    panel = pd.read_parquet("data_clean/medellin/panel.parquet")
    assert panel.groupby("round").size().to_dict() == {"baseline": 5205, "endline": 3644}
    # ids that one file writes as 42.0 are those of the other
    linked = panel.dropna(subset="registro_bd").groupby("registro_bd")["round"].nunique()
    assert (linked == 2).sum() == 2434
    assert panel["satis_trust"].dropna().between(0, 3).all()


def test_columns_that_could_all_be_the_group_are_asked_for_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("raw").mkdir()
    given = with_facts()[:4]
    with pytest.raises(SpecError, match="do not say which columns") as stopped:
        drafted(given)
    said = str(stopped.value.fix)
    assert said.count("--cluster cuadrante --arm ") == 2
    assert "--arm treatment: 347 clusters, each in one group: 0 87, 1 87, 2 87, 3 86" in said
    assert "--arm treatment_chr:" in said
