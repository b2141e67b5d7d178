"""What prose says of the data, held against the data."""

import csv
import json
import re
import statistics
import tomllib
from pathlib import Path

import pytest

from evaluation.report.tables import balance

ROOT = Path(__file__).resolve().parents[3]
STUDIES = ("somos_comunidad", "medellin")
DEMONSTRATION = ROOT / "config" / "somos_comunidad"
WORD = re.compile(r"[^\W\d_]{4,}")


def read(path: Path) -> dict:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def frame() -> list[dict[str, str]]:
    with (DEMONSTRATION / "municipalities.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def numbers(study: str, language: str) -> dict[str, dict]:
    path = ROOT / "build" / study / language / "numbers.json"
    return json.loads(path.read_text(encoding="utf-8"))["numbers"]


def normalised_difference(variable: str) -> float:
    groups = [
        [float(row[variable]) for row in frame() if (row["arm"] == "treated") == treated]
        for treated in (True, False)
    ]
    spread = statistics.mean(statistics.variance(values) for values in groups) ** 0.5
    return (statistics.mean(groups[0]) - statistics.mean(groups[1])) / spread


def test_every_trait_that_the_balance_table_flags_is_balanced():
    plan = read(DEMONSTRATION / "plan.toml")
    (check,) = [c for c in plan["check"] if c["id"] == "entropy_balancing"]
    apart = {v: normalised_difference(v) for v in plan["balance"]["frame_variables"]}
    flagged = {v for v, d in apart.items() if abs(d) > balance.LARGE}
    assert flagged == {"coca_2019"}  # the plan, the review and a deviation call it the only one
    assert flagged <= set(check["variables"])
    assert max(apart, key=lambda v: abs(apart[v])) == "coca_2019"


def test_one_subregion_is_one_department_and_the_others_cross_borders():
    departments: dict[str, set[str]] = {}
    subregions: dict[str, set[str]] = {}
    for row in frame():
        departments.setdefault(row["subregion"], set()).add(row["department"])
        subregions.setdefault(row["department"], set()).add(row["subregion"])
    assert {s for s, found in departments.items() if len(found) == 1} == {"S6"}
    assert departments["S6"] == {"Norte de Santander"}
    assert subregions["Norte de Santander"] == {"S6"}
    assert len(departments) == 6


def test_primary_indices_of_the_demonstration_have_two_items():
    plan = read(DEMONSTRATION / "plan.toml")
    indices = [o for o in plan["outcome"] if o.get("primary") and o["function"] == "index"]
    assert [len(o["items"]) for o in indices] == [2, 2]


@pytest.mark.parametrize("page", ["limits_part"])
def test_pages_read_who_borders_whom_off_the_table(page):
    text = (ROOT / "book" / "somos_comunidad" / f"{page}.md").read_text(encoding="utf-8")
    assert "{sentence}`tbl-spillover.all.neighbours`" in text


@pytest.mark.parametrize("study", STUDIES)
def test_no_exhibit_speaks_of_matching(study):
    """No check matches places any more."""
    for exhibit in read(ROOT / "config" / study / "exhibits.toml")["exhibit"]:
        said = " ".join(exhibit[part]["en"] for part in ("title", "reading", "notes"))
        assert not re.search(r"\bmatch(?:ed|es|ing)\b", said), exhibit["id"]


@pytest.mark.built
@pytest.mark.parametrize("study", STUDIES)
def test_no_unit_is_left_in_english(study):
    english, spanish = numbers(study, "en"), numbers(study, "es")
    same = {
        number["unit"]: name
        for name, number in spanish.items()
        if WORD.search(number["unit"]) and number["unit"] == english[name]["unit"]
    }
    assert same == {}


@pytest.mark.built
def test_the_last_erratum_of_a_q_value_is_what_the_book_prints():
    """The demonstration's are of data that are no longer there: its last line says so."""
    for language in ("en", "es"):
        printed = numbers("medellin", language)
        last = {
            e["number"]: e["after"][language]
            for e in read(ROOT / "config" / "medellin" / "errata.toml")["erratum"]
            if re.fullmatch(r"tbl-did-secondary\.\w+\.p_adjusted", e["number"])
        }
        assert last
        assert {n: printed[n]["text"] for n in last} == last


@pytest.mark.built
@pytest.mark.parametrize("language", ["en", "es"])
def test_errata_of_the_real_study_end_in_what_the_book_prints(language):
    """Effects, intervals and p-values of the primary outcomes, by the last line of each."""
    printed = numbers("medellin", language)
    last = {
        e["number"]: e["after"][language]
        for e in read(ROOT / "config" / "medellin" / "errata.toml")["erratum"]
    }
    checked = 0
    for number, said in last.items():
        found = re.fullmatch(r"(tbl-did-main\.\w+)\.(estimate|ci_low|p_adjusted)", number)
        if not found:
            continue
        row, field = found.groups()
        if field == "p_adjusted":
            assert said == printed[f"{row}.p_value"]["text"], number
        elif field == "estimate":
            assert said.startswith(f"{printed[number]['text']} "), number
        else:
            between = {"en": " to ", "es": " a "}[language]
            ends = between.join(printed[f"{row}.{e}"]["text"] for e in ("ci_low", "ci_high"))
            assert said.startswith(f"{ends} "), number
        checked += 1
    assert checked == 8


@pytest.mark.built
@pytest.mark.parametrize("study", STUDIES)
def test_the_article_of_a_spanish_reference_fits_an_exhibit_of_the_annex(study):
    for page in (ROOT / "build" / study / "es" / "site").rglob("*.html"):
        text = re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))
        assert not re.search(r"\b[Ll]a anexo\b", text), page.name
