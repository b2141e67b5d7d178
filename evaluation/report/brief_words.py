"""Fixed words of the two-page brief for programme staff, in English and Spanish."""

from collections.abc import Mapping

from evaluation.report.conclusions import Conclusion
from evaluation.report.statements import Claim
from evaluation.report.worded import worded
from evaluation.spec.load import Text

KIND = Text(en="Brief for programme staff", es="Resumen para el personal del programa")
QUESTION = Text(en="The question", es="La pregunta")
ANSWER = Text(en="The answer", es="La respuesta")
COMPARED = Text(
    en="Each effect is the change in the treatment group less the change in the comparison group,"
    " between baseline and endline. Population: {population}.",
    es="Cada efecto es el cambio en el grupo de intervención menos el cambio en el de comparación,"
    " entre línea de base y línea final. Población: {population}.",
)
INTERVAL = Text(en="{level} interval: {bounds}", es="Intervalo del {level}: {bounds}")
AT_ONCE = worded("interval.simultaneous-begun", level="{level}", bounds="{bounds}")
NOT_AVAILABLE = Text(en="Not available", es="No disponible")
MEANS = Text(en="What it means", es="Qué significa")
MEANS_NOT = Text(en="What it does not mean", es="Qué no significa")
SAY = Text(en="What you may say", es="Qué se puede decir")
HEADS: tuple[Text, ...] = (
    Text(en="May I say …?", es="¿Puedo decir…?"),
    Text(en="Answer", es="Respuesta"),
    Text(en="Why", es="Por qué"),
)
SOURCE = Text(en="Source and citation", es="Fuente y cita")
NUMBERS = Text(en="Numbers: {coded} ({id}).", es="Cifras: {coded} ({id}).")
PHRASES = Text(en="Phrases: {code}.", es="Frases: {code}.")
FIGURE = Text(en="Figure: {code}.", es="Figura: {code}.")
STATUS = Text(en="Plan status: {status}.", es="Estado en el plan: {status}.")
MADE_FROM = Text(en="Plan {plan}, data {data}.", es="Plan {plan}, datos {data}.")
RIGHTS = Text(en="Text and tables: CC BY 4.0.", es="Textos y tablas: CC BY 4.0.")
# What one conclusion says of the outcomes that have it.
MEANING: Mapping[Conclusion, Text] = {
    "effect detected": Text(
        en="An effect was detected: {outcomes}. The interval says how large it can be.",
        es="Se detectó un efecto: {outcomes}. El intervalo dice qué tan grande puede ser.",
    ),
    "detected but smaller than matters": worded("brief.smaller", outcomes="{outcomes}"),
    "meaningful effect ruled out": worded("brief.ruled-out", outcomes="{outcomes}"),
    "inconclusive": Text(
        en="The study cannot tell: {outcomes}. The data are compatible with no effect at all and"
        " also with effects that matter.",
        es="El estudio no alcanza a saberlo: {outcomes}. Los datos son compatibles con que no haya"
        " efecto y también con efectos que importan.",
    ),
}
NO_CONCLUSION = worded("brief.no-conclusion", outcomes="{outcomes}")
WITH_INTERVAL = worded("brief.with-interval", outcome="{outcome}", bounds="{bounds}")
MISREAD: Mapping[Conclusion, Text] = {
    "effect detected": Text(
        en="That the effect is exactly the estimate: every effect in the interval is compatible"
        " with the data.",
        es="Que el efecto sea exactamente el estimado: los datos son compatibles con todos los"
        " efectos del intervalo.",
    ),
    "detected but smaller than matters": Text(
        en="That the effect is worth its cost: it is smaller than the smallest that matters.",
        es="Que el efecto valga su costo: es menor que el efecto mínimo de interés.",
    ),
    "meaningful effect ruled out": Text(
        en="That nothing changed at all: small effects remain possible.",
        es="Que nada haya cambiado: los efectos pequeños siguen siendo posibles.",
    ),
    "inconclusive": Text(
        en="That nothing changed: a result that is inconclusive is not an effect of zero.",
        es="Que nada haya cambiado: un resultado no concluyente no es un efecto de cero.",
    ),
}
# What no effect of such a comparison means.
NEVER: tuple[Text, ...] = (
    Text(
        en="That a change between the two rounds is an effect: the comparison group changed too.",
        es="Que un cambio entre las dos rondas sea un efecto: el grupo de comparación también"
        " cambió.",
    ),
    Text(
        en="Anything about those who took part alone: the survey asked residents, whether or not"
        " they took part.",
        es="Nada solo sobre quienes participaron: la encuesta preguntó a residentes, hayan"
        " participado o no.",
    ),
    Text(
        en="Anything about one {cluster}: the result is about all of them together.",
        es="Nada sobre un solo {cluster}: el resultado es sobre el conjunto.",
    ),
)
HOLDS_IF = Text(
    en="All this holds only if both groups would have changed alike without the programme.",
    es="Todo esto vale solo si, sin el programa, ambos grupos habrían cambiado igual.",
)
HOLDS_IF_BY_LOT = Text(
    en="All this holds only if those interviewed at endline stand for their group.",
    es="Todo esto vale solo si las personas entrevistadas en la línea final representan a su"
    " grupo.",
)
# The claims of the table of statements that two pages have room for.
CLAIMS: tuple[Claim, ...] = ("range", "changed", "nothing")
