"""Fixed words of the cards of primary estimates, in English and Spanish."""

from collections.abc import Mapping

from evaluation.report.conclusions import Conclusion
from evaluation.report.worded import worded
from evaluation.spec.load import Text

INTERVAL = Text(en="{level} interval: {bounds}", es="Intervalo del {level}: {bounds}")
AT_ONCE = worded("interval.simultaneous-begun", level="{level}", bounds="{bounds}")
CONTRAST = Text(
    en="Change in the treatment group less change in the comparison group",
    es="Cambio en el grupo de intervención menos cambio en el de comparación",
)
# One line that a card may not be without.
CAVEATS: Mapping[Conclusion, Text] = {
    "effect detected": Text(
        en="True only if both groups would have changed alike without the programme.",
        es="Vale solo si, sin el programa, ambos grupos habrían cambiado igual.",
    ),
    "detected but smaller than matters": worded("card.smaller", bounds="{bounds}"),
    "meaningful effect ruled out": worded("card.ruled-out", bounds="{bounds}"),
    "inconclusive": Text(
        en="This does not show that nothing changed: the study cannot tell.",
        es="Esto no quiere decir que nada haya cambiado: el estudio no alcanza a saberlo.",
    ),
}
# Where the interval is not adjusted for the other primary outcomes there is no conclusion.
NO_CONCLUSION = worded("card.no-conclusion")
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
