"""Fixed words of the cards of primary estimates, in English and Spanish."""

from collections.abc import Mapping

from evaluation.report.verdicts import Verdict
from evaluation.spec.load import Text

INTERVAL = Text(en="{level} interval: {bounds}", es="Intervalo del {level}: {bounds}")
CONTRAST = Text(
    en="Change in the treatment group less change in the comparison group",
    es="Cambio en el grupo de intervención menos cambio en el de comparación",
)
# One line that a card may not be without.
CAVEATS: Mapping[Verdict, Text] = {
    "effect detected": Text(
        en="True only if both groups would have changed alike without the programme.",
        es="Vale solo si, sin el programa, ambos grupos habrían cambiado igual.",
    ),
    "detected but smaller than matters": Text(
        en="There is an effect, but smaller than the smallest that matters.",
        es="Hay un efecto, pero menor que el efecto mínimo de interés.",
    ),
    "meaningful effect ruled out": Text(
        en="An effect as large as those that matter is not compatible with the data.",
        es="Un efecto tan grande como los que importan no es compatible con los datos.",
    ),
    "inconclusive": Text(
        en="This does not show that nothing changed: the study cannot tell.",
        es="Esto no quiere decir que nada haya cambiado: el estudio no alcanza a saberlo.",
    ),
}
# Where the plan names no smallest effect that matters there is no verdict.
NO_VERDICT = Text(
    en="The interval holds the effects that the data are compatible with.",
    es="El intervalo contiene los efectos compatibles con los datos.",
)
SMALLEST = Text(
    en="Grey: effects smaller than the smallest that matters ({amount})",
    es="Gris: efectos menores que el efecto mínimo de interés ({amount})",
)
SOURCE = Text(
    en="Source: {coded}, {id} ({year}). Data {data}.",
    es="Fuente: {coded}, {id} ({year}). Datos {data}.",
)
STATUS = Text(en="Plan status: {status}.", es="Estado en el plan: {status}.")
NOT_AVAILABLE = Text(en="Not available", es="No disponible")
ALT = Text(en="Card: {outcome}. {said} {source}", es="Tarjeta: {outcome}. {said} {source}")
