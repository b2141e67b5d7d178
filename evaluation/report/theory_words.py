"""Fixed words of the drawn theory of change, in English and Spanish."""

from collections.abc import Mapping

from evaluation.spec.load import Text

EXPECTED = Text(en="Expected results of the programme", es="Resultados esperados del programa")
PRIMARY = Text(en="Primary outcomes of the evaluation", es="Resultados primarios de la evaluación")
MEASURED = Text(en="{label} (measured by {n} outcomes)", es="{label} (medido con {n} resultados)")
MEASURED_ONE = Text(en="{label} (measured by {n} outcome)", es="{label} (medido con {n} resultado)")
HEADS: Mapping[str, Text] = {
    "component": Text(en="Component", es="Componente"),
    "leads_to": Text(en="Leads to", es="Lleva a"),
    "outcomes_shared": Text(
        en="Outcomes of the plan that belong to both", es="Resultados del plan que son de ambos"
    ),
}
ARROWS = Text(
    en="Arrows. A component leads to a result where the plan counts at least one outcome under"
    " both. An arrow is what was expected, not what was found.",
    es="Flechas. Un componente lleva a un resultado donde el plan cuenta al menos una medición bajo"
    " ambos. Una flecha es lo que se esperaba, no lo que se encontró.",
)
ALT = Text(
    en="Boxes and arrows from the programme, {programme}, to its components and their results."
    " {said}",
    es="Cajas y flechas del programa, {programme}, a sus componentes y los resultados de estos."
    " {said}",
)
LEADS = Text(en="{part} leads to: {targets}.", es="{part} lleva a: {targets}.")
