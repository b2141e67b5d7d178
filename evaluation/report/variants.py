"""Rows of one check told apart: a record's key, in words.

A value of the study's own (a department) stands by its label in the dictionary, and as it is where
it has none. The plan's words come before the
fixed ones: a group's label, a question's label.
"""

from evaluation.locale.messages import entries, term, wording
from evaluation.report import formats
from evaluation.report.place_names import label_of
from evaluation.report.sources import Source
from evaluation.report.words import begun, in_sentence
from evaluation.spec.plan import Check
from evaluation.spec.row_keys import WHOLE, Pair, Part, RowKey


def variant(key: RowKey, check: Check, source: Source) -> str:
    """What tells a row of a check from its others, in words; empty for its only row."""
    if key == WHOLE:
        return ""
    if isinstance(key, Pair):
        one, other = (_group(part, check, source) for part in (key.value, key.second))
        return wording("sample.less", source.language, one=one, other=other)
    if isinstance(key, Part) or key.text() in entries("sample.word"):
        return _value(key.text(), check, source)
    said = " + ".join(_value(part, check, source) for part in key.value.split("+"))
    if key.word in entries("sample.pattern"):
        return wording(f"sample.pattern.{key.word}", source.language, value=said)
    return f"{key.word}: {said}" if key.word else key.text()


def _group(value: str, check: Check, source: Source) -> str:
    """A group in a difference: a label in quotation marks, for it need be no noun ("none")."""
    said = _value(value, check, source)
    if value == "others":
        return in_sentence(said)
    return said if _is_name(value, check) else formats.quoted(begun(said), source.language)


def _is_name(value: str, check: Check) -> bool:
    """Whether a group has one label in all languages: a name, which keeps its capital letter."""
    return any(g.id == value and g.label["en"] == g.label["es"] for g in check.groups)


def _value(value: str, check: Check, source: Source) -> str:
    for group in check.groups:
        if group.id == value:
            return group.label[source.language]
    for cohort in source.configuration.study.cohort:
        if cohort.id == value:
            label = cohort.label[source.language]
            return label[:1].lower() + label[1:]
    variable = source.configuration.dictionary.variables.get(value)
    if variable is not None:
        return variable.label[source.language]
    if value in {o.id for o in source.plan.outcome}:
        return source.label(value)
    place = label_of(value, check, source)
    if place:
        return place
    return term("sample.word", value, source.language)
