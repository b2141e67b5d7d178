"""Fixed words of the exhibits of the plan's checks, in English and Spanish."""

from collections.abc import Mapping

from evaluation.report.worded import worded
from evaluation.spec.load import Text

# Heads of columns; by name as in `words.COLUMNS`.
HEADS: Mapping[str, Text] = {
    "trends": Text(en="If trends differ by", es="Si las tendencias difieren en"),
    "m": Text(en="M", es="M"),
    "m_low": Text(en="Interval of M", es="Intervalo de M"),
    "m_high": Text(en="Interval of M, upper", es="Intervalo de M, superior"),
    "m_sd": Text(en="M in SD", es="M en DE"),
    "widened_low": Text(en="Interval widened by M", es="Intervalo ampliado en M"),
    "widened_high": Text(en="Interval widened by M, upper", es="Intervalo ampliado en M, superior"),
    "widened_excludes": Text(en="Excludes zero", es="Excluye el cero"),
    "fixed_low": Text(en="Fixed-length interval", es="Intervalo de longitud fija"),
    "fixed_high": Text(
        en="Fixed-length interval, upper", es="Intervalo de longitud fija, superior"
    ),
    "fixed_excludes": Text(en="Excludes zero (fixed length)", es="Excluye el cero (longitud fija)"),
    "low": Text(en="Range of effects", es="Rango de efectos"),
    "high": Text(en="Range of effects, upper", es="Rango de efectos, superior"),
    "around_low": Text(en="Interval around it", es="Intervalo alrededor"),
    "around_high": Text(en="Interval around it, upper", es="Intervalo alrededor, superior"),
    "around_kind": Text(en="What the interval is", es="Qué es el intervalo"),
    "answer": Text(en="Answer", es="Respuesta"),
    "share_implied": Text(
        en="Implied for the treatment group at endline, %",
        es="Implicado para el grupo de intervención en línea final, %",
    ),
    "covers": Text(en="Whom it covers", es="A quiénes cubre"),
    "covariate": Text(en="Covariate, or count", es="Covariable, o conteo"),
    "before": Text(en="As they are", es="Sin reponderar"),
    "scale": Text(en="Scale or question", es="Escala o pregunta"),
    "effect_sd": Text(en="Effect on the question, in SD", es="Efecto en la pregunta, en DE"),
    "smallest_share": Text(en="Smallest implied share, %", es="Menor porcentaje implicado"),
    "smallest_share_error": Text(en="(SE)", es="(EE)"),
    "negative_shares": Text(en="Implied shares below zero", es="Porcentajes implicados bajo cero"),
}

# Rows of the table of breakdown values;
TRENDS: Mapping[str, Text] = {
    "parallel": Text(en="nothing: trends are parallel", es="nada: las tendencias son paralelas"),
    "interval": Text(
        en="the breakdown value of the interval", es="el valor de ruptura del intervalo"
    ),
    "interval_holds_zero": Text(
        en="the breakdown value of the interval (it holds zero as it is)",
        es="el valor de ruptura del intervalo (contiene el cero tal como está)",
    ),
    "estimate": Text(
        en="the breakdown value of the estimate", es="el valor de ruptura de la estimación"
    ),
    "benchmark": Text(en="a benchmark", es="una referencia"),
}
YES = Text(en="yes", es="sí")
NO = Text(en="no", es="no")

# What stands around a range, and whom it is about.
AROUND: Mapping[str, Text] = {
    "estimate": Text(en="{level} confidence interval", es="intervalo de confianza del {level}"),
    "attrition_bounds": Text(
        en="each end's own limit; conservative for the range",
        es="límite propio de cada extremo; conservador para el rango",
    ),
    "bracket": Text(
        en="union of two intervals, not a confidence interval",
        es="unión de dos intervalos, no un intervalo de confianza",
    ),
    "nonresponse": Text(
        en="lower limit of the lower end to upper limit of the upper end",
        es="del límite inferior del extremo inferior al superior del superior",
    ),
}
# How what stands around a range was made; the texts behind the label of the check.
MADE: Mapping[str, Text] = {
    "attrition_bounds": Text(
        en="the jackknife limit of each end, with shares, trimming and bounds repeated without each"
        " cluster",
        es="el límite jackknife de cada extremo, repitiendo porcentajes, recortes y cotas sin cada"
        " conglomerado",
    ),
    "bracket": Text(
        en="from the lowest to the highest limit of the two estimates' intervals; no level of"
        " confidence goes with it",
        es="del menor al mayor límite de los intervalos de las dos estimaciones; no tiene nivel de"
        " confianza",
    ),
    "nonresponse": Text(
        en="the limits of the primary method at each end",
        es="los límites del método primario en cada extremo",
    ),
}
# What a check's range is, where its name does not say it.
RANGES: Mapping[str, Text] = {
    "nonresponse": Text(en="worst to best case", es="del peor al mejor caso"),
    "bracket": Text(en="between the two estimates", es="entre las dos estimaciones"),
}
COVERS: Mapping[str, Text] = {
    "primary": Text(
        en="everybody interviewed who has the outcome",
        es="todas las personas entrevistadas que tienen el resultado",
    ),
    "attrition_bounds": Text(
        en="people who would be found again with or without the programme; not the people"
        " interviewed once",
        es="personas que serían encontradas de nuevo con o sin el programa; no quienes fueron"
        " entrevistados una vez",
    ),
    "bracket": Text(
        en="everybody interviewed who has the outcome, if one of the two assumptions holds",
        es="todas las personas entrevistadas que tienen el resultado, si uno de los dos supuestos"
        " se cumple",
    ),
    "nonresponse": worded("silence.covers"),
    "rate": Text(
        en="everybody asked; share without an answer, another outcome",
        es="todas las personas a quienes se preguntó; porcentaje sin respuesta, otro resultado",
    ),
}

# Rows under the covariates of the table of reweighted comparisons.
COMPARISON_ROWS: Mapping[str, Text] = {
    "n_clusters_treated": Text(
        en="Treatment {clusters} used", es="{clusters} de intervención usados"
    ),
    "n_clusters_comparison": Text(
        en="Comparison {clusters} used", es="{clusters} de comparación usados"
    ),
    "effective_comparison_clusters": Text(
        en="Effective number of comparison {clusters}",
        es="Número efectivo de {clusters} de comparación",
    ),
    "largest_comparison_share": Text(
        en="Largest weight of one comparison {cluster}, %",
        es="Mayor peso de un {cluster} de comparación, %",
    ),
}
COVARIATES = Text(
    en="Treatment minus comparison group, in SD",
    es="Grupo de intervención menos grupo de comparación, en DE",
)
COUNTS = Text(en="What the weights rest on", es="En qué se apoyan los pesos")

RELIABILITIES: Mapping[str, Text] = {
    "alpha": Text(en="Alpha", es="Alfa"),
    "omega": Text(en="Omega", es="Omega"),
}
ALL_QUESTIONS = Text(en="all questions", es="todas las preguntas")
