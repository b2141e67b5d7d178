"""Leave-one-out figure: each row is its record, what is withheld, nothing about one cluster."""

import dataclasses

import pytest

from evaluation.config.dictionary import Code, CodeList, Variable
from evaluation.errors import ReportError
from evaluation.estimation.row_keys import parse
from evaluation.report import builders
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import TRUST

REGION = dataclasses.replace(
    made.check("bracket"), id="region", kind="leave_one_out", theme="shocks"
)
TOP = examples.estimate(
    TRUST, examples.SPECIFICATION, "wcr_s", estimate=0.10, ci_low=0.02, ci_high=0.18, n=7000
)


def row(check_, estimate, sample, **changes):
    """An estimate with an interval of 0.08 on each side."""
    values = {"estimate": estimate, "ci_low": estimate - 0.08, "ci_high": estimate + 0.08}
    return made.of_check(TRUST, check_, sample, **{**values, "n": 7000, **changes})


ROWS = (
    row(REGION, 0.10, "without:North", n=5000, n_clusters_treated=25, n_clusters_comparison=26),
    row(REGION, 0.05, "without:South", n=5500, n_clusters_treated=26, n_clusters_comparison=27),
)
QUARTILES = {"loo_q1": 0.095, "loo_median": 0.10, "loo_q3": 0.104, "loo_sign_changes": 2.0}
PLACES = tuple(
    dataclasses.replace(
        made.diagnostic(TRUST, REGION, name, value), specification="did_main", sample=parse("all")
    )
    for name, value in QUARTILES.items()
)


def study(language="en", rows=ROWS, checks=(REGION,), places=PLACES, absent=()):
    crime = next(
        e
        for e in examples.records().estimates
        if (e.outcome, e.step, e.specification) == ("crime", "wcr_s", "did_main")
    )
    return made.source(
        *checks,
        language=language,
        primary=(TOP, crime),
        check_estimates=rows,
        check_unavailable=absent,
        diagnostics=places,
    )


def draw(source):
    asked = examples.exhibit("leave_one_out_plot", outcomes=("trust",))
    return builders.draw(asked, source)


def test_estimate_and_interval_of_each_row_are_those_of_its_record():
    data = draw(study()).data
    for found, name in zip(ROWS, ("North", "South"), strict=True):
        cells = [
            data.cell(f"trust-region-without_{name}", field).value
            for field in ("estimate", "ci_low", "ci_high", "n")
        ]
        assert cells == [found.estimate, found.ci_low, found.ci_high, found.n]
    assert data.cell("trust-primary", "estimate").value == TOP.estimate


def test_of_single_clusters_only_quartiles_and_sign_changes_are_there():
    figure = draw(study())
    row_ = next(r for r in figure.data.rows if r.id == "trust-clusters")
    told = {c.id: x.value for c, x in zip(figure.data.columns, row_.cells, strict=True)}
    assert {k: v for k, v in told.items() if v is not None} == QUARTILES
    # one row for all clusters together, and nothing else below the areas
    assert [r.id for r in figure.data.rows] == [
        "trust-primary",
        "trust-region-without_North",
        "trust-region-without_South",
        "trust-clusters",
    ]
    assert any("confidentiality" in note for note in figure.notes)


def test_a_row_that_rests_on_too_few_or_gives_too_few_away_is_withheld():
    hidden = dataclasses.replace(ROWS[1], n_clusters_treated=34, n=6995, estimate=0.0517)
    figure = draw(study(rows=(ROWS[0], hidden)))
    other = draw(study(rows=(ROWS[0], dataclasses.replace(hidden, estimate=0.0799))))
    cell = figure.data.cell("trust-region-without_South", "estimate")
    assert (cell.kind, cell.value) == ("unavailable", None)
    assert figure.svg == other.svg  # what is withheld does not move the picture
    assert figure.data == other.data


def test_a_row_that_cannot_be_had_says_why():
    absent = (made.unavailable(TRUST, REGION, "all", "too few clusters", sample="without:East"),)
    figure = draw(study(absent=absent))
    cell = figure.data.cell("trust-region-without_East", "estimate")
    assert cell.text == "not available: too few clusters"
    assert b"not available" in figure.svg


def test_same_bytes_twice():
    first, second = draw(study()), draw(study())
    assert (first.svg, first.png) == (second.svg, second.png)


def test_a_plan_that_leaves_nothing_out_one_by_one_is_refused():
    with pytest.raises(ReportError, match="no check of the plan leaves out one area"):
        draw(study(rows=(), checks=()))


def test_areas_have_the_names_of_the_dictionary_and_a_note_says_whose():
    """The value N stands in the data; its label, and where the names come from, in the figure."""
    source = study(rows=(dataclasses.replace(ROWS[0], sample=parse("without:N")), ROWS[1]))
    known = source.configuration.dictionary
    region = Variable(
        name="region",
        type="nominal",
        label=examples.both("Region"),
        raw={"frame": "REGION"},
        personal="none",
        source="Map office",
        codes="regions",
    )
    codes = CodeList(id="regions", values=(Code(code="N", value="N", en="Far north", es="Norte"),))
    dictionary = dataclasses.replace(
        known,
        variables={**known.variables, "region": region},
        codes={**known.codes, "regions": codes},
    )
    plan = dataclasses.replace(
        source.plan, check=(dataclasses.replace(REGION, variables=("region",)),)
    )
    configuration = dataclasses.replace(
        source.configuration,
        dictionary=dictionary,
        preregistration=dataclasses.replace(source.configuration.preregistration, plan=plan),
    )
    figure = draw(dataclasses.replace(source, configuration=configuration))
    assert figure.data.cell("trust-region-without_N", "area_left_out").text == "without Far north"
    # what the dictionary has no label for stands as it is
    assert figure.data.cell("trust-region-without_South", "area_left_out").text == "without South"
    (note,) = [n for n in figure.notes if n.startswith("Areas.")]
    assert "Region, named as in the published data (Map office)" in note
    assert "nothing is estimated for the excluded area alone" in note
