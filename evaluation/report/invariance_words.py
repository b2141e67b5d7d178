"""Words of the table of measurement invariance, in English and Spanish."""

from collections.abc import Mapping

from evaluation.spec.load import Text

HEADS: Mapping[str, Text] = {
    "scale": Text(en="Questions", es="Preguntas"),
    "equal": Text(en="Equal in all groups and rounds", es="Igual en todos los grupos y rondas"),
    "cfi": Text(en="CFI", es="CFI"),
    "cfi_change": Text(en="Change of CFI", es="Cambio del CFI"),
    "verdict": Text(en="Equality", es="Igualdad"),
    "rmsea": Text(en="RMSEA", es="RMSEA"),
    "srmr": Text(en="SRMR", es="SRMR"),
    "factor_did": Text(
        en="Difference-in-differences of the factor, in SD (unweighted; not the estimate)",
        es="Diferencias en diferencias del factor, en DE (sin ponderar; no es la estimación)",
    ),
    "index_did": Text(
        en="Difference-in-differences of the plain sum, in SD (unweighted; not the estimate)",
        es="Diferencias en diferencias de la suma simple, en DE (sin ponderar; no es la"
        " estimación)",
    ),
    "rmsea_change": Text(en="Change of RMSEA", es="Cambio del RMSEA"),
    "srmr_change": Text(en="Change of SRMR", es="Cambio del SRMR"),
    "chi_square": Text(en="Chi-square", es="Ji-cuadrado"),
    "chi_square_change": Text(en="Change of chi-square", es="Cambio del ji-cuadrado"),
    "df": Text(en="Degrees of freedom", es="Grados de libertad"),
    "df_change": Text(en="Change of the degrees of freedom", es="Cambio de los grados de libertad"),
    "people": Text(en="People who answered every question", es="Personas que respondieron todo"),
}

LEVELS: Mapping[str, Text] = {
    "configural": Text(en="only the one factor", es="solo el factor único"),
    "metric": Text(en="loadings", es="cargas"),
    "scalar": Text(en="loadings and intercepts", es="cargas e interceptos"),
}
NOT_REJECTED = Text(en="not rejected", es="no se rechaza")
REJECTED = Text(en="rejected", es="se rechaza")
NOT_JUDGED = Text(en="not judged: rejected above", es="no se juzga: se rechazó arriba")

RULE = Text(
    en="Equality. Not rejected where CFI falls by at most 0.01 from the row above (Cheung and"
    " Rensvold 2002; Chen 2007). With equal loadings a change of the factor moves the answers"
    " alike everywhere; with equal intercepts as well, equal people give equal answers, and only"
    " then do means compare. Not rejected is not proved. After a rejection means are not compared,"
    " and no difference-in-differences is shown.",
    es="Igualdad. No se rechaza cuando el CFI baja 0,01 como máximo frente a la fila de arriba"
    " (Cheung y Rensvold 2002; Chen 2007). Con cargas iguales, un cambio del factor mueve las"
    " respuestas de la misma forma en todas partes; si además los interceptos son iguales, personas"
    " iguales responden igual, y solo entonces las medias son comparables. Que no se rechace no es"
    " una demostración. Después de un rechazo no se comparan medias ni se muestran diferencias en"
    " diferencias.",
)
MODEL = Text(
    en="Model. One factor with means, in all groups and rounds at once, by maximum likelihood for"
    " normal answers: unweighted, over people who answered every question, steps of a scale taken"
    " as numbers. A CFI below 0.95 in the first row is usually called a poor fit (Hu and Bentler"
    " 1999); the rows below then compare variants of a model that does not describe the answers.",
    es="Modelo. Un factor con medias, en todos los grupos y rondas a la vez, por máxima"
    " verosimilitud para respuestas normales: sin ponderar, entre quienes respondieron todas las"
    " preguntas, con los peldaños de la escala tomados como números. Un CFI menor que 0,95 en la"
    " primera fila suele llamarse mal ajuste (Hu y Bentler 1999); las filas de abajo comparan"
    " entonces variantes de un modelo que no describe las respuestas.",
)
CHI_SQUARE = Text(
    en="Chi-square. In the downloads only and without p: it takes people of one place for"
    " unrelated, and with many people it rejects over trifles.",
    es="Ji-cuadrado. Solo en las descargas y sin p: supone que las personas de un mismo lugar no se"
    " parecen entre sí, y con muchas personas rechaza por pequeñeces.",
)
EFFECTS = Text(
    en="Differences-in-differences. Of the factor's means in the last model and of the plain sum of"
    " the standardised questions, of the same people, unweighted, in SD of that sum in the"
    " comparison group at baseline. The factor counts most the questions that say most about it,"
    " the sum counts all alike: where they are apart, the answer depends on which questions count."
    " Where they are alike, one question may still have moved alone: see the estimate for each"
    " question. Read the two against each other only; neither is the plan's estimate.",
    es="Diferencias en diferencias. De las medias del factor en el último modelo y de la suma"
    " simple de las preguntas estandarizadas, entre las mismas personas, sin ponderar, en DE de esa"
    " suma en el grupo de comparación en línea de base. El factor da más peso a las preguntas que"
    " más dicen de él; la suma les da a todas el mismo: cuando se separan, la respuesta depende de"
    " cuáles preguntas cuentan. Cuando se parecen, una pregunta puede haberse movido sola: vea la"
    " estimación de cada pregunta. Léalas solo una frente a la otra; ninguna es la estimación del"
    " plan.",
)
NOTES = (RULE, MODEL, EFFECTS, CHI_SQUARE)

# Clauses of the sentence: one for each model that is compared, then the two effects.
CLAUSES: Mapping[str, Text] = {
    "metric": Text(
        en="CFI changes by {change} where loadings are equal ({verdict})",
        es="el CFI cambia en {change} cuando las cargas son iguales ({verdict})",
    ),
    "scalar": Text(
        en="by {change} where intercepts are equal as well ({verdict})",
        es="en {change} cuando además los interceptos son iguales ({verdict})",
    ),
}
BOTH = Text(
    en="the difference-in-differences is {} SD by the factor and {} SD by the plain sum",
    es="la diferencia en diferencias es de {} DE con el factor y de {} DE con la suma simple",
)
