"""Words of the leave-one-out figure and of the curve of detectable effects."""

from evaluation.spec.load import Text

ROW = Text(en="Without one {cluster}", es="Sin un {cluster}")
KINDS = {
    "quartiles": Text(
        en="middle half of the estimates without one {cluster}; white: median",
        es="mitad central de las estimaciones sin un {cluster}; blanco: mediana",
    ),
    "grey": Text(
        en="effects smaller than the smallest that matters",
        es="efectos menores que el efecto mínimo de interés",
    ),
}
PLACES = Text(en="Single {clusters}", es="{clusters} por separado")
HELD_BACK = Text(
    en="Of the estimates without one {cluster}, only the quartiles and the number of sign changes"
    " are given: what hangs on one {cluster} is not published.",
    es="De las estimaciones sin un {cluster} solo se dan los cuartiles y el número de cambios de"
    " signo: lo que depende de un solo {cluster} no se publica.",
)
ALT = Text(
    en="Dots with intervals, one panel per outcome and one row per area left out. {said}",
    es="Puntos con intervalos, un panel por resultado y una fila por área excluida. {said}",
)
RANGE = Text(
    en=" Estimates without one area lie between {low} and {high} {unit}.",
    es=" Las estimaciones sin un área están entre {low} y {high} {unit}.",
)
QUARTILES = Text(
    en=" The middle half of those without one {cluster} lies between {low} and {high} {unit}.",
    es=" La mitad central de las estimaciones sin un {cluster} está entre {low} y {high} {unit}.",
)

OWN_POINT = Text(en="this study", es="este estudio")
CURVE = Text(en="Curve", es="Curva")
CLOSED = Text(
    en="Effect that a study of each size detects with a power of {power}, two-sided at {alpha}, by"
    " a formula from this study's own numbers: spread, intraclass correlation, correlation of"
    " places' means between rounds, share of people interviewed again, weights. It is about the"
    " design, not about the result, and no post-hoc power. The closed form in the tables leaves"
    " people interviewed again out of account, so it can differ somewhat.",
    es="Efecto que un estudio de cada tamaño detecta con una potencia del {power}, a dos colas al"
    " {alpha}, por una fórmula con los números de este mismo estudio: dispersión, correlación"
    " intraclase, correlación de las medias de los lugares entre rondas, proporción de personas"
    " entrevistadas de nuevo, ponderaciones. Habla del diseño, no del resultado, y no es una"
    " potencia post hoc. La fórmula cerrada de las tablas no tiene en cuenta a las personas"
    " entrevistadas de nuevo, así que puede ser algo mayor.",
)
CURVE_ALT = Text(
    en="Falling curves of the minimum detectable effect by respondents, one panel per outcome and"
    " one line per number of {clusters}. {said}",
    es="Curvas descendentes del efecto mínimo detectable según el número de personas, un panel por"
    " resultado y una línea por número de {clusters}. {said}",
)
OWN_SAID = Text(
    en="{outcome}: {mde} {unit} with {design} and {respondents} respondents each a round."
    "{smallest}",
    es="{outcome}: {mde} {unit} con {design} y {respondents} personas en cada uno por ronda."
    "{smallest}",
)
SMALLEST_SAID = Text(
    en=" The smallest effect that matters is {value} {unit}.",
    es=" El efecto mínimo de interés es {value} {unit}.",
)
