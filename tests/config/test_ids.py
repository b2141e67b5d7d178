"""Ids become names of files and folders: nothing but a-z, 0-9 and _ (exhibits: also hyphens)."""

import re

import pytest

from evaluation.config import toml_reader
from evaluation.config.exhibits import Exhibit, Retired
from evaluation.config.manifest import RawFile
from evaluation.config.plan import Check, Family, Outcome, Series, Specification
from evaluation.config.study import Arm, Cohort, Component, Event, Round, Study, Treatment
from evaluation.errors import SpecError
from evaluation.storage import folders
from tests.tables import cases

CASES = cases(__file__)

LEADING_OUT = CASES["leading_out"]
WITH_ID = (
    *(Study, RawFile, Round, Arm, Treatment, Cohort, Component, Event),
    *(Family, Outcome, Specification, Series, Check),
)


@pytest.mark.parametrize("identifier", LEADING_OUT)
@pytest.mark.parametrize("kind", [*WITH_ID, Exhibit, Retired], ids=lambda kind: kind.__name__)
def test_an_id_that_could_be_a_path_is_refused(kind, identifier):
    with pytest.raises(SpecError, match=re.escape("a-z, 0-9 and _")):
        toml_reader.convert(kind, {"id": identifier}, where="x.toml", key="file[0]")


def test_a_hyphen_is_for_exhibits_only():
    for kind in WITH_ID:
        with pytest.raises(SpecError, match="a-z, 0-9 and _"):
            toml_reader.convert(kind, {"id": "a-b"}, where="x.toml")
    # the id is taken, and the next key is asked for
    with pytest.raises(SpecError, match="is missing"):
        toml_reader.convert(Exhibit, {"id": "tbl-did-main"}, where="x.toml", key="exhibit[0]")


@pytest.mark.parametrize("study", ["../config/medellin", "config/medellin", "a b", "..", "x/"])
def test_a_study_is_named_by_its_folder_alone(study, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = type("Options", (), {"study": study, "data_raw": ""})()
    with pytest.raises(SpecError, match="a-z, 0-9 and _"):
        folders.Paths.of(options)
