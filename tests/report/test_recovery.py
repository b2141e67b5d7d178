"""Nothing that a release withholds can be worked out from what it shows.

The attempts are those of :mod:`tests.report.recovery`. They are tried on small invented studies,
whose numbers are drawn so that many are small; both studies of the repository are tried by
``python -m tests.report.recovery FOLDER`` on what ``publish`` wrote, and here where they are built.
"""

import dataclasses
import random
from pathlib import Path

import pytest
from scipy import stats

from evaluation.estimation.records import Estimate
from evaluation.release.published_tables import RECORDS, published, rewritten
from evaluation.report import builders
from evaluation.report.hidden_rows import Rules
from evaluation.report.record_disclosure import released
from evaluation.report.record_set import Records
from evaluation.site import exhibit_files
from evaluation.site.exhibit_files import table_files
from evaluation.storage import disk
from evaluation.storage.folders import Paths
from tests.conftest import absent
from tests.report import check_examples as made
from tests.report import examples, recovery

STUDY, OUTCOMES = examples.STUDY, examples.OUTCOMES
ROOT = Path(__file__).parents[2]
CHECK = made.by_group(a=0, b=1)
STEPS = ("cv1", "cv3", "cr2", "ri", "wcr", "wcr_s")
# people of one group and round without an answer
LOST = (0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 40)
# of seven and twenty-one the rounded parts and their rounded sum would say too much together
SEEDS = (0, 3, 7, 11, 21, 23)


def sized(draw):
    """Valid interviews by group and round, and those of every outcome and specification."""
    valid = {(arm.id, r): draw.randrange(300, 2000) for arm in STUDY.arm for r in STUDY.rounds}
    answered = {o.id: {key: n - draw.choice(LOST) for key, n in valid.items()} for o in OUTCOMES}
    return valid, answered


def with_t(estimate, df):
    """The estimate as a method with a t reference has it."""
    half = stats.t.ppf(0.975, df) * estimate.std_error
    p = 2 * stats.t.sf(abs(estimate.estimate / estimate.std_error), df)
    return dataclasses.replace(
        estimate,
        df=float(df),
        ci_low=estimate.estimate - half,
        ci_high=estimate.estimate + half,
        p_value=p,
        p_adjusted=p,
        mc_error=0.0,
    )


def group_rows(draw, outcome, n, clusters):
    """Rows of two groups, one of which lacks one or two comparison clusters."""
    for name, gone in (("a", draw.choice((1, 2))), ("b", draw.choice((0, 1, 3)))):
        kept = clusters - gone
        size = draw.uniform(0.1, 0.4)
        for step in STEPS:
            row = made.of_check(
                outcome,
                CHECK,
                name,
                step=step,
                estimate=size,
                std_error=size / draw.uniform(0.5, 3),
                n=n // 2 - draw.choice(LOST),
                n_clusters_treated=clusters,
                n_clusters_comparison=kept,
                df=float(clusters + kept - 1),
                p_value=draw.randrange(1, 2 ** min(clusters + kept, 12)) / 2**12
                if clusters < 7
                else draw.randrange(1, 99999) / 99999,
                mc_error=0.0 if clusters < 7 else 0.001,
            )
            yield row if step.startswith("wcr") else with_t(row, clusters + kept - 1)


def planted(seed, tmp_path):
    """Published files of a study whose numbers are drawn."""
    draw = random.Random(seed)  # noqa: S311
    valid, answered = sized(draw)
    clusters = draw.choice((5, 6, 8, 12, 35))
    plan = dataclasses.replace(examples.PLAN, check=(CHECK,))
    preregistration = dataclasses.replace(examples.CONFIGURATION.preregistration, plan=plan)
    configuration = dataclasses.replace(examples.CONFIGURATION, preregistration=preregistration)
    usual = examples.records(configuration)
    levels = tuple(
        dataclasses.replace(
            x,
            n=(n := answered[x.outcome][x.arm, x.round]),
            n_clusters=clusters,
            mean=draw.randrange(1, n) / n * (100 if x.unit == "percentage points" else 1),
        )
        for x in usual.levels
    )
    means = {x.outcome: x.mean for x in levels if (x.arm, x.round) == ("comparison", "baseline")}
    estimates = tuple(
        dataclasses.replace(
            e,
            n=sum(answered[e.outcome].values()),
            n_clusters_treated=clusters,
            n_clusters_comparison=clusters,
            baseline_comparison_mean=means[e.outcome],
        )
        if e.outcome in answered
        else e
        for e in usual.estimates
    )
    flow = tuple(
        dataclasses.replace(f, n=valid[f.arm, f.round] + extra)
        if (extra := {"valid": 0, "delivered": 40}.get(f.step)) is not None
        else dataclasses.replace(f, n=20 if f.step != "panel_members" else 150)
        for f in usual.flow
    )
    checks = tuple(
        row for o in OUTCOMES for row in group_rows(draw, o, sum(answered[o.id].values()), clusters)
    )
    source = examples.source(
        configuration, levels=levels, estimates=estimates, flow=flow, check_estimates=checks
    )
    files, built = {}, []
    for builder, name in (("effects", "did-main"), ("levels", "levels"), ("flow", "flow")):
        exhibit = dataclasses.replace(
            examples.exhibit(builder, specifications=("did_main",)), id=f"tbl-{name}"
        )
        built.append(builders.build(exhibit, source))
        files |= {f"en/exhibits/{k}": v for k, v in table_files(built[-1]).items()}
    disk.write_json(
        tmp_path / "numbers.json", exhibit_files.marked(exhibit_files.collect(built), mark="")
    )
    files["en/numbers.json"] = (tmp_path / "numbers.json").read_bytes()
    for name, rows in (("estimates.csv", estimates), ("robustness_estimates.csv", checks)):
        disk.write_records(tmp_path / name, rows, Estimate, mark="")
        files[name] = (tmp_path / name).read_bytes()
    made = Records(
        provenance=examples.PROVENANCE, estimates=estimates, levels=levels, check_estimates=checks
    )
    variables = configuration.dictionary.variables
    changed = released(made, Rules(plan=plan, study=STUDY, variables=variables))
    return files, {
        "estimates.csv": changed["estimates"],
        "robustness_estimates.csv": changed["check_estimates"],
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_recovered_from_a_small_study(seed, tmp_path):
    files, changed = planted(seed, tmp_path)
    files |= {name: rewritten(files[name], rows) for name, rows in changed.items()}
    tried = recovery.attempt(recovery.read(files), least=STUDY.minimum_cell)
    assert tried.found == []
    assert tried.times["the same row elsewhere"] > 0
    assert tried.times["sums of parts against the sample flow"] > 0
    assert tried.times["fractions"] > 0


def test_the_attempts_find_what_records_gave_away_before(tmp_path):
    """As first released: counts and degrees of freedom taken out, all else left in."""
    files, _ = planted(3, tmp_path)
    rows = disk.read_records(tmp_path / "robustness_estimates.csv", Estimate)
    primary = disk.read_records(tmp_path / "estimates.csv", Estimate)
    top = max(e.n_clusters_treated for e in primary if e.outcome == OUTCOMES[0].id)
    few = [0 < top - e.n_clusters_comparison < 3 for e in rows]
    old = [{"n_clusters_comparison": "nan", "df": "nan"} if hidden else {} for hidden in few]
    name = "robustness_estimates.csv"
    files[name] = rewritten(files[name], old)
    tried = recovery.attempt(recovery.read(files), least=STUDY.minimum_cell)
    hidden = {i + 1 for i, is_hidden in enumerate(few) if is_hidden}
    found = {
        int(f.where.removeprefix(f"{name} row ").split()[0])
        for f in tried.found
        if f.attempt.startswith("inversion") and f.where.startswith(name)
    }
    # every row, the bootstraps' too: another method of the same row tells
    assert hidden
    assert found == hidden


@pytest.mark.parametrize(
    ("row", "df"),
    [
        ({"std_error": "0.5", "ci_low": "0", "ci_high": str(2 * 0.5 * stats.t.ppf(0.975, 67))}, 67),
        ({"estimate": "1", "std_error": "0.5", "p_value": str(2 * stats.t.sf(2.0, 41))}, 41),
        ({"statistic": "-1.5", "p_value": str(2 * stats.t.sf(1.5, 9))}, 9),
        ({"p_value": str(37 / 2**10)}, 10),
    ],
)
def test_each_inversion_finds_the_degrees_of_freedom(row, df):
    assert df in [found for _, found in recovery.degrees_of(row)]


def test_a_withheld_number_of_interviews_is_found_as_a_difference():
    table = "row,n,fewer_interviews\ntrust-top,6996,\ntrust-lowest,7000,fewer than 10\n"
    tried = recovery.Tried()
    release = recovery.read({"en/exhibits/tbl-robustness-trust.csv": table.encode()})
    recovery.try_subtraction(release, tried, 10)
    assert 4.0 in [f.value for f in tried.found]


def test_a_fraction_tells_its_denominator_to_the_last_bit_only():
    assert recovery.denominator(str(1856 / 1296), 1300.0, 10, 1) == 1296.0
    assert recovery.denominator("1.432", 1300.0, 10, 1) is None


@pytest.mark.built
@pytest.mark.parametrize("study", ["somos_comunidad", "medellin"])
def test_nothing_is_recovered_from_a_release(study, request):
    """Both studies as they are published here, where they are built."""
    build = ROOT / "build" / study
    needed = [build / "estimates.csv", build / "en/numbers.json", build / "levels.csv"]
    if not all(path.is_file() for path in needed):
        absent(f"{study} is not built: run make")
    paths = Paths(
        config=ROOT / "config" / study,
        raw=ROOT / "data_raw" / study,
        clean=ROOT / "data_clean" / study,
        build=build,
    )
    files = [(name, build / name) for name in RECORDS if (build / name).is_file()]
    files.append(("en/numbers.json", build / "en/numbers.json"))
    files += [
        (path.relative_to(build).as_posix(), path)
        for path in sorted((build / "en/exhibits").iterdir())
        if path.suffix in (".csv", ".json", ".md", ".svg")
    ]
    tried = recovery.attempt(recovery.read(published(files, paths)))
    assert tried.found == [], tried.listed()
