"""After a kill at a random moment, by any signal, make gives the bytes of an undisturbed run."""

import pytest

from tests.pipeline import kills

NUMBER, SEED = 120, 17


@pytest.mark.long
def test_no_kill_leaves_a_state_that_make_cannot_leave(tmp_path):
    found = list(kills.killed(tmp_path, NUMBER, SEED))
    assert sum(kill.met for kill in found) > NUMBER / 2
    assert [kill for kill in found if kill.wrong] == [], kills.table(found)


def test_most_kills_hit_the_stages_that_write_many_files():
    drawn = kills.drawn(NUMBER, SEED)
    many = [stage for stage, *_ in drawn if stage in ("exhibits", "notebooks", "book")]
    assert len(many) > 0.7 * NUMBER
    assert {(stage, number) for stage, number, *_ in drawn} >= {
        (stage, number) for stage in set(many) for number in kills.SIGNALS
    }
    assert drawn == kills.drawn(NUMBER, SEED)
