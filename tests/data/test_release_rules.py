"""Single rules of the release at their edges: what is kept, subregions, weights, the two files.

Numbers are worked by hand; the order of rows follows from the definition of HMAC.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evaluation.data import release, release_rules
from evaluation.data.anonymise import BLANK
from evaluation.data.new_ids import Keyed
from evaluation.errors import DataError
from evaluation.spec.release import Release
from tests.data.test_anonymise import digest
from tests.data.test_release import (
    KEY,
    PLAN,
    made,
    outcome,
    panel,
    persons,
    study,
    the_dictionary,
    variable,
    weighted,
)  # fmt: skip

# ---- what is kept ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"keys": ("sex", "absent")}, "`absent`"),
        ({"keys": ("sex",), "drop": ("gone",)}, "`gone`"),
        ({"keys": ("sex",), "age": "age"}, "`age`"),
    ],
)
def test_a_rule_about_a_variable_that_is_not_there_is_refused(changes, named):
    declared = study(release=Release(**changes))
    with pytest.raises(DataError, match=named) as caught:
        release_rules.kept(panel(people=1), the_dictionary(), PLAN, declared)
    assert (caught.value.where, caught.value.rule) == ("s/study.toml", "release-rules")
    assert "correct the name" in caught.value.mend


def test_no_rules_are_an_error_that_says_where_they_belong():
    with pytest.raises(DataError) as caught:
        release_rules.rules_of(study(release=None))
    assert (caught.value.where, caught.value.rule) == ("s/study.toml", "release-rules")
    assert "declare the key variables" in caught.value.mend


def test_why_each_column_stays_out():
    found = release_rules.kept(panel(people=1), the_dictionary(), PLAN, study())
    assert found.left_out == {
        "sex": "released in another form",
        "age": "released in another form",
        "subregion": "released in another form",
        "date": "released in another form",
        "weight": "released in another form",
        "odd": "named in `drop`",
        "round": "design, paradata or mark",
        "arm": "design, paradata or mark",
        "row_key": "design, paradata or mark",
        "respondent": "personal data: direct",
        "town": "personal data: quasi",
        "phone": "personal data: direct",
        "took_part": "personal data: quasi",
        "story": "type text",
        "coca": "describes the cluster",
        "people": "describes the cluster",
    }
    assert found.main == ("happy", "wellbeing")
    assert found.sensitive == ("extorted", "abused", "crime", "all")


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        ("count", {"b": "x"}, ""),
        ("number", {"b": "x"}, ""),
        ("binary", {"b": "x"}, ""),
        ("nominal", {"b": "x"}, ""),
        ("ordinal", {"b": "x", "frame": "x"}, ""),
        ("date", {"b": "x"}, "type date"),
        ("id", {"b": "x"}, "type id"),
        ("number", {"published": "x"}, "describes the cluster"),
        ("number", {"series": "x", "frame": "x"}, "describes the cluster"),
    ],
)
def test_reasons_of_a_variable_that_is_no_personal_data(kind, raw, reason):
    assert release_rules._reason_of_variable(variable("x", kind, "none", raw=raw)) == reason


def test_an_outcome_declared_sensitive_is():
    declared = replace(outcome("calm", "happy"), sensitive=True)
    plan = type(PLAN)(outcome=(declared, outcome("more", "calm"), outcome("other", "happy")))
    names = release_rules.sensitive_names(the_dictionary(), plan)
    assert names == {"extorted", "abused", "calm", "more"}


# ---- subregions and weights --------------------------------------------------------------------


def test_subregions_without_any_cluster_of_an_arm():
    places = pd.DataFrame({"subregion": ["N", "S", "W"], "arm": ["t"] * 3})
    with pytest.raises(DataError, match="an arm has fewer than 1 clusters") as caught:
        release_rules.merged_subregions(places, study(), least=1)
    assert (caught.value.where, caught.value.rule) == ("public-data", "release-places")
    assert "cannot be released" in caught.value.mend


def test_subregions_that_have_enough_stay_as_they_are():
    places = pd.DataFrame({"subregion": [1, 1, 2, 2], "arm": ["t", "c"] * 2})
    assert release_rules.merged_subregions(places, study(), least=1) == {"1": "1", "2": "2"}
    assert release_rules.merged_subregions(places, study(), least=2) == {"1": "1+2", "2": "1+2"}


def test_weights_by_hand_apart_from_the_noise(monkeypatch):
    """The rows of ``weighted``: places a to f of mean weight 1 to 6, persons at half and 1.5 of it.

    Groups of four: six places make one, whose mean is 3.5, so all have level 1 and persons 0.5 and
    1.5. Groups of two: means 1.5, 3.5, 5.5 over 3.5. A draw of a half is noise of nothing.
    """
    monkeypatch.setattr(Keyed, "uniform", lambda *asked: np.full(len(asked[2]), 0.5))
    rows, keyed = weighted(), Keyed(KEY, "s")
    assert release_rules.released_weights(rows, least=4, keyed=keyed).tolist() == [0.5, 1.5] * 12
    expected = [
        round(m / 3.5 * p, 2) for m in (1.5, 1.5, 3.5, 3.5, 5.5, 5.5) for p in (0.5, 1.5) * 2
    ]
    assert release_rules.released_weights(rows, least=2, keyed=keyed).tolist() == expected
    # the rest joins the last group: five places in groups of two are two and three
    five = rows[rows["place"] != "f"]
    levels = [1.5 / 3] * 2 + [4 / 3] * 3
    expected = [round(level * p, 2) for level in levels for p in (0.5, 1.5) * 2]
    assert release_rules.released_weights(five, least=2, keyed=keyed).tolist() == expected


def test_noise_is_five_per_cent_each_way_by_person_and_round(monkeypatch):
    asked = []

    def ends(self, kind, names):
        asked.extend((kind, name) for name in names)
        return np.array([0.0, 1.0] * (len(names) // 2))

    monkeypatch.setattr(Keyed, "uniform", ends)
    rows = weighted()
    shown = release_rules.released_weights(rows, least=6, keyed=Keyed(KEY, "s"))
    # 0.5 x 0.95 = 0.475 and 1.5 x 1.05 = 1.575 are halves of the last decimal: within one of it
    assert shown[::2] == pytest.approx(np.full(12, 0.475), abs=0.0051)
    assert shown[1::2] == pytest.approx(np.full(12, 1.575), abs=0.0051)
    assert asked[:3] == [("weight", "a0\0b"), ("weight", "a1\0b"), ("weight", "a0\0e")]


def test_a_missing_weight_stays_missing_and_a_tiny_one_is_a_hundredth():
    rows = weighted().astype({"weight": float})
    rows.loc[0, "weight"] = np.nan
    rows.loc[4, "weight"] = 1e-6
    shown = release_rules.released_weights(rows, least=3, keyed=Keyed(KEY, "s"))
    assert np.isnan(shown[0])
    assert np.isnan(shown).sum() == 1
    assert shown[4] == 0.01


def test_groups_of_places_do_not_cross_arms_subregions_or_sizes():
    rows = pd.DataFrame(
        {
            "place": list("abcdefg"),
            "arm": list("ttttccc"),
            "area": list("NNNSNNN"),
            "weight": [3.0, 1.0, 2.0, 9.0, 1.0, 1.0, 1.0],
        }
    )
    # of t N the two lightest and, with them, the third; ties by the name
    assert release_rules._size_groups(rows, 2) == {
        "b": "t N 0", "c": "t N 0", "a": "t N 0", "d": "t S 0", "e": "c N 0", "f": "c N 0",
        "g": "c N 0",
    }  # fmt: skip
    assert release_rules._size_groups(rows, 1) == {
        "b": "t N 0", "c": "t N 1", "a": "t N 2", "d": "t S 0", "e": "c N 0", "f": "c N 1",
        "g": "c N 2",
    }  # fmt: skip


def test_months_of_dates():
    dates = pd.Series([pd.Timestamp(2021, 3, 9), pd.NaT], index=["x", "y"])
    found = release_rules.months(dates)
    assert found.to_dict() == {"x": "2021-03", "y": ""}
    assert found.dtype == object


# ---- the files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["subregion", "weight", "date"])
def test_a_release_needs_three_columns_of_the_design(missing):
    columns = replace(study().columns, **{missing: None})
    with pytest.raises(DataError, match="subregion, weight and date") as caught:
        release._design(panel(people=1), study(columns=columns))
    assert (caught.value.where, caught.value.rule) == ("s/study.toml", "release-rules")
    assert "[columns]" in caught.value.mend


def test_the_design_has_plain_names_and_the_order_of_rounds():
    table = panel(people=2).sample(frac=1.0, random_state=3)
    # in the study's order, not in that of the alphabet
    turned = study(round=tuple(reversed(study().round)))
    rows, areas = release._design(table, turned)
    assert areas == {"N": "N", "S": "S"}
    assert rows["round"].tolist() == ["e"] * 24 + ["b"] * 24
    first = table[table["round"] == "e"]
    assert rows.index[:24].tolist() == first.index.tolist()
    for plain, name in (("person", "respondent"), ("place", "town"), ("arm", "arm")):
        assert rows[plain].tolist() == table.loc[rows.index, name].tolist()
    assert rows["area"].tolist() == rows["subregion"].tolist()
    assert rows["weight"].dtype == np.float64
    assert set(rows["month"]) == {"2021-03", "2024-03"}
    assert set(rows["sex"]) == {"0", "1"}
    assert rows["age"].str.contains(r"^\d\d(?:-\d\d|\+)$").all()


def test_numbers_as_ids_are_text_in_the_design():
    table = panel(people=1).assign(respondent=range(24), town=lambda t: t["town"].astype(int))
    rows, _ = release._design(table, study())
    assert {type(v) for v in (*rows["person"], *rows["place"])} == {str}


def test_exactly_k_persons_are_enough():
    table = persons(*[("x", "1", "r")] * 5)
    assert release._check_k(table, ("a", "b"), 5) is None
    with pytest.raises(DataError, match="5 persons share a released") as caught:
        release._check_k(table, ("a", "b"), 6)
    assert (caught.value.rule, caught.value.where) == ("release-k", "public-data")
    assert "wider recodings" in caught.value.mend
    # by the rounds seen too
    with pytest.raises(DataError, match="1 persons"):
        release._check_k(persons(*[("x", "1", "r")] * 5, ("x", "1", "s")), ("a", "b"), 5)


def answers(n, second):
    """Two arms in one round: of arm t thirty answers 0 and 1, of arm c ``n``, of them a second."""
    said = [0.0] * 15 + [1.0] * 15 + [0.0] * (n - second) + [1.0] * second
    return pd.DataFrame({"arm": ["t"] * 30 + ["c"] * n, "round": "b", "item": said})


@pytest.mark.parametrize(
    ("rows", "good"),
    [
        (answers(30, 1), True),
        (answers(29, 10), False),  # fewer than thirty
        (answers(30, 0), False),  # all alike
        (answers(0, 0), True),
        # nobody of the arm was asked: no answer is not few
        (answers(30, 1).assign(item=lambda t: t["item"].where(t["arm"] == "t")), True),
        # 29 answered, one did not
        (answers(30, 1).assign(item=lambda t: t["item"].where(t.index != 30)), False),
    ],
)
def test_sensitive_items_with_thirty_answers_that_differ(rows, good):
    found = release._varied(rows, ("item",), least=2)
    assert found == ((("item",), ()) if good else ((), ("item",)))
    assert release._varied(rows, ("item",), least=3) == ((), ("item",))


def test_items_keep_their_order_in_both_lists():
    rows = answers(30, 1)
    rows = rows.assign(a=rows["item"], b=0.0, c=rows["item"], d=0.0)
    assert release._varied(rows, tuple("dcba"), least=2) == (("c", "a"), ("d", "b"))


def in_order(names, purpose):
    return sorted(names, key=lambda name: digest(purpose, "row", name))


def test_rows_stand_in_the_order_of_their_files_digests():
    found = made()
    for name in ("panel", "sensitive"):
        table = getattr(found, name)
        names = (table["person"] + "\0" + table["round"]).tolist()
        assert names == in_order(names, f"s\0{name}")
        assert table.index.tolist() == list(range(len(table)))
        assert set(table["synthetic"]) == {study().mark}


def test_ids_and_weights_are_those_of_their_file_and_study():
    found, table = made(), panel()
    old = table["respondent"].unique()
    for name in ("panel", "sensitive"):
        keyed = Keyed(KEY, f"s\0{name}")
        shown = getattr(found, name)
        assert set(shown["person"]) == set(keyed.ids("person", old).values())
        assert set(shown["place"]) == set(keyed.ids("town", table["town"]).values())
        weights = release_rules.released_weights(found.rows, least=3, keyed=keyed)
        people = found.rows["person"].map(keyed.ids("person", old)) + found.rows["round"]
        by_row = dict(zip(people, weights, strict=True))
        assert shown["weight"].tolist() == [by_row[k] for k in shown["person"] + shown["round"]]
    assert found.new_ids == Keyed(KEY, "s\0panel").ids("person", old)


def test_what_the_release_says_of_itself():
    found = made()
    # the subregion is fixed: its column is not among those that may be blanked
    assert list(found.blanked) == ["sex", "age"]
    assert found.blanked["age"] == (found.persons_after["age"] == BLANK).sum()
    assert found.areas == {"N": "N", "S": "S"}
    assert found.steps == ()
    assert (found.persons_after["subregion"] == found.persons_before["subregion"]).all()
    # every row shows the traits of its own person, its month and its answers
    back = {new: old for old, new in found.new_ids.items()}
    shown = found.panel.set_index(found.panel["person"].map(back) + found.panel["round"])
    rows = found.rows.set_index(found.rows["person"] + found.rows["round"]).loc[shown.index]
    for key in ("subregion", "sex", "age"):
        assert shown[key].tolist() == found.persons_after.loc[rows["person"], key].tolist()
    for name, source in (("interview_month", "month"), ("happy", "happy"), ("arm", "arm")):
        assert shown[name].tolist() == rows[source].tolist()


def test_zero_has_one_sign_and_missing_numbers_stay_missing():
    table = pd.DataFrame(
        {
            "person": ["a", "b"],
            "round": ["b", "b"],
            "x": [-0.0, 1.5],
            "y": pd.array([None, 2.0], dtype="Float64"),
            "n": [1, 2],
        }
    )
    plain = study(synthetic=False)
    shown = release._shuffled(table, plain, key=KEY, name="panel").set_index("person")
    assert not np.signbit(shown.loc["a", "x"])
    assert shown["y"].dtype == np.float64
    assert np.isnan(shown.loc["a", "y"])
    assert shown["n"].tolist() == [1, 2] if shown.index[0] == "a" else [2, 1]
    # only invented data carry the mark
    assert "synthetic" not in shown.columns
