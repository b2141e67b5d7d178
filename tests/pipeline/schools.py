"""A small invented study of another country, from two Stata files to a book in two languages.

Pupils of thirty schools in Kenya, all invented; one of the files has value labels.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

from tests.fixtures.outcomes import outcome
from tests.tables import text

ROOT = Path(__file__).resolve().parents[2]
STUDY = "pupils"
FRAMED = {"outcome": "", "estimand": 'estimand = "equal"', "weights": 'weights = "none"'}
OUTCOMES = outcome(
    "reading",
    "reads",
    ("Reads for pleasure", "Lee por gusto"),
    noun=("reading for pleasure", "la lectura por gusto"),
)
ABOUT = text(__file__, "schools_about.toml")
LABELS = {
    "reads": {0: "Never", 1: "Sometimes", 2: "Often", 3: "Always", 88: "Don't know"},
    "sex": {1: "Girl", 2: "Boy"},
    "treated": {0: "Control", 1: "Books delivered"},
}
WORDS = {
    "reads": "How often do you read for pleasure?",
    "fees": "School fees last term",
    "age": "Age in years",
    "sex": "Sex",
}


def pupils(year: int, *, first: int) -> pd.DataFrame:
    """Fifteen pupils in each of thirty schools, of which every second got books."""
    draw = np.random.default_rng(year)
    school = np.repeat(np.arange(1, 31), 15)
    n, treated = len(school), school % 2
    often = np.clip(np.round(draw.normal(1.3 + 0.4 * treated * (year > 2024), 0.9)), 0, 3)
    return pd.DataFrame(
        {
            "pupil_id": first + np.arange(n),
            "school": school,
            "treated": treated,
            "date": [f"{year}-02-{1 + i % 25:02d}" for i in range(n)],
            "age": draw.integers(9, 14, n),
            "sex": draw.integers(1, 3, n),
            "reads": np.where(draw.random(n) < 0.03, 88, often).astype(int),
            "fees": draw.integers(2, 40, n) * 100,
        }
    )


def drafted(root: Path, **settings: str) -> str:
    """Deliver the files into a folder, draft the study there, and take its decisions.

    Parameters
    ----------
    root : Path
        Any folder.
    settings
        Of the environment; see `run`.

    Returns
    -------
    str
        What the draft printed.
    """
    (root / "raw").mkdir()
    for name, year, labels in (("first", 2024, LABELS), ("second", 2025, {})):
        table = pupils(year, first=1000 if year == 2024 else 7000)
        called = [WORDS.get(column, column) for column in table.columns]
        pyreadstat.write_dta(
            table, root / "raw" / f"{name}.dta", column_labels=called, variable_value_labels=labels
        )
    files = ("--baseline", "raw/first.dta", "--endline", "raw/second.dta")
    printed = run(root, "new-study", STUDY, *files, **settings)
    decide(root / "config" / STUDY)
    return printed


def in_english(root: Path) -> Path:
    """The study with a book in one language: the rules of the other are the same again."""
    settings = root / "config" / STUDY / "study.toml"
    text = settings.read_text(encoding="utf-8")
    both = 'languages = ["en", "es"]'
    assert both in text
    settings.write_text(text.replace(both, 'languages = ["en"]'), encoding="utf-8")
    return root


def run(root: Path, *words: str, python: str = sys.executable, **settings: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    done = subprocess.run(
        [python, "-m", "evaluation", *words],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def decide(config: Path) -> None:
    """Write what a person has to: outcomes, whose effect, and the words of the study."""
    plan = config / "plan.toml"
    lines = plan.read_text(encoding="utf-8").splitlines()
    kept = [FRAMED.get(line.split(" = ")[0], line) if "DECIDE" in line else line for line in lines]
    plan.write_text("\n".join((*kept, OUTCOMES)), encoding="utf-8")
    study = config / "study.toml"
    text = study.read_text(encoding="utf-8")
    for old, new in (
        ('{ en = "cluster", es = "conglomerado" }', '{ en = "school", es = "escuela" }'),
        ('{ en = "clusters", es = "conglomerados" }', '{ en = "schools", es = "escuelas" }'),
        ('en = "pupils"\nes = "pupils"', 'en = "Books in schools"\nes = "Libros en escuelas"'),
    ):
        assert old in text
        text = text.replace(old, new)
    study.write_text(text + ABOUT, encoding="utf-8")
    answers = config / "dictionary" / "10_answers.toml"
    text = answers.read_text(encoding="utf-8")
    changed = text.replace('name = "fees"\n', 'name = "fees"\nunit = "Kenyan shillings"\n')
    assert changed != text
    answers.write_text(changed, encoding="utf-8")
