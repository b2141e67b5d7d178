"""Contacts: final dispositions, both directions of the link to interviews, and outcome rates."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from evaluation.config.manifest import RawFile
from evaluation.config.sampling import DISPOSITIONS, Contacts, check_contacts
from evaluation.config.toml_reader import TomlFile
from evaluation.data.cleaning import response_rates
from evaluation.data.cleaning.parse import parse
from evaluation.data.findings import LINE
from evaluation.data.readers.read import RawTable
from evaluation.data.rules import contacts, eligibility
from evaluation.errors import SpecError
from tests.data import field
from tests.tables import cases

CASES = cases(__file__)

DECLARED = Contacts(unit="unit", round="visit_round", disposition="result", replaces="replaces")
NAMES = ("unit", "visit_round", "result", "attempt", "replaces")


def words():
    """The field study's dictionary, with the variables of a file of contacts beside it."""
    known = field.dictionary([field.question("age", "number")], [])
    raw = {"respondent": "respondent", "municipality": "municipality"}
    variables = {
        name: dataclasses.replace(v, raw=v.raw | {"contacts": raw[name]}) if name in raw else v
        for name, v in known.variables.items()
    }
    for name in NAMES:
        kind = "number" if name == "attempt" else "id"
        variables[name] = dataclasses.replace(
            field.question(name, kind), raw={"contacts": name}, missing="survey"
        )
    return dataclasses.replace(known, variables=variables)


def contact_file(rows, dictionary):
    """Rows of round, unit, disposition, respondent, cluster, attempt, replaced unit."""
    order = ("visit_round", "unit", "result", "respondent", "municipality", "attempt", "replaces")
    table = pd.DataFrame(rows, columns=order, dtype="str")
    table[LINE] = np.arange(2, len(rows) + 2)
    file = RawFile(
        id="contacts",
        path="contacts.csv",
        role="contacts",
        format="csv",
        sha256="",
        rows=len(rows),
        origin="test",
    )
    return parse(RawTable(file=file, frame=table), dictionary)


def row(unit, result, person="", *, place="M00", attempt="1", replaces="", when="baseline"):
    return (when, unit, result, person, place, attempt, replaces)


def talks(people, dictionary, *, ages=None):
    """Interviews with these people in M00 at baseline."""
    texts = {"respondent": people, "municipality": ["M00"] * len(people)}
    return field.read(texts | {"age": ages or ["40"] * len(people)}, dictionary, source="baseline")


def findings(rows, people, *, declared=DECLARED, left=None, **changes):
    """What is found with interviews of these people in M00 at baseline."""
    dictionary = words()
    known = field.declared(dictionary, contacts=declared, **changes)
    interviews = talks(people, dictionary)
    parsed = contact_file(rows, dictionary)
    return contacts.contact_findings(parsed, [interviews], known, left=left or {})


def said(found):
    return [(f.rule, f.severity, f.file, f.line) for f in found]


# ---- Contacts against interviews -----------------------------------------------------------------


def test_one_contact_for_each_interview_is_no_finding():
    rows = [row("u1", "I", "A"), row("u2", "R"), row("u3", "P", "B"), row("u4", "UH")]
    assert findings(rows, ["A", "B"]) == ()


@pytest.mark.parametrize(
    ("rows", "people", "expected"),
    [
        (
            [row("u1", "I", "A"), row("u2", "I", "B")],
            ["A"],
            [("contact-without-interview", "error", "contacts.csv", 3)],
        ),
        (
            [row("u1", "I", "A"), row("u2", "R", "B")],
            ["A", "B"],
            [("interview-without-contact", "error", "baseline.csv", 3)],
        ),
        (
            [row("u1", "I", "A"), row("u2", "I", "A")],
            ["A"],
            [("contact-repeated", "error", "contacts.csv", 3)],
        ),
        (
            [row("u1", "I", "A"), row("u2", "I")],
            ["A"],
            [("contact-without-interview", "error", "contacts.csv", 3)],
        ),
        (
            [row("u1", "I", "A", place="M01")],
            ["A"],
            [("contact-cluster", "warn", "contacts.csv", 2)],
        ),
        (
            [row("u1", "I", "A"), row("u1", "NC")],
            ["A"],
            [("contact-repeated", "error", "contacts.csv", 3)],
        ),
        ([row("u1", "X", "A")], ["A"], [("contact-value", "error", "contacts.csv", 2)]),
        ([row("", "I", "A")], ["A"], [("contact-value", "error", "contacts.csv", 2)]),
        (
            [row("u1", "I", "A", when="panel")],
            ["A"],
            [("contact-value", "error", "contacts.csv", 2)],
        ),
        (
            [row("u1", "I", "A"), row("u2", "NC", replaces="u9")],
            ["A"],
            [("contact-replacement", "warn", "contacts.csv", 3)],
        ),
        (
            [row("u1", "I", "A"), row("u2", "NC", replaces="u2")],
            ["A"],
            [("contact-replacement", "warn", "contacts.csv", 3)],
        ),
        (
            [row("u1", "I", "A"), row("u2", "NC", replaces="u1")],
            ["A"],
            [("contact-replacement", "warn", "contacts.csv", 3)],
        ),
        (
            [row("u1", "NC"), row("u2", "NC", replaces="u1"), row("u3", "R", replaces="u1")],
            [],
            [("contact-replacement", "warn", "contacts.csv", 4)],
        ),
    ],
)
def test_what_does_not_fit_is_found(rows, people, expected):
    if not people:
        rows, people = [*rows, row("u8", "I", "A")], ["A"]
    found = findings(rows, people)
    assert said(found) == expected
    assert not any("A" in (f.value, str(f.problem)) for f in found)


def test_a_contact_of_another_round_is_no_contact():
    rows = [row("u1", "I", "A", when="endline")]
    assert said(findings(rows, ["A"])) == [
        ("interview-without-contact", "error", "baseline.csv", 2)
    ]


def test_an_interview_that_a_correction_dropped_keeps_its_contact():
    rows = [row("u1", "I", "A"), row("u2", "I", "B")]
    assert findings(rows, ["A"], left={"baseline": {"B"}}) == ()


def test_a_file_without_its_variables_is_refused():
    dictionary = words()
    gone = {n: v for n, v in dictionary.variables.items() if n != "result"}
    parsed = contact_file([row("u1", "I", "A")], dataclasses.replace(dictionary, variables=gone))
    known = field.declared(dictionary, contacts=DECLARED)
    found = contacts.contact_findings(parsed, [], known, left={})
    assert [(f.rule, f.column) for f in found] == [("contact-column", "result")]


def test_without_a_declaration_nothing_is_checked():
    assert findings([row("u1", "I", "A")], ["B"], declared=None) == ()


# ---- Attempts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("results", "final"), CASES["final"])
def test_final_disposition_of_several_attempts(results, final):
    """The last attempt, unless an earlier one is known to have got further."""
    declared = dataclasses.replace(DECLARED, attempt="attempt")
    rows = [row("u1", r, "A", attempt=str(i)) for i, r in enumerate(results)]
    dictionary = words()
    known = field.declared(dictionary, contacts=declared)
    # the attempts stand in the wrong order in the file
    units = contacts.sampled_units(contact_file(rows[::-1], dictionary), known)
    assert units["disposition"].tolist() == [final]


def test_an_attempt_that_stands_twice_is_found():
    declared = dataclasses.replace(DECLARED, attempt="attempt")
    rows = [row("u1", "NC"), row("u1", "I", "A")]
    assert said(findings(rows, ["A"], declared=declared)) == [
        ("contact-repeated", "error", "contacts.csv", 3)
    ]


# ---- Rates ---------------------------------------------------------------------------------------


def units(counts, *, clusters=5, replaced=0):
    """Units of round baseline in so many treated clusters, spread evenly."""
    treated = [m for i, m in enumerate(field.CLUSTERS) if i % 2 == 0][:clusters]
    found = [(code, i) for code, n in counts.items() for i in range(n)]
    return pd.DataFrame(
        {
            "round": "baseline",
            "unit": [f"u{k}" for k in range(len(found))],
            "cluster": [treated[i % clusters] for _, i in found],
            "disposition": [code for code, _ in found],
            "replaces": [f"x{k}" if k < replaced else None for k in range(len(found))],
        }
    )


COUNTS = {"I": 500, "P": 20, "R": 200, "NC": 100, "O": 30, "UH": 100, "UO": 50, "NE": 77}


def rates(counts, *, share=0.4, shown="all", minimum_cell=10, **changes):
    declared = dataclasses.replace(DECLARED, eligible_share=share)
    study = field.study(contacts=declared, minimum_cell=minimum_cell)
    table = units(counts, **changes)
    return response_rates.response_rates(table, study, field.frame(), shown=shown)


def test_rates_by_hand():
    """E = 850, U = 150, C = 750; e U = 60. The 77 who are not eligible are in no rate."""
    found = rates(COUNTS)
    assert {r.name: r.rate for r in found} == {
        "RR1": 500 / 1000,
        "RR2": 520 / 1000,
        "RR3": 500 / 910,
        "RR4": 520 / 910,
        "RR5": 500 / 850,
        "RR6": 520 / 850,
        "COOP1": 500 / 750,
        "REF1": 200 / 1000,
        "CON1": 750 / 1000,
    }
    assert {(r.round, r.arm, r.n, r.n_clusters) for r in found} == {
        ("baseline", "treated", 1000, 5)
    }
    assert {r.name for r in found if r.eligible_share == 0.4} == {"RR3", "RR4"}
    assert all(math.isnan(r.eligible_share) for r in found if r.name not in ("RR3", "RR4"))


def test_without_a_declared_share_there_is_no_rr3_and_rr4():
    names = {r.name for r in rates(COUNTS, share=None)}
    assert {"RR3", "RR4"}.isdisjoint(names)
    assert {"RR1", "RR6"} <= names


@pytest.mark.parametrize(("share", "same"), [(1.0, ("RR1", "RR2")), (0.0, ("RR5", "RR6"))])
def test_the_share_spans_the_lowest_and_the_highest_rate(share, same):
    found = {r.name: r.rate for r in rates(COUNTS, share=share)}
    assert (found["RR3"], found["RR4"]) == (found[same[0]], found[same[1]])


def test_replacements_are_counted_in_the_rates_and_by_their_share():
    found = {r.name: r for r in rates(COUNTS, replaced=50)}
    assert found["replacements"].rate == 50 / 1000
    assert found["RR1"].rate == 500 / 1000


def test_a_rate_of_nobody_is_left_out():
    found = {r.name: r.rate for r in rates({"UH": 40})}
    assert set(found) == {"RR1", "RR2", "RR3", "RR4", "REF1", "CON1"}
    assert set(found.values()) == {0.0}


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_is_between_zero_and_one(share):
    with pytest.raises(SpecError, match="eligible_share"):
        check_contacts(dataclasses.replace(DECLARED, eligible_share=share), TomlFile("study.toml"))


# ---- What may be published -----------------------------------------------------------------------


def shown(counts, **changes):
    return {r.name for r in rates(counts, shown="public", **changes)}


def test_large_counts_are_published_whole():
    assert shown(COUNTS) == {r.name for r in rates(COUNTS)}


def test_a_count_of_zero_is_about_nobody():
    assert shown(COUNTS | {"P": 0, "O": 0}) == {r.name for r in rates(COUNTS)}


@pytest.mark.parametrize(("small", "withheld"), CASES["small"])
def test_no_small_count_follows_from_what_is_published(small, withheld):
    """Whatever is published, no set of dispositions of fewer than ten can be solved for."""
    counts = COUNTS | small
    names = shown(counts)
    assert names
    assert not names >= set(withheld)
    parts = response_rates.formulas(0.4)
    known = [np.ones(6), np.array([1.0, 1.0, 0, 0, 0, 0])]
    known += [p for name in names for p in parts[name]]
    basis = np.column_stack(known)
    sizes = np.array(
        [counts[g] for g in ("I", "P", "R", "NC", "O")] + [counts["UH"] + counts["UO"]]
    )
    for code in range(1, 64):
        chosen = np.array([(code >> k) & 1 for k in range(6)], dtype=float)
        if 0 < chosen @ sizes < 10:
            fitted = basis @ np.linalg.pinv(basis) @ chosen
            # a set that cannot be counted is far from every combination of what is known
            assert np.abs(fitted - chosen).max() > 0.05


def test_too_few_clusters_publish_nothing():
    assert shown(COUNTS, clusters=2) == set()
    assert rates(COUNTS, clusters=2)


def test_few_replacements_are_not_published():
    assert "replacements" not in shown(COUNTS, replaced=9)
    assert "replacements" in shown(COUNTS, replaced=50)


# ---- Age -----------------------------------------------------------------------------------------


def test_under_age():
    """The youngest age itself belongs to the sample; a missing age is no reason to leave."""
    dictionary = words()
    ages = ["17", "18", "88", "", "40"]
    parsed = field.read({"age": ages}, dictionary, source="baseline")
    columns = dataclasses.replace(field.study().columns, age="age")
    known = field.declared(dictionary, columns=columns, minimum_age=18.0)
    gone = eligibility.under_age(parsed, known.study)
    assert gone.tolist() == [True, False, False, False, False]
    assert said(eligibility.age_findings([parsed], known)) == [
        ("under-age", "warn", "baseline.csv", 2)
    ]
    free = field.declared(dictionary, columns=columns)
    assert not eligibility.under_age(parsed, free.study).any()
    assert list(eligibility.age_findings([parsed], free)) == []


def test_an_age_that_nobody_can_hold_against_the_minimum_is_an_error():
    dictionary = words()
    parsed = talks(["A"], dictionary)
    columns = dataclasses.replace(field.study().columns, age="age")
    known = field.declared(dictionary, columns=columns, minimum_age=18.0)
    assert said(eligibility.age_findings([parsed], known)) == []
    bare = dataclasses.replace(
        parsed, columns={k: v for k, v in parsed.columns.items() if k != "age"}
    )
    assert said(eligibility.age_findings([bare], known)) == [
        ("age-unknown", "error", "baseline.csv", 0)
    ]


def test_a_minor_needs_no_contact_and_may_have_one():
    dictionary = words()
    columns = dataclasses.replace(field.study().columns, age="age")
    known = field.declared(dictionary, columns=columns, minimum_age=18.0, contacts=DECLARED)
    interviews = talks(["A", "B"], dictionary, ages=["17", "40"])
    for result in ("NE", "I"):
        parsed = contact_file([row("u1", result, "A"), row("u2", "I", "B")], dictionary)
        assert contacts.contact_findings(parsed, [interviews], known, left={}) == ()


def test_units_of_unknown_eligibility_count_by_the_declared_share():
    table = units(dict.fromkeys(DISPOSITIONS, 1), clusters=1)
    study = field.study(contacts=dataclasses.replace(DECLARED, eligible_share=0.25))
    counted = dict(zip(table["disposition"], contacts.eligible(table, study), strict=True))
    assert counted == dict.fromkeys(DISPOSITIONS, 1.0) | {"UH": 0.25, "UO": 0.25, "NE": 0.0}
