"""Many fits in several processes: the same bits however many there are."""

import dataclasses
import functools
import os

import numpy as np
import pytest

from evaluation.analysis.planning.calibration import calibrate
from evaluation.analysis.run_checks import run_checks
from evaluation.analysis.run_plan import run_plan
from evaluation.analysis.study_clusters import Frames
from evaluation.errors import EstimationError
from evaluation.estimation import many_fits
from tests.analysis.panels import worlds
from tests.analysis.test_run_checks import CHECKS, given
from tests.estimation import small_fits
from tests.estimation.studies import (
    DID,
    PROVENANCE,
    STUDY,
    frame,
    plan_panel,
    preregistration,
    series,
)

# processes that start take a minute of a busy machine
pytestmark = pytest.mark.pipeline


# -- the kinds of fits, each at a small size ------------------------------------------------------
def data():
    table = plan_panel(70)
    return Frames(panel=table, frame=frame(table), series=series(table))


def with_ri():
    """The promised plan, its first specification by permutations too."""
    promised = preregistration()
    first, *others = promised.plan.specification
    first = dataclasses.replace(first, steps=(*first.steps, "ri"))
    plan = dataclasses.replace(promised.plan, specification=(first, *others))
    return dataclasses.replace(promised, plan=plan)


def estimates(each):
    return run_plan(
        data(), study=STUDY, preregistration=with_ri(), provenance=PROVENANCE, each=each
    )


def robustness(each):
    frames, promised = given(CHECKS)
    return run_checks(
        frames, study=STUDY, preregistration=promised, provenance=PROVENANCE, each=each
    )


def calibration(each):
    made = preregistration().plan
    plan = dataclasses.replace(
        made, specification=(dataclasses.replace(DID, families=("trust", "police")),)
    )
    return calibrate(data(), study=STUDY, plan=plan, data_sets=250, each=each)


def panel_permutations(each):
    study, promise = worlds.declared()
    names = ("ratio_2021_2024", "imputation_2021")
    return worlds.run_panel(
        worlds.frames(noise=1),
        study=study,
        preregistration=worlds.only(promise, *names, permutations=39),
        provenance=dataclasses.replace(PROVENANCE, study=study.id),
        each=each,
    )


KINDS = (estimates, robustness, calibration, panel_permutations)


@functools.cache
def alone(kind):
    """Records of this process alone, every bit of every number."""
    return repr(kind(many_fits.in_threads if kind is panel_permutations else many_fits.here))


def shuffled(each, seed):
    """The same, with parts sent in another order."""

    def run(function, parts, shared):
        parts = list(parts)
        order = np.random.default_rng(seed).permutation(len(parts)).tolist()
        found = dict(zip(order, each(function, [parts[k] for k in order], shared), strict=True))
        return iter([found[k] for k in range(len(parts))])

    return run


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bits_in_any_order(kind):
    assert repr(kind(shuffled(many_fits.here, 1))) == alone(kind)


def test_what_is_sent_lies_in_memory_as_it_will_where_it_arrives():
    seen = []

    def each(function, parts, shared):
        for part in parts:
            seen.append(part.regression.blocks.products.flags.c_contiguous)
            yield function(shared, part)

    estimates(each)
    assert len(seen) > 5
    assert all(seen)


@pytest.mark.parametrize(("processes", "order"), [(3, None), (2, 2), (1, None)])
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bits_with_any_number_of_processes(kind, processes, order):
    each = functools.partial(many_fits.in_processes, processes)
    assert repr(kind(each if order is None else shuffled(each, order))) == alone(kind)


def test_a_process_that_ends_is_an_error():
    with pytest.raises(EstimationError) as caught:
        list(many_fits.in_processes(2, small_fits.end, range(4), None))
    assert caught.value.problem == many_fits._refused("processes-ended").problem


def test_an_error_is_the_one_of_this_process_and_comes_in_its_turn():
    found = many_fits.in_processes(2, small_fits.refused, range(4), None)
    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(EstimationError) as caught:
        next(found)
    with pytest.raises(EstimationError) as expected:
        small_fits.refused(None, small_fits.REFUSED)
    assert vars(caught.value) == vars(expected.value)


def test_a_part_is_asked_for_when_its_turn_is_near():
    """What waits fills memory: two a process."""
    asked_for = []
    parts = (asked_for.append(k) or k for k in range(3, 100))
    found = many_fits.in_processes(2, small_fits.refused, parts, None)
    assert next(found) == 3
    assert len(asked_for) == many_fits.AHEAD * 2
    found.close()


@pytest.mark.parametrize("number", ["0", "-1", "100", "2.5", "local", " 2"])
def test_what_is_no_number_of_processes_is_refused(monkeypatch, number):
    monkeypatch.setenv(many_fits.VARIABLE, number)
    with pytest.raises(EstimationError) as caught:
        many_fits.asked()
    refused = many_fits._refused("processes-number", number=number)
    assert vars(caught.value) == vars(refused)


def test_threads_of_this_process_are_as_before(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    assert list(many_fits.in_processes(1, small_fits.threads, [0], None)) == ["1"]
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ


def test_where_nothing_is_asked_for_it_is_this_process(monkeypatch):
    monkeypatch.delenv(many_fits.VARIABLE, raising=False)
    assert many_fits.asked() is many_fits.here
    assert many_fits.asked(many_fits.in_threads) is many_fits.in_threads
    monkeypatch.setenv(many_fits.VARIABLE, "2")
    assert list(many_fits.asked()(small_fits.refused, range(2), None)) == [0, 1]
