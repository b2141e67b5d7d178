"""Plausible damage by single interviewers, or by people who answer without listening.

Written before its rules.
"""

import random
from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.faults.kinds.between_rounds import a_battery, yes_no
from tests.faults.kinds.whole_kinds import (
    Change,
    answered,
    busiest,
    codes,
    in_round,
    items,
    put,
    raw,
)
from tests.faults.whole import DEMONSTRATION, Plausible, Whole

KINDS: list[Plausible] = []
Cell = Callable[[str, random.Random], str]


def add(name: str, group: str, words: str, change: Change, *rounds: str, rules: tuple[str, ...]):
    KINDS.append(
        Plausible(
            id=f"{name}:{DEMONSTRATION}", group=group, study=DEMONSTRATION, words=words,
            apply=in_round(change, *rounds), rules=rules,
        )
    )  # fmt: skip


def own(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random) -> np.ndarray:
    """Rows of one interviewer who worked much, of people who consented."""
    return np.intersect1d(busiest(before, source, frame, draw), answered(before, source, frame))


def of_own(names: Callable[[Whole, random.Random], list[str]], cell: Cell) -> Change:
    """Each answered cell of some questions, in one interviewer's interviews."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = own(before, source, frame, draw)
        for name in names(before, draw):
            column = raw(before, name, source)
            texts = [cell(t, draw) if t not in ("", ".a", ".b", ".c") and "888888" not in t
                     and "988888" not in t else t for t in frame[column].iloc[rows]]  # fmt: skip
            frame = put(frame, rows, column, texts)
        return frame

    return change


def one_of(*names: str) -> Callable[[Whole, random.Random], list[str]]:
    return lambda _, draw: [draw.choice(names)]


def the_no(before: Whole, name: str, source: str) -> str:
    return next(c.code for c in before.dictionary.code_list(name, source).values if not c.value)


def all_no(module: str) -> Change:
    """One interviewer wrote "no" to every yes/no question of a module."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = own(before, source, frame, draw)
        for name in yes_no(before, module):
            frame = put(frame, rows, raw(before, name, source), the_no(before, name, source))
        return frame

    return change


def no_silence(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    """One interviewer wrote an answer wherever the others have don't know or refused."""
    rows = own(before, source, frame, draw)
    for name in items(before, "ordinal", "binary", answers=2):
        listed, column = codes(before, name, source), raw(before, name, source)
        texts = [t if t in listed or t == "" else draw.choice(listed)
                 for t in frame[column].iloc[rows]]  # fmt: skip
        frame = put(frame, rows, column, texts)
    return frame


def at_random(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    """One interviewer invented a battery's answers."""
    rows = own(before, source, frame, draw)
    for name in a_battery(before, draw):
        listed = codes(before, name, source)
        frame = put(frame, rows, raw(before, name, source), [draw.choice(listed) for _ in rows])
    return frame


def from_usual(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    """One interviewer took a battery's answers from people of other places."""
    rows = own(before, source, frame, draw)
    taken = draw.sample(answered(before, source, frame).tolist(), len(rows))
    for name in a_battery(before, draw):
        column = raw(before, name, source)
        frame = put(frame, rows, column, frame[column].iloc[taken].to_numpy())
    return frame


def one_line(share: float, *, by_interviewer: bool = False) -> Change:
    """People (or one interviewer's) with one code all along the items of neighbours."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = answered(before, source, frame)
        if by_interviewer:
            rows = own(before, source, frame, draw)
        rows = np.array(sorted(draw.sample(rows.tolist(), int(share * len(rows)))))
        code = [draw.choice("1245") for _ in rows]
        for name in ("t2_help", "t3_close_knit", "t4_trusted", "t5_no_get_along", "t6_no_values"):
            frame = put(frame, rows, raw(before, name, source), code)
        return frame

    return change


def invented_known(share: float, *, by_interviewer: bool = False, place: bool = False) -> Change:
    """People say that they know the programme that does not exist."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = answered(before, source, frame)
        if by_interviewer:
            rows = own(before, source, frame, draw)
        if place:
            column = raw(before, before.study.columns.cluster, source)
            two = draw.sample(sorted(set(frame[column].iloc[rows])), 3)
            rows = rows[frame[column].iloc[rows].isin(two).to_numpy()]
        rows = np.array(sorted(draw.sample(rows.tolist(), int(share * len(rows)))))
        yes = next(c.code for c in before.dictionary.code_list("x5_fictitious", source).values
                   if c.value)  # fmt: skip
        return put(frame, rows, raw(before, "x5_fictitious", source), yes)

    return change


CONDUCT = ("interviewer-pattern", "interviewer-effect", "interviewer-nonresponse")
for module, words in (
    ("victimisation", "wrote no to every crime"),
    ("self_protection", "wrote no to every way of protection"),
):
    add(f"own-{module}-no", "D5", f"one interviewer {words}", all_no(module),
        rules=(*CONDUCT, "skip-violation"))  # fmt: skip
for name, words, change in (
    ("own-thermometer-tenth", "one interviewer wrote 0 to 10 for 0 to 100",
     of_own(one_of("l1_thermometer"), lambda t, _: str(round(float(t) / 10)))),
    ("own-scale-short", "one interviewer used 1 to 5 of a scale from 1 to 7",
     of_own(one_of("p1_trust_police", "a3_trust_armed"), lambda t, _: min(t, "5"))),
    ("own-middle", "one interviewer never wrote the ends of a scale",
     of_own(one_of("t2_help", "t3_close_knit", "t4_trusted"),
            lambda t, _: {"1": "2", "5": "4"}.get(t, t))),
    ("own-duration-one", "one interviewer's interviews all took 45 minutes",
     of_own(one_of("duration_min"), lambda _, __: "45")),
    ("own-duration-double", "one interviewer's interviews took three times as long",
     of_own(one_of("duration_min"), lambda t, _: str(min(290, 3 * int(float(t)))))),
    ("own-duration-short", "one interviewer's interviews took half as long",
     of_own(one_of("duration_min"), lambda t, _: str(max(16, int(float(t) / 2))))),
    ("own-ages-round", "one interviewer rounded ages to tens",
     of_own(one_of("age"), lambda t, _: str(min(90, max(20, round(float(t) / 10) * 10))))),
    ("own-times-one", "one interviewer wrote one crime for any number",
     of_own(one_of("v2_times"), lambda _, __: "1")),
    ("own-avoided-none", "one interviewer wrote zero avoided places",
     of_own(one_of("s4_avoided"), lambda _, __: "0")),
    ("own-no-silence", "one interviewer wrote an answer for every silence", no_silence),
    ("own-at-random", "one interviewer invented a battery", at_random),
    ("own-from-others", "one interviewer took a battery from other people", from_usual),
):  # fmt: skip
    add(name, "D5", words, change,
        rules=(*CONDUCT, "changed-over-time") if name == "own-ages-round" else CONDUCT)  # fmt: skip
LINES = (
    "straight-lining",
    "loose-item",
    "one-line-both-ways",
    "interviewer-effect",
    "interviewer-pattern",
)
add("one-line-tenth", "D6", "a tenth gave one answer to items of both directions", one_line(0.1),
    rules=LINES)  # fmt: skip
add("one-line-third", "D6", "a third gave one answer to items of both directions", one_line(0.33),
    rules=LINES)  # fmt: skip
add("one-line-own", "D6", "one interviewer has one answer to items of both directions",
    one_line(1.0, by_interviewer=True), rules=LINES)  # fmt: skip
INVENTED = ("interviewer-effect", "interviewer-pattern", "interviewer-variance")
add("invented-fifth", "D6", "a fifth know a programme that does not exist", invented_known(0.2),
    "endline", rules=INVENTED)  # fmt: skip
add("invented-own", "D6", "whoever one interviewer asked knows a programme that does not exist",
    invented_known(0.9, by_interviewer=True), "endline", rules=INVENTED)  # fmt: skip
add("invented-places", "D6", "people of three places know a programme that does not exist",
    invented_known(0.8, place=True), "endline", rules=INVENTED)  # fmt: skip
