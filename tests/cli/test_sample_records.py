"""What the stage `clean` keeps of the sample, and the exhibits that are built from it."""

import hashlib

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.config.exhibits import ExhibitRegistry
from evaluation.config.fieldwork_plan import BackcheckShare
from evaluation.config.sampling import DispositionCount, WeightCheck
from evaluation.data.cleaning.response_rates import disposition_counts
from evaluation.errors import StorageError
from evaluation.report import builders
from evaluation.site.saved_records import read_shown
from evaluation.storage import disk
from tests.data import field
from tests.data.cleaning.test_sample_stage import (
    CONTACTS,
    WEIGHTS,
    contact_rows,
    variable,
    with_contacts,
    with_weights,
    write,
)
from tests.data.rules import test_contacts
from tests.fixtures.tiny import Tiny, csv_bytes
from tests.report import examples

BACKCHECK = '\n[backcheck]\ntype_1 = ["victim"]\ntype_3 = ["trust"]\n'


def with_backcheck(tiny: Tiny) -> Tiny:
    """A dictionary that reads the back-check, and a study that sorts two questions."""
    words = tiny.dictionary.replace(
        'raw = { baseline = "id_persona", endline = "id_persona"',
        'raw = { backcheck = "id", baseline = "id_persona", endline = "id_persona"',
    )
    words = words.replace(
        'raw = { baseline = "v1", endline = "v1"',
        'raw = { backcheck = "v1", baseline = "v1", endline = "v1"',
    )
    words = words.replace(
        'raw = { baseline = "t1", endline = "t1" }\n'
        'codes = { baseline = "trust_baseline", endline = "trust_endline" }',
        'raw = { backcheck = "t1", baseline = "t1", endline = "t1" }\ncodes = { backcheck ='
        ' "trust_endline", baseline = "trust_baseline", endline = "trust_endline" }',
    )
    tiny.dictionary = words
    tiny.study += BACKCHECK
    return tiny


def put_backcheck(tiny: Tiny, rows: list[dict[str, str]]) -> None:
    data = csv_bytes(rows)
    (tiny.raw / "again.csv").write_bytes(data)
    path = tiny.config / "manifest.toml"
    entry = (
        '[[file]]\nid = "again"\npath = "again.csv"\nrole = "backcheck"\nof_round = "endline"\n'
        f'format = "csv"\nsha256 = "{hashlib.sha256(data).hexdigest()}"\nrows = {len(rows)}\n'
        'origin = "test"\ndialect = { encoding = "utf-8", delimiter = ",", decimal = "." }\n'
    )
    path.write_text(path.read_text(encoding="utf-8") + entry, encoding="utf-8")


def private(tiny: Tiny, name: str, kind: type) -> tuple:
    return disk.read_records(tiny.build / "private" / name, kind)


def test_dispositions_by_hand():
    """As many of each as were written down, in the ten clusters of the one group; zeros told."""
    units = test_contacts.units(test_contacts.COUNTS)
    found = disposition_counts(units, field.study(), field.frame())
    here = {d.disposition: d.n for d in found if (d.round, d.arm) == ("baseline", "treated")}
    assert here == test_contacts.COUNTS
    assert {d.n for d in found if d.arm == "comparison" or d.round == "endline"} == {0}
    assert len(found) == 8 * 2 * 2


def test_dispositions_of_the_stage_make_the_table(tiny):
    with_contacts(tiny)
    write(tiny, contacts=contact_rows(tiny))
    tiny.run()
    found = private(tiny, "dispositions.csv", DispositionCount)
    here = {d.disposition: d.n for d in found if (d.round, d.arm) == ("baseline", "treated")}
    assert {code: n for code, n in here.items() if n} == {"I": 12, "NC": 2}
    table = build(tiny, "response")
    # minimum_cell is 1 here, so that two who were not found are told
    assert table.cell("baseline-nc", "n_treated").value == 2
    assert table.cell("endline-rr1", "share_treated").text == "86"  # 12 / 14


def test_whole_counts_stay_in_the_private_folder(tiny):
    with_backcheck(with_contacts(tiny))
    write(tiny, contacts=contact_rows(tiny))
    put_backcheck(tiny, [{"id": tiny.endline[0]["id_persona"], "v1": "1", "t1": "1"}])
    tiny.run()
    outside = {p.name for p in tiny.build.glob("*.csv")}
    inside = {p.name for p in (tiny.build / "private").glob("*.csv")}
    whole = {"dispositions.csv", "found_again.csv", "backcheck_shares.csv"}
    assert whole <= inside
    assert not whole & outside


def test_back_check_goes_from_its_file_to_the_table(tiny):
    """Four asked again, all answers as before but one; an id of nobody; a code that is none."""
    with_backcheck(tiny)
    tiny.study = tiny.study.replace("citation", "minimum_cell = 1\nminimum_clusters = 1\ncitation")
    tiny.study = tiny.study.replace(
        'exposure = "took_part"', 'exposure = "took_part"\nenumerator = "interviewer"'
    )
    tiny.dictionary += variable("interviewer", "text", baseline="quien", endline="quien")
    for rows in (tiny.baseline, tiny.endline):
        for i, row in enumerate(rows):
            row["quien"] = str(1 + i % 3)
    first = [row for row in tiny.endline if row["acepta"] == "1"][:4]
    again = [{"id": r["id_persona"], "v1": r["v1"], "t1": r["t1"]} for r in first]
    again[0]["v1"] = "2" if again[0]["v1"] == "1" else "1"
    again[3]["t1"] = "7"
    tiny.write()
    put_backcheck(tiny, [*again, {"id": "nobody", "v1": "1", "t1": "1"}])
    tiny.run()
    kept = private(tiny, "backcheck_shares.csv", BackcheckShare)
    # two types and their questions: nothing by interviewer
    assert [(s.type, s.variable) for s in kept] == [
        (1, ""),
        (3, ""),
        (1, "victim"),
        (3, "trust"),
    ]
    shares = {s.variable: s for s in kept}
    assert (shares["victim"].n, shares["victim"].n_different) == (4, 1)
    assert (shares["trust"].n, shares["trust"].n_different) == (3, 0)
    assert (shares["victim"].n_again, shares["victim"].n_paired) == (5, 4)
    rules = tiny.findings()
    assert set(rules.loc[rules["file"] == "again.csv", "severity"]) == {"warn"}
    assert {"backcheck-id", "unlisted-code"} <= set(rules["rule"])
    table = build(tiny, "backcheck")
    assert table.cell("endline-type_3-trust", "rate").text == "0"


@pytest.mark.parametrize(("bound", "cut"), [("bound = 3\n", 1), ("bound = 30\n", 0), ("", -1)])
def test_weights_at_the_bound_are_counted(tiny, bound, cut):
    """Base weights of 2 and 4, and one of 20 in each round, which a bound of 3 medians cuts."""
    with_weights(tiny, tables=CONTACTS + WEIGHTS.split("people", maxsplit=1)[0] + bound)
    tiny.dictionary = tiny.dictionary.replace(', margins = "municipio"', "").replace(
        '\nmissing = { margins = "no_cohort" }', ""
    )
    for rows in (tiny.baseline, tiny.endline):
        rows[0]["peso"] = "0.05"
    write(tiny, contacts=contact_rows(tiny))
    tiny.run()
    checks = private(tiny, "weight_checks.csv", WeightCheck)
    assert [c.n_cut for c in checks if c.level == "all"] == [cut, cut]
    assert {c.n_cut for c in checks if c.level != "all"} == {-1}


def test_a_listed_exhibit_without_its_file_stops(tmp_path):
    listed = ExhibitRegistry(exhibit=(examples.exhibit("weights"),))
    with pytest.raises(StorageError):
        read_shown(tmp_path, listed)
    assert read_shown(tmp_path, ExhibitRegistry(exhibit=(examples.exhibit("flow"),))) == {}


def build(tiny: Tiny, builder: str):
    """The table of an exhibit from what the stage wrote."""
    (tiny.config / "exhibits.toml").write_text(
        f'[[exhibit]]\nid = "tbl-example"\ncode = "TI-T01"\nbuilder = "{builder}"\n'
        + "".join(f'{key} = {{ en = "x", es = "x" }}\n' for key in ("title", "reading", "notes")),
        encoding="utf-8",
    )
    configuration = read_configuration(tiny.config)
    found = read_shown(tiny.build, configuration.registry)
    source = examples.source(configuration, flow=(), **found)
    return builders.build(configuration.registry.exhibit[0], source)
