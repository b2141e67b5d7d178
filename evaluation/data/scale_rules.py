"""Scales as declared against each other and against the answers: shifted, unlike, yes as no."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from evaluation.data.finding import about_file, arranged
from evaluation.data.parse import Parsed
from evaluation.locale.messages import Plain, message
from evaluation.spec.dictionary import CodeList, Dictionary
from evaluation.spec.records import Finding

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
            yield about_file(
                parsed.file,
                rule="yes-coded-as-no",
                severity="error",
                column=dictionary.variables[name].raw[parsed.file.source],
                problem=message(
                    "yes-coded-as-no.problem",
                    id=codes.id,
                    yes=Plain(f"{yes:g}"),
                    no=Plain(f"{no:g}"),
                ),
                mend=message("yes-coded-as-no.mend"),
            )


def _value(codes: CodeList, words: tuple[str, ...]) -> float | None:
    found = [c.value for c in codes.values if {c.en.casefold(), c.es.casefold()} <= set(words)]
    return found[0] if len(found) == 1 and isinstance(found[0], float) else None


def _differing(before: Parsed, after: Parsed, dictionary: Dictionary) -> Iterator[Finding]:
    earlier = dict(_scales(before, dictionary))
    for name, values in _scales(after, dictionary):
        if name not in earlier or _ends(values) == _ends(earlier[name]):
            continue
        here, there = _ends(values), _ends(earlier[name])
        yield about_file(
            after.file,
            rule="scale-differs",
            severity="warn",
            column=dictionary.variables[name].raw[after.file.source],
            problem=message(
                "scale-differs.problem",
                name=name,
                here=Plain(f"{here[0]:g}"),
                here_other=Plain(f"{here[1]:g}"),
                source=before.file.source,
                there=Plain(f"{there[0]:g}"),
                there_other=Plain(f"{there[1]:g}"),
            ),
            mend=message("scale-differs.mend"),
        )


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
                yield about_file(
                    judged.file,
                    rule="end-code-unused",
                    severity="warn",
                    column=dictionary.variables[name].raw[judged.file.source],
                    problem=message(
                        "end-code-unused.problem",
                        end=Plain(f"{end:g}"),
                        name=name,
                        source=judge.file.source,
                        share=Plain(f"{share:.0%}"),
                    ),
                    mend=message("end-code-unused.mend"),
                )


def _answers(parsed: Parsed, name: str) -> pd.Series:
    values = pd.Series(parsed.columns[name].values.astype(float))
    return values[parsed.consented & values.notna()]


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
