"""Command ``power`` on a small study: the printed table, the files, and what is refused."""

import dataclasses
import re
from pathlib import Path

import pytest

from evaluation import __main__ as program
from evaluation.cli import power
from evaluation.config.design_records import PlannedPower
from evaluation.estimation.records import Unavailable
from evaluation.estimation.row_keys import parse
from evaluation.fieldwork import power_list
from evaluation.locale.messages import wording
from evaluation.report.figures.power import METHODS, detectable_curves, power_curves
from evaluation.report.formats import words
from evaluation.storage import disk
from tests.estimation.studies import STUDY, frame, outcome, plan_panel, preregistration
from tests.messages import said
from tests.tables import cases

CASES = cases(__file__)

FOLDER = Path("build/small/power")
COMMAND = ["power", "--study", "small", "--simulations", "100"]
WRITTEN = set(CASES["written"])


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """A repository after the stages read and clean."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(power, "read_declared", lambda _: (STUDY, None, preregistration()))
    Path("config/small").mkdir(parents=True)
    table = plan_panel(75)
    disk.write_frame(Path("data_clean/small/panel.parquet"), table)
    disk.write_frame(Path("data_clean/small/frame.parquet"), frame(table))
    disk.write_json(Path("build/small/provenance.json"), {"study": "small", "data_hash": "d" * 64})
    return tmp_path


def files():
    return {p.name: p.read_bytes() for p in FOLDER.iterdir()}


def test_table_and_files(workplace, capsys):
    choices = ["--clusters-treated", "20", "--clusters-comparison", "30", "--respondents", "40"]
    panel = ["--panel-share", "0.5", "--attrition", "0.2", "--replacement", "none"]
    assert program.main([*COMMAND, *choices, *panel]) == 0
    found = capsys.readouterr()
    lines = found.out.splitlines()
    assert lines[0] == words.mark("SYNTHETIC", "en")
    assert lines[1].startswith("20 treated and 30 comparison clusters, 40 respondents each")
    assert lines[1].endswith("50% to be interviewed again, 20% of them lost")
    assert re.split("  +", lines[2]) == list(power_list.heads("en"))
    assert [line.split()[:3] for line in lines[3:7]] == [
        ["y", "0.30", "assumed"],
        ["y", "0.20", "smallest"],
        ["z", "0.30", "assumed"],
        ["z", "0.20", "smallest"],
    ]
    assert found.err.startswith("power  build/small/power")
    assert set(files()) == WRITTEN
    rows = disk.read_records(FOLDER / "table.csv", PlannedPower)
    # Cluster changes cannot be drawn for other respondents than the study's: a dash, and why.
    assert len(rows) == 2 * 2 * 2
    at = power_list.heads("en").index("clusters")
    assert [re.split("  +", line)[at] for line in lines[3:7]] == ["-"] * 4
    absent = disk.read_records(FOLDER / "unavailable.csv", Unavailable)
    assert [(u.outcome, u.step) for u in absent] == [(o, "cluster changes drawn") for o in "yz"]
    assert lines[7:9] == [f"clusters - ({u.outcome}): {u.reason}" for u in absent]
    assert "respondents 40, not" in lines[7]
    # The printed number is the record's.
    assert f"{rows[0].mde:.2f}" == lines[3].split()[4]
    said = disk.read_json(FOLDER / "power.json")
    assert said["choices"]["treated"] == 20
    assert said["choices"]["replacement"] == "none"
    assert said["data_hash"] == "d" * 64
    assert said["alt"]["power_curves"].startswith("SYNTHETIC DATA")


def test_the_shelf_needs_no_clean_data_and_writes_nothing(workplace, capsys):
    (workplace / "build/small/provenance.json").unlink()
    assert program.main(["power", "--study", "small", "--shelf"]) == 0
    found = capsys.readouterr().out
    assert "medellin_trust_community" in found
    assert "0.063 [0.046; 0.080]" in found
    assert not FOLDER.exists()


def test_same_bytes_twice_and_every_table_carries_the_mark(workplace):
    program.main(COMMAND)
    first = files()
    program.main(COMMAND)
    assert files() == first
    for name in ("table.csv", "power_curves.csv", "detectable_effects.csv"):
        rows = (FOLDER / name).read_text(encoding="utf-8").splitlines()
        assert rows[0].endswith(",synthetic")
        assert all(row.endswith(",SYNTHETIC") for row in rows[1:])
        assert len(rows) > 10


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--clusters-treated", "1"], "treated is 1; it must be from 2"),
        (["--panel-share", "1.5"], "panel_share is 1.5"),
        (["--attrition", "-1"], "attrition is -1"),
        (["--simulations", "0"], "0 simulations"),
    ],
)
def test_impossible_designs_are_refused_and_nothing_is_written(workplace, capsys, arguments, said):
    assert program.main([*COMMAND, *arguments]) == 1
    assert said in capsys.readouterr().err
    assert not FOLDER.exists()


def planned(**changes):
    given = CASES["planned"]
    return PlannedPower(**(given | changes))


def test_figures_say_what_they_show_in_words():
    curve = [planned(effect_from="curve", effect=float(k), power=k / 5) for k in range(1, 5)]
    rows = [planned(), *curve, planned(effect_from="detectable")]
    one = [outcome("y", unit="percentage points", decimals=1, smallest_effect=2.0)]
    for draw in (power_curves, detectable_curves):
        plain = draw(rows, one, mark="", language="en")
        assert "effect 2.8 percentage points, 20 treatment + 30 comparison" in plain.alt
        marked = draw(rows, one, mark="SYNTHETIC", language="es")
        assert marked.alt.startswith("DATOS SINTÉTICOS")
        assert "Efecto mínimo detectable (EMD) 2,8 puntos porcentuales" in marked.alt
        # The banner takes room: the picture is another one.
        assert marked.svg != plain.svg
        assert plain.png.startswith(b"\x89PNG")


def undrawn(reason: str) -> Unavailable:
    """Why the power of one outcome cannot be had by drawing respondents."""
    return Unavailable(
        study="small",
        outcome="y",
        specification="did_main",
        estimand="equal",
        sample=parse("all"),
        step="respondents drawn",
        reason=said(reason),
    )


def test_one_reason_of_two_outcomes_is_said_once():
    reason = undrawn("nobody to draw")
    absent = [reason, dataclasses.replace(reason, outcome="z")]
    rows = [planned(respondents=1.0)]
    text = power_list.table(rows, [outcome("y", unit="percentage points")], "", absent=absent)
    lines = text.splitlines()
    assert lines[0].startswith("20 treated and 30 comparison clusters, 1 respondent each a round")
    assert re.split("  +", lines[2])[4:7] == ["84%", "-", "-"]
    assert lines[3] == "people - (y, z): nobody to draw"
    assert text.endswith(wording("power-list.note", "en") + "\n")


def test_an_outcome_without_an_assumed_effect_has_no_such_line():
    rows = [
        planned(method=method, effect_from="smallest that matters", effect=2.0)
        for method in power_list.METHODS
    ]
    one = [dataclasses.replace(outcome("y"), decimals=1)]
    text = power_list.table(rows, one, "")
    assert "assumed" not in text
    assert text.splitlines()[2].split()[:2] == ["y", "2.0"]


def test_a_method_without_rows_has_no_line():
    """The legend takes each label once, from whichever panel has it."""
    curves = [
        planned(outcome=outcome, method=method, effect_from="curve", effect=float(k), power=k / 5)
        for outcome, methods in (("y", ("closed form",)), ("z", METHODS))
        for method in methods
        for k in range(1, 5)
    ]
    rows = [planned(), planned(outcome="z"), *curves]
    both = [outcome(name, unit="percentage points", decimals=1) for name in ("y", "z")]
    drawn = power_curves(rows, both, mark="", language="en").svg.decode()
    alone = power_curves(rows, both[:1], mark="", language="en").svg.decode()
    for method in METHODS:
        label = wording(f"power-figure.method.{method}", "en").replace("'", "’")
        assert drawn.count(f">{label}</text>") == 1
        assert alone.count(f">{label}</text>") == int(method == "closed form")


def test_the_table_in_spanish():
    reason = undrawn("no one was interviewed again")
    rows = [planned(respondents=1.0)]
    one = [outcome("y", unit="percentage points")]
    lines = power_list.table(rows, one, "SYNTHETIC", absent=[reason], language="es").splitlines()
    assert lines[0] == words.mark("SYNTHETIC", "es")
    assert lines[1].startswith("conglomerados: 20 de intervención y 30 de comparación; 1 per")
    assert re.split("  +", lines[2]) == list(power_list.heads("es"))
    cells = re.split("  +", lines[3])
    assert cells[0] == "y"
    assert cells[1].endswith("supuesto")
    assert cells[2] == "puntos porcentuales"
    assert cells[4:7] == ["84\N{NO-BREAK SPACE}%", "-", "-"]
    assert not any("." in cell for cell in cells)
    assert lines[4] == "personas - (y): ninguna persona se entrevistó de nuevo"
    assert "\n".join(lines[5:]) == wording("power-list.note", "es")
