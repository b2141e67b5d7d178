"""The parts of the mutation run that need no run: places, kinds, shares, and the stored report."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.tables import cases, text
from tools.mutation import changes, report, rooms, running
from tools.mutation.__main__ import REASONS, REPORT, given_reasons, stored

CASES = cases(__file__)

ROOT = Path(__file__).resolve().parents[1]

ORIGINAL = text(__file__, "mutation_original.txt")


def mutated(was: str, now: str, place: str) -> changes.Change:
    """The change that one replacement makes, as it stands in a mutated file."""
    assert ORIGINAL.count(was) == 1
    text = ORIGINAL.replace(was, now)
    if place == "root":
        text = text.replace("def root(", "def x_root__mutmut_7(")
    else:
        text = text.replace("def side(", "def xǁBoxǁside__mutmut_7(")
    (found,) = changes.mutants(ORIGINAL, text)
    assert found[0].endswith("__mutmut_7")
    return found[1]


@pytest.mark.parametrize(("was", "now", "place", "line", "kind"), CASES["changes"])
def test_a_change_has_its_place_and_its_kind(was, now, place, line, kind):
    found = mutated(was, now, place)
    assert (found.function, found.line, found.kind) == (place, line, kind)
    assert found.was != found.now
    assert len(found.was) < 200


def test_a_change_is_shown_without_the_rest_of_its_line():
    before = f"    return f({'a, ' * 40}1, {'b, ' * 40}2)"
    source = f"def f():\n{before}\n"
    text = f"def x_f__mutmut_1():\n{before.replace('1', '3')}\n"
    ((_, found),) = changes.mutants(source, text)
    assert found.was.replace("1", "3") == found.now
    assert (found.was[:3], found.was[-3:], len(found.was)) == ("...", "...", 2 * 40 + 7)


@pytest.mark.truth
def test_wilson_interval_of_published_shares():
    """Newcombe (1998, Statistics in Medicine 17:857), table I, score method, to four decimals."""
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (share, total), bounds in published.items():
        assert report.wilson(share, total) == pytest.approx(bounds, abs=5e-5)
    low, high = report.wilson(20, 20)
    assert (low, high) == pytest.approx((1 - 0.1611, 1.0), abs=5e-5)
    with pytest.raises(ValueError, match="share of nothing"):
        report.wilson(0, 0)


def mutant(status, kind, *, module="m.py", room="fit", line=1):
    place = {"module": module, "function": "f", "line": line, "was": "a", "now": f"b{line}"}
    return {"room": room, "status": status, "kind": kind, **place}


def test_wording_is_counted_apart_and_what_never_ends_is_killed():
    mutants = [
        mutant("killed", "code"),
        mutant("timeout", "code"),
        mutant("segfault", "code"),
        mutant("survived", "code", line=9),
        mutant("no tests", "code", line=3),
        mutant("suspicious", "code", line=4),
        mutant("killed", "wording"),
        mutant("survived", "wording", line=5),
    ]
    (row,) = report.counts(mutants)
    assert (row["killed"], row["survived"]) == (3, 3)
    assert (row["wording_killed"], row["wording_survived"]) == (1, 1)
    assert [s["line"] for s in report.survivors(mutants)] == [3, 4, 5, 9]
    alive = report.survivors(mutants)
    reason = {"module": "m.py", "function": "f", "was": "a", "now": "b9"}
    reasons = [reason | {"kind": "rounding", "why": "the last digit"}]
    assert [s["line"] for s in report.unexplained(alive, reasons)] == [3, 4]
    assert [kept["alike"] for kept in report.summary([row], alive, reasons)] == [1]
    assert report.listed(alive, reasons).count("no reason given yet") == 2


def test_a_sample_is_kept_in_one_row_and_named_modules_in_one_each():
    mutants = [
        mutant(status, "code", module=module, room=room, line=line)
        for room in ("fit", rooms.REST)
        for module in ("m.py", "n.py")
        for status, line in (("killed", 1), ("survived", 2))
    ]
    counted = report.counts(mutants)
    reasons = [{"module": "n.py", "function": "f", "was": "a", "now": "b2", "kind": "gap"}]
    kept = report.summary(counted, report.survivors(mutants), reasons)
    assert [(k["room"], k["module"], k["killed"], k["survived"], k["alike"]) for k in kept] == [
        ("fit", "m.py", 1, 1, 0),
        ("fit", "n.py", 1, 1, 0),
        (rooms.REST, "", 2, 2, 0),
    ]


def test_rooms_share_no_module_and_their_files_exist():
    found = rooms.every_room(ROOT)
    paths = [path for room in found for path in room.sources]
    assert len(paths) == len(set(paths))
    assert all((ROOT / path).exists() for room in found for path in (*room.sources, *room.tests))
    assert len(rooms.rest(ROOT).sources) > 20
    assert [room.name for room in found if room.sampled] == list(report.SAMPLED)


def test_the_sample_is_seeded_and_knows_no_order():
    names = [f"n{i}" for i in range(1_000)]
    found = running.sampled(names)
    assert len(set(found)) == rooms.SAMPLE
    assert running.sampled(names[::-1]) == found
    assert running.sampled(names[:10]) == names[:10]


def test_settings_stand_in_the_projects_own_file():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    room = rooms.ROOMS[0]
    table = tomllib.loads(project + running.settings(room.sources, room.tests))
    found = table["tool"]["mutmut"]
    assert found["source_paths"] == list(room.sources)
    assert found["pytest_add_cli_args_test_selection"] == list(room.tests)
    assert table["project"]["name"] == "impact-evaluation"


def test_survivors_are_run_again_on_the_same_code_only(tmp_path):
    root, folder = tmp_path / "root", tmp_path / "run"
    for place in (root, folder):
        (place / "tests").mkdir(parents=True)
        (place / "m.py").write_text("one\n", encoding="utf-8")
    (root / "tests" / "test_new.py").write_text("", encoding="utf-8")
    for name in running.FILES:
        (root / name).write_text("", encoding="utf-8")
    running.renew(root, folder, ["m.py"], ["tests/test_new.py"])
    assert "tests/test_new.py" in (folder / "pyproject.toml").read_text(encoding="utf-8")
    assert (folder / "tests" / "test_new.py").exists()
    (root / "m.py").write_text("two\n", encoding="utf-8")
    with pytest.raises(running.MutationError, match=r"m\.py was not run as it stands"):
        running.renew(root, folder, ["m.py"], [])
    with pytest.raises(running.MutationError, match="was not run as it stands"):
        running.renew(root, folder, ["other.py"], [])


# ---- What is stored ------------------------------------------------------------------------------


def test_the_report_says_what_is_stored():
    assert REPORT.read_text(encoding="utf-8") == report.render(stored())


def test_every_survivor_has_a_reason_and_every_reason_a_survivor():
    """Reasons are counted by module, and by room where a sample was drawn."""
    reasons = given_reasons()
    room_of = {path: room for room in rooms.every_room(ROOT) for path in room.sources}
    given, same = Counter(), Counter()
    for reason in reasons:
        room, module = room_of[reason["module"]], reason["module"]
        place = (room.name, "" if room.sampled else module)
        given[place] += 1
        same[place] += reason["kind"] in report.ALIKE
    rows = {(row["room"], row["module"]): row for row in stored()["counts"]}
    assert {place: row["survived"] for place, row in rows.items() if row["survived"]} == given
    assert {place: row["alike"] for place, row in rows.items() if row["alike"]} == +same
    assert {r["kind"] for r in reasons} <= {"equivalent", "rounding", "not reachable", "gap"}
    assert all(len(r["why"]) > 20 for r in reasons), REASONS.name


def share(*names):
    """Share of the mutants of some rooms that are killed."""
    rows = [row for row in stored()["counts"] if row["room"] in names]
    killed, survived = (sum(row[name] for row in rows) for name in ("killed", "survived"))
    assert killed + survived > 100
    return killed / (killed + survived)


def test_ninety_five_in_a_hundred_of_the_named_modules_are_killed():
    assert share(*(room.name for room in rooms.ROOMS)) >= 0.95


@pytest.mark.parametrize(
    ("room", "least"),
    [
        (rooms.REST, 0.95),
        ("factor", 0.95),
        ("reader", 0.9),
        ("corrections", 0.9),
        ("disclosure", 0.95),
    ],
)
def test_so_many_of_a_sample_are_killed(room, least):
    assert share(room) >= least
