"""Plausible damage to columns, people and ids of the two studies, written before their rules."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.data.findings import LINE
from tests.faults.whole import DEMONSTRATION, TRIAL, Damage, Plausible, Tables, Whole
from tests.tables import cases

CASES = cases(__file__)

ROUNDS = ("baseline", "endline")
BOTH = (DEMONSTRATION, TRIAL)
Change = Callable[[Whole, str, pd.DataFrame, random.Random], pd.DataFrame]
KINDS: list[Plausible] = []


def add(name: str, words: str, apply: Damage, *studies: str) -> None:
    """A kind for each of the studies it is done to."""
    KINDS.extend(
        Plausible(id=f"{name}:{study}", study=study, words=words, apply=apply) for study in studies
    )


def in_round(change: Change, *rounds: str) -> Damage:
    """A damage of one survey round; which of them is drawn."""

    def apply(before: Whole, draw: random.Random) -> Tables:
        name = draw.choice(rounds or ROUNDS)
        frame = before.tables[name].frame.copy()
        return before.with_frame(name, change(before, name, frame, draw))

    return apply


def items(before: Whole, *types: str, answers: int = 3) -> list[str]:
    """Scales that both rounds asked of everybody, with at least so many codes."""
    found = []
    for name, variable in before.dictionary.variables.items():
        lists = [before.dictionary.code_list(name, r) for r in ROUNDS if r in variable.raw]
        wide = len(lists) == 2 and all(c is not None and len(c.values) >= answers for c in lists)
        everybody = variable.asked_if is None or variable.asked_if.variable == "consent"
        design = name in (before.study.columns.arm, before.study.columns.cluster)
        if wide and everybody and variable.type in (types or ("ordinal",)) and not design:
            found.append(name)
    return found


def raw(before: Whole, name: str, source: str) -> str:
    return before.dictionary.variables[name].raw[source]


def answered(before: Whole, source: str, frame: pd.DataFrame) -> np.ndarray:
    """Positions of the rows that consented."""
    if "consent" not in before.dictionary.variables:
        return np.arange(len(frame))
    return np.flatnonzero(frame[raw(before, "consent", source)] == "1")


def silence(before: Whole, name: str, source: str) -> str:
    """What an unanswered cell holds in a round."""
    missing = before.dictionary.missing_codes(name, source)
    if missing is None:
        return ""
    return "" if missing.blank != "error" else next(iter(missing.dont_know), "")


def codes(before: Whole, name: str, source: str) -> list[str]:
    return [code.code for code in before.dictionary.code_list(name, source).values]


def alike(before: Whole, source: str, *, answers: int = 3) -> list[tuple[str, str]]:
    """Pairs of items of one round with the same codes."""
    names = items(before, answers=answers)
    return [
        (one, two)
        for one, two in itertools.combinations(names, 2)
        if codes(before, one, source) == codes(before, two, source)
    ]


def put(frame: pd.DataFrame, rows: object, column: str, texts: object) -> pd.DataFrame:
    values = frame[column].to_numpy(dtype=object, copy=True)
    values[rows] = texts
    return frame.assign(**{column: pd.array(values, dtype=frame[column].dtype)})


# ---- columns ------------------------------------------------------------------------------------
def refused(before: Whole, name: str, source: str) -> str:
    missing = before.dictionary.missing_codes(name, source)
    codes = (*missing.dont_know, *missing.refused) if missing is not None else ()
    return next(iter(codes), silence(before, name, source))


def emptied(share: Callable[[np.ndarray, random.Random], np.ndarray]) -> Change:
    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        name = draw.choice(items(before))
        rows = share(answered(before, source, frame), draw)
        return put(frame, rows, raw(before, name, source), refused(before, name, source))

    return change


def second_half(rows: np.ndarray, _: random.Random) -> np.ndarray:
    return rows[len(rows) // 2 :]


def first_fifth(rows: np.ndarray, _: random.Random) -> np.ndarray:
    return rows[: len(rows) // 5]


def a_third(rows: np.ndarray, draw: random.Random) -> np.ndarray:
    return np.array(sorted(draw.sample(rows.tolist(), len(rows) // 3)))


def neighbour_copied(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    one, two = draw.choice(alike(before, source))
    column = raw(before, one, source)
    return frame.assign(**{column: frame[raw(before, two, source)]})


def reordered(order: Callable[[list[str], random.Random], list[str]], share: float = 0.0) -> Change:
    """One item's answers in another order, from a share of the rows on."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = answered(before, source, frame)
        rows = rows[int(share * len(rows)) :]
        column = raw(before, draw.choice(items(before)), source)
        return put(frame, rows, column, order(frame[column].iloc[rows].tolist(), draw))

    return change


def ascending(texts: list[str], _: random.Random) -> list[str]:
    return sorted(texts)


def mixed(texts: list[str], draw: random.Random) -> list[str]:
    return draw.sample(texts, len(texts))


def one_down(texts: list[str], _: random.Random) -> list[str]:
    return [texts[-1], *texts[:-1]]


def constant_from(share: float) -> Change:
    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        name = draw.choice(items(before))
        rows = answered(before, source, frame)
        rows = rows[int(share * len(rows)) :]
        column = raw(before, name, source)
        usual = frame[column].iloc[rows].mode()[0]
        return put(frame, rows, column, usual)

    return change


def headers_exchanged(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    one, two = (raw(before, name, source) for name in draw.choice(alike(before, source)))
    return frame.assign(**{one: frame[two], two: frame[one]})


def yes_no_exchanged(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    names = items(before, "binary", answers=2)
    pairs = [
        pair
        for pair in itertools.combinations(names, 2)
        if codes(before, pair[0], source) == codes(before, pair[1], source)
    ]
    one, two = (raw(before, name, source) for name in draw.choice(pairs))
    return frame.assign(**{one: frame[two], two: frame[one]})


def three_rotated(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    names = items(before)
    groups = [
        [n for n in names if codes(before, n, source) == codes(before, name, source)]
        for name in names
    ]
    a, b, c = (
        raw(before, n, source)
        for n in draw.sample(draw.choice([g for g in groups if len(g) > 2]), 3)
    )
    return frame.assign(**{a: frame[b], b: frame[c], c: frame[a]})


def block_one_down(size: int) -> Change:
    """Columns side by side, cut and pasted one row too low."""

    def change(_: Whole, __: str, frame: pd.DataFrame, draw: random.Random):
        names = [name for name in frame.columns if name != LINE]
        start = draw.randrange(8, len(names) - min(size, len(names) - 9))
        return frame.assign(
            **{n: np.roll(frame[n].to_numpy(dtype=object), 1) for n in names[start:][:size]}
        )

    return change


def exchanged_columns(size: int) -> Change:
    """The second half of the rows has two neighbouring items exchanged."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        one, two = (raw(before, n, source) for n in draw.choice(alike(before, source)))
        rows = answered(before, source, frame)[-size:]
        after = put(frame, rows, one, frame[two].iloc[rows].to_numpy())
        return put(after, rows, two, frame[one].iloc[rows].to_numpy())

    return change


def turned(before: Whole, names: Sequence[str], source: str, frame: pd.DataFrame, rows: np.ndarray):
    for name in names:
        listed = codes(before, name, source)
        mirror = dict(zip(listed, reversed(listed), strict=True))
        column = raw(before, name, source)
        texts = frame[column].iloc[rows]
        frame = put(frame, rows, column, [mirror.get(text, text) for text in texts])
    return frame


def busiest(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random) -> np.ndarray:
    """Rows of one of the interviewers who made most interviews."""
    who = frame[raw(before, before.study.columns.enumerator, source)]
    name = draw.choice(who.value_counts().index[:5].tolist())
    return np.flatnonzero(who == name)


def interviewer_turned(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    rows = busiest(before, source, frame, draw)
    return turned(before, [draw.choice(items(before))], source, frame, rows)


def battery_turned(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    rows = busiest(before, source, frame, draw)
    module = before.dictionary.variables[draw.choice(items(before))]
    same = next(m for m in before.dictionary.modules if module in m.variable)
    names = [v.name for v in same.variable if v.name in items(before)]
    return turned(before, names, source, frame, rows)


def one_age(before: Whole, source: str, frame: pd.DataFrame, _: random.Random):
    return put(frame, answered(before, source, frame), raw(before, "age", source), "44.5")


def one_answer(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    name = draw.choice(items(before))
    text = draw.choice(codes(before, name, source))
    return put(frame, answered(before, source, frame), raw(before, name, source), text)


def weights_sorted(before: Whole, source: str, frame: pd.DataFrame, _: random.Random):
    rows = answered(before, source, frame)
    column = raw(before, before.study.columns.weight, source)
    texts = sorted(frame[column].iloc[rows], key=float)
    return put(frame, rows, column, texts)


add(
    "item-empty",
    "nobody answered an item in one round",
    in_round(emptied(lambda rows, _: rows)),
    *BOTH,
)
add(
    "item-half-empty",
    "an item is unanswered in the second half of a file",
    in_round(emptied(second_half)),
    *BOTH,
)
add(
    "item-fifth-empty",
    "an item is unanswered in the first fifth of a file",
    in_round(emptied(first_fifth)),
    *BOTH,
)
add(
    "item-third-lost",
    "a third of an item's answers are lost, all over a file",
    in_round(emptied(a_third)),
    *BOTH,
)
add("neighbour-copied", "an item holds another item's answers", in_round(neighbour_copied), *BOTH)
add("item-sorted", "an item was sorted on its own", in_round(reordered(ascending)), *BOTH)
add(
    "item-end-sorted",
    "the last third of an item was sorted on its own",
    in_round(reordered(ascending, 2 / 3)),
    *BOTH,
)
add(
    "item-mixed", "an item's answers stand beside other people's", in_round(reordered(mixed)), *BOTH
)
add(
    "item-one-down", "an item's answers stand one row too low", in_round(reordered(one_down)), *BOTH
)
add(
    "item-constant-end",
    "the last third of an item is one answer",
    in_round(constant_from(2 / 3)),
    *BOTH,
)
add("headers-exchanged", "two items changed names", in_round(headers_exchanged), *BOTH)
add("yes-no-exchanged", "two yes/no items changed names", in_round(yes_no_exchanged), *BOTH)
add("three-rotated", "three items changed names", in_round(three_rotated), *BOTH)
add(
    "headers-exchanged-half",
    "two items are exchanged in the last 1,500 rows",
    in_round(exchanged_columns(1500)),
    *BOTH,
)
add(
    "block-one-down",
    "37 columns side by side stand one row too low",
    in_round(block_one_down(37)),
    *BOTH,
)
add(
    "block-of-five-down",
    "5 columns side by side stand one row too low",
    in_round(block_one_down(5)),
    *BOTH,
)
add(
    "interviewer-turned",
    "one interviewer read one scale the other way",
    in_round(interviewer_turned),
    DEMONSTRATION,
)
add(
    "battery-turned",
    "one interviewer read a battery the other way",
    in_round(battery_turned),
    DEMONSTRATION,
)
add("one-age", "everybody is 44.5 years old", in_round(one_age), DEMONSTRATION)
add("one-answer", "everybody gave one answer to an item", in_round(one_answer), *BOTH)
add(
    "weights-sorted",
    "the weights were sorted on their own",
    in_round(weights_sorted),
    DEMONSTRATION,
)


# ---- people -------------------------------------------------------------------------------------
def ids_within_place(share: float) -> Change:
    """Ids change owners among the people of a municipality, for a share of each."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = answered(before, source, frame)
        person = raw(before, before.study.columns.respondent, source)
        place = frame[raw(before, before.study.columns.cluster, source)].iloc[rows]
        for _, group in pd.Series(rows, index=rows).groupby(place.to_numpy()):
            known = [r for r in group.tolist() if frame[person].iloc[r]]
            taken = np.array(draw.sample(known, int(share * len(known))), dtype=int)
            frame = put(frame, taken, person, np.roll(frame[person].iloc[taken], 1))
        return frame

    return change


def thirty_pairs(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    """Thirty pairs of people of one municipality each have each other's id."""
    rows = answered(before, source, frame)
    person = raw(before, before.study.columns.respondent, source)
    place = frame[raw(before, before.study.columns.cluster, source)]
    other = before.tables["baseline" if source == "endline" else "endline"].frame
    both = set(other[person if person in other else other.columns[0]])
    seen = [r for r in rows if frame[person].iloc[r] and frame[person].iloc[r] in both]
    free = set(seen)
    for _ in range(30):
        one = draw.choice(sorted(free))
        partners = sorted(r for r in free if r != one and place.iloc[r] == place.iloc[one])
        if not partners:
            continue
        two = draw.choice(partners)
        pair = np.array([one, two])
        frame = put(frame, pair, person, frame[person].iloc[[two, one]].to_numpy())
        free -= {one, two}
    return frame


def sex_turned(number: int) -> Change:
    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = answered(before, source, frame)
        taken = np.array(sorted(draw.sample(rows.tolist(), min(number, len(rows)))))
        return turned(before, ["sex"], source, frame, taken)

    return change


def ethnicity_exchanged(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    column = raw(before, "ethnicity", source)
    common = frame[column].iloc[answered(before, source, frame)].value_counts().index
    one, two = draw.sample([c for c in common if c in codes(before, "ethnicity", source)][:3], 2)
    return frame.assign(**{column: frame[column].replace({one: two, two: one})})


def ten_years_older(before: Whole, source: str, frame: pd.DataFrame, _: random.Random):
    column = raw(before, "age", source)
    rows = answered(before, source, frame)
    texts = [
        str(min(99, int(t) + 10)) if t.isdecimal() and int(t) < 100 else t
        for t in frame[column].iloc[rows]
    ]
    return put(frame, rows, column, texts)


def traits_one_down(before: Whole, source: str, frame: pd.DataFrame, _: random.Random):
    rows = answered(before, source, frame)
    for name in ("sex", "age", "education", "ethnicity"):
        column = raw(before, name, source)
        frame = put(frame, rows, column, np.roll(frame[column].iloc[rows].to_numpy(), 1))
    return frame


def places_exchanged(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    column = raw(before, before.study.columns.cluster, source)
    names = [n for n, k in frame[column].value_counts().items() if k >= 8]
    one, two = draw.sample(sorted(names), 2)
    return frame.assign(**{column: frame[column].replace({one: two, two: one})})


FULL = {chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)}
ARABIC = {str(d): chr(0x660 + d) for d in range(10)}
CYRILLIC = CASES["cyrillic"]


def ids_in(signs: dict[str, str], number: int) -> Change:
    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        person = raw(before, before.study.columns.respondent, source)
        rows = [r for r in answered(before, source, frame) if frame[person].iloc[r]]
        taken = np.array(sorted(draw.sample(rows, number)))
        texts = ["".join(signs.get(c, c) for c in t) for t in frame[person].iloc[taken]]
        return put(frame, taken, person, texts)

    return change


add(
    "ids-within-place",
    "all ids changed owners inside their municipality",
    in_round(ids_within_place(1.0)),
    *BOTH,
)
add(
    "ids-within-place-half",
    "half of the ids changed owners inside their municipality",
    in_round(ids_within_place(0.5)),
    *BOTH,
)
add(
    "ids-thirty-pairs",
    "thirty pairs of neighbours have each other's id",
    in_round(thirty_pairs),
    *BOTH,
)
add(
    "sex-turned-398",
    "the sex of 398 people is the other one",
    in_round(sex_turned(398)),
    DEMONSTRATION,
)
add(
    "sex-turned-all",
    "the sex of all people is the other one",
    in_round(sex_turned(10**6)),
    DEMONSTRATION,
)
add(
    "ethnicity-exchanged",
    "two codes of ethnicity changed places",
    in_round(ethnicity_exchanged),
    DEMONSTRATION,
)
add("ten-years-older", "everybody is ten years older", in_round(ten_years_older), DEMONSTRATION)
add(
    "traits-one-down",
    "sex, age, education and ethnicity stand one row too low",
    in_round(traits_one_down),
    DEMONSTRATION,
)
add(
    "places-exchanged",
    "two municipalities' codes changed places",
    in_round(places_exchanged),
    *BOTH,
)
add("ids-fullwidth", "ids in fullwidth signs", in_round(ids_in(FULL, 40)), *BOTH)
add("ids-one-fullwidth", "one id in fullwidth signs", in_round(ids_in(FULL, 1)), *BOTH)
add("ids-arabic-digits", "ids in Arabic digits", in_round(ids_in(ARABIC, 25)), *BOTH)
add("ids-cyrillic", "ids with a Cyrillic letter", in_round(ids_in(CYRILLIC, 25)), DEMONSTRATION)


# ---- labels -------------------------------------------------------------------------------------
def without_labels(before: Whole, _: random.Random) -> Tables:
    table = before.tables["endline"]
    names = tuple(str(n) for n in table.frame.columns if n != LINE)
    return {**before.tables, "endline": replace(table, labels={}, unlabelled=names)}


def names_exchanged(before: Whole, draw: random.Random) -> Tables:
    """The labels of two variables changed places."""
    table = before.tables["endline"]
    known = getattr(table, "variable_labels", {})
    pair = [raw(before, n, "endline") for n in draw.choice(alike(before, "endline"))]
    if not known:
        return {**before.tables, "endline": replace(table)}
    one, two = pair
    return {
        **before.tables,
        "endline": replace(table, variable_labels={**known, one: known[two], two: known[one]}),
    }


add("labels-missing", "a Stata file came without any value labels", without_labels, DEMONSTRATION)
add(
    "variable-labels-exchanged",
    "the labels of two variables changed places",
    names_exchanged,
    DEMONSTRATION,
)
