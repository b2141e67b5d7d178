"""Templates of the notes that stand under many exhibits, in English and Spanish."""

from collections.abc import Mapping
from typing import Literal

from evaluation.spec.load import Text

Bootstrap = Literal["wcr", "wcr_s"]

PLAN = Text(en="Plan", es="Plan")
STATUS = Text(en="Status of these rows: {statuses}.", es="Estado de estas filas: {statuses}.")
MADE_FROM = Text(en="Made from", es="Elaborado con")
HASHES = Text(
    en="Plan {plan}, data {data}, version {version}.",
    es="Plan {plan}, datos {data}, versión {version}.",
)
NOT_LOCKED = Text(en="Not locked yet.", es="Aún sin fijar.")
REGISTRY = Text(en="Registry: {registry}.", es="Registro: {registry}.")
LOCKED_BEFORE = Text(
    en="Locked {date}, before endline data had been seen.",
    es="Fijado el {date}, antes de ver los datos de línea final.",
)
LOCKED_AFTER = Text(
    en="Locked {date}, after endline data had been seen.",
    es="Fijado el {date}, después de ver los datos de línea final.",
)
CITED = Text(
    en="{mark}{study}. {code}, {id}: {title}. Version {version} ({year}), data {data}.",
    es="{mark}{study}. {code}, {id}: {title}. Versión {version} ({year}), datos {data}.",
)

INFERENCE = Text(en="Inference", es="Inferencia")
BOOTSTRAPS: Mapping[Bootstrap, Text] = {
    "wcr_s": Text(
        en="p and {level} interval: wild cluster bootstrap with jackknifed scores (WCR-S), null"
        " imposed, {draws}",
        es="p e intervalo del {level}: bootstrap salvaje por conglomerados con puntajes jackknife"
        " (WCR-S), hipótesis nula impuesta, {draws}",
    ),
    "wcr": Text(
        en="p and {level} interval: wild cluster bootstrap (WCR), null imposed, {draws}",
        es="p e intervalo del {level}: bootstrap salvaje por conglomerados (WCR), hipótesis nula"
        " impuesta, {draws}",
    ),
}
PERMUTED = Text(
    en="Permutation: randomisation inference on the studentised statistic, at most {n} permutations"
    " of whole clusters; as if treatment had been drawn, and its interval for an effect that is the"
    " same everywhere. {error}",
    es="Permutación: inferencia por aleatorización con el estadístico estudentizado, con un máximo"
    " de {n} permutaciones de conglomerados enteros; como si la intervención se hubiera sorteado,"
    " y con un intervalo para un efecto que es igual en todas partes. {error}",
)
PERMUTED_INSIDE = Text(
    en="Permutation: randomisation inference on the studentised statistic, at most {n} permutations"
    " of whole clusters inside {strata}; as if treatment had been drawn, and its interval for an"
    " effect that is the same everywhere. {error}",
    es="Permutación: inferencia por aleatorización con el estadístico estudentizado, con un máximo"
    " de {n} permutaciones de conglomerados enteros dentro de cada {strata}; como si la"
    " intervención se hubiera sorteado, y con un intervalo para un efecto que es igual en todas"
    " partes. {error}",
)
BIAS_REDUCED = Text(
    en="CR2: bias-reduced standard errors, Satterthwaite degrees of freedom.",
    es="CR2: errores estándar con reducción del sesgo, grados de libertad de Satterthwaite.",
)
KINDS = Text(en="Kind of interval: {kinds}.", es="Tipo de intervalo: {kinds}.")
ALL_SIGNS = Text(
    en="all vectors of signs instead of draws (complete enumeration): no simulation error.",
    es="todos los vectores de signos en lugar de réplicas (enumeración completa): sin error de"
    " simulación.",
)
DRAWS = Text(
    en="{n} {law} draws. {error}",
    es="{n} réplicas con pesos de {law}. {error}",
)
DRAWS_OR_SIGNS = Text(
    en="{n} {law} draws (all vectors of signs, without simulation error, where they are fewer)."
    " {error}",
    es="{n} réplicas con pesos de {law} (todos los vectores de signos, sin error de simulación,"
    " cuando son menos). {error}",
)
ALL_ASSIGNMENTS = Text(
    en="All assignments (complete enumeration): no simulation error.",
    es="Todas las asignaciones (enumeración completa): sin error de simulación.",
)
MONTE_CARLO = Text(
    en="Monte Carlo standard error: at most {p} on p and {bounds} standard errors on a bound.",
    es="Error estándar de Monte Carlo: como máximo {p} en p y {bounds} errores estándar en un"
    " límite.",
)

NOT_ADJUSTED = Text(
    en="Rows without one are not adjusted by the plan.",
    es="El plan no ajusta las filas que no lo tienen.",
)
CV3 = Text(en="CV3", es="CV3")
JACKKNIFE = Text(
    en="Standard error (SE) of the cluster jackknife, with its own t(G \N{MINUS SIGN} 1) interval,"
    " for readers who compute estimate \N{PLUS-MINUS SIGN} 2 standard errors.",
    es="Error estándar (EE) del jackknife por conglomerados, con su propio intervalo"
    " t(G \N{MINUS SIGN} 1), para quienes calculan la estimación \N{PLUS-MINUS SIGN} 2 errores"
    " estándar.",
)
SHARPENED = Text(en="Sharpened q", es="Valor q afinado")
SMALLEST_SHARE = Text(
    en="The smallest share of false discoveries at which an outcome would count as one (Anderson"
    " 2008, two stages). It is a share among outcomes and no p-value: it can be smaller than p.",
    es="La menor proporción de falsos descubrimientos con la que un resultado contaría como"
    " descubrimiento (Anderson 2008, dos etapas). Es una proporción entre resultados y no un valor"
    " p: puede ser menor que p.",
)
MDE = Text(en="MDE", es="EMD")
REALISED = Text(
    en="Realised: 2.8 \N{MULTIPLICATION SIGN} the standard error that the statistic is divided by,"
    " the effect that this estimate had 80% power to detect.",
    es="Realizado: 2,8 \N{MULTIPLICATION SIGN} el error estándar que divide al estadístico, el"
    " efecto que esta estimación podía detectar con una potencia del 80\N{NO-BREAK SPACE}%.",
)
DESIGNED = Text(
    en="Closed form at the realised ICC: the formula for equally weighted clusters and fresh"
    " cross-sections, at the observed intra-cluster correlation (ICC) and cluster autocorrelation;"
    " it has no value for other weights or with covariates. The MDE of the design is the plan's.",
    es="Fórmula cerrada con el CCI realizado: la de conglomerados con igual peso y cortes"
    " transversales nuevos, con la correlación intraconglomerado (CCI) y la autocorrelación de los"
    " conglomerados observadas; no tiene valor con otras ponderaciones ni con covariables. El EMD"
    " del diseño es el del plan.",
)
ICC = Text(en="ICC", es="CCI")
BELOW_ZERO = Text(
    en="The estimate is printed as it is. One below zero is sampling error around a value close to"
    " zero; the closed form of the MDE counts it as 0.",
    es="La estimación se imprime tal cual. Una por debajo de cero es error de muestreo alrededor de"
    " un valor cercano a cero; la fórmula cerrada del EMD la cuenta como 0.",
)
TYPES = Text(en="Type S and M", es="Tipos S y M")
WRONG_SIGN = Text(
    en="If the true effect is the smallest that matters: the chance that an estimate that differs"
    " from zero in a 5% test has the wrong sign (S), and the factor by which such estimates"
    " exaggerate it on average (M).",
    es="Si el efecto verdadero es el mínimo de interés: la probabilidad de que una estimación"
    " distinta de cero en una prueba al 5\N{NO-BREAK SPACE}% tenga el signo equivocado (S), y el"
    " factor en que esas estimaciones lo exageran en promedio (M).",
)
SIGNS = Text(en="Signs", es="Signos")
SIGN = Text(
    en="Effects keep the sign of their own unit: + is more of what the outcome measures, whether or"
    " not that is desired. pp: percentage points, the difference of two percentages; not percent.",
    es="Los efectos conservan el signo de su unidad: + es más de lo que mide el resultado, sea o no"
    " lo deseado. pp: puntos porcentuales, la diferencia de dos porcentajes; no es un porcentaje.",
)
DOWNLOADS = Text(en="Downloads", es="Descargas")
ALSO_HOLD = Text(en="They also hold: {columns}.", es="También contienen: {columns}.")
SAMPLE = Text(en="Sample", es="Muestra")
SAMPLED = Text(
    en="Interviews (and {clusters}), over the outcomes shown.",
    es="Entrevistas (y {clusters}), en los resultados que se muestran.",
)
FILTERED = Text(
    en="Rests on a filter question, so on the people it lets through only (as victims): {outcome}.",
    es="Depende de una pregunta filtro, así que solo de las personas que la pasan (como las"
    " víctimas): {outcome}.",
)
SPAN = Text(en="{low} to {high}", es="{low} a {high}")
NOTE = Text(en="Note", es="Nota")
CONDITION = Text(en="Condition", es="Condición")
CHANGED_ALIKE = Text(
    en="An effect here is the effect of the programme only if, without it, both groups would have"
    " changed alike. Two rounds cannot show that.",
    es="Un efecto de esta tabla es el efecto del programa solo si, sin él, los dos grupos habrían"
    " cambiado igual. Dos rondas no pueden mostrarlo.",
)
