"""What the evidence survives, in a few words, and what was found under one expected result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.report import formats
from evaluation.report.conclusions import Direction, Evidence
from evaluation.spec.load import Text

STRENGTHS: Mapping[Evidence, Text] = {
    "excludes zero by both methods and after adjustment": Text(
        en="zero excluded by both methods and all adjustments",
        es="cero excluido con ambos métodos y todos los ajustes",
    ),
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
ALL_TESTS: Evidence = "excludes zero by both methods and after adjustment"
NONE: Evidence = "does not exclude zero"
STRENGTH = Text(en="Evidence", es="Evidencia")
HOW = Text(
    en="Zero excluded by both methods and all adjustments: the interval excludes zero by the"
    " primary method and by the cluster jackknife, also after adjustment for the number of"
    " outcomes. For a primary outcome these are the primary ones; for any other, all"
    " secondary ones. Weak: it excludes zero under some of these and not under"
    " others. Effect not shown: the interval includes zero, which does not show that nothing"
    " changed. Each label speaks of chance alone: what it says of an effect holds only if both"
    " groups would otherwise have changed alike.",
    es="Cero excluido con ambos métodos y todos los ajustes: el intervalo excluye el cero con el"
    " método primario y con el jackknife por conglomerados, también con el ajuste por el número de"
    " resultados. Para un resultado primario son los primarios; para cualquier otro, todos"
    " los secundarios. Débil: excluye el cero con unos y no con otros. Efecto"
    " no demostrado: el intervalo incluye el cero, lo que no muestra que nada haya cambiado. Cada"
    " etiqueta habla solo del azar: lo que dice de un efecto vale solo si, sin el programa, los dos"
    " grupos habrían cambiado igual.",
)
NOTHING_SHOWN = Text(
    en="For none of its {n} outcomes does the interval exclude zero: the survey does not show an"
    " effect, and it does not show that nothing changed.",
    es="En ninguno de sus {n} resultados el intervalo excluye el cero: la encuesta no demuestra un"
    " efecto, y tampoco que nada haya cambiado.",
)
ALL_HELD = Text(
    en="If both groups would otherwise have changed alike: an effect on {all_held} of its {n}"
    " outcomes, with zero excluded by both methods and all adjustments: {all_named}.",
    es="Si se supone que, sin el programa, los dos grupos habrían cambiado igual: un efecto en"
    " {all_held} de sus {n} resultados, con el cero excluido con ambos métodos y todos los ajustes:"
    " {all_named}.",
)
ONLY_WEAK = Text(
    en="For none of its {n} outcomes is zero excluded by both methods and all adjustments. If both"
    " groups would otherwise have changed alike: weak evidence for {weak}: {weak_named}.",
    es="En ninguno de sus {n} resultados queda excluido el cero con ambos métodos y todos los"
    " ajustes. Si se supone que, sin el programa, los dos grupos habrían cambiado igual: evidencia"
    " débil en {weak}: {weak_named}.",
)
BOTH = Text(
    en="If both groups would otherwise have changed alike: an effect on {all_held} of its {n}"
    " outcomes, with zero excluded by both methods and all adjustments: {all_named}. Weak evidence"
    " for {weak}: {weak_named}.",
    es="Si se supone que, sin el programa, los dos grupos habrían cambiado igual: un efecto en"
    " {all_held} de sus {n} resultados, con el cero excluido con ambos métodos y todos los ajustes:"
    " {all_named}. Evidencia débil en {weak}: {weak_named}.",
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
    held = [f for f in found if f.strength == ALL_TESTS]
    weak = [f for f in found if f.strength not in (ALL_TESTS, NONE)]
    template = {
        (False, False): NOTHING_SHOWN,
        (True, False): ALL_HELD,
        (False, True): ONLY_WEAK,
        (True, True): BOTH,
    }[bool(held), bool(weak)]
    shown = bool(held or weak)
    said = template[language].format(
        n=formats.count(len(found), language),
        all_held=formats.count(len(held), language),
        weak=formats.count(len(weak), language),
        all_named=_named(held, language),
        weak_named=_named(weak, language),
    )
    more = OTHERS[language] if shown and len(held) + len(weak) < len(found) else ""
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
