"""Strength of evidence in one or two words, and what was found under one expected result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.report import formats
from evaluation.report.verdicts import Direction, Evidence
from evaluation.spec.load import Text

STRENGTHS: Mapping[Evidence, Text] = {
    "excludes zero by both methods and after adjustment": Text(en="firm", es="firme"),
    "excludes zero by both methods, not after adjustment": Text(
        en="weak: many outcomes", es="débil: muchos resultados"
    ),
    "excludes zero by both methods, not adjusted": Text(
        en="weak: not adjusted", es="débil: sin ajuste"
    ),
    "depends on the inference method": Text(
        en="weak: methods differ", es="débil: los métodos difieren"
    ),
    "excludes zero by the one method available": Text(
        en="weak: one method", es="débil: un solo método"
    ),
    "does not exclude zero": Text(en="effect not shown", es="efecto no demostrado"),
}
FIRM: Evidence = "excludes zero by both methods and after adjustment"
NONE: Evidence = "does not exclude zero"
STRENGTH = Text(en="Evidence", es="Evidencia")
HOW = Text(
    en="Firm: the interval excludes zero by the primary method and by the cluster jackknife, also"
    " after adjustment for the number of outcomes. Weak: it excludes zero under some of these and"
    " not under others. Effect not shown: the interval includes zero, which does not show that"
    " nothing changed.",
    es="Firme: el intervalo excluye el cero con el método primario y con el jackknife por"
    " conglomerados, también con el ajuste por el número de resultados. Débil: excluye el cero"
    " con unos y no con otros. Efecto no demostrado: el intervalo incluye el cero, lo que no"
    " muestra que nada haya cambiado.",
)
NOTHING_SHOWN = Text(
    en="For none of its {n} outcomes does the interval exclude zero: the survey does not show an"
    " effect, and it does not show that nothing changed.",
    es="En ninguno de sus {n} resultados el intervalo excluye el cero: la encuesta no demuestra un"
    " efecto, y tampoco que nada haya cambiado.",
)
ONLY_FIRM = Text(
    en="Firm evidence for {firm} of its {n} outcomes: {firm_names}.",
    es="Evidencia firme en {firm} de sus {n} resultados: {firm_names}.",
)
ONLY_WEAK = Text(
    en="No firm evidence. Weak evidence for {weak} of its {n} outcomes: {weak_names}.",
    es="Sin evidencia firme. Evidencia débil en {weak} de sus {n} resultados: {weak_names}.",
)
BOTH = Text(
    en="Firm evidence for {firm} of its {n} outcomes: {firm_names}. Weak evidence for {weak}:"
    " {weak_names}.",
    es="Evidencia firme en {firm} de sus {n} resultados: {firm_names}. Evidencia débil en {weak}:"
    " {weak_names}.",
)
OTHERS = Text(
    en=" For the others the survey does not show an effect.",
    es=" En los demás la encuesta no demuestra un efecto.",
)
NAMED: Mapping[Direction, Text] = {
    "desired": Text(en="{label} (desired direction)", es="{label} (dirección deseada)"),
    "not desired": Text(
        en="{label} (against the desired direction)",
        es="{label} (en contra de la dirección deseada)",
    ),
    "no desired direction": Text(en="{label}", es="{label}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found of one outcome of a component."""

    label: str
    strength: Evidence
    direction: Direction


def component_sentence(found: Sequence[Found], *, language: str) -> str:
    """What was found under one component or expected result, in words.

    Parameters
    ----------
    found : sequence of Found
        One for each outcome with an estimate.
    language : {"en", "es"}
    """
    firm = [f for f in found if f.strength == FIRM]
    weak = [f for f in found if f.strength not in (FIRM, NONE)]
    template = {
        (False, False): NOTHING_SHOWN,
        (True, False): ONLY_FIRM,
        (False, True): ONLY_WEAK,
        (True, True): BOTH,
    }[bool(firm), bool(weak)]
    shown = bool(firm or weak)
    said = template[language].format(
        n=formats.count(len(found), language),
        firm=formats.count(len(firm), language),
        weak=formats.count(len(weak), language),
        firm_names=_named(firm, language),
        weak_names=_named(weak, language),
    )
    more = OTHERS[language] if shown and len(firm) + len(weak) < len(found) else ""
    return f"{said}{more}"


def _named(found: Sequence[Found], language: str) -> str:
    """Outcomes in a row, each with where its effect points."""
    if not found:
        return ""
    return formats.listed(
        [
            NAMED[f.direction][language].format(
                label=formats.quoted(f.label.split(" (")[0], language)
            )
            for f in found
        ],
        language,
    )
