"""What a comparison with a release says: changed inputs, moved numbers, what can explain what."""

import argparse
import csv
import dataclasses
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from evaluation.cli import compare
from evaluation.config.configuration import Configuration, read_configuration
from evaluation.config.dependency_scope import ALL, LEVELS, NOTHING, Area, ResultAddress, Scope
from evaluation.errors import StorageError
from evaluation.locale.messages import message, texts
from evaluation.release.input_changes import Cause, causes, comparison, plan_causes
from evaluation.release.kept_deliveries import kept_table
from evaluation.release.kept_inputs import (
    confirmed_lines,
    file_changes,
    keep,
    ledger_changes,
    private_copy,
)
from evaluation.release.published_tables import KEPT, RECORDS
from evaluation.release.result_diff import moved, moves
from evaluation.storage import disk
from evaluation.storage.folders import Paths
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

HEAD = "round,row_key,column,old,new,action,reason,by,date,delivery\n"
PLAN = examples.CONFIGURATION.preregistration.plan
STUDIES = Path(__file__).parents[2] / "config"
ROW = CASES["row"]


def found(before: list[dict[str, str]], now: list[dict[str, str]], table: str = "estimates.csv"):
    return list(moved(table, before, now, plan=PLAN))


def raw(folder: Path, **columns: list[str]) -> Path:
    lines = [str(i + 2) for i in range(len(next(iter(columns.values()))))]
    disk.write_frame(folder / "baseline.parquet", pd.DataFrame({"__line__": lines, **columns}))
    return folder


def changes(tmp_path: Path, before: dict[str, list[str]], now: dict[str, list[str]]):
    return file_changes(
        raw(tmp_path / "before", **before),
        raw(tmp_path / "now", **now),
        {"baseline": "baseline"},
        respondents={"baseline": "id"},
    )


def test_rows_are_matched_by_respondent_where_they_move_to_another_line(tmp_path):
    (found,) = changes(
        tmp_path,
        {"id": ["a", "b", "c"], "q": ["1", "2", "3"]},
        {"id": ["x", "b", "a"], "q": ["9", "2", "4"]},
    )
    assert found.added == ("baseline:2",)
    assert found.removed == ("baseline:4",)
    assert found.cells == {"q": 1}


def test_rows_are_matched_by_line_where_an_id_stands_twice(tmp_path):
    (found,) = changes(
        tmp_path, {"id": ["a", "a"], "q": ["1", "2"]}, {"id": ["a", "b"], "q": ["1", "5"]}
    )
    assert (found.added, found.removed) == ((), ())
    assert found.cells == {"id": 1, "q": 1}


def test_equal_files_are_no_change_and_a_new_column_is_one(tmp_path):
    same = {"id": ["a", "b"], "q": ["1", "2"]}
    assert changes(tmp_path, same, same) == ()
    (found,) = changes(tmp_path, same, {**same, "r": ["0", "0"]})
    assert found.cells == {"r": 2}


def test_ledger_lines_are_told_apart_without_their_values(tmp_path):
    line = "baseline,b.csv:7,q1,SECRET,3,set,typing error,team,2021-05-01,abc\n"
    other = line.replace("b.csv:7", "b.csv:9")
    disk.write_text(tmp_path / "old.csv", HEAD + line)
    disk.write_text(tmp_path / "new.csv", HEAD + other)
    gone, new = ledger_changes(tmp_path / "old.csv", tmp_path / "new.csv")
    assert (gone.is_new, gone.row_key, gone.column) == (False, "b.csv:7", "q1")
    assert (new.is_new, new.row_key, new.action) == (True, "b.csv:9", "set")
    assert new.reason == "typing error"
    assert "SECRET" not in repr((gone, new))


def test_lines_that_were_signed_for_a_new_delivery_correct_what_they_did(tmp_path):
    line = "baseline,b.csv:7,q1,1,3,set,typing error,team,2021-05-01,abc\n"
    other = "baseline,b.csv:8,q1,1,3,set,typing error,team,2021-05-01,abc\n"
    signed = "baseline,b.csv:7,q1,1,3,set,typing error,team; AMR,2022-01-01,def\n"
    disk.write_text(tmp_path / "old.csv", HEAD + line + other)
    disk.write_text(tmp_path / "new.csv", HEAD + signed + other)
    ledgers = (tmp_path / "old.csv", tmp_path / "new.csv")
    assert ledger_changes(*ledgers) == ()
    assert confirmed_lines(*ledgers) == 1
    # the same line twice is one correction more, signed or not
    disk.write_text(tmp_path / "new.csv", HEAD + signed + signed + other)
    assert [change.is_new for change in ledger_changes(*ledgers)] == [True]
    assert confirmed_lines(*ledgers) == 1


def test_moves_are_fields_that_differ_beyond_rounding():
    rounding = {**ROW, "estimate": repr(0.1 * (1 + 1e-12)), "data_hash": "bb"}
    assert found([ROW], [rounding]) == []
    (move,) = found([ROW], [{**ROW, "estimate": "0.1001"}])
    assert (move.field, move.before, move.now) == ("estimate", "0.1", "0.1001")
    (move,) = found([ROW], [{**ROW, "status": "deviation"}])
    assert (move.field, move.now, move.place.part) == ("status", "deviation", "status")


def test_a_row_that_only_one_side_has_is_a_move():
    (gone,) = found([ROW], [])
    (new,) = found([], [ROW])
    assert (gone.field, gone.before, gone.now) == ("row", "there", "absent")
    assert (new.before, new.now) == ("absent", "there")


def test_rows_that_nothing_tells_apart_are_matched_in_order():
    second = {**ROW, "estimate": "0.2"}
    assert found([ROW, second], [ROW, second]) == []
    (move,) = found([ROW, second], [ROW])
    assert (move.field, move.before) == ("row", "there")


def test_a_column_that_only_one_side_has_is_no_move():
    assert found([ROW], [{**ROW, "new_in_this_version": "1"}]) == []


@pytest.mark.parametrize(("table", "row", "field", "place"), CASES["places"])
def test_a_field_says_what_of_which_number_it_is(table, row, field, place):
    before = {**ROW, "low": "0", "reason": "none", "value": "0", **row}
    now = {**before, field: "0.77"}
    (move,) = found([before], [now], table)
    outcome, specification, step, part = place.split()
    assert move.place == ResultAddress(
        outcome=outcome, specification=specification, step=step, part=part
    )


def test_tables_without_a_specification_stand_where_they_were_made():
    cell = {"outcome": "trust", "estimand": "equal", "sample": "all", "mean": "1"}
    level = {**cell, "arm": "treated", "round": "baseline"}
    (move,) = found([level], [{**level, "mean": "2"}], "levels.csv")
    assert (move.place.specification, move.step) == ("did_main", "treated, baseline")
    unknown = {**level, "estimand": "population"}
    (move,) = found([unknown], [], "levels.csv")
    assert move.place.specification == LEVELS
    balance = {"variable": "ethnicity=afro", "sample": "all", "round": "baseline", "n": "3"}
    (move,) = found([balance], [{**balance, "n": "4"}], "balance.csv")
    assert (move.outcome, move.place.outcome) == ("ethnicity=afro", "ethnicity")
    assert move.place.specification == "balance"
    trend = {"series": "homicides", "arm": "treated", "period": "2018Q1", "mean": "1"}
    (move,) = found([trend], [{**trend, "mean": "2"}], "trends.csv")
    assert (move.place.outcome, move.step) == ("homicides", "treated, 2018Q1")


def test_covariates_of_a_check_stand_at_its_first_outcome():
    plan = read_configuration(STUDIES / "somos_comunidad").preregistration.plan
    row = {"specification": "entropy_balancing", "variable": "poverty_2018", "before": "0.1"}
    (move,) = moved("robustness_covariates.csv", [row], [{**row, "before": "0.2"}], plan=plan)
    assert (move.place.outcome, move.outcome) == ("trust_neighbours", "poverty_2018")


def test_every_published_table_is_compared_and_a_missing_one_is_passed_over(tmp_path):
    assert set(compare.TABLES) == {n for n in RECORDS if n.endswith(".csv")}
    for name in compare.TABLES:
        disk.write_text(tmp_path / "then" / name, "outcome,n\ntrust,1\n")
        disk.write_text(tmp_path / "here" / name, "outcome,n\ntrust,2\n")
    tables = (*compare.TABLES, *KEPT)
    made = list(moves(tmp_path / "then", tmp_path / "here", tables, plan=PLAN))
    assert sorted(m.table for m in made) == sorted(compare.TABLES)


def test_a_move_that_no_changed_input_reaches_has_no_known_cause(capsys):
    changed = tuple(found([ROW], [{**ROW, "estimate": "1.1"}]))
    elsewhere = Cause(
        text=message("compare.plan-entry", name="outcome.other", how=message("compare.changed")),
        reach=Scope((Area(outcomes=frozenset({"o"})),)),
    )
    (row,) = csv.DictReader(comparison((elsewhere,), changed, "en").decode().splitlines())
    assert row["causes"] == "no known cause"
    compare._tell((elsewhere,), changed, ("0.1.0", "0.1.0"), "en")
    said = capsys.readouterr().out
    assert "plan entry outcome.other changed: cannot have changed any field\n" in said
    assert "no known cause: no changed input affects 1 moved field of trust (did_main);" in said
    everywhere = Cause(text=message("compare.other-ledger"), reach=ALL)
    for language, cause in (
        ("en", "the correction log is different"),
        ("es", "el registro de correcciones es distinto"),
    ):
        table = comparison((everywhere,), changed, language).decode()
        (row,) = csv.DictReader(table.splitlines())
        assert row["causes"] == cause


def test_how_many_fields_are_shown_of_how_many_and_where_all_are(capsys):
    before = [{**ROW, "outcome": f"o{i:02d}"} for i in range(24)]
    now = [{**row, "estimate": "1.1", "p_value": "0.9"} for row in before]
    made = tuple(found(before, now))
    compare._tell_moves(made, Path("build/small/comparison.csv"), "en")
    *lines, last = capsys.readouterr().out.splitlines()
    assert len(lines) == compare.SHOWN
    assert lines[0] == "  o00, did_main, all, wcr_s: 0.1 -> 1.1"
    assert last.startswith("shown: 20 of 48 moved fields (")
    assert last.endswith(": build/small/comparison.csv")
    compare._tell_moves(made * 50, Path("build/small/comparison.csv"), "es")
    assert "se muestran 20 de 2.400 campos que cambiaron (" in capsys.readouterr().out
    compare._tell_moves((), Path("build/small/comparison.csv"), "en")
    assert capsys.readouterr().out == ""


def test_a_confirmed_line_is_told_once_and_moves_nothing(released):
    ledger = released[0].config / "corrections.csv"
    text = disk.read_text(ledger)
    deliveries = {line.rpartition(",")[2] for line in text.splitlines()[1:]}
    one, other = sorted(deliveries)
    count = text.count(f",{one}\n")
    assert count > 1
    disk.write_text(ledger, text.replace(f",{one}\n", ",0123456789ab\n"))
    said = f"{count} lines of the ledger were confirmed for a new delivery"
    assert told(released) == {said: NOTHING}
    again = text.replace(f",{other}\n", ",0123456789ab\n", 1)
    disk.write_text(ledger, again)
    assert told(released) == {"1 line of the ledger was confirmed for a new delivery": NOTHING}


def english_words(text: str) -> list[str]:
    """Words that no Spanish line has; ids of the study, file names and its own words apart."""
    words = ("the", "of", "changed", "new", "gone", "moved", "row", "line", "field", "shown")
    return re.findall(rf"\b(?:{'|'.join(words)})s?\b", text)


def test_no_spanish_line_holds_a_word_of_the_english():
    said = texts("compare", "es")
    assert len(said) > 25
    assert [t for t in said.values() if english_words(re.sub(r"\{\w+\}", "", t))] == []


def test_a_table_that_cannot_be_compared_is_named(tmp_path, capsys):
    (tmp_path / "build").mkdir()
    compare._tell_passed_over(tmp_path / "build", ((tmp_path / "gone", KEPT),), "en")
    assert (
        "not compared: levels.csv, robustness_levels.csv, balance.csv, trends.csv;"
        in capsys.readouterr().out
    )


def test_entries_are_told_by_name_and_what_became_of_them():
    before = {"outcome.trust": "1", "check.old": "2", "family.a": "3"}
    now = {"outcome.trust": "9", "check.new": "2", "family.a": "3"}
    told = [str(cause.text) for cause in plan_causes(before, now, examples.CONFIGURATION)]
    assert told == [
        "plan entry check.new is new",
        "plan entry check.old is gone",
        "plan entry outcome.trust changed",
    ]


@pytest.fixture
def released(tmp_path: Path, monkeypatch) -> tuple[Paths, Configuration, dict]:
    """A study whose configuration is kept with a release; nothing was delivered."""
    shutil.copytree(STUDIES / "somos_comunidad", tmp_path / "config" / "somos_comunidad")
    monkeypatch.chdir(tmp_path)
    paths = Paths.of(argparse.Namespace(study="somos_comunidad", data_raw=""))
    (paths.private / "raw").mkdir(parents=True)
    keep(paths, b"sums")
    results = {"entries": {}, "files": [], "corrections": "c"}
    return paths, read_configuration(paths.config), results


def told(released, **changes) -> dict[str, Scope]:
    paths, configuration, results = released
    now = {**results, **changes}
    return {str(c.text): c.reach for c in causes(paths, b"sums", results, now, configuration)}


def replace_in(path: Path, old: str, new: str) -> None:
    text = disk.read_text(path)
    assert text.count(old) >= 1, old
    disk.write_text(path, text.replace(old, new, 1))


def test_an_untouched_configuration_is_no_cause(released):
    assert told(released) == {}


def test_a_key_of_the_study_file_is_a_cause_and_its_words_are_not(released):
    path = released[0].config / "study.toml"
    replace_in(path, 'en = "Impact evaluation of', 'en = "Evaluation of')
    replace_in(path, "minimum_cell = 10", "minimum_cell = 12")
    assert told(released) == {}
    replace_in(path, "minimum_clusters = 3", "minimum_clusters = 4")
    assert told(released) == {"study.toml: `minimum_clusters` changed": ALL}


def test_how_a_file_is_read_is_a_cause_and_its_checksum_is_not(released):
    path = released[0].config / "manifest.toml"
    replace_in(path, "rows = 7030", "rows = 7031")
    assert told(released) == {}
    # printed estimates: the report alone reads them
    printed = '[[file]]\nid = "printed"\nrole = "published"\nformat = "csv"\n'
    disk.write_text(path, disk.read_text(path) + printed)
    assert told(released) == {}
    replace_in(path, 'decimal = "."', 'decimal = ","')
    assert told(released) == {"manifest.toml: how baseline is read changed": ALL}


def test_a_variable_of_the_dictionary_reaches_what_is_made_of_it(released):
    paths, configuration, results = released
    variables = dict(configuration.dictionary.variables)
    variables["age"] = dataclasses.replace(variables["age"], range=(18.0, 90.0))
    dictionary = dataclasses.replace(configuration.dictionary, variables=variables)
    changed = dataclasses.replace(configuration, dictionary=dictionary)
    ((text, reach),) = told((paths, changed, results)).items()
    assert text == "dictionary variable age changed"
    ages = ResultAddress(
        outcome="trust_neighbours", specification="by_age", step="cv3", part="effect"
    )
    assert reach.holds(ages)
    assert not reach.holds(dataclasses.replace(ages, specification="did_main"))
    # the coding of an outcome's item is told once, by the plan's entry
    given = {**results, "entries": {"coding.age": "1"}}
    again = causes(paths, b"sums", given, {**given, "entries": {"coding.age": "2"}}, changed)
    assert [str(c.text) for c in again] == ["plan entry coding.age changed"]


def test_new_rows_reach_everything_but_those_of_the_printed_estimates(released):
    paths = released[0]
    for name in ("baseline", "printed"):
        made = pd.DataFrame({"__line__": ["2"], "q": ["1"]})
        disk.write_frame(paths.private / "raw" / f"{name}.parquet", made)
    files = [
        {"id": "baseline", "round": "baseline", "role": "baseline"},
        {"id": "printed", "round": None, "role": "published"},
    ]
    assert told(released, files=files) == {
        "1 row new in baseline: baseline:2": ALL,
        "1 row new in printed: printed:2": NOTHING,
    }


def test_a_correction_reaches_what_its_column_does_and_a_dropped_row_everything(released):
    paths, configuration, _ = released
    column = configuration.dictionary.variables["age"].raw["baseline"]
    line = f"baseline,b.csv:7,{column},1,2,set,typing error,t,2021-05-01,a\n"
    ledger = paths.config / "corrections.csv"
    disk.write_text(ledger, disk.read_text(ledger) + line)
    ((text, reach),) = told(released).items()
    assert text == f"correction new: set at b.csv:7, column {column} (typing error)"
    assert reach not in (ALL, NOTHING)
    dropped = "baseline,b.csv:8,,,,drop,tested twice,t,2021-05-01,a\n"
    disk.write_text(ledger, disk.read_text(ledger) + dropped)
    assert ALL in told(released).values()


def test_without_the_private_copy_only_files_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = Paths.of(argparse.Namespace(study="made_up", data_raw=""))

    def made(digest: str, ledger: str) -> dict:
        roles = {"endline": "endline", "printed": "published"}
        files = [{"id": i, "role": role, "sha256": digest} for i, role in roles.items()]
        return {"entries": {}, "files": files, "corrections": ledger}

    told = causes(paths, b"sums", made("1", "a"), made("2", "b"), examples.CONFIGURATION)
    assert {str(c.text): c.reach for c in told} == {
        "delivered file endline is different": ALL,
        "delivered file printed is different": NOTHING,
        "the correction log is different": ALL,
    }


def test_the_private_copy_is_kept_under_the_releases_checksum(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = Paths.of(argparse.Namespace(study="made_up", data_raw=""))
    raw(paths.private / "raw", id=["a"])
    disk.write_text(paths.config / "corrections.csv", HEAD)
    disk.write_text(paths.config / "study.toml", 'id = "made_up"\n')
    disk.write_text(paths.config / "dictionary" / "people.toml", 'module = "people"\n')
    for name in KEPT:
        disk.write_text(paths.build / name, "study\n")
    keep(paths, b"sums")
    folder = private_copy(paths, b"sums")
    kept = ["baseline.parquet", "corrections.csv", "dictionary", "study.toml", *KEPT]
    assert sorted(p.name for p in folder.iterdir()) == sorted(kept)
    assert [p.name for p in (folder / "dictionary").iterdir()] == ["people.toml"]
    assert folder.is_relative_to(paths.private)
    assert private_copy(paths, b"other") != folder


def test_an_earlier_delivery_is_found_where_a_release_kept_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = Paths.of(argparse.Namespace(study="made_up", data_raw=""))
    for name, digest in (("one", "AB12" * 16), ("two", "cd34" * 16)):
        folder = raw(paths.private / "releases" / name, id=[name])
        manifest = f'[[file]]\nid = "baseline"\nsha256 = "{digest}"\n'
        disk.write_text(folder / "manifest.toml", manifest)
    for name, digest in (("one", "ab12ab12ab12"), ("two", "cd34cd34cd34")):
        table = kept_table(paths, "baseline", digest)
        assert table is not None
        assert table["id"].tolist() == [name]
    assert kept_table(paths, "baseline", "0" * 12) is None
    assert kept_table(paths, "baseline", "") is None
    assert kept_table(paths, "endline", "ab12ab12ab12") is None


def test_a_folder_that_is_no_release_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = argparse.Namespace(study="made_up", data_raw="", language="en", base="nowhere")
    with pytest.raises(StorageError, match="no SHA256SUMS there") as stopped:
        compare.run(options)
    assert "compare --base folder" in str(stopped.value.fix)
