"""Fixed words of the pages for reviewers: what would overturn, ledger, risk of bias, claims."""

from collections.abc import Mapping

from evaluation.locale.messages import message
from evaluation.report.conclusions import Conclusion
from evaluation.spec.load import Text
from evaluation.spec.review import Certainty, Domain, Downgraded, Judgement

HEADS: Mapping[str, Text] = {
    "doubt": Text(en="What is doubted", es="Qué se pone en duda"),
    "needed": Text(en="What it would take", es="Qué haría falta"),
    "known": Text(en="What is known of it", es="Qué se sabe de ello"),
    "overturns": Text(en="Enough to overturn?", es="¿Alcanza para cambiar la conclusión?"),
    "amount": Text(en="What it would take, as a number", es="Qué haría falta, como número"),
    "assumption": Text(en="Assumption", es="Supuesto"),
    "ledger_evidence": Text(en="Evidence", es="Evidencia"),
    "exhibits": Text(en="Exhibits", es="Tablas y figuras"),
    "if_false": Text(en="If it is false", es="Si es falso"),
    "rows": Text(en="Checks that vary it", es="Verificaciones que lo varían"),
    "domain": Text(en="Domain", es="Dominio"),
    "judgement": Text(en="Judgement", es="Juicio"),
    "support": Text(en="Support", es="Sustento"),
    "grade_step": Text(en="Step", es="Paso"),
    "grade_said": Text(en="Result", es="Resultado"),
    "grade_reason": Text(en="Reason", es="Motivo"),
    "claim": Text(en="Claim of the summary", es="Afirmación del resumen"),
    "shown_in": Text(en="Shown in", es="Se muestra en"),
    "function": Text(en="Function", es="Función"),
    "does": Text(en="What it does", es="Qué hace"),
    "program_line": Text(en="Place in the program", es="Lugar en el programa"),
}

# ---- what would overturn
DOUBTS: Mapping[str, Text] = {
    "conclusion": Text(en="The conclusion today", es="La conclusión de hoy"),
    "trends": Text(en="Parallel trends", es="Tendencias paralelas"),
    "clusters": Text(en="Any one {cluster}", es="Cualquier {cluster}"),
    "answers": Text(en="Silent questions", es="Preguntas sin respuesta"),
    "attrition": Text(en="People not found again", es="Personas que no se encontraron de nuevo"),
    "checks": Text(en="Robustness checks", es="Verificaciones de robustez"),
}
# What would overturn a conclusion: for the one that says nothing, an interval that excludes zero.
OVERTURNS: Mapping[Conclusion, Text] = {
    "inconclusive": Text(
        en="an interval that no longer holds zero", es="un intervalo que ya no contenga el cero"
    ),
    "effect detected": Text(
        en="an interval that holds zero, or only effects too small to matter",
        es="un intervalo que contenga el cero, o solo efectos menores que el mínimo de interés",
    ),
    "detected but smaller than matters": Text(
        en="an interval that holds zero, or reaches an effect that matters",
        es="un intervalo que contenga el cero, o alcance un efecto que importa",
    ),
    "meaningful effect ruled out": Text(
        en="an interval that excludes zero, or reaches an effect that matters",
        es="un intervalo que excluya el cero, o alcance un efecto que importa",
    ),
}
TODAY = Text(en="{conclusion}: {interval} {unit}", es="{conclusion}: {interval} {unit}")
TRENDS_NEEDED = Text(
    en="by themselves, the trends of the two groups would have to differ by {need} {unit}",
    es="por sí solas, las tendencias de los dos grupos tendrían que diferir en {need} {unit}",
)
NO_MOVE = Text(
    en="no move of the interval changes the conclusion",
    es="ningún desplazamiento del intervalo cambia la conclusión",
)
BREAKDOWN = Text(en="Breakdown value {m} {unit}", es="Valor de ruptura {m} {unit}")
BY_LOT = Text(
    en="groups were drawn by lot: randomisation, not parallel trends, carries the claim. Any other"
    " cause would have to shift the estimate by {need} {unit}",
    es="los grupos se sortearon: el sorteo, y no las tendencias paralelas, sostiene la afirmación."
    " Cualquier otra causa tendría que desplazar la estimación en {need} {unit}",
)
DESCRIBED = Text(en="as a description only: {known}", es="solo como descripción: {known}")
ANSWERS_NEEDED = Text(
    en="their answers would have to lie {share} of the way to the worst case",
    es="sus respuestas tendrían que estar a {share} del camino hacia el peor caso",
)
ANSWERS_NEVER = Text(
    en="more than even the worst case of all of them", es="más que el peor caso posible"
)
WORST = Text(
    en="at worst, effects from {interval} {unit}",
    es="en el peor caso, efectos de {interval} {unit}",
)
WORST_WITH = Text(
    en="at worst, effects from {low} (interval {at_low}) to {high} (interval {at_high}) {unit}",
    es="en el peor caso, efectos de {low} (intervalo {at_low}) a {high} (intervalo {at_high})"
    " {unit}",
)
ATTRITION_NEEDED = Text(
    en="among people interviewed twice: {overturns}, for the range of effects",
    es="entre las personas entrevistadas dos veces: {overturns}, para el rango de efectos",
)
ATTRITION_KNOWN = Text(
    en="range with its interval {interval} {unit}", es="rango con su intervalo {interval} {unit}"
)
NO_SUCH_CHECK = message("plan-asks-no.reason")
HIDDEN = message("disclosure-rule.reason")

# ---- ledger
LEDGER_NONE = Text(
    en="no row: the exhibits speak to it", es="ninguna fila: lo tratan las tablas y figuras"
)

# ---- risk of bias and certainty
DOMAINS: Mapping[Domain, Text] = {
    "confounding": Text(en="Confounding", es="Confusión"),
    "selection": Text(
        en="Selection of participants into the study",
        es="Selección de participantes en el estudio",
    ),
    "classification": Text(
        en="Classification of interventions", es="Clasificación de las intervenciones"
    ),
    "randomisation": Text(en="Randomisation process", es="Proceso de aleatorización"),
    "deviations": Text(
        en="Deviations from intended interventions",
        es="Desviaciones de las intervenciones previstas",
    ),
    "missing_data": Text(en="Missing outcome data", es="Datos de resultado faltantes"),
    "measurement": Text(en="Measurement of outcomes", es="Medición de los resultados"),
    "reported_result": Text(
        en="Selection of the reported result", es="Selección del resultado reportado"
    ),
}
OVERALL = Text(en="Overall", es="En conjunto")
WORST_DOMAIN = Text(
    en="the worst of the domains: none makes up for another",
    es="el peor de los dominios: ninguno compensa a otro",
)
JUDGEMENTS: Mapping[Judgement, Text] = {
    "low": Text(en="low", es="bajo"),
    "moderate": Text(en="moderate", es="moderado"),
    "serious": Text(en="serious", es="grave"),
    "critical": Text(en="critical", es="crítico"),
    "some concerns": Text(en="some concerns", es="algunas reservas"),
    "high": Text(en="high", es="alto"),
}
JUDGED = Text(
    en="Judgement. A person's, not computed: {by}, {date}.",
    es="Juicio. De una persona, no calculado: {by}, {date}.",
)
TOOL = Text(en="Tool: {}.", es="Herramienta: {}.")
DOMAIN_NAMES: Mapping[Downgraded, Text] = {
    "risk_of_bias": Text(en="Risk of bias", es="Riesgo de sesgo"),
    "inconsistency": Text(en="Inconsistency", es="Inconsistencia"),
    "indirectness": Text(en="Indirectness", es="Evidencia indirecta"),
    "imprecision": Text(en="Imprecision", es="Imprecisión"),
    "publication_bias": Text(en="Publication bias", es="Sesgo de publicación"),
}
CERTAINTIES: Mapping[Certainty, Text] = {
    "high": Text(en="high", es="alta"),
    "moderate": Text(en="moderate", es="moderada"),
    "low": Text(en="low", es="baja"),
    "very low": Text(en="very low", es="muy baja"),
}
START = Text(en="Starting level", es="Nivel inicial")
CERTAINTY = Text(en="Certainty", es="Certeza")
DOWN: Mapping[int, Text] = {
    0: Text(en="not lowered", es="no se baja"),
    1: Text(en="one level lower", es="baja un nivel"),
    2: Text(en="two levels lower", es="baja dos niveles"),
}
START_LESS = Text(
    en="the starting level less the levels above; judged on the conclusion “{conclusion}”",
    es="el nivel inicial menos los niveles de arriba; juzgado sobre la conclusión «{conclusion}»",
)
STALE = message("judged-when-conclusion.reason")

# ---- claims
DOES: Mapping[str, Text] = {
    "computes": Text(en="computes", es="calcula"),
    "makes": Text(en="shows", es="muestra"),
}
PLACE = Text(en="{file}, line {line}", es="{file}, línea {line}")
LINES_NOTE = Text(
    en="Lines. Read from the program of this build; a function that is no longer there stops the"
    " build.",
    es="Líneas. Se leen del programa de esta construcción; una función que ya no exista la"
    " detiene.",
)
