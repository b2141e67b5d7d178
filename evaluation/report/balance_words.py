"""Words of the tables of balance, attrition and reweighted comparisons, in English and Spanish."""

from collections.abc import Mapping

from evaluation.spec.load import Text

# Headings over the rows of one sample, by the records' ``sample``.
SAMPLES: Mapping[str, Text] = {
    "all": Text(en="Respondents at baseline", es="Personas entrevistadas en línea de base"),
    "clusters": Text(en="Frame, before the programme", es="Marco, antes del programa"),
    "attrition": Text(en="Seen again", es="Entrevistadas de nuevo"),
    "stayers": Text(
        en="Baseline values of respondents interviewed again",
        es="Valores de línea de base de las personas entrevistadas de nuevo",
    ),
    "leavers": Text(
        en="Baseline values of respondents not interviewed again",
        es="Valores de línea de base de las personas no entrevistadas de nuevo",
    ),
}
REINTERVIEWED = Text(
    en="Interviewed again in every round (share)",
    es="Entrevistada de nuevo en todas las rondas (proporción)",
)
STANDARD_ERROR = Text(en="(SE)", es="(EE)")
NUMBER = Text(en="n", es="n")
DIFFERENCE = Text(
    en="Difference. Treatment minus comparison group, standard errors clustered by {cluster}."
    " Normalised: over the square root of the mean of the two variances; it does not grow with the"
    " sample. n: interviews, or {clusters} where the variable is one of the frame.",
    es="Diferencia. Grupo de intervención menos grupo de comparación, errores estándar agrupados"
    " por {cluster}. Normalizada: sobre la raíz de la media de las dos varianzas; no crece con la"
    " muestra. n: entrevistas, o {clusters} donde la variable es del marco.",
)
LARGE = Text(en="Large differences", es="Diferencias grandes")
NONE_BEYOND = Text(
    en="No variable shown has a normalised difference beyond {limit} in absolute value.",
    es="Ninguna variable de las que se muestran tiene una diferencia normalizada de más de {limit}"
    " en valor absoluto.",
)
BEYOND = Text(
    en="Normalised difference beyond {limit} in absolute value: {large}.",
    es="Diferencia normalizada de más de {limit} en valor absoluto: {large}.",
)
WEIGHTS = Text(en="Weights", es="Ponderaciones")
AS_PRIMARY = Text(
    en="{weights}, as in the difference-in-differences.",
    es="{weights}, como en las diferencias en diferencias.",
)
FRAME_COUNTS_ONCE = Text(
    en="Variables of the frame: each {cluster} counts once.",
    es="Variables del marco: cada {cluster} cuenta una vez.",
)
WEIGHTED_SHARES = Text(
    en="The shares seen again are weighted shares, so they differ from the shares of the interviews"
    " counted.",
    es="Los porcentajes de personas entrevistadas de nuevo son ponderados, de modo que difieren de"
    " los porcentajes de las entrevistas contadas.",
)
PLAIN_SHARES = Text(
    en="The shares seen again are plain shares of the interviews.",
    es="Los porcentajes de personas entrevistadas de nuevo son porcentajes simples de las"
    " entrevistas.",
)
RULE = Text(
    en="{rule} The rule holds in each group, and for variables that the dictionary marks as"
    " sensitive as for sensitive outcomes. A row from which a suppressed one could be worked out is"
    " suppressed with it.",
    es="{rule} La regla vale en cada grupo, y para las variables que el diccionario marca como"
    " sensibles igual que para los resultados sensibles. Una fila de la que podría deducirse una"
    " suprimida se suprime con ella.",
)

# Reweighted comparisons
COVARIATES = Text(
    en="Covariates. Fixed before the programme. Normalised differences, as in the table of balance:"
    " treatment minus comparison group, over the square root of the mean of the two variances"
    " between {clusters} before any reweighting, each counted as in the primary estimate."
    " Covariates that a check does not name are shown with what it leaves of them.",
    es="Covariables. Fijadas antes del programa. Diferencias normalizadas, como en la tabla de"
    " balance: grupo de intervención menos grupo de comparación, sobre la raíz de la media de las"
    " dos varianzas entre {clusters} antes de reponderar, cada uno contado como en la estimación"
    " primaria. De las covariables que una verificación no nombra se muestra lo que ella deja.",
)
RESTS_ON = Text(
    en="What the weights rest on. Effective number: the square of the sum of the comparison"
    " {clusters}' weights over the sum of their squares; few mean that the estimate rests on few"
    " places.",
    es="En qué se apoyan los pesos. Número efectivo: el cuadrado de la suma de los pesos de los"
    " {clusters} de comparación sobre la suma de sus cuadrados; pocos significan que la estimación"
    " se apoya en pocos lugares.",
)
REMADE = Text(
    en="Intervals. The estimates stand in the table of robustness checks. The weights are made"
    " again without each cluster (jackknife).",
    es="Intervalos. Las estimaciones están en la tabla de verificaciones de robustez. Los pesos se"
    " hacen de nuevo sin cada conglomerado (jackknife).",
)
NOT_HAD = Text(
    en="{check}: cannot be had; the reason stands in the table.",
    es="{check}: no disponible; el motivo está en la tabla.",
)
LARGEST = Text(
    en="{check}: the largest difference before ({covariate}) is {before} SD; the largest after"
    " ({left}) is {after} SD.{rest}",
    es="{check}: la mayor diferencia antes ({covariate}) es de {before} DE; la mayor después"
    " ({left}) es de {after} DE.{rest}",
)
EQUIVALENT = Text(
    en=" The weights rest on the equivalent of {effective} comparison {clusters} of {used} used.",
    es=" Los pesos se apoyan en el equivalente de {effective} {clusters} de comparación, de {used}"
    " usados.",
)
