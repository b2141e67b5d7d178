"""Scales as declared against each other and the answers, and those that one interviewer turned."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.dictionary import CodeList, Dictionary
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.findings import arranged
from evaluation.data.rules.rule import (
    PAIRS,
    DataRule,
    Declared,
    Floats,
    interviewers,
    numeric_questions,
    of_round,
)
from evaluation.data.rules.standard_scores import Scores
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain

YES_CODED_AS_NO = DataRule("yes-coded-as-no", "error")
SCALE_DIFFERS = DataRule("scale-differs", "warn")
TURNED_BY_INTERVIEWER = DataRule("turned-by-interviewer", "warn", fix="sit-interviews")
END_CODE_UNUSED = DataRule("end-code-unused", "warn")


# So many answers expected at an end of the scale, and none given: e to the -10 by chance.
EXPECTED = 10
YES, NO = ("yes", "sí", "si"), ("no",)


def declared_scales(rounds: Sequence[Parsed], dictionary: Dictionary) -> tuple[Finding, ...]:
    """Hold the scales of each variable against each other, between rounds and against answers.

    Parameters
    ----------
    rounds : sequence of Parsed
        Survey rounds in order.
    dictionary : Dictionary
        Code lists of each round.

    Returns
    -------
    tuple of Finding
        ``yes-coded-as-no`` (error): a yes/no list gives "yes" the smaller value.
        ``scale-differs`` (warning): two rounds' lists lead to different lowest or highest values.
        ``end-code-unused`` (warning): nobody gave an end of the scale that many gave before, as
        where a form counts from 1 what the dictionary counts from 0.
    """
    findings = [found for parsed in rounds for found in _yes_as_no(parsed, dictionary)]
    for before, after in itertools.pairwise(rounds):
        findings += _differing(before, after, dictionary)
        findings += _unused(before, after, dictionary)
        findings += _unused(after, before, dictionary)
    return arranged(findings)


def _yes_as_no(parsed: Parsed, dictionary: Dictionary) -> Iterator[Finding]:
    for name, values in _scales(parsed, dictionary):
        codes = dictionary.code_list(name, parsed.file.source)
        if codes is None:
            continue
        yes, no = _value(codes, YES), _value(codes, NO)
        if len(values) == 2 and yes is not None and no is not None and yes < no:
            said = {"yes": Plain(f"{yes:g}"), "no": Plain(f"{no:g}")}
            yield YES_CODED_AS_NO.at(parsed, name, id=codes.id, **said)


def _value(codes: CodeList, words: tuple[str, ...]) -> float | None:
    found = [c.value for c in codes.values if {c.en.casefold(), c.es.casefold()} <= set(words)]
    return found[0] if len(found) == 1 and isinstance(found[0], float) else None


def _differing(before: Parsed, after: Parsed, dictionary: Dictionary) -> Iterator[Finding]:
    earlier = dict(_scales(before, dictionary))
    for name, values in _scales(after, dictionary):
        if name not in earlier or _ends(values) == _ends(earlier[name]):
            continue
        here, here_other, there, there_other = (
            Plain(f"{end:g}") for end in (*_ends(values), *_ends(earlier[name]))
        )
        ends = {"here": here, "here_other": here_other, "source": before.file.source}
        said = {"name": name, **ends, "there": there, "there_other": there_other}
        yield SCALE_DIFFERS.at(after, name, **said)


def _unused(judge: Parsed, judged: Parsed, dictionary: Dictionary) -> Iterator[Finding]:
    """Ends of scales that the round ``judged`` never gave, and the round ``judge`` often."""
    known = dict(_scales(judge, dictionary))
    for name, values in _scales(judged, dictionary):
        if name not in known or dictionary.variables[name].type != "ordinal":
            continue
        given, others = _answers(judged, name), _answers(judge, name)
        for end in _ends(values):
            share = float((others == end).mean()) if len(others) else 0.0
            if share * len(given) >= EXPECTED and not (given == end).any():
                said = {"end": Plain(f"{end:g}"), "name": name, "source": judge.file.source}
                yield END_CODE_UNUSED.at(judged, name, **said, share=Plain(f"{share:.0%}"))


def _answers(parsed: Parsed, name: str) -> pd.Series:
    return pd.Series(parsed.numbers(name)).dropna()


def _scales(parsed: Parsed, dictionary: Dictionary) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Variables of a round whose codes are numbers that have an order, with their values."""
    for name in parsed.columns:
        codes = dictionary.code_list(name, parsed.file.source)
        if codes is None or dictionary.variables[name].type not in ("ordinal", "binary"):
            continue
        values = [code.value for code in codes.values]
        if parsed.columns[name].values.dtype == np.float64:
            yield name, tuple(value for value in values if isinstance(value, float))


def _ends(values: tuple[float, ...]) -> tuple[float, float]:
    return min(values), max(values)


# with fewer interviews a correlation's standard error is 0.18 and more
SMALLEST = 30
# an item that goes with others no more than this has no direction to lose
WEAKEST = 0.2
# A turned scale's tie is the others' with the sign changed; half of that is asked for ...
TURNED = 0.5
# ... and so many standard errors from the others': one in 10^7 by chance, where a round has
# thousands of pairs of an item and an interviewer.
ERRORS = 5.0
SHOWN = 5


@of_round
def turned_scales(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Interviewers whose answers to a question go the other way than everybody else's.

    Parameters
    ----------
    parsed : Parsed
        A survey round.
    declared : Declared
        Dictionary, study and frame.

    Notes
    -----
    The tie of item i is its correlation with the sum of the standardised other items, each times
    its correlation with i over all interviews. Two sums are taken: of all other items, and of
    those of other modules, because a whole battery that was turned still goes with itself.
    """
    people, column = interviewers(parsed, declared), declared.study.columns.enumerator
    names = numeric_questions(parsed, declared)
    if people is None or column is None or len(names) < 2 or len(people) < PAIRS:
        return
    # whoever did not consent has no interviewer here
    rows = np.flatnonzero(parsed.consented)
    scores = Scores.of(parsed, names, rows)
    correlations = scores.correlations()
    who, listed = pd.factorize(people[rows], sort=True)
    of_name = {v.name: m.module for m in declared.dictionary.modules for v in m.variable}
    modules = np.array([declared.dictionary.variables[n].module or of_name[n] for n in names])
    turned: dict[int, set[str]] = {}
    for beside in (np.ones((len(names),) * 2, dtype=bool), modules[:, None] != modules[None, :]):
        for item, person in _turned(scores, np.where(beside, correlations, 0.0), who):
            turned.setdefault(person, set()).add(names[item])
    for person, items in sorted(turned.items()):
        said = {"n": len(items), "items": ", ".join(f"`{item}`" for item in sorted(items)[:SHOWN])}
        yield TURNED_BY_INTERVIEWER.group(parsed, column, f"interviewer {listed[person]}", **said)


def _turned(scores: Scores, weights: Floats, who: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Pairs of item and interviewer, from item-wise sums of the others."""
    # with nothing beside it no item has a direction
    if not weights.any() or not (who >= 0).any():
        return []
    moments = _moments(scores, weights, who)
    mine, n = _correlations(moments), moments[0]
    rest = _correlations(moments.sum(axis=1, keepdims=True) - moments)
    error = 1 / np.sqrt(np.maximum(n, 1))
    wrong = (rest >= WEAKEST) & (mine <= -TURNED * rest) & (rest - mine >= ERRORS * error)
    return [
        (int(item), int(person)) for person, item in np.argwhere(wrong & (n >= SMALLEST)).tolist()
    ]


def _moments(scores: Scores, weights: Floats, who: NDArray[np.intp]) -> Floats:
    """Sums of 1, a, b, aa, bb and ab by interviewer; shape (6, people, k)."""
    found = np.zeros((6, int(who.max()) + 1, len(weights)))
    rows = np.argsort(who, kind="stable")
    for part in scores.blocks(int(np.count_nonzero(who < 0)), len(rows)):
        here = who[rows[part]]
        starts = np.flatnonzero(np.diff(here, prepend=-1))
        a, known = scores.at(rows[part]), scores.given(rows[part])
        b = (weights @ a) * known
        for sums, each in zip(found, (known, a, b, a * a, b * b, a * b), strict=True):
            sums[here[starts]] += np.add.reduceat(each, starts, axis=1).T
    return found


def _correlations(moments: Floats) -> Floats:
    """Correlation of a and b from their sums; zero where either does not vary."""
    n, a, b, aa, bb, ab = moments
    n = np.maximum(n, 1)
    size = np.sqrt(np.maximum(aa - a * a / n, 0) * np.maximum(bb - b * b / n, 0))
    return np.asarray((ab - a * b / n) / np.where(size > 1e-9, size, np.inf))
