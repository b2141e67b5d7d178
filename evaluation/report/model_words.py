"""Templates of the notes on the model behind a table, in English and Spanish."""

from collections.abc import Mapping

from evaluation.spec.load import Text

MODEL = Text(en="Model", es="Modelo")
NAMED = Text(en="{name}: {text}.", es="{name}: {text}.")
BARE = Text(en="{text}.", es="{text}.")
CLUSTERED = Text(
    en="standard errors clustered by {cluster}", es="errores estándar agrupados por {cluster}"
)
# By the method of the specification.
DESIGNS: Mapping[str, Text] = {
    "did": Text(
        en="difference-in-differences, {contrast}, {cluster} and round fixed effects",
        es="diferencias en diferencias, de {contrast}, con efectos fijos de {cluster} y de ronda",
    ),
    "ancova": Text(
        en="regression of the later outcome on treatment and the baseline value",
        es="regresión del resultado posterior sobre la intervención y el valor en línea de base",
    ),
}
TO = Text(en=" to ", es=" a ")
DUMMIES = Text(en="{names} dummies", es="indicadoras de {names}")
COVARIATES = Text(en="covariates {names}", es="covariables: {names}")
HELD_FIXED = Text(
    en="other treatments held fixed: {names}", es="con otras intervenciones fijas: {names}"
)
GROUPS = Text(en="Groups", es="Grupos")
COMPARED = Text(
    en="Treatment: {treated}. Comparison: {others}.",
    es="Intervención: {treated}. Comparación: {others}.",
)
UNTREATED = Text(
    en="The baseline mean and SD are of {clusters} in: {pure}; the counts of comparison {clusters}"
    " are of all named under comparison.",
    es="La media y la DE en línea de base son de {clusters} en: {pure}; los conteos de {clusters}"
    " de comparación son de todos los nombrados en comparación.",
)
# By the sample of the specification.
SAMPLES: Mapping[str, Text] = {
    "all": Text(en="all valid interviews", es="todas las entrevistas válidas"),
    "panel_members": Text(
        en="respondents interviewed in both rounds",
        es="personas entrevistadas en ambas rondas",
    ),
}
WEIGHTED = Text(en="{design}, {scaled}", es="{design}; {scaled}")
NO_WEIGHTS = Text(en="without design weights", es="sin ponderaciones de diseño")
WEIGHTS = Text(en="weights: {name}", es="ponderaciones: {name}")
ONE_OVER = Text(en="one over {name}", es="uno sobre {name}")
# By the estimand of the specification.
SCALED: Mapping[str, Text] = {
    "equal": Text(
        en="each {cluster} counts the same in each round",
        es="cada {cluster} cuenta igual en cada ronda",
    ),
    "population": Text(
        en="each {cluster} counts by its population in each round",
        es="cada {cluster} cuenta según su población en cada ronda",
    ),
    "respondents": Text(
        en="each interview counts by its weight",
        es="cada entrevista cuenta según su ponderación",
    ),
}
SAME_INTERVIEWS = Text(en="each interview counts the same", es="cada entrevista cuenta igual")
