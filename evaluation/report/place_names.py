"""Names of places that a check leaves out or compares: those that the data publish, written out."""

from collections.abc import Iterable

from evaluation.locale.messages import wording
from evaluation.report import words
from evaluation.report.sources import Source
from evaluation.spec.plan import Check


def label_of(value: str, check: Check, source: Source) -> str:
    """Label in the dictionary of a value of the check's own variables; empty where it has none."""
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
    told = (
        wording(
            "places.area-names",
            language,
            variable=words.begun(known[name].label[language]),
            source=study.source_in(known[name].source, language),
        )
        for name in used
    )
    return (words.labelled(wording("places.areas", language), *told),) if used else ()
