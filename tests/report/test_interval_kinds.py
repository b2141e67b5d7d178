"""Kinds of intervals: a table prints one, or a column says which each row has."""

import argparse
import dataclasses

import pytest

from evaluation.cli.stages.exhibits import load_records
from evaluation.config.configuration import read_configuration
from evaluation.config.exhibits import TABLES
from evaluation.report import builders
from evaluation.report.estimate_rows import kind_of
from evaluation.report.prose.table_frame import OF_KIND
from evaluation.report.sources import Source
from evaluation.storage.folders import Paths
from tests.pipeline.conftest import built_here
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import TRUST

RINGS = dataclasses.replace(
    made.check("bracket"), id="near", kind="spillover", distances=(20.0,), outcomes=(TRUST.id,)
)
RING = dataclasses.replace(
    made.of_check(TRUST, RINGS, "ring:0-20", estimate=0.2, ci_low=0.05, ci_high=0.35),
    adjustment="none",
)


def unlabelled(table):
    """Kinds of the intervals that a table prints, where there are several and no column names them.

    "?" of a printed end of which the table does not know the kind.
    """
    printed = [i for i, c in enumerate(table.columns) if c.shown != "download"]
    if any(table.columns[i].id in OF_KIND for i in printed):
        return set()
    found = set()
    for row in table.rows:
        for i in printed:
            cell, name = row.cells[i], table.columns[i].id
            if name.startswith("ci_low") and cell.value is not None:
                found.add(cell.interval or "?")
    return found if len(found) > 1 or "?" in found else set()


@pytest.mark.parametrize(
    ("language", "head", "named"),
    [
        ("en", "Kind of interval", ("simultaneous over the primary outcomes", "of this estimate")),
        ("es", "Tipo de intervalo", ("simultáneo sobre los resultados primarios", "de esta sola")),
    ],
)
def test_a_simultaneous_interval_beside_others_is_named(language, head, named):
    source = made.source(RINGS, check_estimates=(RING,))
    source = dataclasses.replace(source, language=language)
    table = builders.build(examples.exhibit("spillover"), source)
    (column,) = (c for c in table.columns if c.id == OF_KIND[0])
    assert column.label == head
    cells = [table.cell(row, OF_KIND[0]).text for row in ("trust-primary", "trust-ring_0_20")]
    assert all(cell.startswith(begins) for cell, begins in zip(cells, named, strict=True))
    # the column stands behind the interval that it is about
    ids = [c.id for c in table.columns]
    assert ids.index(OF_KIND[0]) == ids.index("ci_high") + 1
    without = [i for i, c in enumerate(table.columns) if c is not column]
    bare = dataclasses.replace(
        table,
        columns=tuple(table.columns[i] for i in without),
        rows=tuple(
            dataclasses.replace(r, cells=tuple(r.cells[i] for i in without)) for r in table.rows
        ),
    )
    assert unlabelled(bare) == {"simultaneous", "alone"}


def test_a_table_of_one_kind_has_no_such_column():
    exhibit = examples.exhibit("effects", specifications=("did_main",), outcomes=("trust",))
    table = builders.build(exhibit, made.source(RINGS))
    assert OF_KIND[0] not in [c.id for c in table.columns]


def test_adjusted_p_values_leave_an_interval_as_it_is():
    """Only max-t and Bonferroni widen intervals; a false discovery rate adjusts p-values."""
    assert kind_of(RING) == "alone"
    assert kind_of(dataclasses.replace(RING, adjustment="benjamini_hochberg")) == "alone"
    assert kind_of(dataclasses.replace(RING, adjustment="max_t")) == "simultaneous"
    assert kind_of(made.bound(TRUST, RINGS, "all", (0.0, 1.0), (0.0, 1.0))) == "range"


@pytest.mark.built
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("study", ["somos_comunidad", "medellin", "homicides"])
def test_no_built_table_mixes_kinds_without_saying_so(study, language, monkeypatch):
    monkeypatch.chdir(built_here(study, "exhibits"))
    paths = Paths.of(argparse.Namespace(study=study, data_raw=None))
    configuration = read_configuration(paths.config)
    records = load_records(paths, configuration)
    source = Source(records=records, configuration=configuration, language=language)
    exhibits = [e for e in configuration.registry.exhibit if e.builder in TABLES]
    mixed = {e.id: unlabelled(builders.build(e, source)) for e in exhibits}
    assert {name: kinds for name, kinds in mixed.items() if kinds} == {}
