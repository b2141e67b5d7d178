"""Rows of one check told apart: a record's key, in words.

A value of the study's own (a department) stands by its label in the dictionary, and as it is where
it has none. The plan's words come before the
fixed ones: a group's label, a question's label.
"""

from collections.abc import Mapping

from evaluation.report import formats
from evaluation.report.place_names import label_of
from evaluation.report.sources import Source
from evaluation.report.worded import worded
from evaluation.report.words import begun, in_sentence
from evaluation.spec.load import Text
from evaluation.spec.plan import Check
from evaluation.spec.row_keys import WHOLE, Pair, Part, RowKey

# By the word of a key; {} is its value, in words.
PATTERNS: Mapping[str, Text] = {
    "without": Text(en="without {}", es="sin {}"),
    "only": Text(en="only {}", es="solo {}"),
    "before": Text(en="interviews before {}", es="entrevistas antes del {}"),
    "within": Text(en="within {} km", es="hasta {} km"),
    "beyond": Text(
        en="against comparison places beyond {} km",
        es="frente a lugares de comparación a más de {} km",
    ),
    "dont_know": Text(en="as {}", es="como {}"),
    "item": Text(en="question: {}", es="pregunta: {}"),
    "target": Text(en="mix of {}", es="composición de {}"),
    "panel": Text(en="{}", es="{}"),
    "lagged": Text(en="{}", es="{}"),
    "ring": Text(en="change of comparison places {}", es="cambio de lugares de comparación {}"),
}
# Whole keys, and values of keys, that have words of their own.
WORDS: Mapping[str, Text] = {
    "lagged": Text(
        en="as measured",
        es="como se midió",
    ),
    "corrected": Text(
        en="corrected for its sampling error", es="corregido por su error de muestreo"
    ),
    "ring:effect": Text(
        en="against comparison places that border none",
        es="frente a lugares de comparación que no limitan con ninguno",
    ),
    "bordering": Text(
        en="comparison places that border a treated one",
        es="lugares de comparación que limitan con uno de intervención",
    ),
    "treated_endline": Text(
        en="the treatment group at endline", es="grupo de intervención en línea final"
    ),
    "baseline": Text(en="baseline", es="línea de base"),
    "ipw": Text(
        en="weighted for who was found again", es="ponderado por quién fue encontrado de nuevo"
    ),
    "lowest": Text(en="the lowest answer", es="la respuesta más baja"),
    "highest": Text(en="the highest answer", es="la respuesta más alta"),
    "middle": Text(en="the middle answer", es="la respuesta intermedia"),
    "rate:dont_know": Text(
        en="share of questions answered \N{LEFT DOUBLE QUOTATION MARK}don't know"
        "\N{RIGHT DOUBLE QUOTATION MARK}",
        es="porcentaje de preguntas con «no sabe»",
    ),
    "rate:refused": Text(
        en="share of questions refused", es="porcentaje de preguntas sin respuesta"
    ),
    "silent": worded("silence.sample"),
    "answered": worded("silence.answered"),
    "others": Text(en="Everybody else", es="Todas las demás personas"),
}
LESS = Text(en="{} less {}", es="{} menos {}")


def variant(key: RowKey, check: Check, source: Source) -> str:
    """What tells a row of a check from its others, in words; empty for its only row."""
    if key == WHOLE:
        return ""
    if isinstance(key, Pair):
        groups = (_group(part, check, source) for part in (key.value, key.second))
        return LESS[source.language].format(*groups)
    if isinstance(key, Part) or key.text() in WORDS:
        return _value(key.text(), check, source)
    said = " + ".join(_value(part, check, source) for part in key.value.split("+"))
    if key.word in PATTERNS:
        return PATTERNS[key.word][source.language].format(said)
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
    return WORDS[value][source.language] if value in WORDS else value
