"""Two releases that differ by few people are refused: the attack, before and after."""

import datetime
import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from evaluation import did
from evaluation.config.study import read_study
from evaluation.errors import StorageError
from evaluation.release import earlier_releases
from evaluation.release.interview_changes import ReleaseInputs, people_changed
from evaluation.release.kept_inputs import keep
from evaluation.release.published_tables import in_few_digits
from evaluation.report.disclosure import coarse, has_persons
from evaluation.storage import disk
from evaluation.storage.folders import RELEASES, Paths
from tests.pipeline.release_build import in_languages
from tests.report import recovery_releases

QUESTIONS = [f"q{i:02d}" for i in range(22)]
LEAST = 10
KEYS = {"baseline": "id", "endline": "id"}
FILE = '[[file]]\nid = "{0}"\npath = "{0}.csv"\nround = "{0}"\nrole = "{0}"\n'
LEDGER = "round,row_key,column,old,new,action,reason,by,date,delivery\n"


def interviews(places=12, people=30, seed=5):
    """Twelve places, thirty people each in both rounds, 22 questions of yes and no."""
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(places):
        for person in range(people):
            for round_ in ("baseline", "endline"):
                said = dict(zip(QUESTIONS, rng.integers(0, 2, len(QUESTIONS)), strict=True))
                rows.append({"id": f"P{place:02d}{person:02d}", "place": f"M{place:02d}",
                             "round": round_, "treated": place % 2, **said})  # fmt: skip
    return pd.DataFrame(rows)


def withdrawn(table, *people):
    return table[~table["id"].isin(people) | (table["round"] == "baseline")]


def estimates(table):
    """Of every question, as the package estimates them."""
    table = table.assign(post=(table["round"] == "endline").astype(int))
    found = did(
        table, outcome=QUESTIONS, treated="treated", post="post", cluster="place", methods=("cv1",)
    )
    return dict(zip(found.table["outcome"], found.table["estimate"], strict=True))


@pytest.mark.truth
def test_the_signs_of_changes_are_a_withdrawn_person_s_answers():
    """What the rule is for: nine digits give all 22 answers, four give them still here.

    One of 180 people moves a share by at least half a percent: four digits narrow the attack to
    estimates whose change is below the last of them, and do not close it.
    """
    table, person = interviews(), "P0107"
    mine = table[(table["id"] == person) & (table["round"] == "endline")].iloc[0]
    truth = {name: int(mine[name]) for name in QUESTIONS}
    before, after = estimates(table), estimates(withdrawn(table, person))
    nine = [{n: float(f"{e:.9g}") for n, e in of.items()} for of in (before, after)]
    assert recovery_releases.answers(*nine) == truth
    four = [{n: coarse(e) for n, e in of.items()} for of in (before, after)]
    assert recovery_releases.answers(*four).items() <= truth.items()


def written(folder, table, *, ledger="", rule=""):
    """The inputs of a build with these interviews, every cell as text."""
    for round_, rows in table.groupby("round"):
        texts = rows.drop(columns="round").astype(str).reset_index(drop=True)
        lines = [f"{i}" for i in range(2, len(texts) + 2)]
        disk.write_frame(folder / "raw" / f"{round_}.parquet", texts.assign(__line__=lines))
    files = "".join(FILE.format(round_) for round_ in sorted(set(table["round"])))
    disk.write_text(folder / "manifest.toml", files + rule)
    disk.write_text(folder / "corrections.csv", LEDGER + ledger)
    return ReleaseInputs(raw=folder / "raw", config=folder, analysed=None)


def changed(tmp_path, before, after, **more):
    return people_changed(
        written(tmp_path / "before", before), written(tmp_path / "after", after, **more), KEYS
    )


def people(n):
    return [f"P{i % 12:02d}{i // 12:02d}" for i in range(n)]


def answered(table, *people):
    """One answer of each of them is another one."""
    one = table["id"].isin(people) & (table["round"] == "endline")
    return table.assign(q03=table["q03"].where(~one, 1 - table["q03"]))


@pytest.mark.parametrize("n", [1, 9, 10, 14])
@pytest.mark.parametrize("change", [withdrawn, answered])
def test_people_that_left_or_have_another_answer_are_counted(n, change, tmp_path):
    table = interviews()
    assert changed(tmp_path / "one", table, change(table, *people(n))) == n
    # who entered since
    assert changed(tmp_path / "other", change(table, *people(n)), table) == n


def test_ten_that_left_one_round_hide_no_single_one_of_the_other(tmp_path):
    """Levels of each round are published too."""
    table = interviews()
    one = (table["id"] == "P1129") & (table["round"] == "baseline")
    assert changed(tmp_path, table, withdrawn(table[~one], *people(LEAST))) == 1


def test_a_person_of_two_rounds_counts_once(tmp_path):
    table = interviews()
    assert changed(tmp_path, table, table[~table["id"].isin(people(6))]) == 6


@pytest.mark.parametrize(
    "rewritten",
    [
        lambda t: t.sample(frac=1.0, random_state=1),
        lambda t: t.assign(**{q: t[q].astype(float) for q in QUESTIONS}),
        lambda t: t.assign(q05=t["q05"].map({0: "no", 1: "yes"})),
        lambda t: t.assign(tablet=range(len(t))),
        lambda t: t.assign(id="N" + t["id"].str[::-1]),
        lambda t: t,
    ],
    ids=["order", "decimals", "labels", "new column", "new ids", "as it was"],
)
def test_the_same_interviews_written_otherwise_are_the_same_and_hide_no_withdrawal(
    rewritten, tmp_path
):
    table = interviews()
    assert changed(tmp_path / "same", table, rewritten(table)) == 0
    assert changed(tmp_path / "less", table, rewritten(withdrawn(table, "P0107"))) == 1


def test_a_new_round_hides_no_withdrawal_from_the_old_one(tmp_path):
    table = interviews()
    first = table[table["round"] == "baseline"]
    later = table[(table["id"] != "P0107") | (table["round"] == "endline")]
    assert changed(tmp_path / "less", first, later) == 1
    assert changed(tmp_path / "all", first, table) >= LEAST


def test_new_ids_and_new_codes_together_hide_no_withdrawal(tmp_path):
    table = interviews()
    other = withdrawn(table, "P0107").assign(id=lambda t: "N" + t["id"].str[::-1])
    other[QUESTIONS] = other[QUESTIONS].replace({0: 2})
    assert changed(tmp_path, table, other) == 1


@pytest.mark.parametrize(
    ("ledger", "rule"),
    [
        ("endline,endline.csv:9,id,P0007,,drop,asked to,AB,2026-12-02,x\n", ""),
        ("endline,endline.csv:9,q03,0,9,set,a slip,AB,2026-12-02,x\n", ""),
        ("", 'drop = [{ column = "id", values = ["P0007"], reason = { en = "a", es = "b" } }]\n'),
    ],
    ids=["drop", "set", "rule of the manifest"],
)
def test_what_leaves_by_ledger_or_rule_has_left(ledger, rule, tmp_path):
    table = interviews()
    assert changed(tmp_path, table, table, ledger=ledger, rule=rule) == 1


def test_an_interview_that_the_analysis_leaves_out_has_left(tmp_path):
    table = interviews()
    both = [written(tmp_path / name, table) for name in ("before", "after")]
    rows = pd.DataFrame(
        {"round": "endline", "row_key": [f"endline.csv:{i}" for i in range(2, 362)]}
    )
    both = [
        ReleaseInputs(raw=of.raw, config=of.config, analysed=used)
        for of, used in zip(both, (rows, rows.drop(index=[4])), strict=True)
    ]
    assert people_changed(*both, KEYS) == 1


def of_arms(folder, table):
    """Inputs with the arm of each interview: places of odd numbers are treated."""
    made = written(folder, table)
    lines = table.groupby("round").cumcount() + 2
    kept = pd.DataFrame(
        {
            "round": table["round"],
            "row_key": table["round"] + ".csv:" + lines.astype(str),
            "arm": np.where(table["treated"] == 1, "programme", "control"),
        }
    )
    return ReleaseInputs(raw=made.raw, config=made.config, analysed=kept)


@pytest.mark.parametrize("ids", [True, False], ids=["lasting ids", "new ids"])
@pytest.mark.parametrize(
    ("treated", "control", "least"), [(10, 0, 10), (9, 1, 1), (5, 5, 5), (10, 12, 10), (0, 3, 3)]
)
def test_ten_that_left_hide_no_single_one_of_an_arm(treated, control, least, ids, tmp_path):
    """Levels of each arm are published too."""
    table = interviews()
    left = [f"P{p:02d}{i:02d}" for p, n in ((1, treated), (2, control)) for i in range(n)]
    later = withdrawn(table, *left)
    if not ids:
        later = later.assign(id="N" + later["id"].str[::-1])
    before, now = (of_arms(tmp_path / n, t) for n, t in (("a", table), ("b", later)))
    assert people_changed(before, now, KEYS) == least


def test_of_a_release_without_arms_all_are_counted_together(tmp_path):
    """What was published before arms were kept is compared as it was then."""
    table = interviews()
    later = withdrawn(table, *people(LEAST))
    before = of_arms(tmp_path / "a", table)
    assert before.analysed is not None
    before = ReleaseInputs(raw=before.raw, config=before.config,
                    analysed=before.analysed.drop(columns="arm"))  # fmt: skip
    assert people_changed(before, of_arms(tmp_path / "b", later), KEYS) == LEAST


def test_the_arm_of_each_interview_is_kept_with_a_release(study):
    paths, declared = study
    table = interviews()
    build(paths, table)
    cluster, arm = declared.columns.cluster, declared.columns.arm
    places = table.drop_duplicates("place")
    frame = pd.DataFrame({cluster: places["place"], arm: places["treated"].map({0: "c", 1: "t"})})
    disk.write_frame(paths.clean / "frame.parquet", frame.reset_index(drop=True))
    panel = disk.read_frame(paths.clean / "panel.parquet")
    disk.write_frame(paths.clean / "panel.parquet", panel.assign(**{cluster: table["place"]}))
    kept = earlier_releases.analysed(paths, declared)
    assert kept["arm"].tolist() == table["treated"].map({0: "c", 1: "t"}).tolist()


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study of real persons in the working folder, built once."""
    monkeypatch.chdir(tmp_path)
    paths = Paths(config=Path("config/made_up"), raw=Path("raw"), clean=Path("clean/made_up"),
                  build=Path("build/made_up"))  # fmt: skip
    text = in_languages("en").replace("synthetic = true", "synthetic = false")
    disk.write_text(paths.config / "study.toml", text)
    ids = SimpleNamespace(variables={"respondent": SimpleNamespace(raw=KEYS)})
    monkeypatch.setattr(earlier_releases, "read_declared", lambda _: (None, ids, None))
    return paths, read_study(paths.config)


def build(paths, table):
    made = written(paths.config, table)
    for path in made.raw.iterdir():
        disk.write_bytes(paths.private / "raw" / path.name, path.read_bytes())
    lines = table.groupby("round").cumcount() + 2
    keys = table["round"] + ".csv:" + lines.astype(str)
    disk.write_frame(paths.clean / "panel.parquet", table[["round"]].assign(row_key=keys))


def publish(paths, study, table, sums):
    """What `publish` does of it."""
    build(paths, table)
    earlier_releases.check_earlier(paths, study)
    keep(paths, sums, rows=earlier_releases.analysed(paths, study))
    return earlier_releases.note(paths, study, sums, kind="release")


def problem(caught):
    return caught.value.problem.id


def test_the_attack_has_no_two_releases(study):
    paths, declared = study
    table = interviews()
    assert publish(paths, declared, table, b"first")
    with pytest.raises(StorageError) as caught:
        publish(paths, declared, withdrawn(table, "P0107"), b"second")
    assert problem(caught) == "release-of-few.problem"
    listed = earlier_releases.read_list(paths.config).release
    assert [(e.kind, e.withdrawn, type(e.date)) for e in listed] == [
        ("release", False, datetime.date)
    ]
    # the same interviews in other words pass, and so do ten people together
    assert publish(paths, declared, table, b"other words")
    assert publish(paths, declared, withdrawn(table, *people(LEAST)), b"third")


def test_any_earlier_release_counts_and_a_withdrawn_one_too(study):
    paths, declared = study
    table = interviews()
    publish(paths, declared, table, b"first")
    publish(paths, declared, withdrawn(table, *people(LEAST)), b"second")
    listed = paths.config / RELEASES
    disk.write_text(listed, disk.read_text(listed).replace("withdrawn = false", "withdrawn = true"))
    assert tomllib.loads(disk.read_text(listed))["release"][0]["withdrawn"]
    # one away from the first, nine from the second
    with pytest.raises(StorageError) as caught:
        publish(paths, declared, withdrawn(table, "P0000"), b"third")
    assert problem(caught) == "release-of-few.problem"


def test_a_listed_release_without_its_private_copy_is_refused(study):
    paths, declared = study
    table = interviews()
    publish(paths, declared, table, b"first")
    for copy in (paths.private / "releases").iterdir():
        copy.rename(paths.private / "gone")
    with pytest.raises(StorageError) as caught:
        publish(paths, declared, table, b"second")
    assert problem(caught) == "release-without-copy.problem"


def test_a_folder_for_comparing_is_no_release_and_invented_studies_have_no_list(study):
    paths, declared = study
    table = interviews()
    build(paths, table)
    keep(paths, b"draft", draft=True)
    assert publish(paths, declared, withdrawn(table, "P0107"), b"first")
    text = disk.read_text(paths.config / "study.toml")
    disk.write_text(
        paths.config / "study.toml", text.replace("synthetic = false", "synthetic = true")
    )
    invented = read_study(paths.config)
    assert not has_persons(invented)
    assert not publish(paths, invented, table, b"invented")


def test_released_fractions_have_four_digits_and_all_else_is_as_it_is():
    table = "a,b,c,d\n0.123456789,12345.0,2026-12-02,1e5abc\n-1.23456e-07,1234567,0.5,x 0.123456\n"
    assert in_few_digits(table.encode()).decode() == (
        "a,b,c,d\n0.1235,12345.0,2026-12-02,1e5abc\n-1.235e-07,1234567,0.5,x 0.123456\n"
    )
