"""The de-identified release: ids, k-anonymity, l-diversity, weights, and what it measures.

Oracles: numbers worked by hand beside each case, and slow counts by plain loops over all persons.
"""

import csv
import hashlib
import io
import itertools
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from evaluation.config.dictionary import Dictionary, Variable
from evaluation.config.plan import Item
from evaluation.config.release_rules import AnswerGroup, Recoding, Release, check_release
from evaluation.config.study import Arm, Columns, Names, Round, Study
from evaluation.config.toml_reader import Text, TomlFile
from evaluation.errors import DataError, SpecError
from evaluation.release import anonymity, columns_kept, risk
from evaluation.release.anonymity import BLANK, SEEN, Keyed
from evaluation.release.public_file import release
from tests.estimation import studies
from tests.report import recovery_clusters

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
TEXT = Text(en="x", es="x")


def persons(*rows, keys=("a", "b")):
    table = pd.DataFrame(list(rows), columns=[*keys, SEEN], dtype=object)
    return table.set_axis([f"p{i}" for i in range(len(table))])


# ---- ids ---------------------------------------------------------------------------------------


def test_ids_need_the_key_and_say_nothing_of_order_or_list():
    keyed = Keyed(KEY, "s\0panel")
    old = [f"R{i:06d}" for i in range(1, 201)]
    new = keyed.ids("person", old)
    assert len(set(new.values())) == 200
    assert new == keyed.ids("person", reversed(old))
    # the id of one person does not depend on who else is there
    assert keyed.ids("person", old[7:9])[old[7]] == new[old[7]]
    for other in (Keyed(OTHER_KEY, "s\0panel"), Keyed(KEY, "s\0sensitive")):
        assert not set(other.ids("person", old).values()) & set(new.values())
    # rank of new against rank of old: 200 draws, |rho| < 0.25 has a chance of 0.9996 under chance
    ranks = pd.Series([new[name] for name in old]).rank()
    assert abs(np.corrcoef(ranks, np.arange(200))[0, 1]) < 0.25


def test_an_id_is_the_hmac_of_rfc_2104():
    # worked from the definition with two plain hashes: a key of 32 bytes is padded to a block of 64
    block = KEY + bytes(32)
    message = b"s\0panel\0person\0R000001"
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + message).digest()
    expected = hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).digest()
    assert Keyed(KEY, "s\0panel").digest("person", "R000001") == expected


def test_the_key_is_never_shown_and_a_short_one_is_refused():
    assert "\\x01" not in repr(Keyed(KEY, "s"))
    assert KEY.hex() not in repr(Keyed(KEY, "s"))
    with pytest.raises(DataError, match="fewer than 16 bytes") as caught:
        Keyed(b"secret-letters", "s")
    assert "secret" not in str(caught.value)


# ---- recoding and blanking ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("years", "band"),
    [(18, "18-19"), (19, "18-19"), (20, "20-24"), (17, "15-17"), (74, "70-74"), (75, "75+")],
)
def test_age_bands(years, band):
    assert anonymity.age_bands(pd.Series([float(years)])).tolist() == [band]


def test_the_oldest_and_the_unknown_have_no_band_of_their_own():
    bands = anonymity.age_bands(pd.Series([99.0, 75.0, np.nan]))
    assert bands.tolist() == ["75+", "75+", BLANK]


def test_traits_are_those_first_observed():
    rows = pd.DataFrame(
        {
            "person": ["p", "q", "p", "q"],
            "round": ["b", "b", "e", "e"],
            "a": [BLANK, "1", "2", "3"],
        }
    )
    found = anonymity.first_observed(rows, "person", ["a"])
    assert found["a"].to_dict() == {"p": "2", "q": "1"}
    assert found[SEEN].to_dict() == {"p": "b+e", "q": "b+e"}


def test_recoding_stops_as_soon_as_few_are_too_rare():
    table = persons(*[("x", "1", "r")] * 2, *[("x", "2", "r")] * 2, *[("y", "1", "r")] * 6)
    join = Recoding(variable="b", groups=(AnswerGroup(label="1-2", values=("1", "2")),))
    rules = Release(keys=("a", "b"), recoding=(join, join), k=4, most_below=0.1)
    wider, steps = anonymity.generalise(table, rules)
    # four of ten persons stand in pairs; joined they are four that agree, so one step does
    assert steps == (join,)
    assert Counter(wider["b"]) == {"1-2": 10}
    assert (
        anonymity.generalise(
            table, Release(keys=("a", "b"), recoding=(join,), k=4, most_below=0.4)
        )[1]
        == ()
    )


def test_blanking_takes_the_single_value_that_helps_most():
    # two persons (x, 1), one (x, 2), five (y, 1), k = 3. Blanking b makes the three xs agree: three
    # values. Blanking a alone would help the two (x, 1) nowhere: (blank, 1) has only two persons.
    table = persons(*[("x", "1", "r")] * 2, ("x", "2", "r"), *[("y", "1", "r")] * 5)
    shown, counts = anonymity.suppress_locally(table, ["a", "b"], k=3)
    assert counts == {"a": 0, "b": 3}
    assert [tuple(row) for row in shown[["a", "b"]].to_numpy()] == [("x", BLANK)] * 3 + [
        ("y", "1")
    ] * 5


def test_what_cannot_be_helped_is_joined_by_the_smallest_combination():
    # one person unlike all others: all blank he is alone, so the three (y, 1) join, not the four
    table = persons(("x", "9", "r"), *[("y", "1", "r")] * 3, *[("z", "2", "r")] * 4)
    shown, counts = anonymity.suppress_locally(table, ["a", "b"], k=3)
    assert Counter(map(tuple, shown[["a", "b"]].to_numpy())) == {(BLANK, BLANK): 4, ("z", "2"): 4}
    assert counts == {"a": 4, "b": 4}


def test_a_fixed_key_is_never_blanked_and_too_few_persons_are_an_error():
    table = persons(*[("x", "1", "r")] * 4, ("x", "2", "r"), *[("y", "1", "r")] * 2)
    with pytest.raises(DataError, match="fewer than 3 persons agree in a"):
        anonymity.suppress_locally(table, ["b"], k=3, fixed=["a"])
    shown, _ = anonymity.suppress_locally(table[:5], ["b"], k=3, fixed=["a"])
    assert shown["a"].tolist() == ["x"] * 5


rounds_seen = st.sampled_from(["r", "r+s"])
rows_of_people = st.lists(
    st.tuples(st.sampled_from("xyz"), st.sampled_from(["1", "2", BLANK]), rounds_seen),
    min_size=12,
    max_size=40,
)


@pytest.mark.property
@given(rows_of_people, st.integers(2, 4))
@settings(max_examples=100)
def test_k_persons_share_what_is_shown_and_no_value_is_changed(rows, k):
    by_round = Counter(seen for *_, seen in rows)
    if min(by_round.values()) < k:
        rows = [(a, b, "r") for a, b, _ in rows]
    table = persons(*rows)
    shown, counts = anonymity.suppress_locally(table, ["a", "b"], k=k)
    # by plain counting, not by the function that the code uses
    groups = Counter(map(tuple, shown.to_numpy()))
    assert min(groups.values()) >= k
    changed = [
        (old, new)
        for old, new in zip(table.to_numpy().ravel(), shown.to_numpy().ravel(), strict=True)
        if old != new
    ]
    assert all(new == BLANK for _, new in changed)
    assert len(changed) == sum(counts.values())
    before = Counter(map(tuple, table.to_numpy()))
    if min(before.values()) >= k:
        assert not changed
    again, none = anonymity.suppress_locally(shown, ["a", "b"], k=k)
    assert again.equals(shown)
    assert sum(none.values()) == 0


# ---- risk --------------------------------------------------------------------------------------


@pytest.mark.truth
def test_risk_by_hand():
    # sizes 1, 1, 2, 3: two alone, one pair, k = 1; five... seven persons in four combinations
    table = persons(
        ("x", "1", "r"), ("x", "2", "r"), *[("y", "1", "r")] * 2, *[("y", "2", "r")] * 3
    )
    found = risk.risk(table, ["a", "b"], k=3, fraction=0.1)
    assert (found.persons, found.combinations, found.smallest) == (7, 4, 1)
    assert (found.below, found.unique, found.in_pairs) == (4, 2, 1)
    # Skinner and Elliot (2002): 0.1 x 2 / (0.1 x 2 + 2 x 0.9 x 1) = 0.2 / 2.0; exact in decimals,
    # so the tolerance is the rounding of three operations
    assert found.correct_match == pytest.approx(0.1, rel=1e-14)


@pytest.mark.truth
@pytest.mark.parametrize(
    ("unique", "pairs", "fraction", "chance"),
    [(0, 5, 0.1, 0.0), (4, 0, 0.1, 1.0), (10, 5, 1.0, 1.0), (1, 1, 0.5, 1 / 3)],
)
def test_chance_of_a_correct_match_at_its_ends(unique, pairs, fraction, chance):
    assert risk.correct_match(unique, pairs, fraction=fraction) == pytest.approx(chance)


@pytest.mark.simulation
def test_chance_of_a_correct_match_against_a_population_that_is_known():
    """Skinner and Elliot's estimand, counted: sum over sample uniques of 1 / sum of their F."""
    rng = np.random.default_rng(20)
    population = rng.poisson(rng.gamma(0.7, 4.0, size=20_000))
    estimates, truths = [], []
    for _ in range(40):
        sample = rng.binomial(population, 0.1)
        alone = sample == 1
        truths.append(alone.sum() / population[alone].sum())
        estimates.append(
            risk.correct_match(int(alone.sum()), int((sample == 2).sum()), fraction=0.1)
        )
    error = np.std(np.subtract(estimates, truths), ddof=1) / np.sqrt(40)
    # unbiased up to the ratio's second order; four Monte Carlo standard errors
    assert abs(np.mean(estimates) - np.mean(truths)) < 4 * error + 0.002
    assert 0.05 < np.mean(truths) < 0.95


def test_fewest_answers_by_hand():
    rows = pd.DataFrame(
        {
            "g": ["1", "1", "2", "2", "3"],
            "item": [0.0, 1.0, 1.0, 1.0, np.nan],
        }
    )
    # group 2 answered alike; group 3 has no answer at all
    assert risk.fewest_answers(rows, ["g"], ["item"]) == {"item": (1, 1)}


def test_places_are_found_by_their_ranks():
    known = np.array([[1.0], [2.0], [3.0], [9.0]])
    groups = np.array(["t", "t", "t", "c"], dtype=object)
    assert risk.places_found(10 * known, known, groups) == (4, 2.0)
    # the same released number everywhere is nearest to the middle one alone, and to the single one
    assert risk.places_found(np.ones((4, 1)), known, groups) == (2, 2.0)
    # two that are alike in the list cannot be told apart
    assert risk.places_found(np.ones((2, 1)), np.ones((2, 1)), groups[:2]) == (0, 1.0)


# ---- subregions and weights --------------------------------------------------------------------


def study(**changes):
    settings_ = {
        "id": "s",
        "synthetic": True,
        "title": TEXT,
        "question": TEXT,
        "population": TEXT,
        "citation": TEXT,
        "names": Names(cluster=TEXT, clusters=TEXT),
        "columns": Columns(
            respondent="respondent",
            cluster="town",
            arm="arm",
            weight="weight",
            date="date",
            subregion="subregion",
        ),
        "round": (
            Round(id="b", kind="baseline", label=TEXT, start="", end=""),
            Round(id="e", kind="endline", label=TEXT, start="", end=""),
        ),
        "arm": (Arm(id="t", label=TEXT, treatments=("x",)), Arm(id="c", label=TEXT, treatments=())),
        "treatment": (),
        "release": Release(
            keys=("subregion", "sex", "age"), age="age", drop=("odd",), places_per_arm=3
        ),
    }
    return Study(**settings_ | changes)


def test_subregions_join_until_each_arm_has_enough_clusters():
    places = pd.DataFrame(
        {
            "subregion": ["N"] * 8 + ["S"] * 6 + ["W"] * 3,
            "arm": ["t"] * 5 + ["c"] * 3 + ["t"] * 3 + ["c"] * 3 + ["t"] * 2 + ["c"],
        }
    )
    # W has one comparison cluster; of N and S, both with three in the smaller arm, N comes first
    joined = columns_kept.merged_subregions(places, study(), least=3)
    assert joined == {"N": "N+W", "W": "N+W", "S": "S"}
    with pytest.raises(DataError, match="fewer than 8 clusters"):
        columns_kept.merged_subregions(places, study(), least=8)


def weighted():
    """Six places of one arm and area, sizes 1 to 6, two persons in two rounds each."""
    rows = [
        {"person": f"{p}{i}", "place": p, "round": r, "arm": "t", "area": "N", "weight": w * m}
        for p, w in zip("abcdef", (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), strict=True)
        for r in ("b", "e")
        for i, m in ((0, 0.5), (1, 1.5))
    ]
    return pd.DataFrame(rows)


def test_weights_show_neither_a_place_nor_a_person():
    rows = weighted()
    # places a, b, c in rows that show "x", the others in rows that show "y"; of each place the
    # first person at half and the second at 1.5 of its mean: 1 on average, whatever the size
    shown = pd.DataFrame({"trait": ["x" if p in "abc" else "y" for p in rows["place"]]})
    assert columns_kept.released_weights(rows, shown).tolist() == [1.0] * 24
    # told apart by the trait, they keep their ratio
    shown = pd.DataFrame({"trait": [p[-1] for p in rows["person"]]})
    assert columns_kept.released_weights(rows, shown).tolist() == [0.5, 1.5] * 12


# ---- the whole ---------------------------------------------------------------------------------


def variable(name, kind, personal, **more):
    raw = more.pop("raw", {"b": name, "e": name})
    return Variable(
        name=name, type=kind, label=TEXT, raw=raw, personal=personal, source="x", **more
    )


def the_dictionary():
    variables = (
        variable("respondent", "id", "direct"),
        variable("town", "id", "quasi"),
        variable("date", "date", "quasi"),
        variable("weight", "number", "none"),
        variable("sex", "binary", "quasi"),
        variable("age", "number", "quasi"),
        variable("phone", "text", "direct"),
        variable("story", "text", "none"),
        variable("happy", "ordinal", "none"),
        variable("odd", "binary", "none"),
        variable("took_part", "binary", "quasi"),
        variable("extorted", "binary", "sensitive"),
        variable("abused", "binary", "sensitive"),
        variable("subregion", "nominal", "quasi", raw={"frame": "subregion"}),
        variable("arm", "nominal", "none", raw={"frame": "arm"}),
        variable("coca", "number", "none", raw={"frame": "coca"}),
        variable("people", "number", "none", raw={"frame": "people", "series": "people"}),
    )
    return Dictionary((), {v.name: v for v in variables})


def outcome(name, *items):
    return studies.outcome(
        name, family="f", function="mean", items=tuple(Item(name=i) for i in items)
    )


PLAN = SimpleNamespace(
    outcome=(
        outcome("wellbeing", "happy"),
        outcome("crime", "extorted", "happy"),
        outcome("all", "crime", "wellbeing"),
    )
)


def panel(seed=3, people=40):
    """12 towns, 6 per arm, two rounds, the same people in both."""
    rng = np.random.default_rng(seed)
    towns = [f"0500{i}" for i in range(12)]
    rows = []
    for i, town in enumerate(towns):
        for j in range(people):
            fixed = {"sex": float(rng.integers(2)), "age": float(rng.integers(18, 90))}
            for r in ("b", "e"):
                rows.append(
                    fixed
                    | {
                        "round": r,
                        "row_key": f"f.csv:{len(rows)}",
                        "respondent": f"R{i:03d}{j:03d}",
                        "town": town,
                        "date": pd.Timestamp(2021 + 3 * (r == "e"), 3, int(rng.integers(1, 28))),
                        "weight": float(rng.uniform(10, 20) * (i + 1)),
                        "phone": f"3{rng.integers(10**9):09d}",
                        "story": "me robaron la moto",
                        "happy": float(rng.integers(1, 6)),
                        "odd": 1.0,
                        "took_part": 1.0,
                        "extorted": float(rng.random() < 0.1),
                        "abused": float(i % 2 == 0 and rng.random() < 0.5),
                        "subregion": "NS"[i % 4 // 2],
                        "arm": "tc"[i % 2],
                        "coca": 7.0 * i,
                        "people": 1000.0 * i,
                    }
                )
    table = pd.DataFrame(rows)
    for name in ("happy", "extorted", "abused", "sex", "age"):
        table[f"{name}__missing"] = ""
    return table.assign(
        wellbeing=table["happy"],
        crime=table["extorted"],
        all=table["happy"] + table["extorted"],
    )


def made(table=None, key=KEY):
    table = panel() if table is None else table
    return release(table, the_dictionary(), PLAN, study(), key=key)


DESIGN = ["round", "arm", "subregion", "sex", "age", "weight"]


def test_only_what_a_rule_lets_in_is_released():
    found = made()
    assert list(found.panel.columns) == [
        "person", *DESIGN, "happy", "happy__missing", "wellbeing", "synthetic",
    ]  # fmt: skip
    # `abused` is answered alike (never) in arm c; an outcome that uses a sensitive item, also
    # through another outcome, is sensitive itself
    assert list(found.sensitive.columns) == [
        "item", "round", "arm", "statistic", "value", "respondents", "synthetic",
    ]  # fmt: skip
    assert list(dict.fromkeys(found.sensitive["item"])) == ["extorted", "crime", "all"]
    assert found.withheld == ("abused",)
    assert found.kept.left_out["story"] == "type text"
    assert found.kept.left_out["took_part"] == "personal data: quasi"
    assert found.kept.left_out["coca"] == "describes the cluster"
    assert found.kept.left_out["people"] == "describes the cluster"


def test_no_released_text_holds_an_old_id_date_month_or_place():
    table, found = panel(), made()
    text = found.panel.to_csv() + found.sensitive.to_csv()
    for column in ("respondent", "town", "phone", "story", "row_key"):
        assert not any(str(old) in text for old in table[column].unique()), column
    assert "2021-03" not in text
    assert "2024-03" not in text


def shown_by_person(table):
    """All that a file's text shows of a person beside answers, over all of her rows."""
    rows = list(csv.DictReader(io.StringIO(table.to_csv(index=False))))
    seen = {}
    for row in rows:
        seen.setdefault(row["person"], []).append(tuple(row[name] for name in DESIGN))
    return {person: tuple(sorted(lines)) for person, lines in seen.items()}


def test_five_persons_share_all_that_is_shown_beside_answers_by_plain_counting():
    found = made()
    shown = shown_by_person(found.panel)
    assert len(shown) == 480
    assert min(Counter(shown.values()).values()) >= 5
    # also for somebody who knows some of it only
    for count in range(1, len(DESIGN)):
        for some in itertools.combinations(range(len(DESIGN)), count):
            parts = Counter(tuple(tuple(r[i] for i in some) for r in v) for v in shown.values())
            assert min(parts.values()) >= 5
    # and the rule had something to do: 13 bands x 2 x 2 x 2 of 480 persons
    assert found.persons_before.groupby(["subregion", "sex", "age", "arm"]).size().min() < 5


def linked(weights, groups, known):
    """Rows of two files that an assignment by weight matches rightly; both in the same order.

    ``weights`` and ``known``, shape (N, R), of the same persons by round; ``groups`` what both
    files show. Both files' rows are put into orders of their own first.
    """
    right = 0
    rng = np.random.default_rng(4)
    for group in sorted(set(groups)):
        here = np.flatnonzero([g == group for g in groups])
        here, other = rng.permutation(here), rng.permutation(here)
        cost = np.abs(np.log(weights[here])[:, None] - np.log(known[other])[None]).sum(axis=2)
        ours, theirs = linear_sum_assignment(cost)
        right += int((here[ours] == other[theirs]).sum())
    return right


def test_weights_link_no_row_to_a_file_of_answers():
    """Somebody holds all weights and traits, and matches persons by them: no better than chance.

    In a class of people who show the same, a matching by lot is right for one person on average,
    with variance one; so for as many as there are classes, and four standard deviations more.
    """
    found = made()
    ids = Keyed(KEY, "s\0panel").ids("person", found.rows["person"])
    known = found.rows.pivot_table(index="person", columns="round", values="weight")
    released = found.panel.pivot_table(index="person", columns="round", values="weight")
    released = released.loc[[ids[person] for person in known.index]]
    shown = shown_by_person(found.panel)
    groups = [str(shown[person]) for person in released.index]
    classes = len(set(groups))
    best = classes + 4 * np.sqrt(classes)
    assert classes < 60
    assert linked(released.to_numpy(), groups, known.to_numpy()) <= best
    # the same attack on weights with noise of 5%, as they might have been released, finds many more
    noise = np.random.default_rng(1).uniform(0.95, 1.05, known.shape)
    assert linked(known.to_numpy() * noise, groups, known.to_numpy()) > 2 * best
    # and by arm alone, for somebody who knows no trait
    arms = [g.split("', '")[1] for g in groups]
    scaled = known.to_numpy() / known.to_numpy().mean(axis=0)
    assert linked(released.to_numpy(), arms, scaled) <= 2 + 4 * np.sqrt(2)


def test_the_sensitive_table_has_no_row_of_a_person():
    found = made()
    assert not found.sensitive.duplicated(["item", "round", "arm"]).any()
    assert found.sensitive["respondents"].min() >= 30
    assert len(found.sensitive) == 3 * 4
    # nothing of its numbers goes back to an id, a place or a weight
    assert not set(found.sensitive.columns) & {"person", "place", "weight", "subregion"}


def test_the_arm_s_size_less_a_sensitive_item_s_respondents_counts_no_few():
    """One to nine people of each arm and round do not answer, from the column of all items on."""
    table = panel()
    for few, (_, rows) in enumerate(table.groupby(["arm", "round"]), start=1):
        table.loc[rows.index[: 2 * few], "extorted"] = np.nan
    found = made(table)
    files = {name: rows.astype(str).to_dict("records") for name, rows in
             (("panel", found.panel), ("sensitive", found.sensitive))}  # fmt: skip
    tried = [*recovery_clusters.of_public_file(files["panel"], files["sensitive"], least=10)]
    assert len(tried) == 3 * 4
    assert [few for _, few in tried if few] == []
    # exact, they would: two, four, six and eight people
    exact = panel().groupby(["round", "arm"])["extorted"].count()
    rows = [{"item": "extorted", "round": r, "arm": a, "respondents": str(n - 2 * i)}
            for i, ((r, a), n) in enumerate(exact.items(), start=1)]  # fmt: skip
    tried = recovery_clusters.of_public_file(files["panel"], rows, least=10)
    assert [few for _, few in tried] == [2.0, 4.0, 6.0, 8.0]


def test_the_order_of_rows_and_the_bytes_come_from_the_key_alone():
    table = panel()
    shuffled = table.sample(frac=1.0, random_state=5).reset_index(drop=True)
    first, again, other = made(table), made(shuffled), made(table, OTHER_KEY)
    assert first.panel.to_csv() == again.panel.to_csv()
    assert first.sensitive.to_csv() == again.sensitive.to_csv() == other.sensitive.to_csv()
    assert not set(first.panel["person"]) & set(other.panel["person"])
    ids = Keyed(KEY, "s\0panel").ids("person", table["respondent"])
    back = {new: old for old, new in ids.items()}
    order = [back[p] for p in first.panel["person"]]
    towns = [name[:4] for name in order]
    # rows of one town are no longer neighbours: 12 towns, so 1 in 12 by chance, not nearly all
    together = np.mean([a == b for a, b in itertools.pairwise(towns)])
    assert together < 0.2


def test_too_few_persons_stop_the_release():
    table = panel()
    alone = (table["respondent"] == "R000000") & (table["round"] == "e")
    with pytest.raises(DataError, match="fewer than 5 persons agree"):
        made(table[~alone])


def test_a_study_without_rules_releases_nothing():
    with pytest.raises(DataError, match=r"no table \[release\]"):
        release(panel(), the_dictionary(), PLAN, study(release=None), key=KEY)


@pytest.mark.parametrize("changes", [{"k": 4}, {"l": 1}, {"places_per_arm": 2}])
def test_rules_below_the_floor_are_refused(changes):
    with pytest.raises(SpecError, match="the least that may be released"):
        check_release(Release(keys=("a",), **changes), TomlFile("study.toml"))
