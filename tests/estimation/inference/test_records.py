"""One way from a heading and numbers to a record."""

import dataclasses

import pytest

from evaluation.estimation.inference.estimate_record import (
    Heading,
    RowFacts,
    Subject,
    diagnostic,
    record,
    unavailable,
)
from evaluation.estimation.records import Bound, Diagnostic, Unavailable
from evaluation.estimation.row_keys import Part
from tests.estimation.studies import DID, INFERENCE, PROVENANCE, STUDY, outcome

HEADING = Heading.of(
    DID,
    outcome(),
    study=STUDY,
    level=INFERENCE.level,
    provenance=PROVENANCE,
    status="exploratory",
)
SIZES = RowFacts(
    n=40, n_clusters_treated=3, n_clusters_comparison=5, baseline_mean=1.0, baseline_sd=2.0
)
ENDS = {"low": -1.0, "high": 2.0, "ci_low": -3.0, "ci_high": 4.0, "ci_kind": "none"}


def test_each_field_is_the_source_s_of_its_name():
    made = record(Bound, HEADING, SIZES, **ENDS)
    for source, names in (
        (HEADING, ("study", "outcome", "specification", "estimand", "sample", "status", "unit")),
        (HEADING, ("level", "plan_hash", "data_hash")),
        (SIZES, ("n", "n_clusters_treated", "n_clusters_comparison")),
    ):
        for name in names:
            assert getattr(made, name) == getattr(source, name), name
    assert {name: getattr(made, name) for name in ENDS} == ENDS


def test_a_value_wins_over_sources_and_a_later_source_over_an_earlier_one():
    other = dataclasses.replace(HEADING, sample=Part("panel_members"), unit="SD")
    made = record(Bound, HEADING, SIZES, other, **ENDS, n=7)
    assert (made.sample, made.unit, made.n) == (Part("panel_members"), "SD", 7)


def test_a_field_that_nothing_fills_is_an_error():
    with pytest.raises(TypeError, match="n_clusters_treated"):
        record(Bound, HEADING, **ENDS, n=7)
    with pytest.raises(TypeError, match="unexpected keyword argument 'size'"):
        record(Bound, HEADING, SIZES, **ENDS, size=7)


def test_a_quantity_and_an_absence_need_the_ids_only():
    subject = Subject.about(DID, outcome(), "small")
    ids = {f.name: getattr(subject, f.name) for f in dataclasses.fields(subject)}
    assert diagnostic(subject, "icc", 1, "number") == Diagnostic(
        **ids, name="icc", value=1.0, unit="number"
    )
    assert unavailable(subject, "cv1", "no") == Unavailable(**ids, step="cv1", reason="no")
    # the outcome's own unit does not slip in
    assert diagnostic(HEADING, "icc", 1, "number") == diagnostic(subject, "icc", 1, "number")
