"""What `did`, `ancova` and `regression` say where few clusters are treated, or nothing varies."""

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.errors import EstimationError

DID = {"outcome": "y", "treated": "treated", "post": "post", "cluster": "g"}
ANCOVA = {"outcome": "y", "baseline": "before", "treated": "treated", "cluster": "g"}


def rounds(treated, clusters=20, *, seed=1, rows=6):
    """Two rounds without effect; a shock of each cluster in each round."""
    draw = np.random.default_rng([seed, treated])
    g, post = (np.repeat(v.ravel(), rows) for v in np.mgrid[0:clusters, 0:2])
    shock = draw.normal(size=(clusters, 2))[g, post]
    return pd.DataFrame(
        {
            "g": g,
            "post": post,
            "treated": (g < treated).astype(int),
            "y": 0.5 * shock + draw.normal(size=len(g)),
            "before": draw.normal(size=len(g)),
        }
    )


def endline(treated, **choices):
    made = rounds(treated, **choices)
    return made[made["post"] == 1]


def reasons(found):
    return {r.step: r.reason.id for r in found.records if hasattr(r, "reason")}


def ids(found):
    return [note.id for note in found.notes]


@pytest.mark.parametrize("treated", [1, 19])
def test_scores_say_nothing_of_one_cluster_in_an_arm(treated):
    """Least squares fits that cluster's mean: p was 0.01 by CV1 and CR2 without an effect."""
    found = ev.ancova(endline(treated), **ANCOVA, methods=["cv1", "cr2", "cv3", "wcr_s"], draws=99)
    assert reasons(found)["cv1"] == reasons(found)["cr2"] == "one-cluster.reason"
    # without the cluster there is no effect at all
    assert "cv3" in reasons(found)
    assert "wcr_s" not in reasons(found)
    assert "few-clusters.note" in ids(found)


def test_a_term_that_one_cluster_has_is_such_an_arm_and_one_that_a_cluster_lacks_is_not():
    """Urban answers occur in all clusters but one: they vary inside the others."""
    made = endline(8)
    only = made.assign(x=(made["g"] == 3) * 1.0)
    found = ev.regression(only, outcome="y", terms=["x"], cluster="g", draws=99)
    assert reasons(found)["cv1"] == "one-cluster.reason"
    mixed = made.assign(x=np.where(made["g"] == 3, 0.0, np.arange(len(made)) % 2.0))
    found = ev.regression(mixed, outcome="y", terms=["x"], cluster="g", draws=99)
    assert not reasons(found)
    assert "few-clusters.note" not in ids(found)


def test_did_permutes_unasked_where_an_arm_has_few_clusters():
    few = ev.did(rounds(3), **DID, draws=999)
    assert [record.step for record in few.records] == ["ri", "wcr_s"]
    assert few.primary.step == "ri"
    assert "few-clusters.note" in ids(few)
    assert ev.did(rounds(17), **DID, draws=999).primary.step == "ri"
    enough = ev.did(rounds(6), **DID, draws=99)
    assert [record.step for record in enough.records] == ["wcr_s"]
    assert "few-clusters.note" not in ids(enough)
    asked = ev.did(rounds(3), **DID, methods=["wcr_s"], draws=99)
    assert [record.step for record in asked.records] == ["wcr_s"]


def test_where_no_permutation_could_reject_it_says_the_smallest_p():
    """Two of six clusters: 15 placements, so p is 1/15 at least."""
    found = ev.did(rounds(2, clusters=6), **DID, draws=999)
    assert reasons(found)["ri"] == "permutations-treatment.reason"
    assert "0.067" in found.records[0].reason.text("en")


@pytest.mark.parametrize("methods", [["cv1"], ["cv3"], ["wcr_s"]])
def test_methods_that_reject_too_often_with_few_clusters_are_doubted(methods):
    call = {**DID, "methods": methods, "draws": 99}
    assert "few-clusters.note" in ids(ev.did(rounds(2), **call))
    if methods == ["wcr_s"]:
        # it hardly rejects: no wrong verdict, so a strict call goes on
        ev.did(rounds(2), **call, strict=True)
        return
    with pytest.raises(EstimationError) as caught:
        ev.did(rounds(2), **call, strict=True)
    assert caught.value.problem.id == "strict-refused.problem"


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_no_method_makes_an_error_of_an_exact_fit(scale):
    """hc1 had p = 0 and p = 0.05 of rounding alone."""
    made = rounds(8)
    x = np.sin(np.arange(len(made)))
    made = made.assign(x=x, y=scale * (3.0 + 2.0 * x + made["treated"]))
    found = ev.regression(made, outcome="y", terms=["x", "treated"], cluster="g", draws=99)
    assert {r.step for r in found.records if hasattr(r, "reason")} == {
        "wcr_s", "cv1", "classical", "hc1",
    }  # fmt: skip


def test_a_small_error_in_another_unit_is_one():
    """A regressor a million times as large has an error a million times as small."""
    made = rounds(8).assign(x=lambda f: np.sin(np.arange(len(f))))
    usual, other = (
        ev.regression(
            made.assign(x=factor * made["x"]),
            outcome="y",
            terms=["x"],
            cluster="g",
            methods=["hc1"],
        ).primary
        for factor in (1.0, 1e9)
    )
    assert other.p_value == pytest.approx(usual.p_value, rel=1e-9)


@pytest.mark.simulation
@pytest.mark.parametrize("treated", [2, 3, 5])
def test_what_did_shows_unasked_keeps_its_size(treated, record_property):
    """400 data sets of 20 clusters: at most 5 % and three Monte Carlo errors (1.1 points each)."""
    number = 400
    rejected = {"ri": 0, "wcr_s": 0}
    for seed in range(number):
        for record in ev.did(rounds(treated, seed=seed), **DID, draws=199).records:
            rejected[record.step] += record.p_value <= 0.05
    record_property("reported", f"{treated} of 20 treated: {rejected} of {number}")
    assert max(rejected.values()) / number <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / number)
