"""Command `audit`: what is searched, what it says, and that exceptions need a reason."""

import contextlib
import re
import subprocess
from dataclasses import fields, replace
from pathlib import Path
from typing import get_args

import pytest

from evaluation.__main__ import main
from evaluation.config.release_rules import Allowed, Audit, Rule, SignedChapter, read_audit
from evaluation.config.sampling import Contacts
from evaluation.config.study import read_study
from evaluation.errors import DataError, SpecError
from evaluation.locale.messages import entries
from evaluation.release.identifier_scan import NOTHING
from evaluation.release.known_identifiers import known_of
from evaluation.release.search import Searched, check_folder
from evaluation.storage import disk, made_files
from evaluation.storage.folders import Paths
from tests.fixtures.tiny import Tiny
from tests.tables import cases

CASES = cases(__file__)

PHONE = "310 555 1234"


def told(text):
    """Whether a text tells digits of the phone; three alone may stand in a commit's hash."""
    return any(part in text for part in ("310 555", "555 1234", "3105551234"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    made = Tiny(tmp_path_factory.mktemp("finished"))
    made.write()
    with contextlib.chdir(made.root):
        made.run()
    return made


@pytest.fixture
def study(finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return finished.copied(tmp_path)


def run(*more):
    return main(["audit", "--study", "tiny", *more])


def test_a_clean_build_passes_and_says_so_in_a_file(study, tmp_path, capsys):
    assert run() == 0
    assert "nothing found in" in capsys.readouterr().err
    assert disk.read_json(tmp_path / "build" / "tiny" / "audit.json")["files"] > 0


def test_a_second_search_is_like_the_first_and_an_altered_table_stops_it(study, tmp_path, capsys):
    table = Path("build/tiny/flow.csv")
    with made_files.recorded(Path("build/tiny"), "clean"):
        disk.write_text(table, disk.read_text(table))
    assert [run(), run()] == [0, 0]
    table.write_text(f"{table.read_text('utf-8')}x\n", encoding="utf-8")
    assert run() == 1
    assert "flow.csv: the file is not what the stage clean wrote" in capsys.readouterr().err


def test_a_study_that_is_not_decided_yet_stops_no_other(study, tmp_path):
    subprocess.run(["git", "init", "-q"], check=True)
    other = tmp_path / "config" / "other"
    other.mkdir(parents=True)
    disk.write_text(other / "study.toml", 'id = "DECIDE: what is it called | other"\n')
    assert run() == 0


def test_a_hit_leaves_no_file_that_says_clean(study, tmp_path):
    assert run() == 0
    disk.write_text(tmp_path / "build" / "tiny" / "run.log", f"one {PHONE}\n")
    assert run() == 1
    assert not (tmp_path / "build" / "tiny" / "audit.json").exists()


@pytest.mark.parametrize(
    "name", ["build/tiny/en/exhibits/t.csv", "public/tiny/README.md", "build/tiny/run.log"]
)
def test_a_hit_stops_and_names_file_rule_and_line_only(study, tmp_path, capsys, name):
    disk.write_text(tmp_path / name, f"one\ntwo {PHONE}\n")
    assert run() == 1
    said = capsys.readouterr()
    assert f"{name}, line 2: mobile" in said.err
    assert not told(said.err + said.out)


def test_a_release_folder_is_searched_and_must_exist(study, tmp_path, capsys):
    disk.write_text(tmp_path / "sent" / "a.html", f"<td>{PHONE}</td>")
    assert run("--folder", "sent") == 1
    assert "sent/a.html, line 1: mobile" in capsys.readouterr().err
    assert run("--folder", "never") == 1
    assert "does not exist" in capsys.readouterr().err


def test_private_files_are_not_published_and_not_searched(study, tmp_path):
    disk.write_text(tmp_path / "build/tiny/private/notes.csv", PHONE)
    assert run() == 0


def test_raw_answers_and_ids_are_known_from_the_delivered_files(study, tmp_path, capsys):
    disk.write_text(
        tmp_path / "build/tiny/en/x.html", "<p>one of them, persona secreta 7, said</p>"
    )
    assert run() == 1
    err = capsys.readouterr().err
    assert "build/tiny/en/x.html, line 1: raw-answer" in err
    assert "secreta" not in err
    path = tmp_path / "build/tiny/private/raw/baseline.parquet"
    raw = disk.read_frame(path)
    raw.loc[0, "id_persona"] = "P100200300"
    disk.write_frame(path, raw)
    disk.write_text(tmp_path / "build/tiny/en/x.html", "<td>P100200300</td>")
    assert run() == 1
    assert "x.html, line 1: raw-id" in capsys.readouterr().err


def git(*arguments):
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x", *arguments], check=True,
                   capture_output=True)  # fmt: skip


def test_what_is_older_than_a_study_cannot_hold_its_people(study, tmp_path, capsys):
    """A test of the program may hold a text that is somebody's id too."""
    person = "P100200300"
    path = tmp_path / "build/tiny/private/raw/baseline.parquet"
    raw = disk.read_frame(path)
    raw.loc[0, "id_persona"] = person
    disk.write_frame(path, raw)
    git("init", "-q")
    disk.write_text(tmp_path / "old_test.py", f"assert '{person}'")
    git("add", "old_test.py")
    git("commit", "-qm", "a")
    assert run() == 0
    git("add", "config")
    git("commit", "-qm", "the study begins")
    assert run() == 0
    disk.write_text(tmp_path / "new_notes.md", f"ask {person}")
    git("add", "new_notes.md")
    git("commit", "-qm", "c")
    capsys.readouterr()
    assert run() == 1
    err = capsys.readouterr().err
    assert "new_notes.md, line 1: raw-id" in err
    assert "old_test.py" not in err


def test_a_file_that_was_removed_is_still_in_the_history(study, tmp_path, capsys):
    git("init", "-q")
    disk.write_text(tmp_path / "notes.md", f"call {PHONE}")
    git("add", "notes.md")
    git("commit", "-qm", "a")
    git("rm", "-q", "notes.md")
    git("commit", "-qm", "b")
    assert run("--history", "no") == 0
    assert run() == 1
    err = capsys.readouterr().err
    assert "notes.md, line 1: mobile" in err
    assert not told(err)


def test_coordinates_are_found_below_names_that_an_older_version_has_too(study, tmp_path, capsys):
    git("init", "-q")
    for line in ("none", "4.12345, home, -74.12345", "none again"):
        disk.write_text(tmp_path / "notes.py", f"lat, lon\n\n{line}\n")
        git("add", "notes.py")
        git("commit", "-qm", "notes")
    assert run() == 1
    assert "notes.py, line 3: gps" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["notes.py", "notes.po", "notes.md"])
@pytest.mark.parametrize("told_in", [0, 1, 2])
def test_a_block_of_any_version_is_found_in_its_line(study, tmp_path, capsys, name, told_in):
    """Of older versions only the blocks that are new in them are searched again."""
    git("init", "-q")
    for i in range(4):
        line = f"call {PHONE}" if i == told_in else f"call nobody {i}"
        disk.write_text(tmp_path / name, f"a\nb\n\nfirst {i // 2}\n\n\n{line}\nc\n\nlast\n")
        git("add", name)
        git("commit", "-qm", f"{i}")
    assert run() == 1
    assert f"{name}, line 7: mobile" in capsys.readouterr().err


@pytest.mark.parametrize(("path", "line", "status"), CASES["public"])
def test_a_list_of_all_public_places_identifies_nobody(study, tmp_path, path, line, status):
    git("init", "-q")
    disk.write_text(tmp_path / path, f"department,municipality,code,reason\n{line}\n")
    git("add", path)
    git("commit", "-qm", "a")
    assert run() == status


def commit(message, *, email="office@users.noreply.example.org"):
    git("-c", f"user.email={email}", "commit", "-q", "--allow-empty", "-m", message)


def test_messages_and_authors_are_history(study, tmp_path, capsys):
    git("init", "-q")
    commit("a message")
    assert run() == 0
    assert "and 2 messages and author lines" in capsys.readouterr().err
    commit(f"call {PHONE}")
    assert run("--history", "no") == 0
    assert run() == 1
    err = capsys.readouterr().err
    assert " message, line 1: mobile" in err
    assert not told(err)


def test_an_author_is_allowed_by_name_or_not_reachable(study, tmp_path, capsys):
    git("init", "-q")
    commit("a", email="ana@example.org")
    assert run() == 1
    assert " authors, line 1: e-mail" in capsys.readouterr().err
    (tmp_path / "CITATION.cff").write_text('authors:\n  - email: "ana@example.org"\n', "utf-8")
    assert run() == 0
    (tmp_path / "CITATION.cff").write_text('  - email: "eliana@example.org"\n', "utf-8")
    assert run() == 1


def test_messages_of_tags_are_history(study, tmp_path, capsys):
    git("init", "-q")
    commit("a")
    git("tag", "-a", "v1", "-m", "cedula 52345678")
    assert run() == 1
    assert "tag v1 message, line 1: cedula" in capsys.readouterr().err


def test_without_a_repository_it_says_so(study, capsys):
    assert run() == 0
    assert ", no history" in capsys.readouterr().err


def test_what_cannot_be_opened_is_told(study, tmp_path, capsys):
    disk.write_bytes(tmp_path / "build" / "tiny" / "a.ttf", b"x")
    assert run() == 0
    assert "not searched: 1 (format .ttf 1: build/tiny)" in capsys.readouterr().err
    told = disk.read_json(tmp_path / "build" / "tiny" / "audit.json")
    assert told["not_searched"] == {"format .ttf": 1}
    assert told["not_searched_files"] == {"build/tiny/a.ttf": "format .ttf"}


def test_ignored_columns_of_every_format_are_known(study, tmp_path, capsys):
    """A Stata file's too: its column is in no table that reading leaves behind."""
    page = tmp_path / "build/tiny/en/x.html"
    for row in study.baseline:
        row["deviceid"] = f"collect:{row['id_persona']}-a7"
    for i, row in enumerate(study.endline):
        row["serial"] = str(90000001 + i)
    study.write()
    path = study.config / "manifest.toml"
    text = path.read_text("utf-8").replace(
        'round = "endline"\n', 'round = "endline"\nignore_columns = ["serial"]\n'
    )
    path.write_text(text, "utf-8")
    study.run()
    assert run() == 0
    for said in ("number 90000004 here", "collect:p03-a7"):
        disk.write_text(page, f"<p>{said}</p>")
        assert run() == 1
        assert "x.html, line 1: raw-id" in capsys.readouterr().err


VILLAGES = {
    "M1": "Villa Inventada de Nada",
    "M2": "Villa Inventada de Humo",
    "M3": "Villa Inventada de Aire",
    "M4": "Villa Inventada de Sal",
}


def ignore(study, role, name):
    """Let the manifest say that a column of a file is left out."""
    path = study.config / "manifest.toml"
    text = path.read_text("utf-8")
    if role == "baseline":
        text = text.replace('["deviceid"]', f'["{name}", "deviceid"]')
    else:
        text = text.replace('folder = "config"', f'folder = "config"\nignore_columns = ["{name}"]')
    path.write_text(text, "utf-8")


def named_in_the_frame(study):
    """The frame has names; the survey writes them in its own way, and one answer beside them."""
    for row in study.frame:
        row["nombre"] = VILLAGES[row["municipality"]]
    for row in study.baseline:
        row["lugar"] = VILLAGES[row["municipio"]].upper()
    study.baseline[0]["lugar"] = "una respuesta de alguien"
    study.write()
    ignore(study, "frame", "nombre")
    ignore(study, "baseline", "lugar")


def named_in_the_survey(study):
    """The frame has codes alone, and the export a name beside each code."""
    for row in study.baseline:
        row["lugar"] = VILLAGES[row["municipio"]]
    study.write()
    ignore(study, "baseline", "lugar")


@pytest.mark.parametrize("lay_out", [named_in_the_frame, named_in_the_survey])
def test_names_of_the_studys_places_are_no_answers(study, tmp_path, capsys, lay_out):
    """Four places of six rows each: too few for a category."""
    lay_out(study)
    study.run()
    known = known_of(Paths.of(study.options()), read_study(study.config))
    answers = {answer for listed in known.answers.values() for answer in listed}
    assert not [answer for answer in answers if "villa inventada" in answer]
    assert ("una respuesta de alguien" in answers) is (lay_out is named_in_the_frame)
    # in the history they may stand, in what is published they may not
    git("init", "-q")
    disk.write_text(tmp_path / "config/notes.md", "Villa Inventada de Humo\n")
    git("add", "config/notes.md")
    commit("a")
    assert run() == 0
    capsys.readouterr()
    disk.write_text(tmp_path / "build/tiny/en/x.html", "<p>Villa Inventada de Humo</p>")
    assert run() == 1
    assert "x.html, line 1: place" in capsys.readouterr().err


def test_names_of_wider_places_in_the_frame_are_no_answers(study):
    """A name that stands in every row of the frame names no place, and nobody's answer either."""
    for row in study.frame:
        row["comarca"] = "Comarca Inventada del Norte"
    for row, said in zip(
        study.baseline, ("comarca inventada del norte", "otra respuesta de alguien"), strict=False
    ):
        row["lugar"] = said
    study.write()
    ignore(study, "frame", "comarca")
    ignore(study, "baseline", "lugar")
    study.run()
    known = known_of(Paths.of(study.options()), read_study(study.config))
    answers = {answer for listed in known.answers.values() for answer in listed}
    assert "otra respuesta de alguien" in answers
    assert "comarca inventada del norte" not in answers
    assert "comarca inventada del norte" not in known.place_names


def test_a_file_that_was_not_read_yet_leaves_the_others_known(study):
    paths = Paths.of(study.options())
    (paths.private / "raw" / "endline.parquet").unlink()
    known = known_of(paths, read_study(paths.config))
    assert "persona secreta 7" in {answer for listed in known.answers.values() for answer in listed}


@pytest.mark.parametrize("who", ["enumerator", "unit", "replaces"])
def test_ids_of_interviewers_and_sampled_units_are_known(study, who):
    """Shown with the column of names: whatever the study calls so is held to be an id."""
    paths = Paths.of(study.options())
    read = read_study(paths.config)
    assert "Persona Secreta 3" not in known_of(paths, read).ids
    if who == "enumerator":
        named = replace(read, columns=replace(read.columns, enumerator="full_name"))
    else:
        other = {"unit": "x", "replaces": ""} | {who: "full_name"}
        named = replace(read, contacts=Contacts(round="r", disposition="d", **other))
    assert "Persona Secreta 3" in known_of(paths, named).ids


def test_what_persons_wrote_is_an_answer_and_what_the_frame_says_of_a_place_is_none(study):
    study.edit(
        "dictionary/tiny.toml",
        'raw = { baseline = "nombre" }\npersonal = "direct"',
        'raw = { baseline = "nombre" }\npersonal = "none"',
    )
    paths = Paths.of(study.options())
    raw = disk.read_frame(paths.private / "raw" / "frame.parquet")
    raw["cohort"] = "entrada de la primavera"
    disk.write_frame(paths.private / "raw" / "frame.parquet", raw)
    known = known_of(paths, read_study(paths.config))
    answers = {answer for listed in known.answers.values() for answer in listed}
    assert "persona secreta 7" in answers
    assert "entrada de la primavera" not in answers


def test_codes_in_columns_that_name_a_person_are_known(study):
    for i, row in enumerate(study.baseline):
        row["nombre"] = f"ficha{i:03d}" if i else "Ana"
    study.write()
    study.run()
    paths = Paths.of(study.options())
    known = known_of(paths, read_study(paths.config))
    assert {"ficha001", "ficha023"} <= known.ids
    assert "Ana" not in known.ids


def test_a_folder_is_searched_before_it_is_published(study, tmp_path):
    paths = Paths.of(study.options())
    read = read_study(paths.config)
    disk.write_text(tmp_path / "made" / "a.csv", "a\n5\n")
    assert check_folder(tmp_path / "made", paths, read).hits == []
    disk.write_text(tmp_path / "made" / "b.csv", f"a\n{PHONE}\n")
    with pytest.raises(DataError, match=r"b\.csv, line 2: mobile"):
        check_folder(tmp_path / "made", paths, read)


def test_other_branches_are_history_too(study, tmp_path):
    git("init", "-q", "-b", "main")
    disk.write_text(tmp_path / "a.md", "nothing")
    git("add", "a.md")
    git("commit", "-qm", "a")
    git("checkout", "-qb", "side")
    disk.write_text(tmp_path / "b.md", PHONE)
    git("add", "b.md")
    git("commit", "-qm", "b")
    git("checkout", "-q", "main")
    assert run() == 1


def test_sources_of_tests_may_hold_invented_numbers(study, tmp_path):
    git("init", "-q")
    disk.write_text(tmp_path / "tests" / "test_a.py", f"x = '{PHONE}'")
    git("add", "tests")
    git("commit", "-qm", "a")
    assert run() == 0
    disk.write_text(tmp_path / "tester" / "a.py", f"x = '{PHONE}'")
    git("add", "tester")
    git("commit", "-qm", "b")
    assert run() == 1


def test_an_exception_is_exact_and_has_a_reason(study, tmp_path):
    path = tmp_path / "build/tiny/en/a.html"
    disk.write_text(path, "<p>write to office@example.org</p>")
    assert run() == 1
    entry = '[[allowed]]\nrule = "e-mail"\ntext = "office@example.org"\n'
    (study.config / "audit.toml").write_text(entry, encoding="utf-8")
    assert run() == 1
    (study.config / "audit.toml").write_text(f'{entry}reason = "the office\'s own"\n', "utf-8")
    assert run() == 0
    entry_of_file = f'{entry}reason = "x"\nfile = "en/b.html"\n'
    (study.config / "audit.toml").write_text(entry_of_file, encoding="utf-8")
    assert run() == 1
    (study.config / "audit.toml").write_text(entry_of_file.replace("b.html", "a.html"), "utf-8")
    assert run() == 0
    disk.write_text(path, "<p>write to office2@example.org</p>")
    assert run() == 1
    (study.config / "audit.toml").write_text(f'{entry}reason = " "\n', encoding="utf-8")
    with pytest.raises(SpecError, match="no reason"):
        read_audit(study.config)


def test_the_page_names_every_key_and_rule_of_the_exceptions(study):
    text = (Path(__file__).parents[2] / "book" / "software" / "running.md").read_text("utf-8")
    (block,) = [b for b in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "[[allowed]]" in b]
    assert {f.name for f in fields(Audit)} == set(
        re.findall(r"^\[\[(\w+)\]\]", block, re.MULTILINE)
    )
    keys = set(re.findall(r"^(\w+) = ", block, re.MULTILINE))
    assert keys == {f.name for kind in (Allowed, SignedChapter) for f in fields(kind)}
    told = re.search(r"^rule = (.*)$", block, re.MULTILINE)[1]
    assert {rule for rule in get_args(Rule) if rule not in told} == set()
    (study.config / "audit.toml").write_text(block, "utf-8")
    read = read_audit(study.config)
    assert (len(read.allowed), len(read.chapter)) == (1, 1)


def test_what_was_found_is_told_in_spanish(study, tmp_path, capsys, monkeypatch):
    """The rule in words, and beside it as an exception names it."""
    monkeypatch.setenv("EVAL_LANG", "es")
    disk.write_text(tmp_path / "build/tiny/run.log", f"a\n{PHONE}\nc.c. 52345678\n")
    assert run() == 1
    said = capsys.readouterr().err
    assert "build/tiny/run.log, línea 2: celular (mobile)" in said
    assert "build/tiny/run.log, línea 3: cédula (cedula)" in said
    assert "pasajes que pueden identificar a una persona: 2" in said
    assert "config/tiny/audit.toml" in said
    assert " line " not in said
    disk.write_text(tmp_path / "build/tiny/run.log", f"{PHONE}\n" * 25)
    assert run() == 1
    said = capsys.readouterr().err
    assert "línea 1: celular (mobile) (el mismo texto en 24 lugares más)" in said
    assert "línea 2" not in said
    numbers = [f"31055512{i}" for i in range(10, 35)]
    disk.write_text(tmp_path / "build/tiny/run.log", "\n".join(numbers))
    assert run() == 1
    said = capsys.readouterr().err
    assert "línea 20: celular" in said
    assert "línea 21" not in said
    assert "y 5 más" in said


def test_every_rule_has_its_words():
    assert set(entries("audit-rule")) == set(get_args(Rule))


def test_the_same_content_is_searched_once():
    files = [("a.txt", PHONE.encode()), ("b.txt", PHONE.encode())]
    searched = Searched()
    searched.add(files, NOTHING, ())
    assert [hit.name for hit in searched.hits] == ["a.txt"]
