"""Fixed words of the exhibits of the plan's checks, in English and Spanish."""

from collections.abc import Mapping

from evaluation.report.worded import worded
from evaluation.spec.load import Text
from evaluation.spec.plan import CheckKind

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
    "model": Text(en="Model", es="Modelo"),
    "smallest_share": Text(en="Smallest implied share, %", es="Menor porcentaje implicado"),
    "smallest_share_error": Text(en="(SE)", es="(EE)"),
    "negative_shares": Text(en="Implied shares below zero", es="Porcentajes implicados bajo cero"),
    "asks": Text(en="What the row asks", es="Qué pregunta la fila"),
    "fewer_interviews": Text(
        en="Interviews fewer than in the primary estimate",
        es="Entrevistas menos que en la estimación primaria",
    ),
    "interviews_left_out": Text(en="Interviews left out", es="Entrevistas excluidas"),
    "interviews_left_out_treated": Text(
        en="Interviews left out: treatment group", es="Entrevistas excluidas: intervención"
    ),
    "interviews_left_out_comparison": Text(
        en="Interviews left out: comparison group", es="Entrevistas excluidas: comparación"
    ),
    "clusters_left_out": Text(en="{clusters} left out", es="{clusters} sin incluir"),
    "clusters_left_out_treated": Text(
        en="{clusters} left out: treatment group", es="{clusters} sin incluir: intervención"
    ),
    "clusters_left_out_comparison": Text(
        en="{clusters} left out: comparison group", es="{clusters} sin incluir: comparación"
    ),
    "controls_used": Text(en="Controls used", es="Controles usados"),
    "controls_left_out": Text(
        en="Controls that cannot be told apart", es="Controles que no se distinguen"
    ),
    "rows_without_control": Text(
        en="Interviews without a known control", es="Entrevistas sin un control conocido"
    ),
}

# What a row of the robustness table asks, by `agreement.Asks`.
ASKS: Mapping[str, Text] = {
    "same": Text(en="the primary question", es="la pregunta primaria"),
    "other weights": Text(
        en="another question: other weights", es="otra pregunta: otras ponderaciones"
    ),
    "other people": Text(
        en="another question: some of the people", es="otra pregunta: algunas de las personas"
    ),
    "some places": Text(
        en="another question: some of the treated places",
        es="otra pregunta: algunos de los lugares de intervención",
    ),
    "repeats": Text(
        en="an estimate that stands in another row already",
        es="una estimación que ya está en otra fila",
    ),
}

# Rows of the table of breakdown values; {} is what the yardstick is of.
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
    "yardstick": Text(en="a yardstick", es="un patrón de comparación"),
    "comparison_spread": Text(
        en="the spread (SD) of changes between comparison places, by {}",
        es="la dispersión (DE) de los cambios entre lugares de comparación, por {}",
    ),
    "comparison_spread_corrected": Text(
        en="that spread without what chance explains, by {}",
        es="esa dispersión sin lo que explica el azar, por {}",
    ),
    "comparison_maximum": Text(
        en="the largest difference between comparison places, by {}",
        es="la mayor diferencia entre lugares de comparación, por {}",
    ),
    "series": Text(
        en="the groups' drift before the start in another outcome: {}",
        es="la deriva de los grupos antes del inicio en otro resultado: {}",
    ),
}
YES = Text(en="yes", es="sí")
NO = Text(en="no", es="no")

# What stands around a range, and whom it is about.
AROUND: Mapping[CheckKind | str, Text] = {
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
MADE: Mapping[CheckKind, Text] = {
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
RANGES: Mapping[CheckKind, Text] = {
    "nonresponse": Text(en="worst to best case", es="del peor al mejor caso"),
    "bracket": Text(en="between the two estimates", es="entre las dos estimaciones"),
}
COVERS: Mapping[CheckKind | str, Text] = {
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
    "treated_without_overlap": Text(
        en="Treatment {clusters} left out (none alike)",
        es="{clusters} de intervención excluidos (ninguno parecido)",
    ),
    "treated_without_overlap_share": Text(
        en="Their weight in the treatment group, %", es="Su peso en el grupo de intervención, %"
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

# Models of the table of functional forms, by the sample of their rows.
MODELS: Mapping[str, Text] = {
    "linear": Text(
        en="linear, as the primary estimate: means move alike",
        es="lineal, como la estimación primaria: las medias se mueven igual",
    ),
    "logit": Text(en="logit: log odds move alike", es="logit: los log-odds se mueven igual"),
    "poisson": Text(
        en="Poisson: means move alike in proportion",
        es="Poisson: las medias se mueven igual en proporción",
    ),
    "ordered_logit": Text(
        en="ordered logit, log odds of a higher answer",
        es="logit ordenado, log-odds de una respuesta más alta",
    ),
    "ordered_logit:mean": Text(en="ordered logit, in points", es="logit ordenado, en puntos"),
    "models": Text(en="other models", es="otros modelos"),
}
