"""Notes and sentences of the tables of ranges and of unequal trends, in English and Spanish."""

from evaluation.spec.load import Text

# Ranges
RANGES = Text(
    en="Ranges. Everything that the effect can be if the row's assumption holds; a wide range says"
    " that the data leave much open, not that anything happened. Where nobody lacks an answer, both"
    " ends are the estimate.",
    es="Rangos. Todo lo que puede ser el efecto si se cumple el supuesto de la fila; un rango ancho"
    " dice que los datos dejan mucho abierto, no que algo haya ocurrido. Donde a nadie le falta una"
    " respuesta, ambos extremos son la estimación.",
)
INTERVALS = Text(en="Intervals", es="Intervalos")
DIRECTION = Text(en="Direction", es="Dirección")
DIRECTION_RULE = Text(
    en="Difference-in-differences minus the estimate given the baseline level is \N{MINUS SIGN}(1"
    " \N{MINUS SIGN} slope) \N{MULTIPLICATION SIGN} the gap at baseline, plus what the two"
    " regressions' weights differ by.",
    es="Diferencias en diferencias menos la estimación dado el nivel de línea de base es"
    " \N{MINUS SIGN}(1 \N{MINUS SIGN} pendiente) \N{MULTIPLICATION SIGN} la brecha en línea de"
    " base, más aquello en que difieren las ponderaciones de las dos regresiones.",
)
DIRECTION_OF = Text(
    en="{outcome}: {difference} {unit}, from a slope of {slope}, a gap of {gap} and weights"
    " {weights}.",
    es="{outcome}: {difference} {unit}, por una pendiente de {slope}, una brecha de {gap} y"
    " ponderaciones {weights}.",
)
DIRECTION_CORRECTED = Text(
    en="{outcome}: {difference} {unit}, from a slope of {slope}, a gap of {gap} and weights"
    " {weights} (reliability of the baseline means {share}).",
    es="{outcome}: {difference} {unit}, por una pendiente de {slope}, una brecha de {gap} y"
    " ponderaciones {weights} (confiabilidad de las medias de línea de base {share}).",
)
FOUND_AGAIN = Text(en="Found again", es="Encontradas de nuevo")
SHARES = Text(
    en="{outcome}: {treated} of the treatment group and {comparison} of the comparison group at"
    " baseline; the bounds trim {of_treated} and {of_comparison} of those.",
    es="{outcome}: el {treated} del grupo de intervención y el {comparison} del grupo de"
    " comparación en línea de base; las cotas recortan de ellas el {of_treated} y el"
    " {of_comparison}.",
)
NO_RANGE = Text(
    en="{outcome}: no range can be had; the reasons stand in the table.",
    es="{outcome}: no se puede tener ningún rango; los motivos están en la tabla.",
)
RANGE_OF_EFFECTS = Text(
    en="{outcome}, range of effects: {said}. With what stands around them, {zero} of {n} hold"
    " zero.",
    es="{outcome}, rango de efectos: {said}. Con lo que hay alrededor, contienen el cero {zero} de"
    " {n}.",
)
RANGE_OF = Text(en="{name}, {interval} {unit}", es="{name}, {interval} {unit}")

# Unequal trends
M = Text(
    en="M. The largest difference, in the unit of the outcome, between the changes that the two"
    " groups would have had without the programme. Two rounds cannot show it. Breakdown value of"
    " the interval: the least M at which the interval widened by M holds zero; 0 where it holds"
    " zero with parallel trends. Breakdown value of the estimate: the M that would explain all of"
    " it.",
    es="M. La mayor diferencia, en la unidad del resultado, entre los cambios que los dos grupos"
    " habrían tenido sin el programa. Dos rondas no pueden mostrarla. Valor de ruptura del"
    " intervalo: el menor M con que el intervalo ampliado en M contiene el cero; 0 donde contiene"
    " el cero con tendencias paralelas. Valor de ruptura de la estimación: el M que la explicaría"
    " toda.",
)
TWO_INTERVALS = Text(
    en="Intervals. Widened: the primary interval moved out by M on each side (Manski and Pepper"
    " 2018). Fixed length: as short as a bias of at most M allows, with the standard error of CV3"
    " (Armstrong and Kolesár 2018).",
    es="Intervalos. Ampliado: el intervalo primario corrido en M hacia cada lado (Manski y Pepper"
    " 2018). De longitud fija: tan corto como lo permite un sesgo de M como máximo, con el error"
    " estándar CV3 (Armstrong y Kolesár 2018).",
)
YARDSTICKS = Text(en="Yardsticks", es="Patrones de comparación")
YARDSTICKS_ARE = Text(
    en="Differences where no programme can be the reason. They say what is plausible, not what"
    " happened: places may differ more than groups of places do. The spread between places holds"
    " chance as well; where chance explains all of it, the corrected one is 0 and bounds nothing.",
    es="Diferencias de las que ningún programa puede ser el motivo. Dicen qué es verosímil, no qué"
    " ocurrió: los lugares pueden diferir más que los grupos de lugares. La dispersión entre"
    " lugares contiene también el azar; donde el azar la explica toda, la corregida es 0 y no acota"
    " nada.",
)
YARDSTICK_ENDS = Text(
    en="The interval of M says how large each could be by chance; the widened and the fixed-length"
    " interval take M itself. Of a spread it is that of a standard deviation of places drawn from"
    " one normal distribution, without what chance explains at both ends where that is taken out."
    " The largest difference has none.",
    es="El intervalo de M dice qué tan grande pudo ser cada uno por azar; el intervalo ampliado y"
    " el de longitud fija toman el M mismo. El de una dispersión es el de una desviación estándar"
    " de lugares tomados de una misma distribución normal, sin lo que explica el azar en ambos"
    " extremos donde este se resta. La mayor diferencia no tiene.",
)
DRIFTS = Text(
    en="The drift of another outcome, carried over in SD of the changes of places, need not be that"
    " of this one. Its interval is Welch's, between the places of the two groups, with both SD as"
    " found; the trend itself stands with the test of trends before the start.",
    es="La deriva de otro resultado, trasladada en DE de los cambios de los lugares, no tiene que"
    " ser la de este. Su intervalo es el de Welch, entre los lugares de los dos grupos, con ambas"
    " DE como se encontraron; la tendencia misma está con la prueba de tendencias previas al"
    " inicio.",
)
DRIFT = Text(
    en="{label}: {drift} SD of the changes of places.",
    es="{label}: {drift} DE de los cambios de los lugares.",
)
