"""Single rules that hide persons, at their edges: ids and order by the key, classes, blanking.

Numbers are worked by hand; keyed ones from the definition of HMAC in the standard library.
"""

import hashlib
import hmac

import numpy as np
import pandas as pd
import pytest

from evaluation.config.release_rules import AnswerGroup, Recoding, Release
from evaluation.errors import DataError
from evaluation.release import anonymity, risk
from evaluation.release.anonymity import BLANK, SEEN, Keyed
from tests.release.test_release import KEY, persons


def digest(purpose, kind, text, key=KEY):
    return hmac.new(key, f"{purpose}\0{kind}\0{text}".encode(), hashlib.sha256).digest()


# ---- ids and numbers by the key ----------------------------------------------------------------


def test_an_id_is_a_letter_and_the_first_fifty_bits_of_the_digest():
    (new,) = Keyed(KEY, "s").ids("town", ["05001"]).values()
    assert new[0] == "T"
    assert len(new) == 11
    # base 32: five bits a letter, A to Z and 2 to 7 (RFC 4648)
    bits = int.from_bytes(digest("s", "town", "05001"), "big") >> (256 - 50)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    assert new[1:] == "".join(letters[bits >> shift & 31] for shift in range(45, -1, -5))


def test_two_old_ids_never_share_a_new_one(monkeypatch):
    monkeypatch.setattr(Keyed, "digest", lambda *_: bytes(32))
    with pytest.raises(DataError, match="two ids of kind person") as caught:
        Keyed(KEY, "s").ids("person", ["a", "b"])
    assert (caught.value.rule, caught.value.where) == ("release-key", "public-data")
    assert "another key" in str(caught.value.fix)
    # the same one twice is one
    assert list(Keyed(KEY, "s").ids("person", ["a", "a"])) == ["a"]


def test_a_key_of_exactly_sixteen_bytes_is_long_enough():
    assert Keyed(bytes(16), "s").purpose == "s"
    with pytest.raises(DataError) as caught:
        Keyed(bytes(15), "s")
    assert (caught.value.rule, caught.value.where) == ("release-key", "EVAL_KEY_FILE")
    assert "32 random bytes" in str(caught.value.fix)


def test_order_by_the_key():
    names = [f"n{i}" for i in range(20)]
    order = Keyed(KEY, "s").shuffled("row", names)
    assert [names[i] for i in order] == sorted(names, key=lambda n: digest("s", "row", n))
    # positions also of nothing
    assert Keyed(KEY, "s").shuffled("row", []).dtype == np.int64


# ---- text, bands, classes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (pd.Series([1.0, 2.5, np.nan]), ["1", "2.5", BLANK]),
        (pd.Series([1.0, None], dtype="Float64"), ["1", BLANK]),
        (pd.Series([1, None], dtype="Int64"), ["1", BLANK]),
        (pd.Series(["a", None, "b c"], dtype=object), ["a", BLANK, "b c"]),
        (pd.Series([7, 12]), ["7", "12"]),
    ],
)
def test_values_as_text(values, shown):
    values = values.set_axis([f"r{i}" for i in range(len(values))])
    found = anonymity.as_text(values)
    assert found.tolist() == shown
    assert found.index.equals(values.index)
    assert found.dtype == object


def test_bands_keep_the_labels_of_their_rows():
    years = pd.Series([18.0, 14.0, 15.0, 69.9, 0.0], index=list("vwxyz"))
    found = anonymity.age_bands(years)
    assert found.to_dict() == {"v": "18-19", "w": "10-14", "x": "15-17", "y": "65-69", "z": "0-4"}
    assert found.dtype == object
    assert anonymity.age_bands(pd.Series([1, None], dtype="Int64")).tolist() == ["0-4", BLANK]


def test_a_trait_that_nobody_ever_named_is_blank():
    rows = pd.DataFrame(
        {
            "id": ["q", "p", "q"],
            "round": ["b", "b", "e"],
            "a": [BLANK, "1", BLANK],
            "b": list("xyz"),
        }
    )
    found = anonymity.first_observed(rows, "id", ["a", "b"])
    assert found.index.tolist() == ["p", "q"]
    assert found["a"].tolist() == ["1", BLANK]
    assert found["b"].tolist() == ["y", "x"]
    assert found[SEEN].tolist() == ["b", "b+e"]


def test_sizes_by_hand():
    table = persons(("x", "1", "r"), ("y", "1", "r"), ("x", "1", "s"), ("x", "2", "r"))
    assert anonymity.sizes(table, ["a", "b"]).tolist() == [2, 1, 2, 1]
    assert anonymity.sizes(table, ["a", "b", SEEN]).tolist() == [1, 1, 1, 1]
    for found in (anonymity.sizes(table, ["a"]), anonymity.sizes(table[:0], ["a"])):
        assert found.dtype == np.int64
    assert len(anonymity.sizes(table[:0], ["a"])) == 0
    assert anonymity.sizes(table[:1], ["a"]).tolist() == [1]


JOIN = Recoding(
    variable="b",
    groups=(AnswerGroup(label="1-2", values=("1", "2")), AnswerGroup(label="4+", values=("4",))),
)


def test_a_recoding_leaves_other_values_and_other_keys():
    table = persons(("1", "1", "r"), ("2", "3", "r"), ("4", "4", "r"), ("4", BLANK, "r"))
    wider = anonymity.recoded(table, JOIN)
    assert wider["b"].tolist() == ["1-2", "3", "4+", BLANK]
    assert wider["a"].tolist() == ["1", "2", "4", "4"]
    assert wider["b"].dtype == object
    assert table["b"].tolist() == ["1", "3", "4", BLANK]


@pytest.mark.parametrize(
    ("k", "most_below", "steps"),
    [(3, 0.4, 0), (3, 0.39, 1), (2, 0.0, 0), (5, 0.39, 2), (7, 1.0, 0), (7, 0.99, 2)],
)
def test_recoding_by_the_share_that_is_too_rare(k, most_below, steps):
    # pairs (x, 1) and (x, 2) and six (y, 1): 4 of 10 are rarer than 3, none than 2; joined, the
    # four are still rarer than 5 until a is joined too; all are rarer than 7
    rows = [*[("x", "1", "r")] * 2, *[("x", "2", "r")] * 2, *[("y", "1", "r")] * 6]
    rules = Release(
        keys=("a", "b"),
        recoding=(
            JOIN,
            Recoding(variable="a", groups=(AnswerGroup(label="z", values=("x", "y")),)),
        ),
        k=k,
        most_below=most_below,
    )
    _, applied = anonymity.generalise(persons(*rows), rules)
    assert len(applied) == steps


def test_rounds_seen_part_the_classes_when_recoding():
    table = persons(*[("x", "1", "r")] * 2, *[("x", "1", "r+s")] * 2)
    rules = Release(keys=("a", "b"), recoding=(JOIN,), k=3, most_below=0.2)
    assert anonymity.generalise(table, rules)[1] == (JOIN,)


def test_fixed_columns_part_the_classes_when_recoding():
    table = persons(*[("x", "1", "r")] * 4).assign(arm=["t", "t", "c", "c"])
    rules = Release(keys=("a", "b"), recoding=(JOIN,), k=3, most_below=0.2)
    assert anonymity.generalise(table, rules)[1] == ()
    assert anonymity.generalise(table, rules, fixed=["arm"])[1] == (JOIN,)


def test_blanking_takes_what_helps_most_and_then_the_first():
    # (1, x) twice, (2, x), five (1, y): blanking a makes the three xs agree; b would help nobody
    table = persons(*[("1", "x", "r")] * 2, ("2", "x", "r"), *[("1", "y", "r")] * 5)
    shown, counts = anonymity.suppress_locally(table, ["a", "b"], k=3)
    assert counts == {"a": 3, "b": 0}
    assert shown["a"].tolist() == [BLANK] * 3 + ["1"] * 5
    # two that differ in a alone, two that differ in b alone: each variable helps two, a goes first
    tie = persons(("1", "x", "r"), ("2", "x", "r"), ("3", "y", "r"), ("3", "z", "r"))
    shown, counts = anonymity.suppress_locally(tie, ["a", "b"], k=2)
    assert counts == {"a": 2, "b": 2}
    assert shown["a"].tolist() == [BLANK, BLANK, "3", "3"]


def test_pairs_are_blanked_where_no_single_value_helps():
    # three that agree in c only, and one class of four
    rows = [("1", "x", "m", "r"), ("2", "y", "m", "r"), ("3", "z", "m", "r")]
    table = persons(*rows, *[("9", "w", "n", "r")] * 4, keys=("a", "b", "c"))
    shown, counts = anonymity.suppress_locally(table, ["a", "b", "c"], k=3)
    assert counts == {"a": 3, "b": 3, "c": 0}
    assert shown["c"].tolist() == ["m"] * 3 + ["n"] * 4
    assert table["a"].tolist() == ["1", "2", "3", *"9999"]


def test_joining_stays_within_the_same_rounds_and_fixed_keys():
    # one person of r+s is all blank; the smallest class of r+s joins, not the smaller one of r
    rows = [("1", "r+s"), *[("2", "r+s")] * 5, *[("3", "r+s")] * 4, *[("4", "r")] * 3]
    table = persons(*rows, keys=("a",))
    shown, counts = anonymity.suppress_locally(table, ["a"], k=3)
    assert shown["a"].tolist() == [BLANK, *["2"] * 5, *[BLANK] * 4, *["4"] * 3]
    assert counts == {"a": 5}


def test_of_equally_small_classes_the_first_by_its_values_joins():
    rows = [("1", "r"), *[("3", "r")] * 3, *[("2", "r")] * 3]
    shown, _ = anonymity.suppress_locally(persons(*rows, keys=("a",)), ["a"], k=3)
    assert shown["a"].tolist() == [BLANK, *["3"] * 3, *[BLANK] * 3]


def test_too_few_persons_are_an_error_of_the_release():
    with pytest.raises(DataError) as caught:
        anonymity.suppress_locally(persons(("x", "1", "r"), ("x", "2", "r")), ["a", "b"], k=3)
    assert (caught.value.rule, caught.value.where) == ("release-k", "public-data")
    assert "join subregions" in str(caught.value.fix)


# ---- measures ----------------------------------------------------------------------------------


def test_measures_of_nobody_and_their_types():
    nobody = risk.risk(persons(), ["a", "b"], k=3, fraction=0.1)
    assert (nobody.persons, nobody.combinations, nobody.smallest) == (0, 0, 0)
    assert nobody.correct_match == 0.0
    some = risk.risk(persons(*[("x", "1", "r")] * 2), ["a", "b"], k=2, fraction=0.1)
    assert (some.below, some.in_pairs, some.smallest) == (0, 1, 2)
    counts = [
        some.persons,
        some.combinations,
        some.smallest,
        some.below,
        some.unique,
        some.in_pairs,
    ]
    assert {type(count) for count in counts} == {int}


def test_answers_of_nobody_and_of_a_group_without_a_name():
    rows = pd.DataFrame({"g": ["1", "1", None, None], "item": [0.0, 1.0, 1.0, 1.0]})
    none = pd.DataFrame({"g": ["1"], "item": [np.nan]})
    # people whose group is not known are a group too
    assert risk.fewest_answers(rows, ["g"], ["item"]) == {"item": (1, 1)}
    assert risk.fewest_answers(rows[:2], ["g"], ["item"]) == {"item": (2, 0)}
    assert risk.fewest_answers(none, ["g"], ["item"]) == {"item": (0, 0)}


def test_distances_add_up_over_all_comparisons():
    # by the first number each place is taken for its mirror image, by the second it is itself; the
    # sums are 2 + 0, 1 + 1, 0 + 2: all alike for the ends, and the middle one is right alone
    known = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    released_ = np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 3.0]])
    groups = np.array(["t"] * 3, dtype=object)
    assert risk.places_found(released_, known, groups) == (1, 1.0)
    assert risk.places_found(released_[:, 1:], known[:, 1:], groups) == (3, 1.0)
    assert risk.places_found(released_[:, :1], known[:, :1], groups) == (1, 1.0)
