"""The Medellín study through read, clean and estimate: counts, scales, published results.

Blair et al. (2021), Science 374, eabd3446, and the authors' replication files (osf.io/2juyz), read
in place. The study is looked at as it is built here; with one changed value, in a folder apart.
"""

import csv
import hashlib
import io as memory
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.__main__ import main
from evaluation.cli.stages.clean_frames import read_frames
from evaluation.config.configuration import Configuration, read_configuration
from evaluation.config.declared import FILE_SOURCES
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.manifest import read_manifest
from evaluation.config.preregistration import Promise, read_promise
from evaluation.config.study import Study, read_study
from evaluation.estimation.inference import steps
from evaluation.estimation.inference.estimate_record import Heading
from evaluation.estimation.records import Estimate, Provenance
from evaluation.estimation.regression import design
from evaluation.report import builders
from evaluation.report.formats import table_writers
from evaluation.report.sources import Records, Source
from evaluation.storage import disk
from tests.conftest import shared_data
from tests.pipeline.conftest import ROOT, built_here
from tests.tables import cases

CASES = cases(__file__)

pytestmark = pytest.mark.truth

CONFIG = ROOT / "config" / "medellin"
NOTHING = Provenance(study="", plan_hash="", data_hash="", version="")
RESPONDENTS, INTERVIEWS_ENDLINE, PANEL, QUADRANTS = 5205, 3644, 2434, 347
PUBLISHED = {
    "published_victimisation": "crime_victim_idx_common",
    "published_insecurity": "future_insecurity_idx_common",
    "published_police": "satis_idx",
    "published_abuse": "police_abuse_idx_common",
    "published_reporting": "crime_reporting_idx_common",
    "published_capacity": "police_capacity_idx",
    "published_state": "legit_trust_std",
    "published_compliance": "compliance_idx",
}


@pytest.fixture(scope="module")
def built():
    """This checkout, in which the study's first three stages have run on the delivered files."""
    return built_here("medellin", "estimate")


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """The table of published results after one value of the analysis file was changed."""
    folder = tmp_path_factory.mktemp("changed")
    raw = folder / "raw"
    shutil.copytree(shared_data("metaketa4_colombia/col_units.csv").parent, raw)
    config = folder / "config" / "medellin"
    shutil.copytree(CONFIG, config)
    before, after = _change_one_value(raw / "col_analysis.csv", "satis_idx")
    manifest = disk.read_text(config / "manifest.toml")
    assert manifest.count(before) == 1
    disk.write_text(config / "manifest.toml", manifest.replace(before, after))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for stage in ("read", "clean"):
            assert main([stage, "--study", "medellin", "--data-raw", str(raw)]) == 0
    configuration = read_configuration(config)
    files = configuration.manifest.with_role("published")
    (delivered,) = (file for file in files if file.id == "published")
    records = Records(
        provenance=NOTHING,
        estimates=tuple(_of_the_published(folder, configuration)),
        published=tuple(csv.DictReader(disk.read_text(raw / delivered.path).splitlines())),
    )
    exhibit = next(e for e in configuration.registry.exhibit if e.id == "tbl-published")
    source = Source(records=records, configuration=configuration, language="en")
    return pd.read_csv(memory.BytesIO(table_writers.to_csv(builders.build(exhibit, source))))


def _of_the_published(folder: Path, configuration: Configuration) -> Iterator[Estimate]:
    """Estimates of one specification, by the step that its table shows."""
    plan, study = configuration.preregistration.plan, configuration.study
    (only,) = (s for s in plan.specification if s.id == "published")
    table = read_frames(folder / "data_clean" / "medellin").analysis
    for outcome in plan.outcomes_of(only):
        heading = Heading.of(
            only,
            outcome,
            study=study,
            level=plan.inference.level,
            provenance=NOTHING,
            status="exploratory",
        )
        built = design.build(table, only, outcome=outcome, study=study)
        yield from steps.records(steps.analyse(built, ("cr2",), draws=None), heading)


def _change_one_value(path: Path, column: str) -> tuple[str, str]:
    """Digests before and after the first row's value of a column is raised by one."""
    path.chmod(0o644)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    header, first, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    cells, place = first.split(","), header.strip().split(",").index(column)
    cells[place] = repr(float(cells[place]) + 1.0)
    path.write_text("".join([header, ",".join(cells), *rest]), encoding="utf-8")
    return before, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def panel(built):
    return pd.read_parquet(built / "data_clean" / "medellin" / "panel.parquet")


@pytest.fixture(scope="module")
def estimates(built):
    return pd.read_csv(built / "build" / "medellin" / "estimates.csv")


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(CONFIG)


@pytest.fixture(scope="module")
def preregistration(study) -> Promise:
    return read_promise(CONFIG, study, read_dictionary(CONFIG, (*study.rounds, *FILE_SOURCES)))


def _raw(name: str) -> pd.DataFrame:
    path = shared_data(f"metaketa4_colombia/{name}.csv")
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _estimate(estimates, specification, outcome, step):
    rows = estimates[
        (estimates["specification"] == specification)
        & (estimates["outcome"] == outcome)
        & (estimates["step"] == step)
    ]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.mark.built
def test_interviews_quadrants_and_panel(panel):
    """The data's README: 5,205 and 3,644 interviews, 2,434 people in both, 347 quadrants."""
    assert panel["round"].value_counts().to_dict() == {
        "baseline": RESPONDENTS,
        "endline": INTERVIEWS_ENDLINE,
    }
    assert panel.groupby("round")["cuadrante"].nunique().tolist() == [QUADRANTS, QUADRANTS]
    members = panel[panel["panel_member"]]
    assert members["round"].value_counts().to_dict() == {"baseline": PANEL, "endline": PANEL}
    assert members["respondent"].nunique() == PANEL


@pytest.mark.built
def test_new_respondents_are_no_panel_members(panel):
    """1,210 endline rows have no register number; two blanks are never the same person."""
    new = panel[panel["respondent"].isna()]
    assert len(new) == INTERVIEWS_ENDLINE - PANEL
    assert set(new["round"]) == {"endline"}
    assert not new["panel_member"].any()
    assert set(new["respondent__missing"]) == {"not_applicable"}


@pytest.mark.built
def test_flow_holds_the_counts(built):
    flow = pd.read_csv(built / "build" / "medellin" / "flow.csv")
    totals = flow.groupby(["round", "step"])[["n", "n_clusters"]].sum()
    for round_id, interviews in (("baseline", RESPONDENTS), ("endline", INTERVIEWS_ENDLINE)):
        for step, number in (
            ("delivered", interviews),
            ("valid", interviews),
            ("panel_members", PANEL),
        ):
            assert totals.loc[(round_id, step)].tolist() == [number, QUADRANTS]
        assert totals.loc[(round_id, "no_consent"), "n"] == 0


@pytest.mark.built
def test_trust_in_the_police_is_on_one_scale(panel):
    """Baseline is delivered as 1-4, endline as 0-3; each step keeps its count."""
    for round_id, name, first in (
        ("baseline", "col_baseline_survey", 1),
        ("endline", "col_endline_survey", 0),
    ):
        delivered = _raw(name)["satis_trust"].value_counts()
        clean = panel.loc[panel["round"] == round_id, "satis_trust"].value_counts()
        expected = {float(step): delivered[str(step + first)] for step in range(4)}
        assert clean.to_dict() == expected


@pytest.mark.parametrize(("item", "companion", "sign"), CASES["polarity"])
@pytest.mark.built
def test_polarity_is_the_same_in_both_rounds(panel, item, companion, sign):
    """A turned code list would turn the sign of one round's correlation (smallest here is 0.11)."""
    for _, rows in panel.groupby("round"):
        assert sign * rows[item].corr(rows[companion]) > 0.1


def test_the_frame_and_the_analysis_file_agree():
    """Columns left out of the analysis file stand with the same values in the list of quadrants."""
    units, analysis = _raw("col_units").set_index("cuadrante"), _raw("col_analysis")
    quadrant = units.loc[analysis["cuadrante"]]
    for name in ("block_ID", "ESTACION", "population", "Z"):
        assert (quadrant[name].to_numpy() == analysis[name].to_numpy()).all()
    for name in ("Z_common", "Z_alt"):
        given = quadrant[name].astype(float).to_numpy()
        assert (given == analysis[name].astype(float).to_numpy()).all()


@pytest.mark.built
def test_arms_are_the_authors_assignment(panel):
    """Z: 0 control, 1 meetings, 2 leaflets, 3 both."""
    assigned = panel["cuadrante"].map(_raw("col_units").set_index("cuadrante")["Z"])
    codes = {"control": "0", "meetings": "1", "leaflets": "2", "both": "3"}
    assert (panel["arm"].map(codes) == assigned).all()


@pytest.mark.parametrize(("outcome", "name"), PUBLISHED.items())
@pytest.mark.built
def test_published_estimate(estimates, outcome, name):
    """Tolerance 1e-9: both sides hold full doubles; the two solvers differ by 2e-12 at most."""
    published = pd.read_csv(shared_data("metaketa4_colombia/published_estimates.csv"))
    expected = published.set_index("outcome").loc[name]
    ours = _estimate(estimates, "published", outcome, "cr2")
    for field, column in (
        ("estimate", "estimate"),
        ("std_error", "std.error"),
        ("df", "df"),
        ("p_value", "p.value"),
        ("ci_low", "conf.low"),
        ("ci_high", "conf.high"),
    ):
        assert ours[field] == pytest.approx(expected[column], abs=1e-9)
    assert (ours["n_clusters_treated"], ours["n_clusters_comparison"]) == (173, 174)


def test_every_published_outcome_is_in_the_plan(preregistration):
    published = pd.read_csv(shared_data("metaketa4_colombia/published_estimates.csv"))
    replicated = [o.id for o in preregistration.plan.outcome if o.family == "replication"]
    assert replicated == list(PUBLISHED)
    assert set(PUBLISHED.values()) == set(published["outcome"])


@pytest.mark.pipeline
def test_one_changed_outcome_value_changes_our_column(changed):
    """Only the changed outcome moves; the published figures are those of their own file."""
    table = changed.set_index("row")
    published = pd.read_csv(shared_data("metaketa4_colombia/published_estimates.csv"))
    expected = published.set_index("outcome").loc[list(PUBLISHED.values())]
    # estimates of real persons leave with four significant digits
    told = [float(f"{value:.4g}") for value in expected["estimate"]]
    assert table.loc[list(PUBLISHED), "published"].tolist() == told
    moved = table["difference"].abs()
    # the row over all outcomes is the largest of the others, digit for digit
    assert moved.pop("all") == moved.max()
    # a row of weight 268 raised by one moves the estimate by 2e-4; rounding is 1e-12
    assert moved["published_police"] > 1e-5
    assert moved.drop("published_police").max() < 1e-9


@pytest.mark.parametrize(
    ("outcome", "item"), [("trust_police", "satis_trust"), ("trust_community", "trust_community")]
)
@pytest.mark.built
def test_unweighted_difference_in_differences(estimates, outcome, item):
    """The same regression by explicit quadrant dummies on the delivered files.

    Tolerance 1e-9: least squares by singular values on 350 columns against cross-products.
    """
    parts = []
    for post, name in ((0.0, "col_baseline_survey"), (1.0, "col_endline_survey")):
        raw = _raw(name)
        shift = 1.0 if item == "satis_trust" and post == 0.0 else 0.0
        y = pd.to_numeric(raw[item]) - shift
        parts.append(pd.DataFrame({"cuadrante": raw["cuadrante"], "y": y, "post": post}))
    rows = pd.concat(parts).dropna().merge(_raw("col_units"), on="cuadrante", validate="m:1")
    dummies = pd.get_dummies(rows["cuadrante"], dtype=float).to_numpy()
    arms = rows[["Z_common", "Z_alt"]].astype(float).mul(rows["post"], axis=0).to_numpy()
    design = np.column_stack([arms, rows["post"], dummies])
    coefficients = np.linalg.lstsq(design, rows["y"].to_numpy(), rcond=None)[0]
    ours = _estimate(estimates, "did_main", outcome, "wcr_s")
    assert ours["estimate"] == pytest.approx(coefficients[0], abs=1e-9)
    assert ours["n"] == len(rows)


@pytest.mark.built
def test_panel_weights_are_the_endline_ones_in_both_rounds(panel, estimates):
    """Inclusion probability: interviews over residents, of an endline row.

    A panel member's baseline row has that of the endline row; other baseline rows have none.
    """
    weighted = panel[panel["panel_member"] | (panel["round"] == "endline")]
    interviews = _raw("col_endline_survey")["cuadrante"].value_counts()
    expected = weighted["cuadrante"].map(interviews) / weighted["population"]
    # both are one division of whole numbers
    assert weighted["inclusion_probability"].to_numpy() == pytest.approx(
        expected.to_numpy(dtype=float), rel=1e-12
    )
    others = panel.drop(weighted.index)
    assert others["inclusion_probability"].isna().all()
    assert _estimate(estimates, "did_panel", "victimisation_any", "wcr_s")["n"] == 2 * PANEL


@pytest.mark.built
def test_weighted_panel_estimate(estimates):
    """Weighted first differences of quadrant means, worked from the delivered files.

    Every panel member answers victimisation in both rounds and the weight is constant in a
    quadrant, so the estimate is least squares of a quadrant's change on both treatments with
    weight (members x residents / interviews). Tolerance 1e-9, in percentage points.
    """
    endline, baseline = _raw("col_endline_survey"), _raw("col_baseline_survey")
    items = ["armedrob_num", "burglary_num", "simpleassault_num"]
    both = endline[endline["REGISTRO_BD"] != ""].merge(
        baseline, on=["REGISTRO_BD", "cuadrante"], suffixes=("", "_before"), validate="1:1"
    )
    after = (both[items] == "1").any(axis=1)
    before = (both[[f"{i}_before" for i in items]] == "1").any(axis=1)
    change = 100.0 * (after.astype(float) - before.astype(float))
    cells = change.groupby(both["cuadrante"]).agg(["mean", "size"])
    units = _raw("col_units").set_index("cuadrante").loc[cells.index]
    interviews = endline["cuadrante"].value_counts().loc[cells.index]
    weight = cells["size"] * units["population"].astype(float) / interviews
    X = np.column_stack(
        [units["Z_common"].astype(float), units["Z_alt"].astype(float), np.ones(len(units))]
    )
    root = np.sqrt(weight.to_numpy())
    expected = np.linalg.lstsq(X * root[:, None], cells["mean"].to_numpy() * root, rcond=None)[0]
    ours = _estimate(estimates, "did_panel", "victimisation_any", "wcr_s")
    assert ours["estimate"] == pytest.approx(expected[0], abs=1e-9)


@pytest.mark.built
def test_no_result_is_called_pre_specified(estimates):
    """The plan was written after the data were public, and deviates from its lock."""
    later = estimates["specification"] == "did_items"
    assert set(estimates.loc[~later, "status"]) == {"deviation"}
    assert set(estimates.loc[later, "status"]) == {"exploratory"}


def test_deviations_leave_every_outcome_and_specification_of_the_lock_as_it_was(preregistration):
    """What was added after all results were known, and what was set right in inference and checks.

    No locked outcome or family is among them, and the locked estimates are made as they were: the
    analysis of the lottery was added before them and took their place as the primary one.
    """
    added = {
        "check.attrition_bounds",
        "check.attrition_weights",
        "check.measurement",
        "family.police_items",
        "outcome.police_items",
        "specification.did_items",
        "specification.ancova_blocks",
        "specification.ancova_answered",
        "specification.published_answered",
        "specification.published_indicator",
        "power",
    }
    changed = {
        "inference",
        "specification.did_main",
        "check.nonresponse",
        "check.functional_form",
    }
    gone = {"check.first_differences"}
    assert preregistration.changed == added | changed | gone
    assert preregistration.changed & set(preregistration.lock.entries) == changed | gone
    # of the difference-in-differences only what it is called: a sensitivity check
    did = {s.id: s for s in preregistration.plan.specification}["did_main"]
    assert did.status == "sensitivity"
    assert (did.method, did.weights, did.strata_round, did.covariates) == ("did", "none", "", ())
    assert (
        next(f.tier for f in preregistration.plan.family if f.id == "police_items") == "exploratory"
    )


@pytest.mark.built
def test_nothing_carries_the_synthetic_mark(built, panel):
    assert "synthetic" not in panel.columns
    # in capitals: the word may stand in no text that the stages write
    for path in sorted((built / "build" / "medellin").glob("*.*")):
        assert b"SYNTHETIC" not in path.read_bytes()


def test_the_manifest_leaves_out_only_what_stands_elsewhere(study):
    """Round markers, the arm's codes, and what the list of quadrants holds."""
    left_out = {f.id: set(f.ignore_columns) for f in read_manifest(CONFIG, study).file}
    assert left_out == {
        "baseline": {"in_baseline"},
        "endline": {"in_endline"},
        "units": {"treatment", "Z_common", "Z_alt", "Z_control", "Z"},
        "analysis": {"block_ID", "ESTACION", "population", "Z", "Z_common", "Z_alt"},
        "published": set(),
        "sites": set(),
        "published_pool": set(),
    }
