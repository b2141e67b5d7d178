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
    en="{outcome}, range of effects: {said}.", es="{outcome}, rango de efectos: {said}."
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
