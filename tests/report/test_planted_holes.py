"""Holes planted in builders and records, each of which the one pass must close.

Every test tries to publish something of few people or places by another way: a builder that does
not ask, a margin, a linked exhibit, a figure, JSON, a finding, a released file, an unknown count.
The study withholds fewer than 10 interviews or 3 clusters.
"""

import ast
import csv
import dataclasses
import itertools
import json
import math
from io import StringIO
from pathlib import Path

import pytest

from evaluation.estimation.records import Adjustment, Difference, Estimate, Finding
from evaluation.estimation.row_keys import parse
from evaluation.locale.messages import Count, ResultNumber, message
from evaluation.release.published_tables import published
from evaluation.report import builders
from evaluation.report.formats import table
from evaluation.report.formats.table import Column, Row
from evaluation.report.hidden_rows import Rules
from evaluation.report.prose import table_frame
from evaluation.report.record_set import Records
from evaluation.report.row_disclosure import decide
from evaluation.site import exhibit_files
from evaluation.site.exhibit_files import table_files
from evaluation.storage import disk
from evaluation.storage.folders import Paths
from tests.report import check_examples as made
from tests.report import examples

TRUST, CRIME, THREATS = examples.OUTCOMES
STUDY, RECORDS = examples.STUDY, examples.records()
ROOT = Path(__file__).parents[2]
# the number that no file may hold
SECRET = 0.123456789
BY_GROUP = made.by_group(a=0, b=1)


def rogue(monkeypatch, name, columns, rows):
    """A builder that prints what it is given and asks nobody."""

    def build(exhibit, source):
        return table_frame.table(
            exhibit,
            source,
            columns=tuple(Column(id=c, label=c) for c in columns),
            rows=tuple(Row(id=i, cells=cells) for i, cells in rows(source)),
            generated=(),
        )

    monkeypatch.setattr(builders, "builds", {**builders.builds, name: build})


def outcome_estimates(**changes):
    """Estimates of which those of one outcome rest on few."""
    return tuple(
        dataclasses.replace(e, estimate=SECRET, **changes) if e.outcome == TRUST.id else e
        for e in RECORDS.estimates
    )


def built(source, builder="effects", **changes):
    return builders.build(
        examples.exhibit(builder, specifications=("did_main",), **changes), source
    )


def holds_secret(files):
    """Whether any file of a table has the secret, to four digits."""
    return any(f"{SECRET:.4f}"[1:].encode() in data for data in files.values())


def few_levels(**changes):
    place = ("treated", "endline")
    return tuple(
        dataclasses.replace(x, mean=SECRET, **changes)
        if x.outcome == TRUST.id and (x.arm, x.round) == place
        else x
        for x in RECORDS.levels
    )


def every_level(source):
    for x in source.records.levels:
        if x.outcome == TRUST.id:
            yield f"{x.arm}-{x.round}", (table.number(x.mean, decimals=9), table.count(x.n))


@pytest.mark.parametrize("changes", [{"n": 9}, {"n_clusters": 2}])
def test_a_builder_that_forgets_to_ask_gets_nothing(monkeypatch, changes):
    rogue(monkeypatch, "levels", ("mean", "n"), every_level)
    shown = built(examples.source(levels=few_levels(**changes)), "levels")
    assert shown.cell("treated-endline", "mean").kind == "suppressed"
    assert not holds_secret(table_files(shown))


def test_a_margin_does_not_give_a_level_away(monkeypatch):
    """Effect and three levels would be the fourth."""
    rogue(monkeypatch, "levels", ("mean", "n"), every_level)
    shown = built(examples.source(levels=few_levels(n=9)), "levels")
    assert shown.cell("treated-baseline", "mean").kind == "suppressed"
    assert shown.cell("treated-baseline", "n").kind == "suppressed"
    assert shown.cell("comparison-baseline", "mean").kind == "number"


@pytest.mark.parametrize(
    "changes",
    [
        {"n": 9},
        {"n_clusters_treated": 2},
        {"n_clusters_comparison": 1},
        # nobody knows how many
        {"n": math.nan},
        {"n_clusters_comparison": math.nan},
    ],
)
def test_the_table_of_effects_shows_no_effect_that_the_release_withholds(changes):
    shown = built(examples.source(estimates=outcome_estimates(**changes)))
    for column in ("estimate", "ci_low", "p_value", "n", "estimate_sd"):
        assert shown.cell(TRUST.id, column).value is None, column
    assert not holds_secret(table_files(shown))
    assert "0.12" not in " ".join(text for _, text in shown.said)


def test_json_holds_no_number_that_the_table_withholds():
    shown = built(examples.source(estimates=outcome_estimates(n=9)))
    found = exhibit_files.collect([shown])
    assert found[f"{shown.id}.{TRUST.id}.estimate"]["value"] is None
    assert f"{SECRET:.3f}"[1:] not in json.dumps(found)


def test_a_figure_draws_and_tells_no_effect_of_few():
    source = examples.source(estimates=outcome_estimates(n_clusters_treated=2))
    shown = builders.draw(
        examples.exhibit("coefficient_plot", specifications=("did_main",)), source
    )
    row = f"{TRUST.id}-did_main"
    assert {c.value for r in shown.data.rows if r.id == row for c in r.cells} == {None}
    assert "suppressed" in shown.svg.decode()
    assert "+0.12" not in shown.alt
    assert "+0.12" not in shown.svg.decode()


def test_the_quantities_beside_an_effect_of_few_go_with_it():
    source = examples.source(estimates=outcome_estimates(n=9))
    shown = builders.build(examples.exhibit("diagnostics"), source)
    at = [c.id for c in shown.columns].index(TRUST.id)
    assert {row.cells[at].value for row in shown.rows} == {None}


def test_an_effect_in_sd_does_not_give_a_level_away(monkeypatch):
    """The effect over the effect in SD is the SD, and the SD of a share is its mean."""

    def rows(source):
        for e in source.records.check_estimates:
            cells = (table.effect(e.estimate, decimals=9), table.in_sd(e.estimate_sd))
            yield e.sample.text(), cells

    rogue(monkeypatch, "effects", ("estimate", "estimate_sd"), rows)
    check = dataclasses.replace(BY_GROUP, kind="doubly_robust", groups=(), variables=())
    few = tuple(
        dataclasses.replace(x, n=9)
        if (x.outcome, x.arm, x.round) == (TRUST.id, "comparison", "baseline")
        else x
        for x in RECORDS.levels
    )
    row = made.of_check(TRUST, check, "a")
    source = examples.source(levels=few, check_estimates=(row,))
    assert built(source).cell("a", "estimate").kind == "effect"
    assert built(source).cell("a", "estimate_sd").kind == "suppressed"


def groups(small):
    """Two groups, one of few, their difference, and what is made from them."""
    rows = (
        made.of_check(TRUST, BY_GROUP, "only:a", estimate=0.3, n=small),
        made.of_check(TRUST, BY_GROUP, "only:b", estimate=0.1),
        made.of_check(TRUST, BY_GROUP, "difference:a-b", estimate=SECRET),
    )
    plan = dataclasses.replace(examples.PLAN, check=(BY_GROUP,))
    preregistration = dataclasses.replace(examples.CONFIGURATION.preregistration, plan=plan)
    return rows, dataclasses.replace(examples.CONFIGURATION, preregistration=preregistration)


def test_a_difference_does_not_give_a_small_group_away(monkeypatch):
    def rows(source):
        for e in source.records.check_estimates:
            yield e.sample.text().replace(":", "_"), (table.effect(e.estimate, decimals=9),)

    rogue(monkeypatch, "effects", ("estimate",), rows)
    made_rows, configuration = groups(9)
    shown = built(examples.source(configuration, check_estimates=made_rows))
    assert [r.id for r in shown.rows] == ["only_b"]
    made_rows, configuration = groups(500)
    assert len(built(examples.source(configuration, check_estimates=made_rows)).rows) == 3


def test_a_count_of_which_nobody_says_what_it_counts_is_withheld(monkeypatch):
    rogue(monkeypatch, "levels", ("villages",), lambda _: [("a", (table.count(4000),))])
    assert built(examples.source(), "levels").cell("a", "villages").kind == "suppressed"


@pytest.mark.parametrize(("column", "n"), [("clusters_left", 2), ("people", 9), ("n", -4)])
def test_a_count_of_few_is_withheld_in_any_table(monkeypatch, column, n):
    rogue(monkeypatch, "levels", (column,), lambda _: [("a", (table.count(n),))])
    assert built(examples.source(), "levels").cell("a", column).value is None


@pytest.mark.parametrize(("n", "shown"), [(-14, -10), (14, 10), (-16, -20), (-1719, -1720)])
def test_fewer_interviews_than_another_row_has_are_rounded_and_stay_fewer(monkeypatch, n, shown):
    rogue(monkeypatch, "levels", ("n",), lambda _: [("a", (table.count(n),))])
    assert built(examples.source(), "levels").cell("a", "n").value == shown


@pytest.mark.parametrize("column", ["share", "rate", "percent_lost", "proportion"])
def test_a_share_does_not_tell_its_denominator(monkeypatch, column):
    """905 of 1,719 to the last bit is a fraction of 1,719 only."""
    cells = (table.number(100 * 905 / 1719, decimals=1, unit="%"), table.count(1719))
    rogue(monkeypatch, "levels", (column, "n"), lambda _: [("a", cells)])
    shown = built(examples.source(), "levels")
    assert shown.cell("a", "n").value == 1720
    assert shown.cell("a", column).value in (52.6, 53.0)


def test_the_mean_of_one_group_does_not_tell_its_denominator(monkeypatch):
    """122 of 493 victims: what the table of levels cuts, the table of effects cuts as far."""
    share, sd = 100 * 122 / 493, 100 * math.sqrt(122 * 371) / 493
    columns = ("baseline_mean", "baseline_sd", "n", "n_treated_baseline", "n_comparison_baseline")
    numbers = tuple(table.number(x, decimals=1, unit="%") for x in (share, sd))
    counts = tuple(map(table.count, (2009, 528, 493)))
    rogue(monkeypatch, "levels", columns, lambda _: [("a", (*numbers, *counts))])
    shown = built(examples.source(), "levels")
    assert [shown.cell("a", name).text for name in columns[:2]] == ["25", "43"]


def test_a_finding_says_no_number_of_few():
    few = message("set-aside.problem", n=Count(3, "interviews"))
    found = Finding(
        rule="set-aside",
        severity="warn",
        round="baseline",
        file="baseline.csv",
        row_key="",
        line=0,
        column="q2",
        value="",
        problem=few,
        fix=message("finding-not-told"),
    )
    # the same number where nobody says what it counts
    undeclared = dataclasses.replace(
        found, column="q3", problem=message("set-aside.problem", n=ResultNumber("3"))
    )
    shown = builders.build(
        examples.exhibit("findings"), examples.source(findings=(found, undeclared))
    )
    told = [row.cells[5].text for row in shown.rows]
    assert "ewer than 10" in told[0]
    assert "3" not in "".join(told)


@pytest.fixture
def release(tmp_path):
    """What a build publishes, row by row; the study's configuration is the demonstration's."""

    def publish(**tables_):
        kinds = {"estimates": Estimate, "robustness_estimates": Estimate}
        kinds |= {"adjustments": Adjustment, "robustness_differences": Difference}
        for name, rows in tables_.items():
            disk.write_records(tmp_path / f"{name}.csv", rows, kinds[name], mark="")
        if not (tmp_path / "levels.csv").exists():
            disk.write_records(tmp_path / "levels.csv", (), type(RECORDS.levels[0]), mark="")
        paths = Paths(
            config=ROOT / "config" / "somos_comunidad", raw=tmp_path, clean=tmp_path, build=tmp_path
        )
        files = [(f"{name}.csv", tmp_path / f"{name}.csv") for name in tables_]
        return {
            name: list(csv.DictReader(StringIO(data.decode("utf-8"))))
            for name, data in published(files, paths).items()
        }

    return publish


def real(outcome="trust_neighbours", **changes):
    row = next(e for e in RECORDS.estimates if e.specification == "did_main")
    return dataclasses.replace(row, outcome=outcome, estimate=SECRET, **changes)


def test_a_released_adjustment_goes_with_its_estimate(release):
    """p and the adjusted p of an estimate that is withheld are p and adjusted p of few."""
    row = Adjustment(
        study="s",
        outcome="trust_neighbours",
        family="f",
        specification="did_main",
        estimand="equal",
        method="holm",
        p_value=0.04,
        p_adjusted=0.08,
    )
    (found,) = release(estimates=(real(n=9),), adjustments=(row,))["adjustments.csv"]
    assert (found["p_value"], found["p_adjusted"]) == ("nan", "nan")
    (found,) = release(estimates=(real(),), adjustments=(row,))["adjustments.csv"]
    assert (found["p_value"], found["p_adjusted"]) == ("0.04", "0.08")


@pytest.mark.parametrize("changes", [{"n": 9}, {"n_clusters_treated": 2}])
def test_a_released_row_of_few_says_nothing(release, changes):
    (found,) = release(estimates=(real(**changes),))["estimates.csv"]
    for field in ("estimate", "ci_low", "p_value", "n", "baseline_comparison_mean"):
        assert found[field] == "nan", field


def test_a_released_difference_of_groups_does_not_give_one_away(release):
    """The table hides the difference from a small group: so does the file."""
    place = {"specification": "by_sex", "sample": parse("difference:women-men")}
    rows = (
        real(specification="by_sex", sample=parse("women"), n=9),
        real(specification="by_sex", sample=parse("men")),
        real(**place),
    )
    found = release(estimates=(real(),), robustness_estimates=rows)["robustness_estimates.csv"]
    assert [row["estimate"] == "nan" for row in found] == [True, False, True]


RULES = Rules(
    plan=dataclasses.replace(examples.PLAN, check=(BY_GROUP,)),
    study=STUDY,
    variables=examples.CONFIGURATION.dictionary.variables,
)


def decided(**records):
    return decide(Records(provenance=examples.PROVENANCE, **records), RULES)


def test_no_level_follows_from_the_effect_and_the_others_whatever_their_counts():
    """All 256 ways in which the four levels behind an effect are of few or of enough.

    The effect is (a - b) - (c - d) and its interviews are the sum: a reader solves for a level
    wherever it alone is hidden. Two hidden levels of one arm leave its change known and no level.
    """
    places = [(arm.id, r) for arm in STUDY.arm for r in STUDY.rounds]
    sizes = list(itertools.product((9, 10), (2, 3)))
    for drawn in itertools.product(sizes, repeat=len(places)):
        levels = tuple(
            examples.level(TRUST, arm, r, n=n, n_clusters=clusters)
            for (arm, r), (n, clusters) in zip(places, drawn, strict=True)
        )
        hidden = [bool(fields) for fields in decided(levels=levels)["levels"]]
        small = [n < 10 or clusters < 3 for n, clusters in drawn]
        assert all(h for h, s in zip(hidden, small, strict=True) if s)
        assert sum(hidden) != 1, drawn
        # nor is anything hidden that is not small itself or beside a small one of its arm
        for h, i in zip(hidden, range(len(places)), strict=True):
            arm = [small[k] for k, place in enumerate(places) if place[0] == places[i][0]]
            assert h is any(arm), drawn


def test_no_group_follows_from_a_difference_and_the_other_whatever_their_counts():
    """All ways in which two groups and their difference are of few, of enough, or without a row."""
    sizes = (None, 5, 9, 10, 400)
    for first, second in itertools.product(sizes, sizes):
        whole = (first or 0) + (second or 0) + 300 * (first is None) + 4 * (second is None)
        rows = tuple(
            made.of_check(TRUST, BY_GROUP, sample, n=n)
            for sample, n in (("only:a", first), ("only:b", second), ("difference:a-b", whole))
            if n is not None
        )
        hidden = [bool(fields) for fields in decided(check_estimates=rows)["check_estimates"]]
        few = [e.n < 10 for e in rows[:-1]]
        assert hidden[:-1] == few
        # the difference tells a small group with the other one, and the size of one without a row
        rest = whole - sum(e.n for e in rows[:-1])
        assert hidden[-1] is (any(few) or 0 < rest < 10 or whole < 10), (first, second)


DECIDES = {
    "report/disclosure", "report/record_disclosure", "report/row_disclosure",
    "report/linked_counts", "report/linked_corrections", "report/hidden_rows",
    # whether a release may leave beside earlier ones, which withholds no number
    "release/earlier_releases",
    # decided where it is made: rates before they leave the private folder, a fewest count that is
    # no sum of others, and checks that ask for enough people before they compute anything
    "data/cleaning/response_rates", "estimation/inference/cluster_diagnostics",
    "analysis/checks/subsample", "analysis/checks/measurement",
    "analysis/checks/measurement_invariance",
}  # fmt: skip


def test_nobody_else_compares_a_count_with_the_least_that_may_be_said():
    """Who asks `study.minimum_cell` whether a number may stand decides: these modules only."""
    found = set()
    package = ROOT / "evaluation"
    for path in sorted(package.rglob("*.py")):
        module = path.relative_to(package).with_suffix("").as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                said = ast.unparse(node)
                if any(name in said for name in ("minimum_cell", "minimum_clusters", "SENSITIVE_")):
                    found.add(module)
    assert found <= DECIDES, found - DECIDES
