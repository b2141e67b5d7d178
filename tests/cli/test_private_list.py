"""The private list of treated places: read in place, private, and searched for."""

from pathlib import Path

import pandas as pd
import pytest

from evaluation.cli import place_names
from evaluation.cli.all import stage_commands
from evaluation.cli.lock import run_complete_lock
from evaluation.config.study import read_study
from evaluation.data.series.treated_list import telling_names
from evaluation.release import search
from evaluation.release.known_identifiers import known_of
from evaluation.release.search import Leaks
from evaluation.storage import disk
from evaluation.storage.folders import Paths
from tests.fixtures.small_panel import CODED, LISTED, PLACES, STUDY, SmallPanel, stopped, table


@pytest.fixture
def panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallPanel:
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    return SmallPanel(root)


HEAD = "cod_mpio,municipio,departamento,cohort\n"
PUBLIC = "05120,CÁCERES,ANTIOQUIA,c2021\n"


def office(tmp_path: Path, *lines: str) -> str:
    path = tmp_path / "office" / "lista.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEAD + "".join(lines), "utf-8")
    return path.as_posix()


def assignment(panel: SmallPanel) -> pd.DataFrame:
    return disk.read_frame(panel.root / "build" / STUDY / "private" / "assignment.parquet")


def test_without_a_list_the_others_are_unknown_and_never_guessed(panel):
    panel.deliver()
    panel.lock()
    panel.run()
    table = assignment(panel).set_index("municipality")
    assert table["status"].to_dict() == {
        "05001": "never", "05120": "treated", "05154": "unknown", "23682": "unknown",
        "76001": "never", "76020": "never",
    }  # fmt: skip
    assert table["first_treated"].dropna().to_dict() == {"05120": 2021}
    assert table["cohort"].dropna().to_dict() == {"05120": "c2021"}


def test_a_place_taken_off_the_public_list_is_no_longer_the_locked_assignment(panel):
    panel.deliver()
    panel.lock()
    run_complete_lock(panel.options())
    panel.run()
    before = panel.config.joinpath("plan.lock").read_text("utf-8")
    listed = panel._files["first"]
    listed["data"] = table(LISTED, [PLACES[2][:3]])
    (panel.raw / listed["path"]).write_bytes(listed["data"])
    panel._write_manifest(panel._files)
    _, said = stopped(panel)
    assert "[assignment-changed]" in said
    assert not any(code in said + before for code, *_ in PLACES)


def test_without_a_lock_treatment_is_scrambled_among_those_that_may_have_it(panel):
    panel.deliver()
    panel.run()
    table = assignment(panel).set_index("municipality")
    assert table.index[table["arm"] == "treated"].tolist() == ["05154"]
    assert table["first_treated"].dropna().to_dict() == {"05154": 2021}
    assert set(table["synthetic"]) == {"BLINDED"}


def test_a_private_list_is_read_in_place_and_stays_private(panel, tmp_path):
    panel.deliver()
    panel.lock()
    panel.run()
    folder = panel.root / "data_clean" / STUDY
    public = {path.name: path.read_bytes() for path in folder.iterdir()}
    path = office(tmp_path, PUBLIC, ",San José de Uré,Córdoba,c2022\n")
    panel.run(treatment=path)
    table = assignment(panel).set_index("municipality")
    assert table["first_treated"].dropna().to_dict() == {"05120": 2021, "23682": 2022}
    assert set(table["status"]) == {"treated", "never"}
    # clean data are the same bytes, and no finding outside names a place
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == public
    outside = [f for f in panel.findings(".") if f.rule in ("largest-change", "no-population")]
    assert outside == []
    for file in (panel.root / "build").rglob("*"):
        if file.is_file() and "private" not in file.parts:
            data = file.read_bytes().lower()
            for told in ("san josé de uré", "23682", "lista.csv", "office"):
                assert told.encode() not in data, file
    # where folder and list lie is noted once, for Make to see another one
    private = panel.root / "build" / STUDY / "private"
    noted = (private / "raw_folder").read_text(encoding="utf-8")
    assert noted == f"{panel.raw.as_posix()}\n{path}\n"
    # and the next public run forgets it
    panel.run()
    assert (private / "raw_folder").read_text(encoding="utf-8") == f"{panel.raw.as_posix()}\n\n"
    assert not (private / "unnamed.parquet").exists()
    assert not (private / "treated_list.parquet").exists()
    assert set(assignment(panel)["status"]) == {"treated", "unknown", "never"}


def test_the_search_finds_a_planted_place_anywhere_else(panel, tmp_path):
    panel.deliver()
    panel.lock()
    panel.run(treatment=office(tmp_path, PUBLIC, "23682,San José de Uré,Córdoba,c2022\n"))
    paths = Paths.of(panel.options())
    study = read_study(paths.config)

    def searched(text: str) -> None:
        page = paths.build / "en" / "page.html"
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"<p>{text}</p>", "utf-8")
        found = search.Searched()
        found.add(search.files_of([paths.build]), known_of(paths, study), ())
        found.stop_on_hits(study)

    searched("Medellín and CÁCERES are named in public")
    for planted in ("San José de Uré", "SAN JOSE DE URE", "the code 23682 there"):
        with pytest.raises(Leaks) as caught:
            searched(planted)
        assert "page.html" in caught.value.listed("en")
        assert planted not in caught.value.listed("en")
    release = tmp_path / "release"
    release.mkdir()
    (release / "table.csv").write_text("place,n\nCÁCERES,3\n", "utf-8")
    search.check_folder(release, paths, study)
    (release / "table.csv").write_text("place,n\nSAN JOSÉ DE URÉ,3\n", "utf-8")
    with pytest.raises(Leaks):
        search.check_folder(release, paths, study)


DIRECT = """
[[variable]]
name = "victim"
type = "text"
label = { en = "Victim", es = "Víctima" }
raw = { coded = "VICTIMA" }
personal = "direct"
source = "National police"
"""


def test_the_search_finds_who_stands_in_the_rows_of_events(panel):
    """In a column that names persons, and in one that is not read; a place there is public."""
    for year, name in (("2011", "Remedios Buendia Iguaran"), ("2012", "Amaranta Buendia Moscote")):
        panel.rows[year] = [[*row[:-1], name, row[-1]] for row in panel.rows[year]]
        panel.heads[year] = (*CODED[:-1], "VICTIMA", CODED[-1])
    told = ("hallada junto al puente viejo", "CAUCASIA", "exp2011044")
    rows = zip(panel.rows["2011"], told, strict=True)
    panel.rows["2011"] = [[*row[:-1], note, row[-1]] for row, note in rows]
    panel.heads["2011"] = (*CODED[:-1], "VICTIMA", "NOTA", CODED[-1])
    panel.deliver(names=False)
    with (panel.config / "dictionary" / "10_events.toml").open("a", encoding="utf-8") as file:
        file.write(DIRECT)
    panel._files["events_2011"]["keys"] += '\nignore_columns = ["NOTA"]'
    panel.accept_names()
    place_names.run(panel.options())
    panel.accept_names()
    panel.run()
    known = known_of(Paths.of(panel.options()), read_study(panel.config))
    answers = {answer for listed in known.answers.values() for answer in listed}
    assert {"remedios buendia iguaran", "amaranta buendia moscote", told[0]} <= answers
    assert "caucasia" not in answers
    assert told[2] in known.ids
    assert known.places == frozenset()


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("23682,Caucasia,Antioquia,c2022\n", "treated-list"),
        (",Uré,Córdoba,c2022\n", "treated-list"),
        ("23682,San José de Uré,Córdoba,c2023\n", "treated-list"),
        ("05120,CÁCERES,ANTIOQUIA,c2021\n", "treated-list"),
    ],
)
def test_a_wrong_line_of_the_list_is_told_without_its_place(panel, tmp_path, line, rule):
    panel.deliver()
    _, text = stopped(panel, treatment=office(tmp_path, PUBLIC, line))
    assert f"[{rule}]" in text
    assert "TREATMENT:3" in text
    for name in ("Uré", "Caucasia", "CÁCERES", "lista.csv"):
        assert name not in text


def test_a_list_without_the_public_places_is_refused(panel, tmp_path):
    panel.deliver()
    path = office(tmp_path, "23682,San José de Uré,Córdoba,c2022\n")
    assert "[treated-list]" in stopped(panel, treatment=path)[1]


def test_a_list_inside_the_repository_is_refused(panel):
    panel.deliver()
    (panel.root / "lista.csv").write_text(HEAD + PUBLIC, "utf-8")
    error, _ = stopped(panel, treatment="lista.csv")
    assert "inside the repository" in str(error)
    assert "lista.csv" not in str(error)


def test_all_stages_in_one_command_hand_the_list_to_the_first_alone(panel):
    commands = dict(stage_commands(panel.options(treatment="/office/lista.csv"), ["en"]))
    assert commands["read"][-2:] == ("--treatment", "/office/lista.csv")
    assert [name for name, words in commands.items() if "--treatment" in words] == ["read"]


def test_a_panel_skips_what_only_surveys_have(panel):
    own, all_ = (
        [name for name, _ in stage_commands(panel.options(), ["en"], panel=is_panel)]
        for is_panel in (True, False)
    )
    assert [name for name in all_ if name not in own] == ["robustness", "calibrate"]
    assert [name for name in all_ if name in own] == own


def test_a_list_with_other_numbers_is_told_in_private_only(panel, tmp_path):
    panel.deliver()
    panel.run(treatment=office(tmp_path, PUBLIC))
    assert "treated-list" in {f.rule for f in panel.findings()}
    assert "treated-list" not in {f.rule for f in panel.findings(".")}


def test_a_list_that_is_a_workbook_is_refused(panel, tmp_path):
    panel.deliver()
    path = tmp_path / "lista.xlsx"
    path.write_bytes((panel.raw / "police" / "2011.xlsx").read_bytes())
    error, _ = stopped(panel, treatment=path.as_posix())
    assert error.rule == "another-file"
    assert "lista" not in str(error)


def test_names_that_are_searched_for():
    """What a department or a public place is called too tells nothing; all else is searched for."""
    places = {
        "05120": ("ANTIOQUIA", "CÁCERES"),
        "13001": ("BOLÍVAR", "ARGELIA"),
        "19050": ("CAUCA", "ARGELIA"),
        "19100": ("CAUCA", "BOLIVAR"),
        "70001": ("SUCRE", "Caceres"),
    }
    found = telling_names(["05120", "19050", "19100", "70001", "99999"], ["05120"], places)
    assert list(found.itertuples(index=False, name=None)) == [
        ("19050", "ARGELIA"), ("19100", ""), ("70001", ""),
    ]  # fmt: skip
