"""The study with a programme office's list: a planted unnamed place is nowhere outside private/.

The list is invented: the ten that are public, and 25 of the municipalities among which the others
lie. It runs with few permutations, since nothing here is a number. Beside it, names of the whole
delivery are resolved anew.
"""

import dataclasses
import shutil
from argparse import Namespace
from pathlib import Path

import pandas as pd
import pytest

from evaluation.cli import place_names
from evaluation.cli.stages import (
    audit,
    book,
    clean,
    estimate,
    exhibits,
    notebook,
    read,
)
from evaluation.config.declared import read_declared
from evaluation.release.contents import contents
from evaluation.storage.folders import Paths
from tests.truth.test_homicides import TEN, delivered

STUDY = "homicides"
ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.pipeline]
# log ratio of 2021 in the public study: tests/truth/test_homicide_rows.py has it from dense numpy
PUBLIC = -0.24080333086211828
NEEDED = ("book", "notebooks", "CHANGELOG.md", "evaluation")


def office(folder: Path) -> tuple[str, list[tuple[str, str]]]:
    """A list outside the repository, and code and name of those that only it names."""
    data = Path(delivered()) / "colombia_municipalities"
    pdet = pd.read_csv(data / "pdet_170.csv", dtype=str)
    places = pd.read_csv(data / "divipola.csv", dtype=str).set_index("cod_mpio")
    departments = (
        "ANTIOQUIA", "BOLÍVAR", "CAUCA", "CÓRDOBA", "NARIÑO", "NORTE DE SANTANDER", "SUCRE",
    )  # fmt: skip
    among = [
        code
        for code in sorted(pdet["cod_mpio"])
        if code not in TEN and places.loc[code, "departamento"] in departments
    ]
    chosen = among[::3][:25]
    rows = [(code, "c2021") for code in TEN] + [(code, "c2022") for code in chosen]
    lines = [
        f"{code},{places.loc[code, 'municipio']},{places.loc[code, 'departamento']},{cohort}"
        for code, cohort in rows
    ]
    path = folder / "office" / "lista.csv"
    path.parent.mkdir()
    path.write_text("cod_mpio,municipio,departamento,cohort\n" + "\n".join(lines) + "\n", "utf-8")
    return path.as_posix(), [(code, str(places.loc[code, "municipio"])) for code in chosen]


def quicker(paths: Path):
    """The study as declared, with as few permutations as its level allows."""
    study, dictionary, promise = read_declared(paths)
    inference = dataclasses.replace(promise.plan.inference, permutations=39)
    plan = dataclasses.replace(promise.plan, inference=inference)
    return study, dictionary, dataclasses.replace(promise, plan=plan)


def test_a_planted_place_is_nowhere_outside_the_private_folder(tmp_path, monkeypatch):
    root = tmp_path / "repository"
    shutil.copytree(ROOT / "config" / STUDY, root / "config" / STUDY)
    study = root / "config" / STUDY / "study.toml"
    text = study.read_text("utf-8")
    study.write_text(text.replace('languages = ["en", "es"]', 'languages = ["en"]'), "utf-8")
    for name in NEEDED:
        (root / name).symlink_to(ROOT / name)
    monkeypatch.chdir(root)
    monkeypatch.setattr(estimate, "read_declared", quicker)
    path, unnamed = office(tmp_path)
    options = Namespace(
        study=STUDY,
        data_raw=delivered(),
        language="en",
        treatment=path,
        name="",
        folder=[],
        history="no",
    )
    for stage in (read, clean, estimate, exhibits, notebook, book, audit):
        stage.run(options)
    build = root / "build" / STUDY
    outside = [p for p in build.rglob("*") if p.is_file() and "private" not in p.parts]
    assert len(outside) > 100
    # some names are those of departments or of other places too, so that only codes are sure
    codes = [code.encode() for code, _ in unnamed]
    names = [name.encode() for _, name in unnamed if len(name) > 9]
    assert len(names) > 3
    pages = [p for p in outside if p.suffix in (".csv", ".json", ".html", ".svg", ".md", ".tex")]
    for file in pages:
        content = file.read_bytes()
        text = b" ".join(content.replace(b",", b" ").replace(b'"', b" ").split())
        assert not [c for c in codes if b" " + c + b" " in text], file
        assert not [n for n in names if n in content or n.title() in content], file
    made = pd.read_csv(build / "estimates.csv")
    assert made.loc[made["specification"] == "ratio_2021_2024", "n_clusters_treated"].eq(35).all()
    # as the page says, 2021 is the same comparison: the public study's estimate
    of_2021 = made.loc[made["specification"] == "ratio_2021", "estimate"]
    assert of_2021.sub(PUBLIC).abs().max() < 1e-7
    assert not (build / "diagnostics.csv").read_text("utf-8").count("without_p_studentised")
    assert not made["specification"].str.startswith("without_tumaco").any()
    released = contents(Paths.of(options), {}).files
    assert len(released) > 50
    for name, content in released.items():
        assert not [n for n in names if n in content], name


@pytest.mark.truth
def test_names_are_resolved_in_two_steps(tmp_path):
    """1,081 pairs: 1,004 by DIVIPOLA, 77 by the workbooks with codes; the table in use is this."""
    lines = (ROOT / "config" / STUDY / "place_names.csv").read_text("utf-8").splitlines()[1:]
    reasons = [line.rsplit(",", 1)[1] for line in lines]
    assert (reasons.count("divipola"), reasons.count("workbooks")) == (1_004, 77)
    shutil.copytree(ROOT / "config" / STUDY, tmp_path / "config" / STUDY)
    target = tmp_path / "config" / STUDY / "place_names.csv"
    target.unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        said = place_names.run(Namespace(study=STUDY, data_raw=delivered(), language="en"))
    assert said.startswith("1081 names resolved (1004 ")
    assert target.read_bytes() == (ROOT / "config" / STUDY / "place_names.csv").read_bytes()
