"""What was searched once: remembered where nothing was found, not when anything is changed."""

import dataclasses
import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import grimp
import pandas as pd
import pytest

from evaluation.config.release_rules import Allowed
from evaluation.release import history as remembered
from evaluation.release import search as searching
from evaluation.release import searched_before
from evaluation.release.history import add_history
from evaluation.release.identifier_scan import NOTHING, KnownValues, altered_of, answers_by_word
from evaluation.release.identifiers.person_rows import Persons
from evaluation.release.search import Searched
from evaluation.release.searched_before import (
    HISTORY,
    PACKAGE,
    SearchedBefore,
    libraries,
    plain,
    rules_of,
    sources,
)
from tests.tables import cases

CASES = cases(__file__)

ROOT = Path(__file__).resolve().parents[2]
PERSON = "P100200300"
STUDY = "tiny"
FULL = KnownValues(
    ids=frozenset({PERSON, "P100200301"}),
    answers=answers_by_word({"someone said this of the river"}),
    altered=altered_of({"someone said this of the river and of the bridge"}),
    places=frozenset({"uno"}),
    place_names=("villa inventada",),
    folders=("/srv/somewhere",),
)


def git(*arguments):
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@users.noreply.example.org",
                    *arguments], check=True, capture_output=True)  # fmt: skip


def commit(name, text):
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    git("add", name)
    git("commit", "-qm", f"add {name}")


@pytest.fixture
def history(tmp_path, monkeypatch):
    """A repository whose study began first, with three files in its history."""
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    commit(f"config/{STUDY}/study.toml", f'id = "{STUDY}"\n')
    for i in range(3):
        commit(f"notes_{i}.md", f"page {i}\n")
    return tmp_path


@pytest.fixture
def looked(monkeypatch):
    """Names of the contents that are opened and searched."""
    names = []
    real = searched_before.found_in

    def found_in(name, data, known):
        names.append(name)
        return real(name, data, known)

    monkeypatch.setattr(searching, "found_in", found_in)
    return names


def hits(known=FULL, allowed=()):
    searched = Searched()
    add_history(searched, known, allowed, study=STUDY)
    return [(hit.rule, hit.name.rpartition(" ")[2]) for hit in searched.hits]


def test_a_history_without_a_file_is_searched_whole_and_then_not_again(history, looked):
    assert hits() == []
    # four files, and of four commits message and persons; equal texts once
    assert len(looked) == 4 + 4 + 1
    looked.clear()
    assert hits() == []
    assert looked == []
    commit("notes_4.md", "one more\n")
    assert hits() == []
    assert [name.rpartition(" ")[2] for name in looked] == ["notes_4.md", "authors", "message"]


def test_versions_in_which_nothing_was_found_are_not_read_again(history, monkeypatch):
    read, real = [], remembered.history_versions

    def history_versions(files):
        for name, data in real(files):
            read.append(name.rpartition(" ")[2])
            yield name, data

    monkeypatch.setattr(remembered, "history_versions", history_versions)
    commit("notes_1.md", "page 1, longer\n")
    assert hits() == []
    assert read.count("notes_1.md") == 2
    for text in ("page 1, again\n", "page 1, and again\n"):
        commit("notes_1.md", text)
        read.clear()
        assert hits() == []
        assert read == ["notes_1.md"]
    commit("notes_1.md", f"ask {PERSON}\n")
    commit("notes_1.md", "page 1, cleaned\n")
    for _ in range(2):
        read.clear()
        assert hits() == [("raw-id", "notes_1.md")]
        assert read == ["notes_1.md"] * 2


@pytest.mark.parametrize("gone", ["one", "two"])
def test_equal_blocks_of_two_files_are_each_found_when_the_other_is_gone(history, gone):
    """What is equal is searched once in a run, and not remembered as clean under another name."""
    git("branch", "-m", "kept")
    for name in ("one", "two"):
        git("checkout", "-q", "-b", name, "kept")
        for text in ("\n\nend\n", f"\n\nask {PERSON}\n\nend\n", ", cleaned\n"):
            commit(f"{name}.py", name + text)
    git("checkout", "-q", "kept")
    assert len(hits()) == 1
    git("branch", "-q", "-D", gone)
    left = {"one": "two.py", "two": "one.py"}[gone]
    for _ in range(2):
        assert hits() == [("raw-id", left)]


@pytest.mark.parametrize(
    ("name", "text"), [(f"{PERSON}.md", "a page\n"), ("list.csv", "id\n120345\n")]
)
def test_what_is_equal_under_another_name_is_looked_at_by_its_own(history, name, text):
    """The name says somebody's id; a bare number is one in a table alone."""
    known = dataclasses.replace(FULL, ids=FULL.ids | {"120345"})
    Path(name).write_text(text, "utf-8")
    git("add", name)
    git("commit", "-qm", "one more")
    searched = Searched()
    searched.add([("build/x/page.md", text.encode())], known, ())
    assert searched.hits == []
    add_history(searched, known, (), study=STUDY)
    assert [hit.name.rpartition(" ")[2] for hit in searched.hits] == [name]
    # nor is it remembered that nothing was found, once the other is gone
    assert hits(known) == [("raw-id", name)]


def test_a_planted_id_in_an_old_version_is_found_on_every_run(history, looked):
    commit("notes_1.md", f"ask {PERSON}\n")
    commit("notes_1.md", "page 1, cleaned\n")
    for _ in range(3):
        assert hits() == [("raw-id", "notes_1.md")]
    assert hits(NOTHING) == []
    assert hits() == [("raw-id", "notes_1.md")]


def test_a_planted_id_in_a_message_is_found_on_every_run(history):
    git("commit", "-q", "--allow-empty", "-m", f"for {PERSON}")
    for _ in range(3):
        assert hits() == [("raw-id", "message")]


def test_what_a_person_excused_is_searched_every_time(history, looked):
    commit("notes_4.md", f"ask {PERSON}\n")
    excused = (Allowed(rule="raw-id", text=PERSON.lower(), reason="x"),
               Allowed(rule="raw-id", text=PERSON, reason="x"))  # fmt: skip
    for _ in range(2):
        looked.clear()
        assert hits(allowed=excused) == []
        assert f"{looked[-1]}".endswith(("notes_4.md", "message"))
    assert [name.rpartition(" ")[2] for name in looked] == ["notes_4.md"]
    assert hits() == [("raw-id", "notes_4.md")]


def test_what_cannot_be_read_is_told_every_time(history, looked):
    commit("a.zip", "PK\x03\x04 no archive")
    commit("b.ttf", "no typeface")
    for _ in range(2):
        searched = Searched()
        add_history(searched, FULL, (), study=STUDY)
        assert [f"{why}" for why in searched.unread.values()] == ["format .ttf"]
    looked.clear()
    hits()
    assert [name.rpartition(" ")[2] for name in looked] == ["b.ttf"]


def test_the_same_bytes_under_another_name_are_searched(tmp_path, looked):
    """A name decides how a content is read, and may itself say something."""
    before = SearchedBefore(tmp_path / "x.json")
    Searched().add([("a.md", b"1")], FULL, (), before)
    Searched().add([("a.csv", b"1"), ("a.md", b"1")], FULL, (), before)
    Searched().add([("a.md", b"1")], FULL, (), before)
    assert looked == ["a.md", "a.csv"]


CHANGED = {
    "an id": replace(FULL, ids=FULL.ids | {"P100200302"}),
    "rows that share an id": replace(FULL, rows={"p100200302": 3}),
    "an id less": replace(FULL, ids=frozenset({PERSON})),
    "an answer": replace(FULL, answers=answers_by_word({"someone said this of the road"})),
    "an answer that may be altered": replace(FULL, altered=altered_of({"a b c d" * 9})),
    "a place of one word": replace(FULL, places=FULL.places | {"dos"}),
    "a place of several": replace(FULL, place_names=(*FULL.place_names, "villa de nada")),
    "a folder": replace(FULL, folders=("/srv/elsewhere",)),
    "what is public": replace(FULL, public_places=True),
    "rows of persons": replace(
        FULL, persons=Persons(digest="1", fewer_than=10, heads={}, values={}, rows=pd.DataFrame())
    ),
}


def test_every_field_of_what_is_known_is_among_the_changes():
    differing = {
        f.name
        for known in CHANGED.values()
        for f in dataclasses.fields(KnownValues)
        if getattr(known, f.name) != getattr(FULL, f.name)
    }
    assert differing == {f.name for f in dataclasses.fields(KnownValues)}


@pytest.mark.parametrize("what", CHANGED)
def test_with_anything_else_known_everything_is_searched_again(tmp_path, looked, what):
    contents = [(f"{i}.md", b"%d" % i) for i in range(5)]
    path = tmp_path / "x.json"
    for known, searched in ((FULL, 5), (FULL, 0), (CHANGED[what], 5), (CHANGED[what], 0)):
        looked.clear()
        before = SearchedBefore(path)
        Searched().add(contents, known, (), before)
        before.write()
        assert len(looked) == searched


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The package as a copy whose files can be changed."""
    copy = tmp_path / "evaluation"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.ttf"))
    monkeypatch.setattr(searched_before, "PACKAGE", copy)
    monkeypatch.setattr(searched_before, "__file__", str(copy / "release/searched_before.py"))
    searched_before._imported.cache_clear()
    yield copy
    searched_before._imported.cache_clear()


def test_a_change_in_any_file_of_the_search_changes_the_sum(copied):
    files = sources()
    names = {file.relative_to(copied).as_posix() for file in files}
    assert {"release/search.py", "release/history.py", "release/identifier_patterns.toml"} <= names
    sums = [rules_of(FULL), rules_of(FULL)]
    assert len(set(sums)) == 1
    for file in files:
        with file.open("a", encoding="utf-8") as opened:
            opened.write("\n# a remark\n")
        sums.append(rules_of(FULL))
    assert len(set(sums)) == 1 + len(files)


@pytest.mark.parametrize("name", CASES["rules"])
def test_after_a_change_of_a_rule_everything_is_searched_again(copied, tmp_path, looked, name):
    contents, path = [(f"{i}.md", b"%d" % i) for i in range(5)], tmp_path / "x.json"
    for expected in (5, 0, 5):
        looked.clear()
        before = SearchedBefore(path)
        Searched().add(contents, FULL, (), before)
        before.write()
        assert len(looked) == expected
        if not looked:
            with (copied / "release" / name).open("a", encoding="utf-8") as opened:
                opened.write("# a remark\n")


def test_a_module_that_the_search_newly_imports_is_in_the_sum(copied):
    assert copied / "release/risk.py" not in sources()
    with (copied / "release/containers.py").open("a", encoding="utf-8") as opened:
        opened.write("\nfrom evaluation.release import risk\n")
    searched_before._imported.cache_clear()
    assert copied / "release/risk.py" in sources()


def test_the_files_of_the_search_are_all_that_it_imports():
    """Counted by another program: the one that keeps the direction of imports."""
    graph = grimp.build_graph("evaluation", include_external_packages=True, cache_dir=None)
    roots = ("identifier_scan", "published_text", "searched_before")
    found = {f"evaluation.release.{root}" for root in roots}
    for root in tuple(found):
        found |= graph.find_upstream_modules(root)
    own = {name for name in found if name.partition(".")[0] == "evaluation"}
    listed = {f.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for f in sources()}
    assert {
        name for name in own if name not in listed and f"{name}.__init__" not in listed
    } == set()
    assert {"evaluation.release.search", "evaluation.release.history"} <= listed
    outside = {name.partition(".")[0] for name in found - own} - sys.stdlib_module_names
    told = [line.split(" ") for line in libraries()]
    assert {name for name, _ in told} == outside
    assert all(version for _, version in told)


def test_the_patterns_and_names_are_among_the_files_of_the_search():
    listed = {file.name for file in sources() if file.suffix == ".toml"}
    assert {"identifier_patterns.toml", "personal_names.toml", "published_text.toml"} <= listed


@pytest.mark.parametrize("what", ["python", "library", "typeface"])
def test_another_python_library_or_typeface_changes_the_sum(monkeypatch, what):
    before = rules_of(FULL)
    if what == "python":
        monkeypatch.setattr(sys, "version", "4.0")
    elif what == "library":
        monkeypatch.setattr(sys.modules["pandas"], "__version__", "99")
    else:
        monkeypatch.setattr(searched_before.published_text, "font_sums", lambda: frozenset({b"1"}))
    assert rules_of(FULL) != before


def test_a_kind_of_value_that_is_not_in_the_sum_is_refused():
    with pytest.raises(TypeError):
        plain(object())


def test_the_order_of_words_counts_and_that_of_sets_does_not():
    assert plain(("a", "b")) != plain(("b", "a"))
    assert plain(frozenset({"a", "b"})) == plain({"b", "a"})
    assert plain({"a": ("b",)}) != plain({"b": ("a",)})


def test_what_is_known_has_one_sum_in_processes_with_other_hashes():
    code = (
        "from evaluation.release.identifier_scan import KnownValues, altered_of\n"
        "from evaluation.release.identifier_scan import answers_by_word as a\n"
        "from evaluation.release.searched_before import rules_of\n"
        "said = {f'word{i} other{i} again{i} further{i} last{i}' for i in range(50)}\n"
        "known = KnownValues(ids=frozenset(said), answers=a(said), altered=altered_of(said))\n"
        "print(rules_of(known))"
    )
    sums = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                       cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": str(seed)}).stdout
        for seed in (1, 2, 3)
    }  # fmt: skip
    assert len(sums) == 1


def test_the_file_holds_sums_alone(history):
    hits(replace(FULL, ids=frozenset({PERSON})))
    text = (HISTORY / f"{STUDY}.json").read_text("utf-8")
    content = json.loads(text)
    every = [*content, *(entry for listed in content.values() for entry in listed)]
    assert all(set(entry) <= set("0123456789abcdef") for entry in every)
    assert {len(rules) for rules in content} == {64}


@pytest.mark.parametrize("damage", [
    "", "{", "[]", '{"a": 1}', '{"a": [1]}', "null", '"x"', "\0\0", "cut", "other",
    "[" * 100_000,
])  # fmt: skip
def test_a_damaged_file_or_one_of_another_sum_counts_as_none(history, looked, damage):
    hits()
    first = looked.copy()
    path = HISTORY / f"{STUDY}.json"
    whole = path.read_text("utf-8")
    if damage == "cut":
        path.write_text(whole[: len(whole) // 2], "utf-8")
    elif damage == "other":
        content = json.loads(whole)
        path.write_text(
            json.dumps({"0" * 64: [e for listed in content.values() for e in listed]}), "utf-8"
        )
    else:
        path.write_text(damage, "utf-8")
    looked.clear()
    assert hits() == []
    assert looked == first
    assert path.read_text("utf-8") == whole


def test_bytes_that_are_no_text_count_as_none(history, looked):
    hits()
    (HISTORY / f"{STUDY}.json").write_bytes(b"\xff\xfe\x00")
    first, looked[:] = looked.copy(), []
    assert hits() == []
    assert looked == first


def test_what_is_gone_from_the_history_is_not_kept(tmp_path):
    path = tmp_path / "x.json"
    for contents in ([("a", b"1"), ("b", b"2")], [("b", b"2")]):
        before = SearchedBefore(path)
        Searched().add(contents, FULL, (), before)
        before.write()
    assert [len(entries) for entries in json.loads(path.read_text("utf-8")).values()] == [1]


def test_a_place_that_cannot_be_written_stops_nothing(history, looked):
    HISTORY.write_text("a file stands there", "utf-8")
    for _ in range(2):
        looked.clear()
        assert hits() == []
        assert len(looked) == 9


def test_two_that_write_at_once_leave_one_whole_file(tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from evaluation.release.searched_before import SearchedBefore\n"
        "from evaluation.release.identifier_scan import NOTHING\n"
        "for i in range(40):\n"
        "    before = SearchedBefore(Path(sys.argv[1]))\n"
        "    before.by(NOTHING).met.update(f'{j:040x}' for j in range(int(sys.argv[2])))\n"
        "    before.write()\n"
    )
    path = tmp_path / "x.json"
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(path), n], cwd=ROOT)
        for n in ("2000", "3000")
    ]
    assert [run.wait(timeout=240) for run in runs] == [0, 0]
    (entries,) = json.loads(path.read_text("utf-8")).values()
    assert len(entries) in (2000, 3000)
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]


def test_with_what_was_searched_before_the_same_is_found_as_without(tmp_path):
    """Contents come, go, change their names and hold what is looked for, in any order."""
    draw = random.Random(20260)  # noqa: S311 - no secret
    path = tmp_path / "x.json"
    texts = [f"page {i}" for i in range(6)] + [f"ask {PERSON}", "in uno", "villa inventada", "\0x"]
    for _ in range(40):
        known = draw.choice([FULL, NOTHING, *CHANGED.values()])
        contents = [
            (
                f"{draw.choice('ab')}.{draw.choice(['md', 'csv', 'ttf'])}",
                draw.choice(texts).encode(),
            )
            for _ in range(8)
        ]
        with_file, without = Searched(), Searched()
        before = SearchedBefore(path)
        with_file.add(contents, known, (), before)
        before.write()
        without.add(contents, known, ())
        assert (with_file.hits, with_file.unread) == (without.hits, without.unread)
