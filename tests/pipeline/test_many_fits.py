"""Many fits in processes of Dask: the same bits however many there are, killed ones too."""

import dataclasses
import functools
import http.client
import os
import signal
import socket
import ssl
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation import many_fits
from evaluation.estimation.planning.calibration import calibrate
from evaluation.estimation.run_checks import run_checks
from evaluation.estimation.run_plan import run_plan
from evaluation.estimation.study_clusters import Frames
from tests.conftest import library
from tests.estimation import small_fits
from tests.estimation.panels import worlds
from tests.estimation.studies import (
    DID,
    PROVENANCE,
    STUDY,
    frame,
    plan_panel,
    preregistration,
    series,
)
from tests.estimation.test_run_checks import CHECKS, given

# processes that start take a minute of a busy machine
pytestmark = pytest.mark.pipeline

WORKERS = 3


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
    """Records without Dask, every bit of every number."""
    return repr(kind(many_fits.in_threads if kind is panel_permutations else many_fits.here))


# -- a cluster of this machine --------------------------------------------------------------------
@pytest.fixture(scope="module")
def cluster():
    library("distributed")
    with pytest.MonkeyPatch.context() as patch:
        # what Dask sets for its processes it leaves behind here
        for name in ("PYTHONHASHSEED", *(f"{n}_NUM_THREADS" for n in ("OMP", "OPENBLAS", "MKL"))):
            patch.setenv(name, os.environ.get(name, "1"))
        patch.setenv(many_fits.VARIABLE, f"local:{WORKERS}")
        with many_fits.asked() as each:
            yield each


def scaled(each, number):
    """The same with so many processes."""
    (client,) = each.args
    client.cluster.scale(number)
    deadline = time.monotonic() + 60.0
    while len(client.nthreads()) != number:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return each


def shuffled(each, seed):
    """The same, with parts sent in another order."""

    def run(function, parts, shared):
        parts = list(parts)
        order = np.random.default_rng(seed).permutation(len(parts)).tolist()
        found = dict(zip(order, each(function, [parts[k] for k in order], shared), strict=True))
        return iter([found[k] for k in range(len(parts))])

    return run


def killing(each):
    """The same, with one process killed when the first result is there."""
    (client,) = each.args

    def run(function, parts, shared):
        found = each(function, parts, shared)
        first = next(found)
        os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)
        yield first
        yield from found

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


# from many to few: to end a process costs nothing, to start one seconds
@pytest.mark.parametrize(("workers", "order"), [(3, None), (2, 2), (1, None)])
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bits_with_any_number_of_processes(cluster, kind, workers, order):
    each = scaled(cluster, workers)
    assert repr(kind(each if order is None else shuffled(each, order))) == alone(kind)


def test_the_same_bits_where_a_process_is_killed(cluster):
    assert repr(robustness(killing(cluster))) == alone(robustness)


def test_a_killed_process_costs_its_part_only(cluster, tmp_path):
    number = 30
    found = list(cluster(small_fits.noted, range(number), tmp_path))
    assert found == [k * k for k in range(number)]
    runs = {k: len((tmp_path / f"{k}").read_text(encoding="utf-8")) for k in range(number)}
    assert runs.pop(small_fits.KILLED) == 2
    # one that had just ended there may not have been fetched
    assert sum(runs.values()) <= number


def test_a_fit_that_ends_every_process_is_an_error(cluster, monkeypatch):
    (client,) = cluster.args
    monkeypatch.setattr(client.cluster.scheduler, "allowed_failures", 0)
    with pytest.raises(EstimationError, match="ended its worker each time"):
        list(cluster(small_fits.end, [1], None))


def test_an_error_is_the_one_of_this_process_and_comes_in_its_turn(cluster):
    found = cluster(small_fits.refused, range(4), None)
    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(EstimationError) as caught:
        next(found)
    with pytest.raises(EstimationError) as expected:
        small_fits.refused(None, small_fits.REFUSED)
    assert vars(caught.value) == vars(expected.value)


def test_a_cluster_that_is_gone_is_said_to_be(cluster, monkeypatch):
    def gone():
        raise OSError("timed out")

    monkeypatch.setattr(cluster.args[0], "nthreads", gone)
    with pytest.raises(EstimationError) as caught:
        list(cluster(small_fits.refused, range(4), None))
    assert caught.value.problem == many_fits._refused("dask-gone").problem


def test_other_code_in_a_process_is_refused(cluster, monkeypatch):
    monkeypatch.setattr(many_fits, "program", lambda: "another")
    with pytest.raises(EstimationError, match="another version of this program"):
        list(cluster(small_fits.refused, [1], None))


# -- what it listens to, and what it writes -------------------------------------------------------
def listening():
    """Addresses that this process and its children listen at."""
    psutil = library("psutil")
    own = psutil.Process()
    return [
        c.laddr
        for process in (own, *own.children(recursive=True))
        for c in process.net_connections("inet")
        if c.status == psutil.CONN_LISTEN
    ]


def test_it_listens_to_this_machine_alone(cluster):
    found = listening()
    assert len(found) > 1
    assert {address.ip for address in found} == {"127.0.0.1"}


def test_its_processes_speak_tls_and_know_who_speaks(cluster):
    (client,) = cluster.args
    addresses = [client.cluster.scheduler_address, *client.nthreads()]
    assert {address.split("://")[0] for address in addresses} == {"tls"}
    for address in addresses:
        host, port = address.removeprefix("tls://").split(":")
        stranger = ssl.create_default_context()
        stranger.check_hostname, stranger.verify_mode = False, ssl.CERT_NONE
        # without a certificate of the cluster nothing is heard
        with (
            socket.create_connection((host, int(port))) as plain,
            stranger.wrap_socket(plain) as wrapped,
            pytest.raises(ssl.SSLError, match="certificate required"),
        ):
            wrapped.recv(1)


def test_it_shows_nothing_in_a_browser(cluster):
    (client,) = cluster.args
    port = client.cluster.scheduler.http_server.port
    for page in ("/", "/status", "/info/main/workers.html", "/metrics", "/json/counts.json"):
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        asked.request("GET", page)
        assert asked.getresponse().status == 404
        asked.close()


def kept(dask_worker):
    return (
        type(dask_worker.data).__name__,
        dask_worker.memory_manager.memory_limit,
        dask_worker.local_directory,
    )


def test_it_writes_nothing_to_disk(cluster):
    (client,) = cluster.args
    assert [len(made) for made in cluster(small_fits.large, range(4), None)] == [30_000_000] * 4
    for data_kept_in, limit, folder in client.run(kept).values():
        assert (data_kept_in, limit) == ("dict", None)
        inside = [path for path in Path(folder).rglob("*") if path.is_file()]
        assert sum(path.stat().st_size for path in inside) == 0


# -- a cluster elsewhere, and what is refused -----------------------------------------------------
@pytest.fixture
def certificates(cluster, tmp_path):
    """Dask's settings with the certificates of the cluster in files."""
    dask = library("dask")
    security = cluster.args[0].security
    names = {"ca-file": "tls_ca_file", "client.cert": "tls_client_cert"}
    names |= {"client.key": "tls_client_key"}
    settings = {}
    for key, name in names.items():
        path = tmp_path / f"{key}.pem"
        path.write_text(getattr(security, name), encoding="ascii")
        settings[f"distributed.comm.tls.{key}"] = str(path)
    with dask.config.set(settings):
        yield dask


def asked(monkeypatch, address):
    monkeypatch.setenv(many_fits.VARIABLE, address)
    return many_fits.asked()


def test_a_cluster_at_an_address_gives_the_same_bits(cluster, certificates, monkeypatch):
    address = cluster.args[0].cluster.scheduler_address
    with asked(monkeypatch, address) as each:
        assert repr(robustness(each)) == alone(robustness)


def test_a_scheduler_that_does_not_answer_is_named(certificates, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"tls://127.0.0.1:{closed.getsockname()[1]}"
        with (
            certificates.config.set({"distributed.comm.timeouts.connect": "200ms"}),
            pytest.raises(EstimationError, match=f"answers at {address}"),
            asked(monkeypatch, address),
        ):
            pass


def test_without_certificates_a_cluster_is_refused(monkeypatch, tmp_path):
    dask = library("dask")
    library("distributed")
    for settings in ({}, {"ca-file": str(tmp_path / "a"), "client.cert": str(tmp_path / "b")}):
        named = {f"distributed.comm.tls.{key}": value for key, value in settings.items()}
        with (
            dask.config.set(named),
            pytest.raises(EstimationError, match="certificates"),
            asked(monkeypatch, "tls://127.0.0.1:8786"),
        ):
            pass


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tcp://127.0.0.1:8786", "not encrypted"),
        ("127.0.0.1:8786", "no cluster"),
        ("tls://", "no cluster"),
        ("local:0", "no cluster"),
        ("yes", "no cluster"),
    ],
)
def test_an_address_without_encryption_is_refused(monkeypatch, address, reason):
    with pytest.raises(EstimationError, match=reason) as caught, asked(monkeypatch, address):
        pass
    assert address in str(caught.value)
    assert "EVAL_DASK=local" in str(caught.value.fix)


@pytest.mark.parametrize("library", ["distributed", "cryptography"])
def test_without_the_extra_its_name_is_told(monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(EstimationError, match=r"FOLDER\[dask\]"), asked(monkeypatch, "local"):
        pass


def test_where_nothing_is_asked_for_nothing_is_loaded(monkeypatch):
    monkeypatch.delenv(many_fits.VARIABLE, raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with many_fits.asked(many_fits.in_threads) as each:
        assert each is many_fits.in_threads
        assert list(each(small_fits.refused, range(2), None)) == [0, 1]
