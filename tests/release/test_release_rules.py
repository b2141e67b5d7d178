"""Single rules of the release at their edges: what is kept, subregions, weights, the two files.

Numbers are worked by hand; the order of rows follows from the definition of HMAC.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evaluation.config.dictionary import AskedIf, Dictionary
from evaluation.config.release_rules import Release
from evaluation.errors import DataError
from evaluation.release import columns_kept, public_file
from evaluation.release.anonymity import BLANK, Keyed
from tests.release.test_anonymise import digest
from tests.release.test_release import (
    KEY,
    PLAN,
    made,
    outcome,
    panel,
    study,
    the_dictionary,
    variable,
    weighted,
)  # fmt: skip
from tests.tables import cases

CASES = cases(__file__)

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
        columns_kept.kept(panel(people=1), the_dictionary(), PLAN, declared)
    assert (caught.value.where, caught.value.rule) == ("s/study.toml", "release-rules")
    assert "correct the name" in str(caught.value.fix)


def test_no_rules_are_an_error_that_says_where_they_belong():
    with pytest.raises(DataError) as caught:
        columns_kept.rules_of(study(release=None))
    assert (caught.value.where, caught.value.rule) == ("s/study.toml", "release-rules")
    assert "declare the key variables" in str(caught.value.fix)


def test_why_each_column_stays_out():
    found = columns_kept.kept(panel(people=1), the_dictionary(), PLAN, study())
    assert found.left_out == CASES["left_out"]
    assert found.main == ("happy", "wellbeing")
    assert found.sensitive == ("extorted", "abused", "crime", "all")


@pytest.mark.parametrize(("kind", "raw", "reason"), CASES["reasons"])
def test_reasons_of_a_variable_that_is_no_personal_data(kind, raw, reason):
    assert columns_kept._reason_of_variable(variable("x", kind, "none", raw=raw)) == reason


def test_an_outcome_declared_sensitive_is():
    declared = replace(outcome("calm", "happy"), sensitive=True)
    plan = type(PLAN)(outcome=(declared, outcome("more", "calm"), outcome("other", "happy")))
    names = columns_kept.sensitive_names(the_dictionary(), plan)
    assert names == {"extorted", "abused", "calm", "more"}


def test_who_is_asked_by_a_sensitive_answer_tells_it():
    """Asked of the extorted alone, and of those who then said so: both tell who was extorted."""
    known = dict(the_dictionary().variables)
    for name, by in (("how_often", "extorted"), ("by_whom", "how_often"), ("why", "happy")):
        rule = AskedIf(variable=by, values=(1,))
        known[name] = variable(name, "binary", "none", asked_if=rule)
    dictionary = Dictionary((), known)
    plan = type(PLAN)(outcome=(outcome("often", "by_whom"), outcome("reasons", "why")))
    names = columns_kept.sensitive_names(dictionary, plan)
    assert names == {"extorted", "abused", "how_often", "by_whom", "often"}
    rows = panel(people=1).assign(how_often=1.0, by_whom=0.0, why=1.0, often=0.0, reasons=1.0)
    found = columns_kept.kept(rows, dictionary, plan, study())
    assert {"how_often", "by_whom", "often"} <= set(found.sensitive)
    assert {"why", "reasons"} <= set(found.main)


# ---- subregions and weights --------------------------------------------------------------------


def test_subregions_without_any_cluster_of_an_arm():
    places = pd.DataFrame({"subregion": ["N", "S", "W"], "arm": ["t"] * 3})
    with pytest.raises(DataError, match="an arm has fewer than 1 clusters") as caught:
        columns_kept.merged_subregions(places, study(), least=1)
    assert (caught.value.where, caught.value.rule) == ("public-data", "release-places")
    assert "cannot be released" in str(caught.value.fix)


def test_subregions_that_have_enough_stay_as_they_are():
    places = pd.DataFrame({"subregion": [1, 1, 2, 2], "arm": ["t", "c"] * 2})
    assert columns_kept.merged_subregions(places, study(), least=1) == {"1": "1", "2": "2"}
    assert columns_kept.merged_subregions(places, study(), least=2) == {"1": "1+2", "2": "1+2"}


def test_every_place_weighs_the_same_in_each_round():
    rows = weighted()
    # half and 1.5 of each place's mean, whether that is 1 or 6
    assert columns_kept.equal_weights(rows).tolist() == [0.5, 1.5] * 12


def test_a_missing_weight_gets_that_of_its_class_and_a_tiny_one_a_tenth():
    rows = weighted().iloc[:4].copy()  # place a: persons a0 and a1 in rounds b and e
    rows["weight"] = [np.nan, 4.0, 1e-6, 4.0]
    alone = pd.DataFrame({"trait": list("xyxy")})
    # b: 4 over a mean of 4; e: 4 over a mean of 2, and next to nothing
    shown = columns_kept.released_weights(rows, alone)
    assert np.isnan(shown[0])
    assert shown[1:].tolist() == [1.0, 0.1, 2.0]
    together = pd.DataFrame({"trait": list("xxxx")})
    assert columns_kept.released_weights(rows, together).tolist() == [1.0] * 4


def test_weights_are_means_of_a_round_to_one_decimal():
    rows = weighted().iloc[:4].assign(weight=[1.0, 2.0, 1.0, 3.0])
    shown = pd.DataFrame({"trait": list("xyxy")}, index=[9, 8, 7, 6])  # by position, not by label
    # 1/1.5 and 2/1.5, then 1/2 and 3/2: the rounds are not mixed
    assert columns_kept.released_weights(rows, shown).tolist() == [0.7, 1.3, 0.5, 1.5]


# ---- the files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["subregion", "weight"])
def test_a_release_needs_two_columns_of_the_design(missing):
    columns = replace(study().columns, **{missing: None})
    with pytest.raises(DataError, match="subregion and weight") as caught:
        public_file._design(panel(people=1), study(columns=columns))
    assert (caught.value.where, caught.value.rule) == ("s/study.toml", "release-rules")
    assert "[columns]" in str(caught.value.fix)


def test_the_design_has_plain_names_and_the_order_of_rounds():
    table = panel(people=2).sample(frac=1.0, random_state=3)
    # in the study's order, not in that of the alphabet
    turned = study(round=tuple(reversed(study().round)))
    rows, areas = public_file._design(table, turned)
    assert areas == {"N": "N", "S": "S"}
    assert rows["round"].tolist() == ["e"] * 24 + ["b"] * 24
    first = table[table["round"] == "e"]
    assert rows.index[:24].tolist() == first.index.tolist()
    for plain, name in (("person", "respondent"), ("place", "town"), ("arm", "arm")):
        assert rows[plain].tolist() == table.loc[rows.index, name].tolist()
    assert rows["area"].tolist() == rows["subregion"].tolist()
    assert rows["weight"].dtype == np.float64
    assert set(rows["sex"]) == {"0", "1"}
    assert rows["age"].str.contains(r"^\d\d(?:-\d\d|\+)$").all()


def test_numbers_as_ids_are_text_in_the_design():
    table = panel(people=1).assign(respondent=range(24), town=lambda t: t["town"].astype(int))
    rows, _ = public_file._design(table, study())
    assert {type(v) for v in (*rows["person"], *rows["place"])} == {str}


def test_exactly_k_persons_are_enough():
    table = pd.DataFrame(
        {"person": list("abcdeabcde"), "round": ["r"] * 5 + ["s"] * 5, "sex": 1, "weight": 0.7}
    )
    names = ["round", "sex", "weight"]
    assert public_file.check_k(table, names, k=5) is None
    with pytest.raises(DataError, match="5 persons share a released") as caught:
        public_file.check_k(table, names, k=6)
    assert (caught.value.rule, caught.value.where) == ("release-k", "public-data")
    # one who was seen in one round only, or weighs otherwise in one of them, is alone
    with pytest.raises(DataError, match="1 persons"):
        public_file.check_k(table.iloc[:9], names, k=2)
    table.loc[9, "weight"] = 0.8
    with pytest.raises(DataError, match="1 persons"):
        public_file.check_k(table, names, k=2)
    assert public_file.check_k(table, ["round", "sex"], k=5) is None


def test_weights_that_tell_a_person_stop_the_release(monkeypatch):
    own = np.arange(960.0) + 1
    monkeypatch.setattr(public_file, "released_weights", lambda *_: own)
    with pytest.raises(DataError, match="1 persons share"):
        made()


def in_order(names, purpose):
    return sorted(names, key=lambda name: digest(purpose, "row", name))


def test_rows_stand_in_the_order_of_their_digests():
    table = made().panel
    names = (table["person"] + "\0" + table["round"]).tolist()
    assert names == in_order(names, "s\0panel")
    assert table.index.tolist() == list(range(len(table)))
    assert set(table["synthetic"]) == {study().mark}


def test_what_the_release_says_of_itself():
    found, ids = made(), Keyed(KEY, "s\0panel").ids("person", panel()["respondent"])
    # subregion and arm are fixed: they are not among those that may be blanked
    assert list(found.blanked) == ["sex", "age"]
    assert found.blanked["age"] == (found.persons_after["age"] == BLANK).sum()
    assert found.areas == {"N": "N", "S": "S"}
    assert found.steps == ()
    for name in ("subregion", "arm"):
        assert (found.persons_after[name] == found.persons_before[name]).all()
    # every row shows the traits of its own person and its answers
    back = {new: old for old, new in ids.items()}
    shown = found.panel.set_index(found.panel["person"].map(back) + found.panel["round"])
    rows = found.rows.set_index(found.rows["person"] + found.rows["round"]).loc[shown.index]
    for key in ("subregion", "sex", "age", "arm"):
        assert shown[key].tolist() == found.persons_after.loc[rows["person"], key].tolist()
    for name in ("happy", "arm"):
        assert shown[name].tolist() == rows[name].tolist()
    classes = found.persons_after.loc[found.rows["person"]]
    weights = columns_kept.released_weights(found.rows, classes)
    by_row = dict(zip(found.rows["person"] + found.rows["round"], weights, strict=True))
    assert shown["weight"].tolist() == [by_row[k] for k in shown.index]


def test_only_invented_data_carry_the_mark():
    plain = study(synthetic=False)
    found = public_file.release(panel(), the_dictionary(), PLAN, plain, key=KEY)
    assert "synthetic" not in {*found.panel.columns, *found.sensitive.columns}


def test_names_that_cannot_be_averaged_stay_out_of_the_table():
    dictionary = the_dictionary()
    words = replace(dictionary.variables["extorted"], type="nominal")
    dictionary = replace(dictionary, variables=dictionary.variables | {"extorted": words})
    found = public_file.release(panel(), dictionary, PLAN, study(), key=KEY)
    assert found.withheld == ("extorted", "abused")
    assert set(found.sensitive["item"]) == {"crime", "all"}


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
    shown = public_file._shuffled(table, plain, key=KEY).set_index("person")
    assert not np.signbit(shown.loc["a", "x"])
    assert shown["y"].dtype == np.float64
    assert np.isnan(shown.loc["a", "y"])
    assert shown["n"].tolist() == [1, 2] if shown.index[0] == "a" else [2, 1]
    # only invented data carry the mark
    assert "synthetic" not in shown.columns
