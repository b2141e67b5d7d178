"""Killed in the middle of its writing, a stage leaves nothing that a later make takes for whole.

The whole process group dies by SIGKILL, make included, so nobody cleans up. The moments are counted
writes of the undisturbed run (first, middle, last), not seconds: each is met exactly. The study is
the small one: how a stage writes, and what make asks for, is the same code for all.
"""

import signal
import time

import pytest

from tests.pipeline import kills, schools
from tests.pipeline.conftest import Build, counting_make, digests, touch

pytestmark = pytest.mark.pipeline

# stage, which is a target of make too, and a file whose change makes it run; in their order
STAGES = {
    "read": "evaluation/cli/stages/read.py",
    "estimate": "evaluation/cli/stages/estimate.py",
    "book": "book/common/reproduce.md",
}
MOMENTS = {"first": lambda n: min(n, 1), "middle": lambda n: (n + 1) // 2, "last": lambda n: n}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    return kills.undisturbed(tmp_path_factory.mktemp("killed"))


def made_again(built: Build, *targets: str) -> None:
    """Make ends well and leaves every file of the undisturbed run, to the byte, and no other."""
    again = counting_make(built.root, *targets, *kills.WORDS)
    assert again.returncode == 0, again.stderr
    assert list(built.root.rglob(".tmp-*")) == []
    found = digests(built.root)
    assert [n for n in found if found[n] != built.bytes.get(n)] == []
    assert found.keys() == built.bytes.keys()


def test_after_a_kill_make_gives_the_bytes_of_an_undisturbed_run(built):
    """At each moment the stage alone is made again, in the order of the chain; all else at the end.

    Later stages read files of this one that are by then the same bytes, whenever it was killed, and
    on the way to the next stage's kill those between are run: once for one result.
    """
    for stage, cause in STAGES.items():
        for moment, at in MOMENTS.items():
            met = f"{stage}, {moment}: "
            touch(built.root, cause)
            # alone: what dies beside it would be left until it is made again itself
            dying = {"DIE_IN": stage, "DIE_AT": str(at(built.writes[stage]))}
            killed = counting_make(built.root, "--jobs=1", *kills.WORDS, **dying)
            assert killed.returncode == -signal.SIGKILL, met + killed.stdout + killed.stderr
            for target in {stage, "book"}:
                asked = counting_make(built.root, "--question", target, *kills.WORDS)
                assert asked.returncode == 1, f"{met}a half run looks finished"
            made_again(built, stage)
    # two at a time, as anybody runs it
    touch(built.root, "evaluation/estimation/arrays.py")
    killed = counting_make(built.root, *kills.WORDS, DIE_IN="robustness", DIE_AT="1")
    assert killed.returncode == -signal.SIGKILL
    made_again(built)


def test_the_stages_write_often_enough_to_be_killed_in_between(built):
    assert min(built.writes[stage] for stage in STAGES) >= len(MOMENTS)


def test_a_second_make_is_told_of_the_first_and_harms_nothing(built):
    study = kills.Study(built)
    lock = study.root / "build" / schools.STUDY / "private" / ".running-book-en"
    first = study.begun("book")
    end = time.monotonic() + kills.PATIENCE
    while not lock.exists():
        assert first.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    (said,) = study.make("book")
    assert "another run is writing here (book, process" in said
    assert "wait until it ends, or stop it; then run again" in said
    assert first.wait(kills.PATIENCE) == 0
    assert (study.make(), study.differing()) == ((), ())
