"""What a row of a check is about, in the words of the plan, the dictionary and the package.

A value of the study's own (a department) stands by its label in the dictionary, and as it is where
it has none. The plan's words come before the fixed ones: a group's label, a question's label.
"""

from collections.abc import Iterable

from evaluation.config.plan import Check
from evaluation.estimation.row_keys import WHOLE, Pair, Part, RowKey
from evaluation.locale.messages import entries, term
from evaluation.report.formats import number_format, words
from evaluation.report.sources import Source


def label_of(value: str, check: Check, source: Source) -> str:
    """Label in the dictionary of a value of the check's own variables; empty where it has none.

    Parameters
    ----------
    value : str
    check : Check
    source : Source
    """
    dictionary = source.configuration.dictionary
    for name in check.variables:
        variable = dictionary.variables.get(name)
        for file in variable.raw if variable is not None else ():
            codes = dictionary.code_list(name, file)
            for code in codes.values if codes is not None else ():
                if code.value == value:
                    return code.es if source.language == "es" else code.en
    return ""


def names_note(source: Source, checks: Iterable[Check]) -> tuple[str, ...]:
    """Whose names the areas of these checks have; nothing where the dictionary knows no variable.

    Parameters
    ----------
    source : Source
        Dictionary and study, which says in each language where a variable comes from.
    checks : iterable of Check
        Of the kind ``leave_one_out``; a check may come more than once.
    """
    language, study = source.language, source.configuration.study
    known = source.configuration.dictionary.variables
    used = dict.fromkeys(v for check in checks for v in check.variables if v in known)
    sources = (
        source.wording(
            "places.area-names",
            variable=words.begun(known[name].label[language]),
            source=study.source_in(known[name].source, language),
        )
        for name in used
    )
    return (words.labelled(source.wording("places.areas"), *sources),) if used else ()


def variant(key: RowKey, check: Check, source: Source) -> str:
    """What tells a row of a check from its others, in words; empty for its only row.

    Parameters
    ----------
    key : RowKey
        What the row is about.
    check : Check
    source : Source
    """
    if key == WHOLE:
        return ""
    if isinstance(key, Pair):
        one, other = (_group(part, check, source) for part in (key.value, key.second))
        return source.wording("sample.less", one=one, other=other)
    if isinstance(key, Part) or key.text() in entries("sample.word"):
        return _value(key.text(), check, source)
    value = " + ".join(_value(part, check, source) for part in key.value.split("+"))
    if key.word in entries("sample.pattern"):
        return source.wording(f"sample.pattern.{key.word}", value=value)
    return f"{key.word}: {value}" if key.word else key.text()


def _group(value: str, check: Check, source: Source) -> str:
    """A group in a difference: a label in quotation marks, for it need be no noun ("none")."""
    label = _value(value, check, source)
    if value == "others":
        return words.in_sentence(label)
    return (
        label
        if _is_name(value, check)
        else number_format.quoted(words.begun(label), source.language)
    )


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
