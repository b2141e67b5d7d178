"""A quantity that is named on two pages has one value, over the studies built in this checkout.

A primary outcome has one interval: the simultaneous one. The interval of the outcome alone stands
under its name in the table of primary estimates and in the annex, and nowhere else.
"""

import html
import json
import re
from pathlib import Path

import pytest

from evaluation.config.configuration import read_configuration

ROOT = Path(__file__).resolve().parents[3]
STUDIES = ("somos_comunidad", "medellin")
LANGUAGES = ("en", "es")
MAIN = "tbl-did-main"
# Kinds of check with an exhibit of their own, whose rows are outcomes or questions.
OF_KIND = {
    "conditioning": "tbl-conditioning",
    "functional_form": "tbl-answer-shares",
    "interviewers": "tbl-interviewers",
    "measurement": "tbl-reliability",
    "two_round_sensitivity": "tbl-breakdown",
    "variance_of_changes": "tbl-places",
}
# A row of silence whose estimate is another one, though it may have the same value.
ANOTHER = re.compile(r"tbl-silence\.\w+-left_out\.")
# The same interval, printed to the same digits: what two floats differ by after two ways to add.
ROUNDING = 1e-9
TAG = re.compile(r"<[^>]+>")
FIGURE = re.compile(r"<svg[^>]*fig-components(?:(?!</svg>).)*</svg>", re.DOTALL)


def results(study: str, language: str) -> tuple[dict, set[str]]:
    folder = ROOT / "build" / study / language
    numbers = json.loads((folder / "numbers.json").read_text(encoding="utf-8"))["numbers"]
    citable = json.loads((folder / "exhibits" / "citable.json").read_text(encoding="utf-8"))
    return numbers, {exhibit["id"] for exhibit in citable["annex"]}


def primaries(numbers: dict) -> list[str]:
    found = [k.split(".")[1] for k in numbers if re.fullmatch(rf"{MAIN}\.\w+\.conclusion", k)]
    assert found
    return found


def ends(numbers: dict, outcome: str, beginning: str = "") -> list[dict]:
    return [numbers[f"{MAIN}.{outcome}.{beginning}ci_{end}"] for end in ("low", "high")]


def inner(numbers: dict, outcome: str) -> list[dict]:
    return [numbers[f"{MAIN}.{outcome}.simultaneous_90_{end}"] for end in ("low", "high")]


@pytest.mark.built
@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_prints_the_interval_of_a_primary_outcome_alone(study, language):
    numbers, annex = results(study, language)
    astray = []
    for outcome in primaries(numbers):
        alone = {n["value"] for n in ends(numbers, outcome, "unadjusted_")}
        together = {n["value"] for n in ends(numbers, outcome)}
        for name, number in numbers.items():
            exhibit, value = name.split(".")[0], number["value"]
            if outcome not in name or value is None or exhibit in annex or ANOTHER.match(name):
                continue
            is_alone = any(abs(value - a) < ROUNDING for a in alone)
            if is_alone and not any(abs(value - t) < ROUNDING for t in together):
                astray.append(name)
    assert [n for n in astray if ".unadjusted_ci_" not in n] == []
    assert all(n.startswith(f"{MAIN}.") for n in astray)


@pytest.mark.built
@pytest.mark.parametrize("study", STUDIES)
def test_a_primary_outcome_has_one_p_beside_its_interval(study):
    """Also in the annex, where the primary estimate leads a table of something else."""
    numbers, _ = results(study, "en")
    for outcome in primaries(numbers):
        own = numbers[f"{MAIN}.{outcome}.p_value"]["value"]
        low = ends(numbers, outcome)[0]["value"]
        rows = [
            name.removesuffix(".p_value")
            for name in numbers
            if re.fullmatch(rf"tbl-[\w-]+\.{outcome}-(\w+-)?primary\.p_value", name)
        ]
        # the interviewers' table has the plain cluster-robust interval, and says so
        same = [r for r in rows if numbers[f"{r}.ci_low"]["value"] == low]
        assert {r for r in same if numbers[f"{r}.p_value"]["value"] != own} == set()


@pytest.mark.built
@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_check_that_moves_an_estimate_farthest_is_one_check(study, language):
    """The sentence on robustness names a check and a difference that the overturn page names."""
    numbers, _ = results(study, language)
    folder = ROOT / "build" / study / language / "exhibits"
    table = json.loads((folder / "tbl-overturn.json").read_text(encoding="utf-8"))
    shown = {row["id"]: row for row in table["print"]["rows"]}
    for outcome in primaries(numbers):
        said = numbers[f"tbl-robustness.all.largest_{outcome}"]["text"]
        known = shown[f"{outcome}-checks"]["cells"][2]["text"]
        check = re.search("[“«](.+?)[”»]", said)[1].casefold()
        assert check in known.casefold(), (said, known)


@pytest.mark.built
@pytest.mark.parametrize("study", STUDIES)
def test_every_check_of_the_plan_has_a_row_in_an_exhibit(study):
    """On a page or in the annex: what is computed and shown nowhere cannot be weighed."""
    configuration = read_configuration(ROOT / "config" / study)
    numbers, _ = results(study, "en")
    rows = {name.split(".")[1] for name in numbers}
    exhibits = {name.split(".")[0] for name in numbers}
    missing = [
        check.id
        for check in configuration.preregistration.plan.check
        if OF_KIND.get(check.kind, "") not in exhibits
        and not any(re.search(rf"(^|-){check.id}($|-)", row) for row in rows)
    ]
    assert missing == []


@pytest.mark.built
@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_that_reads_an_interval_reads_the_simultaneous_one(study, language):
    """Card, phrase, brief and table print the same two ends for an outcome."""
    numbers, _ = results(study, language)
    between = {"en": " to ", "es": " a "}[language]
    pages = {
        # the figure of all outcomes is in SD: intervals of two outcomes may read the same
        p.stem: html.unescape(TAG.sub("", FIGURE.sub("", p.read_text(encoding="utf-8")))).replace(
            "\xa0", " "
        )
        for p in (ROOT / "build" / study / language / "site").rglob("*.html")
    }
    assert len(pages) > 10
    for outcome in primaries(numbers):
        shown = between.join(n["text"] for n in ends(numbers, outcome))
        alone = between.join(n["text"] for n in ends(numbers, outcome, "unadjusted_"))
        assert shown in pages["index"], outcome
        assert shown in pages["say"], outcome
        # errata tell the old interval; a row of silence may have an estimate of the same value
        row = f"tbl-silence.{outcome}-left_out.ci_"
        silent = between.join(numbers.get(f"{row}{e}", {}).get("text", "") for e in ("low", "high"))
        apart = {"about", "credibility"} if silent == alone else {"about"}
        # to two digits, another interval that stands under its own name may read the same
        named = (ends(numbers, outcome, "cv3_"), inner(numbers, outcome))
        if alone in {between.join(n["text"] for n in one) for one in named}:
            continue
        if alone != shown:
            assert {name for name, text in pages.items() if alone in text} <= apart, outcome


@pytest.mark.built
@pytest.mark.parametrize("study", STUDIES)
def test_the_loss_of_the_panel_is_one_sentence_on_every_page(study):
    numbers, _ = results(study, "en")
    said = numbers["tbl-balance.all.again"]["text"]
    site = ROOT / "build" / study / "en" / "site"
    for page in ("index", "credibility", "notebooks/data"):
        text = html.unescape(TAG.sub("", (site / f"{page}.html").read_text(encoding="utf-8")))
        assert " ".join(said.split()) in " ".join(text.split()), page


@pytest.mark.built
@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_to_copy_has_at_most_25_words_in_spanish_32(study, language):
    """Those of the page on what may be said, without the mark of invented data."""
    most = {"en": 25, "es": 32}[language]
    folder = ROOT / "build" / study / language / "exhibits"
    rows = json.loads((folder / "tbl-statements.json").read_text(encoding="utf-8"))["rows"]
    said = [
        re.sub(r"\[[^\]]*\] ", "", row["cells"][0]["text"])
        for row in rows
        if row["cells"][1]["kind"] == "yes" and not row["id"].endswith("-in_full")
    ]
    assert len(said) >= len(primaries(results(study, language)[0]))
    sentences = [s for text in said for s in re.split(r"(?<=[a-z0-9)])\. ", text)]
    assert {s: len(s.split()) for s in sentences if len(s.split()) > most} == {}
