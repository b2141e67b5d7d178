"""Plausible damage between rounds: answers, weights, traits, ids. Written before its rules."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from evaluation.data.findings import LINE
from tests.faults.kinds.whole_kinds import (
    ROUNDS,
    Change,
    answered,
    codes,
    in_round,
    items,
    put,
    raw,
    refused,
)
from tests.faults.whole import DEMONSTRATION, TRIAL, Damage, Plausible, Tables, Whole

BOTH = (DEMONSTRATION, TRIAL)
KINDS: list[Plausible] = []
Pairs = tuple[np.ndarray, np.ndarray]


def add(name: str, group: str, words: str, apply: Damage, *studies: str, rules: Sequence[str]):
    KINDS.extend(
        Plausible(
            id=f"{name}:{study}", group=group, study=study, words=words, apply=apply,
            rules=tuple(rules),
        )
        for study in studies
    )  # fmt: skip


def other(source: str) -> str:
    return ROUNDS[1 - ROUNDS.index(source)]


def batteries(before: Whole, fewest: int = 4) -> list[list[str]]:
    """Scales of one module that both rounds asked of everybody."""
    found = []
    for module in before.dictionary.modules:
        names = {v.name for v in module.variable}
        listed = [name for name in items(before) if name in names]
        if len(listed) >= fewest:
            found.append(listed)
    return found


def yes_no(before: Whole, module: str) -> list[str]:
    """Yes/no questions of one module that both rounds asked of everybody."""
    names = {v.name for m in before.dictionary.modules if m.module == module for v in m.variable}
    return [name for name in items(before, "binary", answers=2) if name in names]


def people(before: Whole, source: str, frame: pd.DataFrame) -> Pairs:
    """Rows here and in the other round of people who answered both."""
    there = before.tables[other(source)].frame
    name = before.study.columns.respondent
    ids = dict(
        zip(
            there[raw(before, name, other(source))].iloc[answered(before, other(source), there)],
            answered(before, other(source), there).tolist(),
            strict=True,
        )
    )
    here = [r for r in answered(before, source, frame) if frame[raw(before, name, source)].iloc[r]]
    texts = frame[raw(before, name, source)]
    pairs = [(r, ids[texts.iloc[r]]) for r in here if texts.iloc[r] in ids]
    one, two = np.array(pairs).T
    return one, two


def translated(before: Whole, name: str, texts: Sequence[str], source: str) -> list[str]:
    """Answers of the other round as this one writes them."""
    there = {c.code: c.value for c in before.dictionary.code_list(name, other(source)).values}
    here = {c.value: c.code for c in before.dictionary.code_list(name, source).values}
    blank = refused(before, name, source)
    return [here[there[text]] if text in there else blank for text in texts]


def from_the_other(
    names: Callable[[Whole, random.Random], list[str]], share: float = 1.0
) -> Change:
    """Some questions hold, of people asked twice, the answers of the other round."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        here, there = people(before, source, frame)
        taken = np.array(sorted(draw.sample(range(len(here)), int(share * len(here)))))
        old = before.tables[other(source)].frame
        for name in names(before, draw):
            texts = old[raw(before, name, other(source))].iloc[there[taken]].tolist()
            written = translated(before, name, texts, source)
            frame = put(frame, here[taken], raw(before, name, source), written)
        return frame

    return change


def exchanged_rounds(before: Whole, draw: random.Random) -> Tables:
    """A battery's answers of both rounds changed places, of people asked twice."""
    names = draw.choice(batteries(before))
    old = before.tables["baseline"].frame.copy()
    new = before.tables["endline"].frame.copy()
    here, there = people(before, "endline", new)
    for name in names:
        one, two = raw(before, name, "baseline"), raw(before, name, "endline")
        forth = translated(before, name, old[one].iloc[there].tolist(), "endline")
        back = translated(before, name, new[two].iloc[here].tolist(), "baseline")
        new, old = put(new, here, two, forth), put(old, there, one, back)
    tables = before.with_frame("baseline", old)
    return {**tables, "endline": before.with_frame("endline", new)["endline"]}


def a_battery(before: Whole, draw: random.Random) -> list[str]:
    return draw.choice(batteries(before))


def an_item(before: Whole, draw: random.Random) -> list[str]:
    return [draw.choice(items(before))]


def of_yes_no(module: str) -> Callable[[Whole, random.Random], list[str]]:
    return lambda before, _: yes_no(before, module)


def recoded(name: str, order: Callable[[list[str], random.Random], list[str]]) -> Change:
    """Each code of a question taken for another one."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        listed = codes(before, name, source)
        turned = dict(zip(listed, order(listed, draw), strict=True))
        column = raw(before, name, source)
        rows = answered(before, source, frame)
        texts = frame[column].iloc[rows]
        return put(frame, rows, column, [turned.get(text, text) for text in texts])

    return change


def rotated(listed: list[str], _: random.Random) -> list[str]:
    return [*listed[1:], listed[0]]


def one_up(listed: list[str], _: random.Random) -> list[str]:
    return [*listed[1:], listed[-1]]


def two_exchanged(listed: list[str], draw: random.Random) -> list[str]:
    one, two = draw.sample(listed[1:4], 2)
    return [{one: two, two: one}.get(code, code) for code in listed]


def weights_of_the_other(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    """The other round's weights, by person; of new people that of somebody there."""
    here, there = people(before, source, frame)
    name = before.study.columns.weight
    old = before.tables[other(source)].frame
    all_there = old[raw(before, name, other(source))].iloc[answered(before, other(source), old)]
    rows = answered(before, source, frame)
    texts = pd.Series([draw.choice(all_there.tolist()) for _ in rows], index=rows)
    texts.loc[here] = old[raw(before, name, other(source))].iloc[there].tolist()
    return put(frame, rows, raw(before, name, source), texts.tolist())


def weights_of_people(before: Whole, source: str, frame: pd.DataFrame, _: random.Random):
    """Weights of the other round, of people asked twice alone."""
    here, there = people(before, source, frame)
    name = before.study.columns.weight
    old = before.tables[other(source)].frame
    texts = old[raw(before, name, other(source))].iloc[there].tolist()
    return put(frame, here, raw(before, name, source), texts)


def weights_mixed(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    rows = answered(before, source, frame)
    column = raw(before, before.study.columns.weight, source)
    return put(frame, rows, column, draw.sample(frame[column].iloc[rows].tolist(), len(rows)))


def weights_times(factor: float) -> Change:
    def change(before: Whole, source: str, frame: pd.DataFrame, _: random.Random):
        rows = answered(before, source, frame)
        column = raw(before, before.study.columns.weight, source)
        texts = [f"{float(text) * factor:.4f}" for text in frame[column].iloc[rows]]
        return put(frame, rows, column, texts)

    return change


def dates_of_the_other(before: Whole, source: str, frame: pd.DataFrame, _: random.Random):
    """Interviewers and durations of people asked twice are those of the other round."""
    here, there = people(before, source, frame)
    old = before.tables[other(source)].frame
    for name in (before.study.columns.enumerator, before.study.columns.duration):
        texts = old[raw(before, name, other(source))].iloc[there].tolist()
        frame = put(frame, here, raw(before, name, source), texts)
    return frame


# ---- ids ----------------------------------------------------------------------------------------
def ids_as(form: Callable[[str, int], str], share: float = 1.0) -> Change:
    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        column = raw(before, before.study.columns.respondent, source)
        rows = [r for r in answered(before, source, frame) if frame[column].iloc[r]]
        taken = np.array(sorted(draw.sample(rows, int(share * len(rows)))))
        texts = [form(frame[column].iloc[r], int(frame[LINE].iloc[r])) for r in taken]
        return put(frame, taken, column, texts)

    return change


def with_check_digit(text: str, _: int) -> str:
    return f"{text}{sum(map(ord, text)) % 7}"


def renumbered(_: str, line: int) -> str:
    return f"{10_000_000 + 37 * line}"


def with_year(text: str, _: int) -> str:
    return f"21{text}"


def cut(text: str, _: int) -> str:
    return text[:-1]


def hashed(text: str, line: int) -> str:
    return f"{abs(int.from_bytes(text.encode(), 'big') * 2654435761 + line) % 16**12:012x}"


for name, words, chosen, studies in (
    ("battery-of-other-round", "a battery holds the other round's answers", a_battery, BOTH),
    ("item-of-other-round", "an item holds the other round's answers", an_item, BOTH),
    ("crimes-of-other-round", "the crimes told are the other round's", of_yes_no("victimisation"),
     (DEMONSTRATION,)),
    ("thefts-of-other-round", "reports of crimes are the other round's", of_yes_no("crime"),
     (TRIAL,)),
):  # fmt: skip
    COPIED = ("skip-violation", "other-rounds-answers", "trait-never-changed", "same-answers")
    add(name, "D3", words, in_round(from_the_other(chosen)), *studies, rules=COPIED)
for share, word in ((0.5, "half"), (0.2, "a fifth")):
    add(
        f"battery-of-other-round-{word.split()[-1]}",
        "D3",
        f"of {word} of the people a battery holds the other round's answers",
        in_round(from_the_other(a_battery, share)),
        *BOTH,
        rules=("other-rounds-answers",),
    )
add(
    "battery-rounds-exchanged",
    "D3",
    "a battery's answers of both rounds changed places",
    exchanged_rounds,
    *BOTH,
    rules=("other-rounds-answers",),
)
TRAIT = ("trait-mostly-changed", "codes-exchanged", "changed-over-time")
for name, words, change in (
    ("education-rotated", "codes of schooling moved by one", recoded("education", rotated)),
    ("education-one-up", "schooling is one level higher", recoded("education", one_up)),
    ("education-exchanged", "two codes of schooling changed places",
     recoded("education", two_exchanged)),
    ("residence-turned", "town and country changed places", recoded("residence", rotated)),
    ("victims-turned", "yes and no changed places: conflict victims in the household",
     recoded("victim_household", rotated)),
    ("leaders-turned", "yes and no changed places: leaders", recoded("leader", rotated)),
):  # fmt: skip
    add(name, "D3", words, in_round(change), DEMONSTRATION, rules=TRAIT)
for name, words, change in (
    ("weights-of-other-round", "all weights are the other round's", weights_of_the_other),
    ("weights-of-people", "people asked twice have the other round's weights", weights_of_people),
    ("weights-mixed", "the weights stand beside other people", weights_mixed),
    ("weights-hundredth", "weights are a hundredth of what they were", weights_times(0.01)),
    ("weights-double", "weights are twice what they were", weights_times(2.0)),
    ("fieldwork-of-other-round", "interviewer and duration are the other round's",
     dates_of_the_other),
):  # fmt: skip
    WEIGHTS = (
        "other-rounds-weights",
        "rescaled",
        "weights-population",
        "weight-total",
        "weight-above-frame",
        "other-rounds-answers",
    )
    add(name, "D3", words, in_round(change), DEMONSTRATION, rules=WEIGHTS)
FORMS = ("id-form", "near-id", "odd-id", "no-overlap", "few-links")
for name, words, form, share in (
    ("ids-check-digit", "ids have a check digit more", with_check_digit, 1.0),
    ("ids-renumbered", "ids are numbers of another list", renumbered, 1.0),
    ("ids-with-year", "ids begin with the round's year", with_year, 1.0),
    ("ids-cut", "ids lost their last sign", cut, 1.0),
    ("ids-hashed", "ids were made unreadable for one round", hashed, 1.0),
    ("ids-renumbered-third", "a third of the ids are numbers of another list", renumbered, 1 / 3),
    ("ids-with-year-tenth", "a tenth of the ids begin with the year", with_year, 0.1),
):
    add(name, "D8", words, in_round(ids_as(form, share)), *BOTH, rules=FORMS)
