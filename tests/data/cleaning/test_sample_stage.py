"""Contacts, youngest age and built weights through the stages of a tiny study."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import DataError, EstimationError, SpecError
from tests.fixtures.tiny import CLUSTERS, DICTIONARY, STUDY, csv_bytes
from tests.tables import cases

CASES = cases(__file__)

CONTACTS = """
[contacts]
unit = "unit"
round = "visit_round"
disposition = "result"
"""
WEIGHTS = CASES["weights"]
VARIABLES = CASES["variables"]
NUMBERS = {"M1": 1000, "M2": 2000, "M3": 3000, "M4": 4000}


def variable(name, kind, **raw):
    listed = ", ".join(f'{source} = "{column}"' for source, column in raw.items())
    return VARIABLES.format(name=name, kind=kind, raw=listed)


def with_contacts(tiny, *, tables=CONTACTS):
    """A dictionary and a study with the file of contacts."""
    words = DICTIONARY.replace(
        'raw = { baseline = "id_persona", endline = "id_persona" }\n',
        'raw = { baseline = "id_persona", endline = "id_persona", contacts = "id_persona" }\n'
        'missing = { contacts = "no_cohort" }\n',
    ).replace(
        'raw = { baseline = "municipio", endline = "municipio", frame = "municipality" }',
        'raw = { baseline = "municipio", endline = "municipio", frame = "municipality",'
        ' contacts = "municipio", margins = "municipio" }\nmissing = { margins = "no_cohort" }',
    )
    words += variable("unit", "id", contacts="unidad")
    words += variable("visit_round", "text", contacts="ronda")
    words += variable("result", "text", contacts="resultado")
    tiny.dictionary = words
    tiny.study = STUDY.replace("citation", "minimum_cell = 1\ncitation").replace(
        "minimum_cell = 1", "minimum_cell = 1\nminimum_clusters = 1"
    )
    tiny.study += tables
    return tiny


def with_weights(tiny, *, tables=CONTACTS + WEIGHTS):
    """Weights are built from a selection probability, contacts and margins."""
    with_contacts(tiny, tables=tables)
    tiny.dictionary = tiny.dictionary.replace(
        'raw = { baseline = "peso", endline = "peso" }', "raw = {}"
    ).replace(
        'raw = { baseline = "v1", endline = "v1" }\ncodes = "yes_no"\n'
        'missing = { baseline = "survey", endline = "stata" }',
        'raw = { baseline = "v1", endline = "v1", margins = "v1" }\ncodes = "yes_no"\n'
        'missing = { baseline = "survey", endline = "stata", margins = "no_cohort" }',
    )
    assert 'margins = "v1"' in tiny.dictionary
    tiny.dictionary += variable("chance", "number", baseline="peso", endline="peso", contacts="p")
    tiny.dictionary += variable("people", "count", margins="gente")
    for rows in (tiny.baseline, tiny.endline):
        for i, row in enumerate(rows):
            row["peso"] = "0.25" if i % 3 else "0.5"
    return tiny


def contact_rows(tiny):
    """One for each interview, and in each municipality and round one who was not found."""
    rows = []
    for name, interviews in (("baseline", tiny.baseline), ("endline", tiny.endline)):
        chances = [row["peso"] for row in interviews]
        reached = zip(interviews, chances, strict=True)
        found = [(r["id_persona"], r["municipio"], "I", chance) for r, chance in reached]
        found += [("", code, "NC", "0.25") for code in CLUSTERS]
        rows += [
            {
                "ronda": name,
                "unidad": f"u{i}",
                "resultado": result,
                "id_persona": person,
                "municipio": place,
                "p": chance,
            }
            for i, (person, place, result, chance) in enumerate(found)
        ]
    return rows


def margin_rows():
    places = [{"municipio": m, "v1": "", "gente": str(n)} for m, n in NUMBERS.items()]
    return [
        *places,
        {"municipio": "", "v1": "1", "gente": "6500"},
        {"municipio": "", "v1": "2", "gente": "3500"},
    ]


def write(tiny, *, contacts=None, margins=None):
    """The study's files, and those that are given beside them."""
    tiny.write()
    text = (tiny.config / "manifest.toml").read_text(encoding="utf-8")
    for name, rows in (("contacts", contacts), ("margins", margins)):
        if rows is None:
            continue
        data = csv_bytes(rows)
        (tiny.raw / f"{name}.csv").write_bytes(data)
        ignored = (
            '["p"]' if name == "contacts" and 'contacts = "p"' not in tiny.dictionary else "[]"
        )
        text += f'[[file]]\nid = "{name}"\npath = "{name}.csv"\nrole = "{name}"\nformat = "csv"\n'
        text += f'sha256 = "{hashlib.sha256(data).hexdigest()}"\nrows = {len(rows)}\n'
        text += f'origin = "test"\nignore_columns = {ignored}\n'
        text += 'dialect = { encoding = "utf-8", delimiter = ",", decimal = "." }\n'
    (tiny.config / "manifest.toml").write_text(text, encoding="utf-8")


def written_and_run(tiny):
    """Both, because locking the plan reads the study already."""
    write(tiny, contacts=contact_rows(tiny), margins=margin_rows())
    tiny.run()


# ---- Contacts ------------------------------------------------------------------------------------


def test_the_flow_begins_with_sampled_units(tiny):
    with_contacts(tiny)
    write(tiny, contacts=contact_rows(tiny))
    tiny.run()
    flow = tiny.records("flow.csv")
    here = flow[(flow["round"] == "baseline") & (flow["arm"] == "treated")]
    assert here["step"].tolist() == ["sampled", "delivered", "no_consent", "valid", "panel_members"]
    assert here["n"].tolist()[:2] == ["14", "12"]
    rates = tiny.records("response_rates.csv")
    treated = rates[(rates["round"] == "endline") & (rates["arm"] == "treated")]
    found = dict(zip(treated["name"], treated["rate"].astype(float), strict=True))
    # twelve interviews and two who were not found
    assert found["RR1"] == found["RR5"] == 12 / 14
    assert found["COOP1"] == 1.0
    assert found["REF1"] == 0.0
    assert "RR3" not in found


def test_an_interview_without_contact_stops_the_stage(tiny):
    with_contacts(tiny)
    write(tiny, contacts=contact_rows(tiny)[1:])
    with pytest.raises(DataError, match="interview-without-contact"):
        tiny.run()


def test_a_dropped_interview_keeps_its_contact(tiny):
    with_contacts(tiny)
    tiny.ledger = ["baseline,baseline.csv:2,id_persona,p00,,drop,refused later,AB,2025-01-02"]
    write(tiny, contacts=contact_rows(tiny))
    tiny.run()
    flow = tiny.records("flow.csv")
    assert "dropped" in set(flow["step"])


def test_small_counts_stay_private(tiny):
    with_contacts(tiny)
    tiny.study = tiny.study.replace("minimum_cell = 1\n", "minimum_cell = 10\n")
    write(tiny, contacts=contact_rows(tiny))
    tiny.run()
    # two people were not found in each group, so that the rates about them stay inside
    assert "RR1" not in set(tiny.records("response_rates.csv")["name"])
    assert "RR1" in set(pd.read_csv(tiny.build / "private" / "response_rates.csv")["name"])


@pytest.mark.parametrize("declared", ["file", "table"])
def test_file_and_table_go_together(tiny, declared):
    with_contacts(tiny, tables=CONTACTS if declared == "table" else "")
    write(tiny, contacts=contact_rows(tiny) if declared == "file" else None)
    with pytest.raises(SpecError, match=r"files? with role contacts"):
        tiny.run()


# ---- Youngest age --------------------------------------------------------------------------------


def test_minors_are_left_out_and_counted(tiny):
    tiny.study = STUDY.replace("citation", "minimum_age = 32\ncitation").replace(
        'duration = "duration_min"', 'duration = "duration_min"\nage = "duration_min"'
    )
    tiny.write()
    tiny.run()
    flow = tiny.records("flow.csv")
    left = flow[(flow["step"] == "under_age") & (flow["round"] == "baseline")]
    # durations are 30, 31, 32 ...: two are below 32, both in the first municipality
    assert left.set_index("arm")["n"].to_dict() == {"treated": "2", "comparison": "0"}
    assert len(tiny.panel()) == 2 * 24 - 2 * 2
    assert (tiny.findings()["rule"] == "under-age").sum() == 4


def test_a_minor_in_an_event_is_counted_once(tiny):
    """All twelve treated interviews of the endline fall in the event; two are with minors."""
    tiny.study = STUDY.replace("citation", "minimum_age = 32\ncitation").replace(
        'duration = "duration_min"', 'duration = "duration_min"\nage = "duration_min"'
    )
    tiny.study = tiny.study.replace("start = 2025-01-24", "start = 2024-11-01").replace(
        'rule = "flag"', 'rule = "drop"'
    )
    tiny.write()
    tiny.run()
    flow = tiny.records("flow.csv")
    here = flow[(flow["round"] == "endline") & (flow["arm"] == "treated")]
    counted = dict(zip(here["step"], here["n"].astype(int), strict=True))
    assert counted["delivered"] == 12
    assert (counted["under_age"], counted["excluded"], counted["valid"]) == (2, 10, 0)


def test_a_minimum_needs_the_variable(tiny):
    tiny.study = STUDY.replace("citation", "minimum_age = 18\ncitation")
    with pytest.raises(SpecError, match="a `minimum_age` and no"):
        tiny.write()


# ---- Weights -------------------------------------------------------------------------------------


def test_weights_are_built_and_hold_their_margins(tiny):
    with_weights(tiny)
    write(tiny, contacts=contact_rows(tiny), margins=margin_rows())
    tiny.run()
    panel = tiny.panel()
    for _, here in panel.groupby("round"):
        places = here.groupby("municipality")["weight"].sum()
        # raking holds each cell to 1e-10 of its people
        assert places.to_dict() == pytest.approx(NUMBERS, rel=1e-9)
        assert here.groupby("victim")["weight"].sum().to_dict() == pytest.approx(
            {1.0: 6500.0, 0.0: 3500.0}, rel=1e-9
        )
    # inside a municipality and an answer the base weights' ratio of 2 to 4 stays
    cell = panel[(panel["round"] == "baseline") & (panel["municipality"] == "M1")]
    cell = cell[cell["victim"] == 1.0]
    ratios = cell["weight"] * cell["chance"]
    assert ratios.max() == pytest.approx(ratios.min(), rel=1e-9)
    assert len(set(cell["chance"])) == 2
    assert panel["weight__missing"].isna().all()
    checks = tiny.records("weight_checks.csv")
    assert np.asarray(checks["total"], dtype=float) == pytest.approx([10000.0] * 2, rel=1e-9)


def test_without_margins_weights_add_up_to_what_was_sampled(tiny):
    """M1 at baseline: base weights 2 4 4 2 4 4 and one of 4 who was not found: 24 of 20."""
    tables = CONTACTS + WEIGHTS.split("people", maxsplit=1)[0]
    with_weights(tiny, tables=tables)
    tiny.dictionary = tiny.dictionary.replace(', margins = "municipio"', "").replace(
        '\nmissing = { margins = "no_cohort" }', ""
    )
    write(tiny, contacts=contact_rows(tiny))
    tiny.run()
    panel = tiny.panel()
    here = panel[(panel["round"] == "baseline") & (panel["municipality"] == "M1")]
    expected = np.array([2, 4, 4, 2, 4, 4]) * 24 / 20
    assert here["weight"].to_numpy() == pytest.approx(expected, rel=1e-14)  # rounding


def test_margins_of_too_few_municipalities_are_named(tiny):
    with_weights(tiny)
    rows = [row for row in margin_rows() if row["municipio"] != "M4"]
    write(tiny, contacts=contact_rows(tiny), margins=rows)
    with pytest.raises(EstimationError, match="6 rows are in no cell of margin `municipality`"):
        tiny.run()
    assert not (tiny.clean / "panel.parquet").exists()


def test_weights_are_built_or_delivered_and_not_both(tiny):
    with_weights(tiny)
    tiny.dictionary = tiny.dictionary.replace("raw = {}", 'raw = { baseline = "otro" }')
    for row in tiny.baseline:
        row["otro"] = "1.5"
    write(tiny, contacts=contact_rows(tiny), margins=margin_rows())
    with pytest.raises(SpecError, match="`weight` has a raw column in baseline"):
        tiny.run()


@pytest.mark.parametrize(("old", "new", "message"), CASES["refused"])
def test_what_the_table_may_not_say(tiny, old, new, message):
    with_weights(tiny, tables=CONTACTS + WEIGHTS.replace(old, new))
    with pytest.raises(SpecError, match=message):
        written_and_run(tiny)


def test_the_way_weights_are_built_belongs_to_the_lock(tiny):
    with_weights(tiny)
    write(tiny, contacts=contact_rows(tiny), margins=margin_rows())
    path = tiny.config / "study.toml"
    changed = path.read_text(encoding="utf-8").replace(
        'people = "people"', 'people = "people"\nbound = 9'
    )
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(SpecError, match="weights"):
        tiny.run()


def test_taken_weights_are_checked(tiny):
    """The second municipality has ten times its weight at endline; the frame's people are known."""
    tiny.study = STUDY.replace('weight = "weight"', 'weight = "weight"\npopulation = "population"')
    for rows in (tiny.baseline, tiny.endline):
        rows.extend([r | {"id_persona": f"{r['id_persona']}{k}"} for k in "abc" for r in rows])
    for row in tiny.endline:
        if row["municipio"] == "M2":
            row["peso"] = str(10 * float(row["peso"]))
    tiny.write()
    tiny.run()
    found = tiny.findings()
    rules = set(zip(found["rule"], found["round"], strict=True))
    assert ("weight-share-change", "endline") in rules
    assert ("weight-share-change", "baseline") not in rules
    assert ("weight-total", "baseline") in rules
    # nothing outside the private folder names a municipality
    assert set(tiny.records("weight_checks.csv")["level"]) == {"all"}
    private = pd.read_csv(tiny.build / "private" / "weight_checks.csv")
    assert set(private["name"].dropna()) == set(CLUSTERS)
