"""Templates of the table of calibration, in English and Spanish."""

from evaluation.spec.load import Text

OR, AND = Text(en=" or ", es=" o "), Text(en=" and ", es=" y el ")
NO_DATA_SETS = Text(en="No", es="Ningún")
CALIBRATION = Text(en="Calibration", es="Calibración")
MADE = Text(
    en="{number} data sets of each kind, made from this study's own two-round residuals, in which"
    " the programme did nothing: a method that holds its promise rejects 5% of them at the 5% line"
    " and 10% at the 10% line. In each data set p comes from {draws} bootstrap draws or"
    " permutations.",
    es="{number} conjuntos de datos de cada tipo, hechos con los residuos de las dos rondas de este"
    " estudio, en los que el programa no hizo nada: un método que cumple lo que promete rechaza el"
    " 5\N{NO-BREAK SPACE}% de ellos con el límite del 5\N{NO-BREAK SPACE}% y el"
    " 10\N{NO-BREAK SPACE}% con el del 10\N{NO-BREAK SPACE}%. En cada conjunto, p sale de {draws}"
    " réplicas de bootstrap o permutaciones.",
)
PERMUTED = Text(en="Treatment permuted", es="Intervención permutada")
GIVEN_ANEW = Text(
    en="Treatments are given anew to whole clusters within strata. Permutation inside the same"
    " strata is exact here by construction. The bootstraps draw one sign for each cluster and"
    " ignore strata, so these data are not made as they assume: a rate of theirs that is a little"
    " off the line can come from this alone.",
    es="Las intervenciones se asignan de nuevo a conglomerados enteros dentro de los estratos. La"
    " permutación dentro de los mismos estratos es aquí exacta por construcción. Los bootstraps"
    " sortean un signo por conglomerado y no tienen en cuenta los estratos, así que estos datos no"
    " se hicieron como ellos suponen: una tasa suya un poco fuera del límite puede venir solo de"
    " eso.",
)
FLIPPED = Text(en="Signs flipped", es="Signos invertidos")
COMMON_SIGN = Text(
    en="Each cluster's residuals get a common random sign and keep their group, so that unequal"
    " spread of the groups stays; changes that are skewed become symmetric, which favours the"
    " bootstraps.",
    es="Los residuos de cada conglomerado reciben un mismo signo al azar y conservan su grupo, así"
    " que se mantiene la dispersión desigual de los grupos; los cambios asimétricos se vuelven"
    " simétricos, lo que favorece a los bootstraps.",
)
LIMITS = Text(en="Limits", es="Alcance")
NOT_TRENDS = Text(
    en="This is about the errors of a test where nothing happened, in data like these; it says"
    " nothing about parallel trends.",
    es="Esto trata de los errores de una prueba cuando no ocurrió nada, en datos como estos; nada"
    " dice de las tendencias paralelas.",
)
MANY_RATES = Text(en="Many rates", es="Muchas tasas")
FAR_BY_CHANCE = Text(
    en="Of the {rates} rates in the table, {far} lie further from their line than two Monte Carlo"
    " errors; about {expected} would by chance if every method held its promise. Rates of one"
    " outcome come from the same data sets, so they move together and several can be off at once.",
    es="De las {rates} tasas de la tabla, {far} están a más de dos errores de Monte Carlo de su"
    " límite; por azar lo estarían unas {expected} si todos los métodos cumplieran. Las tasas de un"
    " resultado salen de los mismos conjuntos de datos, así que se mueven juntas y varias pueden"
    " desviarse a la vez.",
)
MORE_THAN_CHANCE = Text(
    en="So many more than chance brings can also come from the method or from how the data were"
    " made, as said below.",
    es="Tantas más de las que trae el azar pueden deberse también al método o a cómo se hicieron"
    " los datos, como se dice abajo.",
)
PRIMARY_METHOD = Text(en="Primary method", es="Método primario")
BEYOND_CHANCE = Text(
    en="Beyond chance: further than {limit} Monte Carlo errors, the Bonferroni limit of {looks}"
    " looks. The errors counted here are those of a rate that is exactly at its line.",
    es="Más allá del azar: a más de {limit} errores de Monte Carlo, el límite de Bonferroni para"
    " {looks} comparaciones. Los errores que se cuentan aquí son los de una tasa que está justo en"
    " su límite.",
)
NOT_CALIBRATED = Text(
    en="{label}: {method} could not be calibrated at the {nominal} line.",
    es="{label}: {method} no se pudo calibrar con el límite del {nominal}.",
)
RATE = Text(en="{rate} (error {error}; {null})", es="{rate} (error {error}; {null})")
REJECTS = Text(
    en="{label}: where nothing happened, {method} rejects {rates} at the {nominal} line. {far}",
    es="{label}: cuando no ocurrió nada, {method} rechaza el {rates} con el límite del {nominal}."
    " {far}",
)
ALL_NEAR = Text(
    en="All its {n} rates are within two Monte Carlo errors of their lines.",
    es="Todas sus {n} tasas están a menos de dos errores de Monte Carlo de sus límites.",
)
NOT_BEYOND = Text(
    en="The furthest of its {n} rates is {rate} at the {nominal} line ({null}), {errors} Monte"
    " Carlo errors from it: not beyond chance among the {looks} rates of this method.",
    es="La más lejana de sus {n} tasas es del {rate} con el límite del {nominal} ({null}), a"
    " {errors} errores de Monte Carlo: no está más allá del azar entre las {looks} tasas de este"
    " método.",
)
TOO_OFTEN = Text(
    en="The furthest of its {n} rates is {rate} at the {nominal} line ({null}), {errors} Monte"
    " Carlo errors from it: beyond chance among the {looks} rates of this method. It rejects too"
    " often.",
    es="La más lejana de sus {n} tasas es del {rate} con el límite del {nominal} ({null}), a"
    " {errors} errores de Monte Carlo: está más allá del azar entre las {looks} tasas de este"
    " método. Rechaza con demasiada frecuencia.",
)
TOO_SELDOM = Text(
    en="The furthest of its {n} rates is {rate} at the {nominal} line ({null}), {errors} Monte"
    " Carlo errors from it: beyond chance among the {looks} rates of this method. It rejects too"
    " seldom.",
    es="La más lejana de sus {n} tasas es del {rate} con el límite del {nominal} ({null}), a"
    " {errors} errores de Monte Carlo: está más allá del azar entre las {looks} tasas de este"
    " método. Rechaza con muy poca frecuencia.",
)
