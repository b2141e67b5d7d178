"""Personal columns of files that nobody here wrote: found by the draft, gone from the clean table.

Which columns are personal was read out of the files by hand, column by column (the first two hold
made-up people, see the README beside them; the third is a form without answers).
"""

import argparse
import dataclasses
import shutil
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from evaluation.cli import new_study
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.manifest import read_manifest
from evaluation.config.toml_writer import value_text
from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.panel import without_direct
from evaluation.data.cleaning.parse import parse
from evaluation.data.readers.delivered_files import locate
from evaluation.data.readers.read import RawTable, drop_ignored, read_file
from evaluation.fieldwork.drafting.dictionary_draft import SERVERS
from evaluation.storage.folders import add_common
from tests.conftest import shared_data
from tests.data import field

pytestmark = pytest.mark.truth

SOURCES = ("baseline", "endline", "frame")
SURVEYCTO, BACKCHECK, FORM = (
    f"survey_exports/{name}"
    for name in (
        "surveycto_sample_hh_form.csv",
        "ipa_household_backcheck.dta",
        "worldbank_rio_xlsform_pt_en.xlsx",
    )
)
# names of people asked and of people they name, joined, as they were typed or filled in
NAMES = """
a_pl_hhh_fn a_pl_pgv_fn a_pl_ch_fn ac_hhh_fn ac_pgv_fn ac_new_pgv_fsn ac_new_pgv_lsn ac_new_pgv_ppn
f_hr_fn_r_1 f_hr_fn_r_2 f_hr_fn_r_3 f_hr_fsn_r_3 f_hr_lsn_r_3 f_hr_ppn_r_3
tmp_f_16aa_name_r_1 tmp_f_16aa_name_r_3 tmp_f_a19_name_r_1 tmp_f_a19_name_r_3 tmp_f_a6_name_r_1
tmp_f_19ab_name_r_2 tmp_f_19ab_name_r_3 tmp_f_fh_name_r_3
tmp_hhm_name_join tmp_hhm_name_1 tmp_hhm_name_2 tmp_hhm_name_3
tmp_f_fh_name_join tmp_f_a19_name_join tmp_f_19ab_name_join tmp_f_mm_name_join tmp_f_fm_name_join
tmp_f_hr_10ab_name_join
f_ed_a19_name_r_1 f_ed_a19_name_r_2 f_ed_19ab_name_r_1 f_ed_19ab_name_r_2
r_firstname_r_1 r_lastname_r_1 r_popname_r_1 r_firstname_r_2 r_lastname_r_2 r_popname_r_2
"""
# devices, accounts, keys of the submission, and the address of a log of the interview
MACHINES = "deviceid subscriberid simid devicephonenum username caseid"
PERSONAL = {
    SURVEYCTO: f"""{NAMES} {MACHINES} instanceID instanceName KEY text_audit gps gps_backup
        hhid a_enum_name r_address_r_1 r_address_r_2 r_phone_r_1 r_phone_r_2 comments
        field_comments""".split(),
    BACKCHECK: f"""{MACHINES} instancename key gpslatitude gpslongitude gpsaltitude gpsaccuracy
        hhid a_bcer_name a_pl_hhh_fn a_pl_pgv_fn a_pl_ch_fn""".split(),
}
# of the form: the server's own columns, the interviewer's name, ids, the number to call, free text
OF_THE_FORM = f"""{MACHINES} instanceid key enumeratorname id id_check phone_number whyleave_open
    general_notes""".split()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "frame.csv").write_text("place,arm\n1,a\n2,b\n", encoding="utf-8")
    return tmp_path


def draft(*arguments: str) -> None:
    parser = argparse.ArgumentParser()
    add_common(parser)
    new_study.add_new_study_arguments(parser)
    new_study.run_new_study(parser.parse_args(["drafted", *arguments]))


def drafted(path: str) -> None:
    """A study whose two rounds are the same file, twice."""
    for role in ("baseline", "endline"):
        shutil.copyfile(shared_data(path), f"raw/{role}{Path(path).suffix}")
    given = [f"raw/{role}{Path(path).suffix}" for role in ("baseline", "endline")]
    draft("--baseline", given[0], "--endline", given[1], "--frame", "raw/frame.csv")


@pytest.mark.parametrize("path", sorted(PERSONAL))
def test_the_draft_of_a_file_finds_its_personal_columns(folder, path):
    drafted(path)
    dictionary = read_dictionary(Path("config/drafted"), SOURCES)
    by_raw = {v.raw.get("baseline"): v for v in dictionary.variables.values()}
    ignored = ignored_columns()
    missed = {
        column: by_raw[column].personal if column in by_raw else "no such column"
        for column in PERSONAL[path]
        if column not in ignored and (column not in by_raw or by_raw[column].personal != "direct")
    }
    assert missed == {}


@pytest.mark.parametrize("path", sorted(PERSONAL))
def test_no_text_of_a_personal_column_stands_in_the_drafted_dictionary(folder, path):
    """A code list, or its comment on how often each code occurs, would publish who interviewed."""
    drafted(path)
    texts = "".join(p.read_text(encoding="utf-8") for p in Path("config/drafted").rglob("*.toml"))
    found = {value for value in private_values(path) if value_text(value) in texts}
    # the file's own words for a column are no cell, though a cell may say the same
    meta = pyreadstat.read_dta(shared_data(path))[1] if path.endswith("dta") else None
    assert found - set(meta.column_labels if meta else ()) == set()


@pytest.mark.parametrize("path", sorted(PERSONAL))
def test_no_personal_column_reaches_the_clean_table(folder, path):
    drafted(path)
    dictionary = read_dictionary(Path("config/drafted"), SOURCES)
    raw = whole()
    # blanks and "none" in open answers: a study would have to declare them, a draft cannot
    texts = [v.raw["baseline"] for v in dictionary.variables.values() if v.type == "text" and v.raw]
    said = raw.frame[texts].replace(r"(?i)^\s*(none)?\s*$", "none of them", regex=True)
    raw = dataclasses.replace(raw, frame=raw.frame.assign(**dict(said.items())))
    table = clean(parse(drop_ignored(raw), dictionary), dictionary)
    kept = without_direct(table, dictionary, field.study(), names={})
    by_raw = {v.raw.get("baseline"): v.name for v in dictionary.variables.values()}
    # the respondent's id is not known yet in a draft: whatever may be it is an id, and goes
    assert {by_raw.get(column) for column in PERSONAL[path]} & set(kept.columns) == set()
    cells = {str(v) for name in kept.columns for v in kept[name].dropna().unique()}
    assert private_values(path) & cells == set()
    assert len(kept.columns) > 20  # most of the questions are still there


def test_the_draft_of_a_form_finds_its_personal_columns(folder):
    draft("--form", str(shared_data(FORM)))
    variables = read_dictionary(Path("config/drafted"), SOURCES).variables
    missed = {
        name: variables[name].personal if name in variables else "no such variable"
        for name in OF_THE_FORM
        if name not in variables or variables[name].personal != "direct"
    }
    assert missed == {}
    # choices of this question are names of interviewers: the form's list is not copied
    assert variables["enumerator"].codes is None
    assert "surveycto" in SERVERS  # whose columns the form's export gets


def ignored_columns() -> set[str]:
    manifest = read_manifest(Path("config/drafted"), field.study())
    return set(next(f for f in manifest.file if f.round == "baseline").ignore_columns)


def whole() -> RawTable:
    manifest = read_manifest(Path("config/drafted"), field.study())
    entry = next(f for f in manifest.file if f.round == "baseline")
    return read_file(entry, locate(entry, Path("raw"), Path()))


def private_values(path: str) -> set[str]:
    """Texts of the personal columns that no other column has: long enough to name somebody."""
    frame: pd.DataFrame = whole().frame
    private = {c for c in PERSONAL[path] if c in frame}
    texts = {c: set(frame[c].astype(str)) for c in frame.columns}
    others = set().union(*(texts[c] for c in frame.columns if c not in private))
    mine = set().union(*(texts[c] for c in private))
    found = {text for text in mine - others if len(text) > 5}
    assert len(found) > 30
    return found
