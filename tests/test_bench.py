"""The pure parts of the bench: who agrees with whom, targets, and a page that is current."""

import argparse
import json
import re

import numpy as np
import pandas as pd
import pytest

from evaluation.cli.stages import clean, read
from evaluation.errors import DataError
from tools.bench import __main__ as bench
from tools.bench import agreement, ours, page, rows, stages, survey, survey_files
from tools.bench.agreement import DisagreementError, Found
from tools.bench.rows import ROWS, Row, Run

RESULTS = json.loads(bench.RESULTS.read_text(encoding="utf-8"))


def found(engine="a", *, digits=1e-10, draws=0, **values):
    return Found(engine, {name.replace("_", "."): v for name, v in values.items()}, digits, draws)


def test_the_page_is_made_from_the_stored_results():
    assert bench.PAGE.read_text(encoding="utf-8") == page.page(RESULTS), (
        "run: python -m tools.bench --page"
    )


def test_stored_results_hold_every_row_that_was_asked_for():
    asked = rows.chosen(ROWS, RESULTS["size"], rows.LARGE)
    assert [(r["task"], r["rows"]) for r in RESULTS["rows"]] == [(r.task, r.ours.n) for r in asked]
    for stored, row in zip(RESULTS["rows"], asked, strict=True):
        assert (stored["faster"], stored["slower"], stored["most"]) == (
            row.faster,
            row.slower,
            row.most,
        )


def test_stored_results_name_no_host_and_no_place_on_a_disk():
    assert set(RESULTS["machine"]) == {"system", "processor", "cores", "memory_gb"}
    # a path begins with a slash before a word of its own; versions and ids hold none
    assert re.findall(r'"[^"]*/[a-z]+/[^"]*"', json.dumps(RESULTS)) == []


def test_the_bench_measures_the_versions_that_the_package_runs_with():
    own, peers = (
        dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", path.read_text(encoding="utf-8"), re.MULTILINE))
        for path in (bench.ROOT / "requirements.lock", bench.HERE / "peers.lock")
    )
    shared = ("numpy", "scipy", "pandas", "pyarrow", "statsmodels", "linearmodels", "pyfixest")
    assert {name: peers[name] for name in shared} == {name: own[name] for name in shared}


# ---- Agreement -----------------------------------------------------------------------------------


def test_estimates_agree_to_the_digits_of_the_less_exact():
    """A relative difference of 5e-9 is half of 1e-8 and fifty times 1e-10."""
    exact, other = found(estimate=1.0), found("b", estimate=1.0 + 5e-9)
    with pytest.raises(DisagreementError, match=r"estimate is 1 by a and 1.000000005 by b"):
        agreement.check("task", [exact, other])
    loose = found("b", estimate=1.0 + 5e-9, digits=1e-8)
    assert agreement.check("task", [exact, loose])["b"] == pytest.approx(0.5, rel=1e-6)


def test_p_values_agree_within_four_errors_of_both_simulations():
    """p 0.2 from 10,000 draws each: error of the difference sqrt(2 x 0.16/10,000) = 0.005657.

    Four errors and the one draw of 1/10,000 are 0.022727.
    """
    one = found(p_wcr=0.2 - 0.0113, draws=10_000)
    near = found("b", p_wcr=0.2 + 0.0113, draws=10_000)
    far = found("b", p_wcr=0.2 + 0.0116, draws=10_000)
    assert agreement.check("t", [one, near])["a"] == pytest.approx(0.0226 / 0.022727, rel=1e-4)
    with pytest.raises(DisagreementError, match=r"p\.wcr"):
        agreement.check("t", [one, far])


def test_p_values_of_nearly_zero_have_an_error_too():
    """None of 1,000 draws is larger: 1/1,001 by one rule and 0 by the other are the same."""
    one, other = found(p_x=1 / 1001, draws=1000), found("b", p_x=0.0, draws=1000)
    assert agreement.check("t", [one, other])["a"] < 1.0
    with pytest.raises(DisagreementError):
        agreement.check("t", [one, found("b", p_x=0.03, draws=1000)])


def test_simulated_spread_agrees_within_four_errors():
    """An SD from 1,000 draws errs by 1/sqrt(2,000) of itself; two of them by 1/sqrt(1,000)."""
    one = found(sd=1.0, draws=1000)
    limit = 4.0 / 1000**0.5
    shares = agreement.check("t", [one, found("b", sd=1.0 / (1.0 + 0.99 * limit), draws=1000)])
    assert shares["a"] == pytest.approx(0.99, rel=1e-9)
    with pytest.raises(DisagreementError):
        agreement.check("t", [one, found("b", sd=1.0 / (1.0 + 1.01 * limit), draws=1000)])


def test_an_engine_that_cannot_be_compared_stops_the_bench():
    with pytest.raises(DisagreementError, match="b has no number to compare"):
        agreement.check("t", [found(estimate=1.0), found("b", other=1.0), found("c", estimate=1.0)])


def test_agreement_may_go_through_a_third():
    """Permutations of the coefficient and of its t statistic share no number but the yardstick's.

    A NaN agrees with nothing.
    """
    both = found("yardstick", p_t=0.3, p_b=0.4, draws=1000)
    shares = agreement.check(
        "t", [found(p_t=0.3, draws=1000), both, found("b", p_b=0.4, draws=1000)]
    )
    assert shares == {"a": 0.0, "yardstick": 0.0, "b": 0.0}
    with pytest.raises(DisagreementError):
        agreement.check("t", [found(estimate=float("nan")), found("b", estimate=1.0)])


def test_a_missing_peer_stops_the_bench(monkeypatch):
    monkeypatch.setattr(bench, "STACK", ())
    monkeypatch.setattr(bench, "PYTHON_PEERS", ("no-such-package",))
    with pytest.raises(DisagreementError, match="no-such-package is missing"):
        bench.bench((), "always")


# ---- Rows and their results ----------------------------------------------------------------------

A = Run(engine="ours", module="ours", function="f", kind="one", n=10)
B = Run(engine="slow", module="peers", function="g", kind="one", n=10)
C = Run(engine="quick loop", module="peers", function="h", kind="one", n=10, scale=50)
Y = Run(engine="by hand", module="yardstick", function="f", kind="one", n=10)
ROW = Row(task="a task", ours=A, peers=(B, C), yardsticks=(Y,), faster=4.0, slower=3.0)


def measured(ours=2.0, slow=30.0, loop=0.2, hand=1.0):
    return {
        run: {"median": value, "above_data_mb": 100.0 * value, "data_mb": 100.0}
        for run, value in ((A, ours), (B, slow), (C, loop), (Y, hand))
    }


def test_ratios_are_to_the_fastest_peer_and_to_the_yardstick():
    """The loop takes 50 x 0.2 = 10 ms, five times our 2 ms; we take twice the yardstick's 1 ms."""
    line = bench.row_result(ROW, measured())
    assert (line["peer"], line["peer_ratio"], line["yardstick_ratio"]) == ("quick loop", 5.0, 2.0)
    assert page.met(line) is True


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"loop": 0.15}, r"quick loop takes `3.75x` our time, at least `4x` was promised"),
        ({"hand": 0.5}, r"we take `4.00x` the time of by hand, at most `3x` was promised"),
    ],
)
def test_each_missed_target_is_said_plainly(changed, said):
    line = bench.row_result(ROW, measured(**changed))
    assert page.met(line) is False
    assert said in page.page(RESULTS | {"rows": [line]})
    assert "; missed\n" in page.table(RESULTS | {"rows": [line]})


def test_a_row_without_targets_is_neither_met_nor_missed():
    line = bench.row_result(Row(task="a task", ours=A), measured())
    assert (page.met(line), line["peer"], line["yardstick"]) == (None, None, None)
    limited = bench.row_result(Row(task="a task", ours=A, most=1.5), measured())
    assert page.met(limited) is False
    assert "`2.00 ms`, at most `1.50 ms` was promised" in page.page(RESULTS | {"rows": [limited]})


def test_memory_counts_the_data_for_ratios_and_not_for_our_limit():
    """Peaks 100 + 200 of ours against 100 + 20 of the leaner peer, in MB; 200 stand above."""
    row = Row(task="m", ours=A, peers=(B, C), measure="memory", faster=4.0, most=512.0)
    line = bench.row_result(row, measured())
    assert (line["peer"], line["peer_ratio"], line["ours"]) == ("quick loop", 120 / 300, 200.0)


def test_large_tasks_and_slow_peers_are_asked_for():
    usual, large = (rows.chosen(ROWS, size, rows.LARGEST) for size in ("always", "large"))
    assert max(row.ours.n for row in usual) == 1_000_000
    assert max(row.ours.n for row in large) == 100_000_000
    assert large == ROWS
    at_a_million = [
        {run.engine for run in row.peers}
        for chosen in (usual, large)
        for row in chosen
        if row.task == ROWS[0].task and row.ours.n == 1_000_000
    ]
    assert at_a_million[1] - at_a_million[0] == {"statsmodels OLS with dummies", "R estimatr"}


def test_one_call_under_two_names_is_measured_once():
    assert len({A, Run(engine="another name", module="ours", function="f", kind="one", n=10)}) == 1


def test_a_task_measured_alone_goes_among_the_stored_results_with_its_day():
    other = RESULTS | {
        "date": "2030-01-02",
        "load": 1.5,
        "rows": [RESULTS["rows"][1] | {"ours": 7.0}],
        "measurements": [RESULTS["measurements"][0] | {"median": 9.0}],
    }
    made = bench.among(RESULTS, other)
    tasks = [[(row["task"], row["rows"]) for row in found["rows"]] for found in (made, RESULTS)]
    assert tasks[0] == tasks[1]
    row = made["rows"][1]
    assert (row["ours"], row["date"], row["load"]) == (7.0, "2030-01-02", 1.5)
    assert made["measurements"][0]["median"] == 9.0
    assert len(made["measurements"]) == len(RESULTS["measurements"])
    assert "on `2030-01-02`, load `1.5` at the start" in page.page(made)
    for changed in ({"machine": {}}, {"versions": {"numpy": "0"}}):
        with pytest.raises(DisagreementError, match=r"another (machine|numpy)"):
            bench.among(RESULTS, other | changed)


def test_a_busy_machine_is_said():
    busy, quiet = (page.page(RESULTS | {"load": load}) for load in (2.04, 0.1))
    assert "Other programs were running (load `2.0` at the start)" in busy
    assert "Other programs" not in quiet


# ---- The survey and what runs on it --------------------------------------------------------------


def test_the_survey_is_what_the_page_says():
    table = survey.make(5_000, survey.MANY)
    assert table["municipality"].nunique() == survey.CLUSTERS
    cells = table.groupby(["municipality", "post"]).size().unstack()  # noqa: PD010
    assert cells.to_numpy().sum() == 5_000
    assert (cells > 0).all(axis=None)
    assert cells.sum(axis=1).max() > 4 * cells.sum(axis=1).median()
    assert table["municipality"].iloc[:50].nunique() > 10  # shuffled
    assert (table.groupby("municipality")["treated"].nunique() == 1).all()  # noqa: PD101
    assert (table["did"] == table["treated"] * table["post"]).all()
    share = table[[f"y{j}" for j in range(survey.OUTCOMES)]].isna().to_numpy().mean()
    # 100,000 answers: four errors of a share of 0.05 are 0.0028
    assert share == pytest.approx(survey.MISSING, abs=0.0028)
    assert table.equals(survey.make(5_000, survey.MANY))


def test_ours_finds_what_explicit_dummies_find():
    """Least squares on 70 dummies, and the sandwich without a factor, written out."""
    table = survey.make(2_000, survey.ONE)
    names = ["did", "post", *(f"x{j}" for j in range(survey.COVARIATES))]
    code, labels = table["municipality"].factorize()
    x = np.column_stack([table[names], code[:, None] == np.arange(len(labels))]).astype(float)
    y = table["y0"].to_numpy()
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ y
    scores = np.array([(x * (y - x @ beta)[:, None])[code == g].sum(axis=0) for g in range(70)])
    error = np.sqrt((bread @ scores.T @ scores @ bread)[0, 0])
    values = ours.cv1(table)()
    # double precision, dummies and 12 columns: about eleven digits
    assert values["estimate"] == pytest.approx(beta[0], rel=1e-10)
    assert values["cr0"] == pytest.approx(error, rel=1e-10)


# ---- The delivered files -------------------------------------------------------------------------


def staged(root, monkeypatch, *, faults):
    files = survey_files.write(root, 2_000, faults=faults)
    monkeypatch.chdir(files.root)
    options = argparse.Namespace(study=survey_files.STUDY, data_raw="", language="en")
    read.run(options)
    return files, options


def test_the_delivered_survey_has_two_hundred_variables_and_no_errors(tmp_path, monkeypatch):
    _, options = staged(tmp_path, monkeypatch, faults=0)
    clean.run(options)
    panel = pd.read_parquet(stages.CLEAN / "panel.parquet")
    surveyed = [f"{name}__missing" in panel.columns for name in panel.columns]
    # the frame's own variables have no missing kinds, nor has the municipality, which is a code
    assert sum(surveyed) + 1 == survey_files.VARIABLES
    assert 1_900 < len(panel) < 2_000


def test_every_planted_fault_is_found_in_its_place(tmp_path, monkeypatch):
    files, options = staged(tmp_path, monkeypatch, faults=survey_files.FAULTS)
    with pytest.raises(DataError):
        clean.run(options)
    found = pd.read_csv(f"build/{survey_files.STUDY}/private/findings_error.csv")
    placed = set(zip(found["file"], found["line"], found["column"], strict=True))
    assert len(set(files.faults)) == survey_files.FAULTS
    assert placed == set(files.faults)
