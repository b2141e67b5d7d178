"""``new-study`` from two CSV files as pandas writes them, without a list of clusters."""

import hashlib
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from evaluation.__main__ import main
from evaluation.config.decisions import open_in
from evaluation.fieldwork.drafting import first_draft
from tests.fixtures.outcomes import outcome
from tests.tables import cases

CASES = cases(__file__)

CLUSTERS, EACH = 12, 20
CONFIG = Path("config/small")
ROUNDS = ("baseline", "endline")
RUN = ["--study", "small", "--data-raw", "raw"]


def interviews(year: int) -> pd.DataFrame:
    """Twelve villages of twenty people, in three blocks."""
    people = range(CLUSTERS * EACH)
    village = [i // EACH for i in people]
    return pd.DataFrame(
        {
            "hhid": [1 + i for i in people],
            "village_id": [101 + v for v in village],
            "treat": [v % 2 for v in village],
            "block_id": ["ABC"[v // 4] for v in village],
            "population": [900 + 37 * v for v in village],
            "survey_date": [f"{year}-03-{1 + i % 28:02d}" for i in people],
            "sex": [i % 2 for i in people],
            "age": [20 + i % 50 for i in people],
            "trust": [1 + 7 * i % 4 for i in people],
        }
    )


Change = Callable[[pd.DataFrame], object]


def as_it_is(_: pd.DataFrame) -> None:
    """Nothing is changed."""


@pytest.fixture
def drafted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Write both rounds, each changed in place, and draft the study; gives what was printed."""
    monkeypatch.chdir(tmp_path)
    Path("raw").mkdir()

    def draft(*options: str, baseline: Change = as_it_is, endline: Change = as_it_is) -> str:
        for name, year, change in (("b", 2021, baseline), ("e", 2023, endline)):
            table = interviews(year)
            change(table)
            table.to_csv(f"raw/{name}.csv", index=False)
        given = [
            "new-study",
            "small",
            "--baseline",
            "raw/b.csv",
            "--endline",
            "raw/e.csv",
            *options,
        ]
        assert main(given) == 0
        return capsys.readouterr().out

    return draft


def text(name: str) -> str:
    return (CONFIG / name).read_text(encoding="utf-8")


def questions() -> dict[str, str]:
    return {d.key: " | ".join((d.question, *d.choices)) for _, d in open_in(CONFIG)}


def with_decimals(table: pd.DataFrame) -> None:
    """Blank ids and sexes make pandas write the others as 42.0 and 1.0."""
    table["hhid"] = table["hhid"].astype(float)
    table.loc[200:, "hhid"] = None
    table["sex"] = table["sex"].astype(float)


def test_ids_that_one_round_writes_with_decimals_are_asked_about(drafted):
    drafted()
    assert "whole_numbers" not in text("manifest.toml")
    for folder in ("config", "book"):
        Path(folder).rename(f"before_{folder}")
    drafted(endline=with_decimals)
    asked = questions()["file.endline.whole_numbers"]
    assert "200 of 200 values of `hhid` in endline are written with decimals" in asked
    assert "200 of them are in baseline without the decimals, 0 as written" in asked
    assert '["hhid", "sex"], without quotes' in asked
    # what the files say of the ids is counted as if it were decided
    assert "40 blank, 200 of them in baseline" in text("study.toml")
    # the same codes are one list
    assert not any(key.startswith("variable") for key in questions())
    assert '"1.0"' not in text("dictionary/10_answers.toml")


@pytest.mark.parametrize(
    ("step", "strange", "left", "answer"),
    # people are 17 numbers apart; every tenth is left out of a running number; one is nobody's; of
    # a running number few are left, and whoever has another would be among all of them too
    [(17, 0, 216, "written"), (1, 0, 216, "asked"), (17, 1, 216, "asked"), (1, 0, 72, "asked")],
)
def test_ids_with_decimals_that_can_only_be_those_of_the_other_file_are_whole_numbers(
    drafted, step, strange, left, answer
):
    def apart(table: pd.DataFrame) -> None:
        table["hhid"] *= step

    def decimals(table: pd.DataFrame) -> None:
        apart(table)
        table["hhid"] = table["hhid"].astype(float)
        table.loc[9::10, "hhid"] = None
        if left < 216:
            table.loc[table.index % 10 > 2, "hhid"] = None
        table.loc[range(strange), "hhid"] += 5

    drafted(baseline=apart, endline=decimals)
    asked = answer == "asked"
    assert ("file.endline.whole_numbers" in questions()) == asked
    manifest = text("manifest.toml")
    evidence = "216 of them are in baseline without the decimals, 0 as written; they are too far"
    assert (evidence in manifest) == (not asked)
    assert ('\nwhole_numbers = ["hhid"]' in manifest) == (not asked)


def test_codes_that_one_round_writes_with_decimals_are_the_same_codes(drafted):
    def codes(table: pd.DataFrame) -> None:
        table["sex"] = table["sex"].astype(float)
        table["trust"] = table["trust"].astype(float)

    drafted(baseline=codes)
    assert 'whole_numbers = ["sex", "trust"]' in text("manifest.toml")
    assert set(questions()) == {"columns.stratum", "outcome", "specification.did_main.estimand"}
    assert '"1.0"' not in text("dictionary/10_answers.toml")


def test_codes_that_both_rounds_write_with_decimals_are_whole_numbers(drafted):
    def codes(table: pd.DataFrame) -> None:
        table[["sex", "treat"]] = table[["sex", "treat"]].astype(float)
        table["half"] = [(1 + i % 4) / 2 for i in range(len(table))]

    drafted(baseline=codes, endline=codes)
    assert text("manifest.toml").count('whole_numbers = ["treat", "sex"]') == 2
    assert '{ code = "1", value = 1, en = "1", es = "1" }' in text("dictionary/10_answers.toml")
    assert 'id = "treat_1"' in text("study.toml")


def test_what_is_the_same_in_whole_clusters_is_in_the_list_that_is_made(drafted):
    drafted()
    listed = text("clusters.csv").splitlines()
    assert listed[0] == "village_id,treat,block_id,population"
    assert listed[1] == "101,0,A,900"
    study = text("study.toml")
    assert 'cluster = "village_id"' in study
    assert '# population = "population"' in study
    asked = questions()["columns.stratum"]
    assert asked.startswith("inside what were clusters assigned")
    evidence = "3 values, 12 clusters; each value of treat has clusters in 3 of them, and its share"
    assert f'"block_id" ({evidence}, to one cluster, in 3)' in asked
    # a village's block is no identity of a person
    design = text("dictionary/00_design.toml")
    block = design[design.index('name = "block_id"') :]
    assert block.startswith('name = "block_id"\ntype = "nominal"')
    assert block[block.index("personal") :].startswith('personal = "none"')
    # what changes within a village or between the rounds is nobody's fact
    moved = interviews(2023)
    assert not {"age", "trust", "survey_date"} & set(listed[0].split(","))
    assert moved["population"].nunique() == CLUSTERS


def test_all_candidates_of_a_stratum_have_the_same_evidence(drafted):
    """Three groups; the sizes of one block leave a group without a cluster."""
    blocks = {"block_id": [0] * 6 + [1] * 4 + [2] * 2, "stratum": [0] * 6 + [1] * 6}

    def three(table: pd.DataFrame) -> None:
        village = table["village_id"] - 101
        table["treat"] = village % 3
        for name, values in blocks.items():
            table[name] = village.map(dict(enumerate(values)))

    drafted(baseline=three, endline=three)
    asked = questions()["columns.stratum"]
    for name, values, whole, even in (("block_id", 3, 2, 2), ("stratum", 2, 2, 2)):
        evidence = f"{values} values, 12 clusters; each value of treat has clusters in {whole} of"
        assert f'"{name}" ({evidence} them, and its share, to one cluster, in {even})' in asked


def test_a_fact_that_changes_between_the_rounds_is_none_of_the_cluster(drafted):
    def other(table: pd.DataFrame) -> None:
        table.loc[0, "population"] = 901
        table["block_id"] = "A"

    drafted(endline=other)
    assert text("clusters.csv").startswith("village_id,treat\n")
    assert "columns.stratum" not in questions()


def test_a_fact_of_the_list_that_a_later_delivery_has_otherwise_stops_the_reading(drafted, capsys):
    drafted()
    assert text("manifest.toml").count('{ column = "block_id", variable = "block_id"') == 2
    assert text("manifest.toml").count('{ column = "population", variable = "population" }') == 2
    assert "it says what the frame says" in text("manifest.toml")
    answer()
    assert main(["read", *RUN]) == 0
    endline = Path("raw/e.csv")
    again = pd.read_csv(endline)
    again.loc[again["village_id"] == 103, "population"] = 1
    again.loc[again["village_id"] == 104, "block_id"] = "C"
    before = hashlib.sha256(endline.read_bytes()).hexdigest()
    again.to_csv(endline, index=False)
    after = hashlib.sha256(endline.read_bytes()).hexdigest()
    manifest = text("manifest.toml").replace(before, after)
    (CONFIG / "manifest.toml").write_text(manifest, encoding="utf-8")
    assert main(["read", *RUN]) == 1
    said = capsys.readouterr().err
    assert "the column contradicts `population` of clusters.csv in 1 of 12 clusters" in said
    assert "the column contradicts `block_id` of clusters.csv in 1 of 12 clusters" in said


def test_a_fact_in_which_a_round_differs_from_the_delivered_list_is_for_a_person(drafted):
    frame = interviews(2021).drop_duplicates("village_id")[["village_id", "treat", "block_id"]]
    frame.loc[frame["village_id"] == 105, "block_id"] = "C"
    frame.to_csv("raw/villages.csv", index=False)
    drafted("--frame", "raw/villages.csv")
    manifest = text("manifest.toml")
    told = "the frame has it too, and differs in 1 of 12 clusters: confirm that the frame is right"
    assert manifest.count(told) == 2
    assert 'column = "block_id"' not in manifest


@pytest.mark.parametrize("name", ["wt", "hh_fexp", "scaled"])
def test_a_column_that_looks_like_a_weight_is_asked_about(drafted, name):
    def weighted(table: pd.DataFrame) -> None:
        table[name] = [0.5 + i % 21 / 20 for i in range(len(table))]

    drafted(baseline=weighted, endline=weighted)
    asked = questions()["specification.did_main.weights"]
    assert f'"{name}" (' in asked
    assert '| "none" |' in asked


@pytest.mark.parametrize(("name", "largest", "written"), CASES["probabilities"])
def test_a_probability_of_being_drawn_weights_by_its_inverse(drafted, name, largest, written):
    def drawn(table: pd.DataFrame) -> None:
        table[name] = [largest * (1 + i % 21) / 21 for i in range(len(table))]

    drafted(baseline=drawn, endline=drawn)
    asked = questions()["specification.did_main.weights"]
    assert f'| "none" | "{written}" (' in asked
    assert asked.endswith("a column of numbers in baseline and endline)")
    assert ("probability of being drawn" in asked) == written.startswith("inverse:")
    answer()
    plan = [
        f'weights = "{written}"' if line.startswith("weights = ") else line
        for line in text("plan.toml").splitlines()
    ]
    (CONFIG / "plan.toml").write_text("\n".join(plan), encoding="utf-8")
    assert main(["read", *RUN]) == 0
    assert main(["clean", *RUN]) == 0


@pytest.mark.parametrize("name", ["wt", "inclusion_prob"])
def test_a_weight_whose_cells_of_one_round_are_blank_is_not_said_to_be_there(drafted, name):
    def weighted(table: pd.DataFrame) -> None:
        table[name] = [(1 + i % 21) / 21 for i in range(len(table))]

    def blank(table: pd.DataFrame) -> None:
        table[name] = ""

    drafted(baseline=blank, endline=weighted)
    asked = questions()["specification.did_main.weights"]
    assert "a column of numbers in endline alone: for method" in asked


def test_the_group_that_is_taken_for_the_comparison_is_named_with_the_reason(drafted):
    said = drafted()
    # a bare code says little, and the lock counts who has not looked
    assert "# confirm: treat_0 is the comparison: its code is 0, and no label" in text("study.toml")
    assert "2 comments to settle" in said


def test_where_two_groups_could_be_the_comparison_their_labels_are_the_evidence(drafted):
    def named(table: pd.DataFrame) -> None:
        table["treat"] = ["Control B" if v % 2 else "Control A" for v in table["village_id"]]

    drafted(baseline=named, endline=named)
    assert '"control_a" (the file calls it Control A)' in questions()["comparison"]


def test_rows_without_a_respondent_id_are_counted_and_asked_about(drafted):
    said = drafted(endline=with_decimals)
    assert "40 of 240 rows of endline have no respondent id" in said
    design = text("dictionary/00_design.toml")
    assert "# confirm: 40 of 240 rows of endline have no id and link to no other round" in design
    assert 'missing = { endline = "no_respondent_id" }' in design
    assert "clusters.csv: 12 clusters with their groups and what is the same" in said
    assert "config/small/clusters.csv" in said


def test_a_column_in_other_letters_is_probably_meant(drafted, capsys):
    drafted()
    given = ["--baseline", "raw/b.csv", "--endline", "raw/e.csv"]
    for options, said in (
        (["--arm", "Treat", "--cluster", "village_id"], "did you mean `treat`?"),
        (["--arm", "treat", "--cluster", "vill"], "name one of village_id, "),
        # the other column does not have to be named as well
        (["--cluster", "vilage_id"], "did you mean `village_id`?"),
        (["--arm", "Treat"], "did you mean `treat`?"),
        (["--cluster", "beat"], "name one of treat, "),
        (["--respondent", "HHID"], "did you mean `hhid`?"),
    ):
        assert main(["new-study", "other", *given, *options]) == 1
        told = capsys.readouterr().err
        assert said in told
        assert "no pair of columns" not in told
    assert main(["new-study", "other", "--data", "raw/b.csv", "raw/e.csv"]) == 1
    said = capsys.readouterr().err
    assert "other --baseline FILE --endline FILE [--frame FILE]\n" in said


def lines_of(name: str) -> list[str]:
    return text(name).splitlines()


def test_a_decision_left_above_its_answer_is_named_with_its_line(drafted, capsys):
    drafted()
    (number,) = [i for i, x in enumerate(lines_of("plan.toml"), 1) if x.startswith("outcome = ")]
    with (CONFIG / "plan.toml").open("a", encoding="utf-8") as plan:
        plan.write('\n[[outcome]]\nid = "trust_level"\n')
    assert main(["status", "--study", "small"]) == 1
    said = capsys.readouterr().err
    assert f"plan.toml:{number}: this line gives `outcome` a value, and [[outcome]] follows" in said
    assert "remove this line" in said


def test_a_key_that_is_missing_is_named_with_its_entry_and_line(drafted, capsys):
    drafted()
    path = CONFIG / "study.toml"
    arm = '[[arm]]\nid = "treat_1"\n'
    label = 'label = { en = "Treated", es = "Tratado" }\n'
    whole = "".join(x for x in text("study.toml").splitlines(True) if "stratum = " not in x)
    path.write_text(whole.replace(arm + label, arm), encoding="utf-8")
    (line,) = [i for i, x in enumerate(lines_of("study.toml")) if x == 'id = "treat_1"']
    assert main(["read", "--study", "small", "--data-raw", "raw"]) == 1
    assert f"study.toml:{line}: key `arm.treat_1.label` is missing" in capsys.readouterr().err
    path.write_text(
        whole.replace("[2021-03-01, 2021-03-28]", "[2021-03-01, 2021-02-28]"), encoding="utf-8"
    )
    assert main(["read", "--study", "small", "--data-raw", "raw"]) == 1
    said = capsys.readouterr().err
    assert "the round `baseline` ends (2021-02-28) before it begins (2021-03-01)" in said


def older(table: pd.DataFrame) -> None:
    table["age"] += 2


def others(table: pd.DataFrame) -> None:
    """Another member of the household answers in every third interview."""
    table["sex"] = [1 - s if i % 3 == 0 else s for i, s in enumerate(table["sex"])]


def test_sex_and_age_are_declared_where_the_people_of_both_rounds_bear_it_out(drafted):
    drafted(endline=older)
    answers = text("dictionary/10_answers.toml")
    evidence = "# seen: over_time: 240 of 240 people of both rounds are"
    for name, kind in (("sex", "same"), ("age", "ages")):
        block = next(b for b in answers.split("[[variable]]") if f'name = "{name}"' in b)
        assert f'over_time = "{kind}"\n' in block
        assert evidence in block
    answer()
    assert main(["read", *RUN]) == 0
    assert main(["clean", *RUN]) == 0
    found = set(pd.read_csv("build/small/findings.csv")["rule"])
    assert not {"nothing-stays", "changed-over-time"} & found


def test_sex_and_age_that_do_not_go_together_are_for_a_person_to_declare(drafted):
    # the ages of the endline are those of the baseline, two years before
    drafted(endline=others)
    answers = text("dictionary/10_answers.toml")
    for kind in ("same", "ages"):
        said = f'# where one person answers in all rounds, write: over_time = "{kind}"\n'
        assert answers.count(said) == 1
    assert answers.count("over_time") == 2


def test_equal_labels_of_a_file_are_numbered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, year in (("b", 2021), ("e", 2023)):
        table = interviews(year)
        table["trust_2"] = table["trust"]
        labels = {"trust": "How much do you trust", "trust_2": "How much do you trust"}
        pyreadstat.write_dta(table, f"{name}.dta", column_labels=labels)
    assert main(["new-study", "small", "--baseline", "b.dta", "--endline", "e.dta"]) == 0
    answers = text("dictionary/10_answers.toml")
    for number in (1, 2):
        assert f'en = "How much do you trust ({number})"' in answers
    assert 'en = "How much do you trust"' not in answers


def test_repeats_of_one_question_are_not_compared_at_baseline(drafted):
    def members(table: pd.DataFrame) -> None:
        """Ages of three members of a household, and the choices of one question."""
        for number in (1, 2, 3):
            table[f"m_age_{number}"] = [3 + (number * i) % 60 for i in range(len(table))]
            table[f"occupation_{number}"] = [(i + number) % 3 % 2 for i in range(len(table))]
        table["income_2"] = [100 + 7 * i % 900 for i in range(len(table))]

    drafted(baseline=members, endline=members)
    plan = tomllib.loads(text("plan.toml"))["balance"]["variables"]
    assert plan == ["sex", "age", *(f"occupation_{i}" for i in (1, 2, 3)), "income_2"]


OUTCOME = outcome("trust_level", "trust")


def answer() -> None:
    """Take the decisions of the draft that are left by files without a flaw."""
    study = text("study.toml").splitlines()
    whole = ['stratum = "block_id"' if x.startswith("stratum = ") else x for x in study]
    (CONFIG / "study.toml").write_text("\n".join(whole), encoding="utf-8")
    answers = {"outcome = ": "", "estimand = ": 'estimand = "respondents"'}
    plan = [
        next((new for old, new in answers.items() if line.startswith(old)), line)
        for line in text("plan.toml").splitlines()
    ]
    (CONFIG / "plan.toml").write_text("\n".join((*plan, OUTCOME)), encoding="utf-8")


def test_the_groups_that_the_list_was_made_of_are_no_finding_and_stay_as_they_are(drafted, capsys):
    def villages(table: pd.DataFrame) -> None:
        """Forty: so many go with their groups by no chance."""
        village = [i // 6 for i in range(len(table))]
        table["village_id"] = [101 + v for v in village]
        table["treat"] = [v % 2 for v in village]
        table["population"] = [900 + 37 * v for v in village]
        table["block_id"] = ["ABCD"[v // 10] for v in village]

    drafted(baseline=villages, endline=villages)
    same = 'same_as = [{ column = "treat", variable = "treat", values = { '
    assert text("manifest.toml").count(same) == 2
    answer()
    run = ["--study", "small", "--data-raw", "raw"]
    assert main(["read", *run]) == 0
    assert main(["clean", *run]) == 0
    assert "tells-arm" not in set(pd.read_csv("build/small/findings.csv")["rule"])
    listed = CONFIG / "clusters.csv"
    old = text("clusters.csv")
    listed.write_text(old.replace("101,0,A", "101,1,A"), encoding="utf-8")
    digests = [hashlib.sha256(x.encode()).hexdigest() for x in (old, text("clusters.csv"))]
    manifest = CONFIG / "manifest.toml"
    manifest.write_text(text("manifest.toml").replace(*digests), encoding="utf-8")
    assert main(["read", *run]) == 1
    assert "[same-as]" in capsys.readouterr().err


def villages_of_few(table: pd.DataFrame) -> None:
    """Forty villages of six in four blocks, and beside two groups a finer list of four."""
    village = [i // 6 for i in range(len(table))]
    table["village_id"] = [101 + v for v in village]
    table["treat"] = [v % 2 for v in village]
    table["Z"] = [v % 4 for v in village]
    table["population"] = [900 + 37 * v for v in village]
    table["block_id"] = ["ABCD"[v // 10] for v in village]


def with_z() -> None:
    """The draft as it was before columns that tell the group were left out."""
    manifest = text("manifest.toml")
    for old in (', { column = "Z", variable = "treat", values = {', ', "Z"]'):
        assert manifest.count(old) == 2, old
    manifest = re.sub(r', \{ column = "Z".*?\} \}\]', "]", manifest).replace(', "Z"]', "]")
    (CONFIG / "manifest.toml").write_text(manifest, encoding="utf-8")
    name = "10_answers.toml"
    added = VARIABLE_Z + text(f"dictionary/{name}").partition("[[codes]]")[2]
    head = text(f"dictionary/{name}").partition("[[codes]]")[0]
    (CONFIG / "dictionary" / name).write_text(f"{head}{added}", encoding="utf-8")


VARIABLE_Z = CASES["variable_z"]


def test_a_finer_list_of_groups_is_left_out_and_compared(drafted):
    drafted("--cluster", "village_id", "--arm", "treat", **dict.fromkeys(ROUNDS, villages_of_few))
    manifest = text("manifest.toml")
    evidence = "seen: Z is left out: it tells the arm in 40 of 40 clusters (0 is 0; 1 is 1; 2 is 0;"
    assert manifest.count(evidence) == 2
    means = '{ column = "Z", variable = "treat", values = { 0 = ["treat_0"], 1 = ["treat_1"], '
    assert manifest.count(means) == 2
    answer()
    assert main(["read", *RUN]) == 0
    assert main(["clean", *RUN]) == 0
    clean = Path("data_clean/small")
    for path in (p for p in clean.iterdir() if p.suffix in (".csv", ".parquet")):
        table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
        assert "z" not in table.columns, path.name


def test_what_tells_the_group_stops_a_blinded_study_and_no_other(drafted, capsys):
    drafted("--cluster", "village_id", "--arm", "treat", **dict.fromkeys(ROUNDS, villages_of_few))
    answer()
    with_z()
    assert main(["read", *RUN]) == 1
    said = capsys.readouterr().err
    assert said.count("[reveals-arm]") == 2
    assert "b.csv, column Z: " in said
    assert "40 of 40 clusters (0 = treat_0; 1 = treat_1; 2 = treat_0; 3 = treat_1)" in said
    assert "`ignore_columns` and `same_as`" in said
    assert not Path("data_clean/small/panel.parquet").exists()
    # a person may say that it means something else
    manifest = text("manifest.toml")
    meant = manifest.replace("\nsame_as", '\nunrelated = ["Z"]\nsame_as')
    (CONFIG / "manifest.toml").write_text(meant, encoding="utf-8")
    assert main(["read", *RUN]) == 0
    # and the lock ends the blinding
    (CONFIG / "manifest.toml").write_text(manifest, encoding="utf-8")
    (CONFIG / "plan.lock").write_text("", encoding="utf-8")
    assert main(["read", *RUN]) == 0
    assert "reveals-arm" not in capsys.readouterr().err


def test_clusters_whose_group_is_a_missing_code_are_not_compared(drafted):
    def unknown(table: pd.DataFrame) -> None:
        villages_of_few(table)
        late = table["village_id"] > 138
        table["treat"], table["Z"] = table["treat"].mask(late, 99), table["Z"].mask(late, 9)

    drafted("--cluster", "village_id", "--arm", "treat", **dict.fromkeys(ROUNDS, unknown))
    manifest = text("manifest.toml")
    assert manifest.count("seen: Z is left out: it tells the arm in 40 of 40 clusters") == 2
    means = 'column = "Z", variable = "treat", values = { 0 = ["treat_0"], 1 = ["treat_1"], 2 = '
    assert manifest.count(f'{means}["treat_0"], 3 = ["treat_1"] }} }}') == 2


def declare(line: str) -> None:
    """Give the interviews' own column of the design in study.toml."""
    old = text("study.toml")
    lines = [
        f"{line}\n{x}" if x.startswith("cluster = ") and "{" not in x else x
        for x in old.splitlines()
        if not x.startswith(f"{line.partition(' ')[0]} = ")
    ]
    (CONFIG / "study.toml").write_text("\n".join(lines), encoding="utf-8")


def test_a_copy_of_the_group_with_missing_answers_stops_a_blinded_study(
    drafted, capsys, monkeypatch
):
    def copied(table: pd.DataFrame) -> None:
        villages_of_few(table)
        del table["Z"]
        gone = [i % 10 == 2 for i in range(len(table))]
        table["got_help"] = [99 if g else t for g, t in zip(gone, table["treat"], strict=True)]
        table["wt"] = [1.5 + t for t in table["treat"]]

    monkeypatch.setattr(first_draft.repeats, "other_arms", lambda *_: ())
    drafted("--cluster", "village_id", "--arm", "treat", **dict.fromkeys(ROUNDS, copied))
    declare('weight = "wt"')
    assert 'refused = ["99"]' in text("dictionary/10_answers.toml")
    answer()
    assert main(["read", *RUN]) == 1
    said = capsys.readouterr().err
    assert said.count("[reveals-arm]") == 4
    for column, pairs in (("got_help", "0 = treat_0; 1"), ("wt", "1.5 = treat_0; 2.5")):
        assert f"b.csv, column {column}: " in said
        assert f"40 of 40 clusters ({pairs} = treat_1)" in said


def test_who_worked_where_and_an_answer_of_one_group_are_a_warning(drafted, monkeypatch):
    def divided(table: pd.DataFrame) -> None:
        villages_of_few(table)
        del table["Z"]
        # three interviewers in each group's villages
        table["who"] = [f"E{t}{i // 12 % 3}" for i, t in enumerate(table["treat"])]
        drawn = np.random.default_rng(11).integers(0, 2, len(table))
        table["took_part"] = [t * yes for t, yes in zip(table["treat"], drawn, strict=True)]

    monkeypatch.setattr(first_draft.repeats, "other_arms", lambda *_: ())
    drafted("--cluster", "village_id", "--arm", "treat", **dict.fromkeys(ROUNDS, divided))
    declare('enumerator = "who"')
    answer()
    assert main(["read", *RUN]) == 0
    assert main(["clean", *RUN]) == 0
    found = pd.read_csv("build/small/findings.csv")
    warned = found[found["rule"] == "may-reveal-arm"]
    assert sorted(warned["column"]) == ["took_part", "took_part", "who", "who"]
    assert set(warned["severity"]) == {"warn"}


def test_interviewers_of_one_village_each_tell_nothing(drafted):
    def alone(table: pd.DataFrame) -> None:
        villages_of_few(table)
        del table["Z"]
        table["who"] = [f"E{v}" for v in table["village_id"]]

    drafted("--cluster", "village_id", "--arm", "treat", **dict.fromkeys(ROUNDS, alone))
    declare('enumerator = "who"')
    answer()
    assert main(["read", *RUN]) == 0
    assert main(["clean", *RUN]) == 0
    assert "may-reveal-arm" not in set(pd.read_csv("build/small/findings.csv")["rule"])


def scrambled_inside() -> pd.DataFrame:
    """The blocks' groups in the clean list of clusters, and as they were delivered."""
    clean = pd.read_parquet("data_clean/small/frame.parquet").set_index("village_id")
    listed = pd.read_csv(CONFIG / "clusters.csv", dtype=str).set_index("village_id")
    arms = "treat_" + listed["treat"].reindex(clean.index)
    return pd.DataFrame({"block": clean["block_id"], "clean": clean["treat"], "listed": arms})


def test_what_clusters_were_assigned_inside_is_asked_once_and_reaches_the_scrambling(
    drafted, capsys
):
    drafted("--cluster", "village_id", "--arm", "treat", **dict.fromkeys(ROUNDS, villages_of_few))
    line = 'permutation_strata = "block_id"\n'
    assert line in text("plan.toml")
    assert [q for q in questions().values() if "block_id" in q and "permutation_strata" in q]
    answer()
    plan = text("plan.toml")
    # without the line nobody knows, and both answers are given
    (CONFIG / "plan.toml").write_text(plan.replace(line, ""), encoding="utf-8")
    assert main(["read", *RUN]) == 0
    assert main(["clean", *RUN]) == 1
    said = capsys.readouterr().err
    assert "study.toml declares the stratum `block_id`" in said
    assert 'permutation_strata = "block_id" where clusters were assigned inside' in said
    for strata in ("block_id", ""):
        written = plan.replace(line, f'permutation_strata = "{strata}"\n')
        (CONFIG / "plan.toml").write_text(written, encoding="utf-8")
        assert main(["clean", *RUN]) == 0
        dealt = scrambled_inside()
        assert (dealt["clean"] != dealt["listed"]).any()
        sizes = [dealt.groupby(["block", name]).size().tolist() for name in ("clean", "listed")]
        assert (sizes[0] == sizes[1]) == bool(strata)


def test_a_list_that_was_made_is_not_said_to_lie_below_the_raw_folder(drafted):
    said = drafted("--cluster", "village_id", "--arm", "treat")
    (line,) = [x for x in said.splitlines() if x.startswith("declared in manifest.toml")]
    assert line == "declared in manifest.toml, below raw: b.csv (baseline), e.csv (endline)"
    assert "config/small/clusters.csv: 12 clusters" in said


def test_a_command_that_stops_is_named_once(drafted, capsys):
    drafted()
    given = ["--baseline", "raw/b.csv", "--endline", "raw/e.csv"]
    for path in ("raw/b.csv", "raw/e.csv"):
        table = pd.read_csv(path).rename(columns={"treat": "zone"})
        table.to_csv(path, index=False)
    assert main(["new-study", "other", *given]) == 1
    said = capsys.readouterr().err
    assert said.startswith("new-study stopped: no list of clusters")
    assert said.count("new-study") == 1


def test_a_round_without_days_asks_for_the_key_that_the_draft_writes(drafted, capsys):
    drafted()
    whole = text("study.toml")
    lines = whole.splitlines(keepends=True)
    kept = [x for x in lines if not x.startswith(("days = ", "stratum = "))]
    (CONFIG / "study.toml").write_text("".join(kept), encoding="utf-8")
    assert main(["read", *RUN]) == 1
    said = capsys.readouterr().err
    assert "key `days.baseline` is missing" in said
    assert "write days = { baseline = [2021-02-01, 2021-05-31], " in said
    assert "config/small/study.toml" in said


def test_a_line_of_the_ledger_without_its_delivery_says_what_to_write(drafted, capsys):
    drafted("--cluster", "village_id", "--arm", "treat", **dict.fromkeys(ROUNDS, villages_of_few))
    answer()
    ledger = CONFIG / "corrections.csv"
    line = "baseline,b.csv:2,trust,1,2,set,checked,ana,2025-01-02,\n"
    ledger.write_text(text("corrections.csv") + line, encoding="utf-8")
    assert main(["read", *RUN]) == 0
    assert main(["clean", *RUN]) == 1
    said = capsys.readouterr().err
    digits = hashlib.sha256(Path("raw/b.csv").read_bytes()).hexdigest()[:12]
    assert "config/small/corrections.csv:2" in said
    assert "the line has no `delivery`" in said
    assert f"write {digits}, the first digits of the `sha256`" in said
    ledger.write_text(text("corrections.csv").replace(line, f"{line[:-1]}{digits}\n"))
    assert main(["read", *RUN]) == 0
    assert main(["clean", *RUN]) == 0


def test_a_decision_of_the_dictionary_is_named_by_its_path(drafted, capsys):
    def moved(table: pd.DataFrame) -> None:
        table["trust"] -= 1

    drafted(endline=moved)
    answer()
    assert main(["read", *RUN]) == 1
    assert "read stopped: config/small/dictionary/10_answers.toml:" in capsys.readouterr().err


def block_of(variable: str) -> str:
    blocks = text("dictionary/10_answers.toml").split("[[variable]]")
    return next(b for b in blocks if f'name = "{variable}"' in b)


def test_codes_for_no_answer_that_one_round_labels_are_none_of_the_other_rounds_values(drafted):
    """Only the baseline has value labels, and only of 98 and 99 and the ends of the scale."""
    silent = {98: "Don't know", 99: "Refused"}
    labels = {"age": silent, "ladder": {0: "Worst", 10: "Best", **silent}}
    for name, year in (("b", 2021), ("e", 2023)):
        table = interviews(year)
        # ages that do not lie far below the codes
        table["age"] = [30 + i % 60 + (year - 2021) for i in range(len(table))]
        table["ladder"] = [i % 11 for i in range(len(table))]
        first = 0 if year == 2021 else 60
        for column in labels:
            table.loc[first : first + 19, column] = 98
            table.loc[first + 20 : first + 39, column] = 99
        said = labels if year == 2021 else {}
        pyreadstat.write_dta(table, f"raw/{name}.dta", variable_value_labels=said)
    given = ["--baseline", "raw/b.dta", "--endline", "raw/e.dta"]
    assert main(["new-study", "small", *given]) == 0
    age, ladder = block_of("age"), block_of("ladder")
    for code, kind in ((98, "dont_know"), (99, "refused")):
        evidence = f"# seen: {code} is missing ({kind}), labelled "
        assert age.count(evidence) == 2 == ladder.count(evidence)
    assert age.count("20 in endline") == 2
    assert "# seen: labels of baseline for the codes of endline, which has none" in age
    assert 'missing = "dont_know_98_refused_99"' in age
    # 40 and 40 of 240 people have no age in one of the rounds; all others are two years older
    assert "over_time: 160 of 160 people" in age
    assert 'over_time = "ages"' in age
    assert 'type = "ordinal"' in ladder
    listed = text("dictionary/10_answers.toml")
    codes = listed[listed.index('id = "ladder_codes"') :].split("\n[[")[0]
    assert codes.count("code = ") == 11


def with_ids(made: Callable[[int, int, int], str]) -> Change:
    """Forty villages, and ids made of village, group and place in the file."""

    def change(table: pd.DataFrame) -> None:
        villages_of_few(table)
        del table["Z"]
        each = zip(table["village_id"], table["treat"], range(len(table)), strict=True)
        table["hhid"] = [made(*values) for values in each]

    return change


@pytest.mark.parametrize(
    ("made", "pairs"),
    [
        (lambda _, t, i: f"{'CT'[t]}{1000 + i}", "C = treat_0; T = treat_1"),
        (lambda v, t, i: f"{v // 10}-{'ab'[t]}-{i}", "a = treat_0; b = treat_1"),
        (lambda _, t, i: f"{i}/{t}", "0 = treat_0; 1 = treat_1"),
    ],
)
def test_ids_of_which_a_character_is_the_group_stop_a_blinded_study(drafted, capsys, made, pairs):
    change = with_ids(made)
    drafted("--cluster", "village_id", "--arm", "treat", **dict.fromkeys(ROUNDS, change))
    answer()
    assert main(["read", *RUN]) == 1
    said = capsys.readouterr().err
    assert said.count("[id-reveals-arm]") == 2
    assert f"tells `treat` in 40 of 40 clusters ({pairs})" in said
    # a person may say that it means something else
    manifest = text("manifest.toml").replace("\nsame_as", '\nunrelated = ["hhid"]\nsame_as')
    (CONFIG / "manifest.toml").write_text(manifest, encoding="utf-8")
    assert main(["read", *RUN]) == 0


def test_ids_that_say_nothing_of_the_group_stop_nothing(drafted):
    change = with_ids(lambda v, _, i: f"H{'CT'[v // 2 % 2]}{1000 + i}")
    drafted("--cluster", "village_id", "--arm", "treat", **dict.fromkeys(ROUNDS, change))
    answer()
    assert main(["read", *RUN]) == 0


def test_facts_with_decimal_commas_stop_no_reading(drafted, capsys):
    for name, year in (("b", 2021), ("e", 2023)):
        table = interviews(year)
        table["population"] += 0.5
        table.to_csv(f"raw/{name}.csv", index=False, sep=";", decimal=",")
    given = ["--baseline", "raw/b.csv", "--endline", "raw/e.csv"]
    assert main(["new-study", "small", *given]) == 0
    answer()
    assert main(["read", *RUN]) == 0, capsys.readouterr().err


def test_whatever_stands_in_one_language_for_both_waits_for_a_translator(drafted):
    def named(table: pd.DataFrame) -> None:
        table["treat"] = table["treat"].map({0: "Control", 1: "Community meetings"})

    drafted(baseline=named, endline=named)
    for path in CONFIG.rglob("*.toml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            said = re.match(r'label = \{ en = "(.*)", es = "(.*)" \}', line)
            if said and said[1] == said[2] and said[1] != "Control":
                above = lines[lines.index(line, number) - 12 : number]
                assert any(x.startswith("# translate: label") for x in above), (path, line)
    arms = text("study.toml")
    assert '# translate: label\nlabel = { en = "Community meetings"' in arms
    assert '# translate: label\nlabel = { en = "Control"' not in arms
    # neither the list of clusters nor codes without labels are forgotten
    answers = "".join(p.read_text(encoding="utf-8") for p in CONFIG.rglob("dictionary/*.toml"))
    columns = len(re.findall(r"^\[\[variable\]\]$", answers, flags=re.MULTILINE))
    assert len(re.findall("^# .*translate: label(?!s)", answers, flags=re.MULTILINE)) == columns
    assert "translate: labels, the file has none" in answers


def numbered(table: pd.DataFrame) -> None:
    """A running number, as ``gen id = _n`` makes it, and blocks without letters."""
    table["row"] = range(1, len(table) + 1)
    villages_of_few(table)
    table["block_id"] = [1 + i // 60 for i in range(len(table))]


def test_a_running_number_is_an_id_and_no_sorted_answer_and_a_block_no_quantity(drafted):
    given = ("--respondent", "hhid", "--cluster", "village_id", "--arm", "treat")
    drafted(*given, baseline=numbered, endline=numbered)
    (entry,) = re.findall(r'name = "row"\ntype = "(\w+)"', text("dictionary/00_design.toml"))
    assert entry == "id"
    (compared,) = re.findall("^frame_variables = (.*)$", text("plan.toml"), re.MULTILINE)
    assert "population" in compared
    assert "block_id" not in compared
    answer()
    assert main(["read", "--study", "small"]) == 0
    # the folder of the files is that of the draft
    assert main(["clean", "--study", "small"]) == 0
    assert "sorted-item" not in set(pd.read_csv("build/small/findings.csv")["rule"])


def test_labels_of_the_list_that_was_made_are_those_of_the_interviews(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, year in (("b", 2021), ("e", 2023)):
        labels = {"treat": {0: "Control", 1: "Meetings"}}
        pyreadstat.write_dta(interviews(year), f"{name}.dta", variable_value_labels=labels)
    assert main(["new-study", "small", "--baseline", "b.dta", "--endline", "e.dta"]) == 0
    design = text("dictionary/00_design.toml")
    assert '{ code = "1", value = "meetings", en = "Meetings"' in design
    assert "confirm: value labels of" not in design


def test_a_weight_of_one_round_is_offered_with_what_can_take_it(drafted):
    def weighted(table: pd.DataFrame) -> None:
        table["wt"] = [0.5 + i % 21 / 20 for i in range(len(table))]

    drafted(endline=weighted)
    asked = questions()["specification.did_main.weights"]
    assert '"wt" (a column of numbers in endline alone: for method = "ancova"' in asked
