"""Notes and sentences of the exhibits of for whom and where, in English and Spanish."""

from evaluation.spec.load import Text

# Differences between groups
DIFFERENCES = Text(
    en="Differences. Whether an effect differs between groups is asked of the difference of the two"
    " effects, with its own interval and p. An interval that excludes zero in one group and not in"
    " another does not say that their effects differ; a group's own effect is therefore not shown."
    " Intervals are unadjusted.",
    es="Diferencias. Si un efecto difiere entre grupos se le pregunta a la diferencia de los dos"
    " efectos, con su propio intervalo y su propio p. Un intervalo que excluye el cero en un grupo"
    " y no en otro no dice que sus efectos difieran; por eso no se muestra el efecto propio de un"
    " grupo. Los intervalos no están ajustados.",
)
TRAITS = Text(
    en="Traits. Fixed before the programme, or asked at baseline: the programme cannot have changed"
    " who is in a group. Descriptive: it may have, or place and time differ as well; such rows"
    " describe and do not say for whom the programme works.",
    es="Rasgos. Fijados antes del programa, o preguntados en línea de base: el programa no puede"
    " haber cambiado quién está en un grupo. Descriptivos: pudo hacerlo, o también difieren el"
    " lugar y el momento; esas filas describen y no dicen para quiénes funciona el programa.",
)
ADJUSTED = Text(en="Adjusted p", es="p ajustado")
ADJUSTED_OVER = Text(
    en="Adjusted within one outcome: Benjamini\N{EN DASH}Hochberg over all {several} differences"
    " of the outcome, over all traits together.",
    es="Ajustado dentro de un resultado: Benjamini\N{EN DASH}Hochberg sobre todas las diferencias"
    " del resultado ({several}), con todos los rasgos a la vez.",
)
ADJUSTED_OVER_SUBGROUPS = Text(
    en="Adjusted within one outcome: Benjamini\N{EN DASH}Hochberg over all {several} differences"
    " between subgroups of the outcome, over all traits together.",
    es="Ajustado dentro de un resultado: Benjamini\N{EN DASH}Hochberg sobre todas las diferencias"
    " entre subgrupos del resultado ({several}), con todos los rasgos a la vez.",
)
SEVERAL_OUTCOMES = Text(
    en="Over several outcomes more looks are taken than it allows for.",
    es="En varios resultados se miran más diferencias de las que el ajuste tiene en cuenta.",
)
COHORTS_NOT_ADJUSTED = Text(
    en="Differences between entry cohorts are not adjusted.",
    es="Las diferencias entre cohortes de ingreso no están ajustadas.",
)
NOT_COVERED = Text(en="Not covered", es="Lo que no cubre")
WITHOUT_TRAIT = Text(
    en="Interviews whose trait is not known: {said}.",
    es="Entrevistas cuyo rasgo no se conoce: {said}.",
)
FEWER_PLACES = Text(
    en="A group's row leaves out {clusters} in which it was not interviewed in both rounds; small"
    " groups therefore speak of fewer places than the primary estimate.",
    es="La fila de un grupo excluye los {clusters} en que no se le entrevistó en ambas rondas; por"
    " eso los grupos pequeños hablan de menos lugares que la estimación primaria.",
)
FEW_PLACES = Text(
    en="Not counted. That a group was not met in one of the {clusters} says what everybody"
    " interviewed there is. Where this holds of fewer than {least}, a row's number of {clusters} is"
    " suppressed if it would tell of how many.",
    es="Lo que no se cuenta. Que en uno de los {clusters} no se encontró un grupo dice cómo son"
    " todas las personas entrevistadas allí. Donde esto pasa en menos de {least}, se suprime el"
    " número de {clusters} de la fila si diría en cuántos.",
)
NONE_SHOWN = Text(
    en="{outcome}: no difference between groups can be shown.",
    es="{outcome}: ninguna diferencia entre grupos puede mostrarse.",
)
NONE_SHOWN_AT_ALL = Text(
    en="No difference between groups can be shown.",
    es="Ninguna diferencia entre grupos puede mostrarse.",
)
STAY_BELOW = {
    "none": Text(
        en="none of the {n} differences between groups is below {line} after the correction within"
        " this outcome, which does not say that the groups are alike",
        es="de {n} diferencias entre grupos, ninguna queda por debajo del {line} tras la corrección"
        " dentro de este resultado, lo que no dice que los grupos sean iguales",
    ),
    "one": Text(
        en="{below} of {n} differences between groups stays below {line} after the correction"
        " within this outcome",
        es="de {n} diferencias entre grupos, {below} queda por debajo del {line} tras la corrección"
        " dentro de este resultado",
    ),
    "several": Text(
        en="{below} of {n} differences between groups stay below {line} after the correction"
        " within this outcome",
        es="de {n} diferencias entre grupos, {below} quedan por debajo del {line} tras la"
        " corrección dentro de este resultado",
    ),
}
SMALLEST_P = Text(
    en="{outcome}: {verdict}. The smallest adjusted p, {p}, is that of {said}: {effect}, {level}"
    " interval {interval}.",
    es="{outcome}: {verdict}. El menor p ajustado, {p}, es el de {said}: {effect}, intervalo del"
    " {level} {interval}.",
)
DESCRIPTIVE = Text(en="{said} (descriptive)", es="{said} (descriptiva)")
# How many differences were looked at over all outcomes.
LOOKS = Text(
    en="Over {outcomes}, {differences} can be shown, and {verdict}.",
    es="En {outcomes} hay {differences}, y {verdict}.",
)
ONE_OUTCOME = Text(en="1 outcome", es="1 resultado")
OUTCOMES = Text(en="{n} outcomes", es="{n} resultados")
ONE_DIFFERENCE = Text(
    en="1 difference between groups", es="1 diferencia entre grupos que puede mostrarse"
)
MANY_DIFFERENCES = Text(
    en="{n} differences between groups", es="{n} diferencias entre grupos que pueden mostrarse"
)
LOOKS_BELOW = {
    "none": Text(
        en="no adjusted p is below {line}, which does not say that the groups are alike",
        es="ningún p ajustado está por debajo del {line}, lo que no dice que los grupos sean"
        " iguales",
    ),
    "one": Text(
        en="{below} adjusted p is below {line}",
        es="{below} p ajustado está por debajo del {line}",
    ),
    "several": Text(
        en="{below} adjusted p are below {line}",
        es="{below} p ajustados están por debajo del {line}",
    ),
}
MORE_LOOKS = Text(
    en=" The correction counts the differences of one outcome only, so over all outcomes more looks"
    " were taken than it allows for.",
    es=" La corrección cuenta solo las diferencias de un resultado, así que en el conjunto de los"
    " resultados se miraron más diferencias de las que esa corrección tiene en cuenta.",
)

# Places
PLACES = Text(
    en="Places. Each place's effect is read against the comparison group of the same place only. It"
    " holds everything else that happened there to one group and not to the other (local shocks),"
    " so that differences between places are not differences of the programme's effect alone."
    " Places in which a group has too few members have no row of their own effect. In places with"
    " few clusters all sign vectors are taken instead of draws, so that p can take few values.",
    es="Lugares. El efecto de cada lugar se lee solo frente al grupo de comparación del mismo"
    " lugar. Contiene todo lo demás que allí le ocurrió a un grupo y no al otro (choques locales),"
    " de modo que las diferencias entre lugares no son solo diferencias del efecto del programa."
    " Los lugares en que un grupo tiene muy pocos miembros no tienen fila de efecto propio. En"
    " lugares con pocos conglomerados se toman todos los vectores de signos en vez de réplicas, de"
    " modo que p puede tomar pocos valores.",
)
RANGE = Text(en="{low} to {high}", es="{low} a {high}")
SPREAD = Text(en="Spread of changes", es="Dispersión de los cambios")
SPREAD_ANYWAY = Text(
    en="Changes of {clusters} spread without any programme as well; their spread is not the spread"
    " of effects.",
    es="Los cambios de los {clusters} también se dispersan sin ningún programa; su dispersión no es"
    " la dispersión de los efectos.",
)
SPREAD_RATIO = Text(
    en="Interval of the ratio: {how}; one that holds 1 is compatible with equal spread.",
    es="Intervalo de la razón: {how}; uno que contiene el 1 es compatible con igual dispersión.",
)
SPREAD_OF_EFFECTS = Text(
    en="If the treatment group would have spread like the comparison group, the SD of effects lies"
    " in the range shown, whatever effects have to do with the changes that would have come"
    " anyway; the range has no sampling interval.",
    es="Si el grupo de intervención se hubiera dispersado como el de comparación, la DE de los"
    " efectos está en el rango que se muestra, tengan o no que ver los efectos con los cambios que"
    " habrían llegado de todos modos; el rango no tiene intervalo de muestreo.",
)

# Exposure
EXPOSED = Text(
    en="Exposed. Who said so when interviewed: {named}. Where nobody was asked at baseline, nobody"
    " had been exposed. First stage: the change of that share in the treatment group less its"
    " change in the comparison group.",
    es="Expuestas. Quienes lo dijeron en la entrevista: {named}. Donde a nadie se le preguntó en"
    " línea de base, nadie había estado expuesto. Primera etapa: el cambio de ese porcentaje en el"
    " grupo de intervención menos su cambio en el grupo de comparación.",
)
EXPOSURE_HIDDEN = Text(
    en="{outcome}: how much exposure differs between the groups is not shown.",
    es="{outcome}: no se muestra cuánto difiere la exposición entre los grupos.",
)
