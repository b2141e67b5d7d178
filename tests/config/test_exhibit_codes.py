"""Codes of exhibits: of one form, one study, given once; what is wrong names the next free one."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.config.exhibits import CODE, Exhibit, Retired, _check_codes
from evaluation.config.toml_reader import Text, TomlFile
from evaluation.errors import SpecError
from evaluation.fieldwork.drafting.draft_study import exhibits_text, study_letters

ROOT = Path(__file__).resolve().parents[2]
SAID = Text(en="x", es="x")


def entry(identifier: str, code: str) -> Exhibit:
    builder = "effects" if identifier.startswith("tbl") else "levels_plot"
    return Exhibit(id=identifier, code=code, builder=builder, title=SAID, reading=SAID, notes=SAID)


def check(*entries: Exhibit, retired: tuple[Retired, ...] = ()) -> None:
    _check_codes((*entries, *retired), TomlFile("small/exhibits.toml"))


def test_codes_of_tables_and_figures_are_counted_apart():
    check(entry("tbl-a", "SM-T01"), entry("fig-a", "SM-F01"), entry("tbl-b", "SM-T102"))
    with pytest.raises(SpecError) as caught:
        check(entry("tbl-a", "SM-T01"), entry("fig-b", "SM-T02"))
    assert 'code = "SM-F01"' in str(caught.value)


@pytest.mark.parametrize("code", ["", "T02", "sm-T02", "SM-T2", "SM-T002x", "OT-T02", "SM-X02"])
def test_what_is_no_code_of_the_study_is_refused_with_the_next_free_one(code):
    with pytest.raises(SpecError) as caught:
        check(entry("tbl-a", "SM-T09"), entry("tbl-b", code))
    assert "exhibit `tbl-b` has no code of this study" in str(caught.value)
    assert 'code = "SM-T10"' in str(caught.value)


def test_a_code_is_given_once_and_a_retired_one_never_again():
    gone = Retired(id="tbl-old", code="SM-T02", reason=SAID)
    check(entry("tbl-a", "SM-T01"), retired=(gone,))
    with pytest.raises(SpecError) as caught:
        check(entry("tbl-a", "SM-T01"), entry("tbl-b", "SM-T02"), retired=(gone,))
    assert "the code `SM-T02` appears twice" in str(caught.value)
    assert 'code = "SM-T03"' in str(caught.value)


GIVEN = tomllib.loads((Path(__file__).parent / "exhibit_codes.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("study", sorted(GIVEN))
def test_codes_that_were_given_stay(study):
    text = (ROOT / "config" / study / "exhibits.toml").read_text(encoding="utf-8")
    registry = tomllib.loads(text)
    entries = [*registry["exhibit"], *registry.get("retired", [])]
    codes = {e["code"]: e["id"] for e in entries}
    assert {code: codes.get(code) for code in GIVEN[study]} == GIVEN[study]
    assert len(codes) == len(entries)
    # a new exhibit's code is written down as given
    assert set(codes) == set(GIVEN[study])


@pytest.mark.parametrize(
    ("study", "letters"),
    [("somos_comunidad", "SC"), ("piloto", "PI"), ("a_b_c_d_e", "ABCD"), ("x1", "XX"),
     ("eval_2024", "EV")],
)  # fmt: skip
def test_a_new_study_gets_letters_and_codes(study, letters):
    assert study_letters(study) == letters
    drafted = tomllib.loads(exhibits_text(study))["exhibit"]
    codes = [e["code"] for e in drafted]
    assert all(CODE.fullmatch(code) and code.startswith(letters) for code in codes)
    assert len(set(codes)) == len(codes)
    kinds = {"tbl": "T", "fig": "F"}
    assert all(re.search(r"-([TF])", e["code"])[1] == kinds[e["id"][:3]] for e in drafted)


@pytest.mark.parametrize(
    ("study", "taken", "letters"),
    [
        ("scto", {"SC"}, "SCT"),
        ("seguridad_comunitaria", {"SC"}, "SE"),
        ("scto", {"SC", "SCT", "SCTO"}, "ST"),
        ("ab", {"AB"}, "AB"),  # the name has no other
    ],
)
def test_the_letters_of_another_study_are_not_given_again(study, taken, letters):
    assert study_letters(study, taken) == letters
    assert f'code = "{letters}-T01"' in exhibits_text(study, taken)


def test_a_check_of_the_plan_that_no_table_shows_is_refused(tmp_path):
    folder = tmp_path / "somos_comunidad"
    shutil.copytree(ROOT / "config" / "somos_comunidad", folder)
    path = folder / "exhibits.toml"
    text = path.read_text(encoding="utf-8")
    assert '"without_exposed", ' in text
    path.write_text(text.replace('"without_exposed", ', ""), encoding="utf-8")
    with pytest.raises(SpecError, match="without_exposed") as caught:
        read_configuration(folder)
    assert "tbl-robustness" in str(caught.value)


def test_the_primary_specification_is_in_a_table_of_effects(tmp_path):
    folder = tmp_path / "somos_comunidad"
    shutil.copytree(ROOT / "config" / "somos_comunidad", folder)
    path = folder / "exhibits.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"did_main"', '"ancova_main"'), encoding="utf-8")
    with pytest.raises(SpecError, match="shows the primary specification `did_main`") as caught:
        read_configuration(folder)
    assert "tbl-did-main, tbl-did-secondary, tbl-sensitivity" in str(caught.value)
