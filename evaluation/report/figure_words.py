"""Fixed words of the figures, in English and Spanish: axes, legends, alternative texts."""

from collections.abc import Mapping

from evaluation.spec.load import Text

# What stands before the alternative text of a figure of invented or scrambled data, by its mark.
MARKED = Text(en="{} DATA.", es="DATOS {}.")
MARKS: Mapping[str, Text] = {
    "SYNTHETIC": Text(en="SYNTHETIC", es="SINTÉTICOS"),
    "BLINDED": Text(en="BLINDED", es="CEGADOS"),
}
NOT_AVAILABLE = Text(en="not available", es="no disponible")


# Effects
SIDES = Text(
    en="Left: in SD of the comparison group at baseline.\nRight: in the unit of each outcome,"
    " each on its own axis.",
    es="Izquierda: en DE del grupo de comparación en línea de base.\nDerecha: en la unidad de cada"
    " resultado, cada uno en su propio eje.",
)
OWN_IS_SD = Text(
    en="its own unit is the SD at the left",
    es="su propia unidad es la DE de la izquierda",
)
MDE_BESIDE = Text(en="MDE {}", es="EMD {}")
DOT_AND_LINE = Text(en="effect with its {level} interval", es="efecto con su intervalo del {level}")
GREY_IS = Text(
    en="grey: effects smaller than the smallest that matters",
    es="gris: efectos menores que el efecto mínimo de interés",
)
SCALE = Text(
    en="Scale. Left: effects divided by the standard deviation of the comparison group at baseline,"
    " on one axis. Right: the same effects in the unit of each outcome, each on an axis of its own,"
    " so that lengths of different outcomes do not compare there. pp: percentage points.",
    es="Escala. A la izquierda: efectos divididos por la desviación estándar del grupo de"
    " comparación en línea de base, en un solo eje. A la derecha: los mismos efectos en la unidad"
    " de cada resultado, cada uno en su propio eje, así que allí no se comparan longitudes de"
    " resultados distintos. pp: puntos porcentuales.",
)
HATCHED = Text(
    en="hatched: up to the realised MDE, which a test of this outcome alone detects four"
    " times in five",
    es="rayado: hasta el EMD realizado, que una prueba de ese solo resultado detecta cuatro"
    " de cada cinco veces",
)
HATCHED_SAID = Text(
    en=" Realised MDE: {mde} {unit}.",
    es=" EMD realizado: {mde} {unit}.",
)
IN_SD_SAID = Text(
    en=" In SD of the comparison group at baseline: {effect} ({interval}), realised MDE {mde}.",
    es=" En DE del grupo de comparación en línea de base: {effect} ({interval}), EMD realizado"
    " {mde}.",
)
HATCHED_NOTE = Text(
    en="MDE. Hatched: effects up to the realised minimum detectable effect (power 80%), from the"
    " standard error of each row. Where it reaches beyond the grey, the study can miss effects that"
    " matter.",
    es="EMD. Rayado: efectos hasta el efecto mínimo detectable realizado (potencia del 80 %), según"
    " el error estándar de cada fila. Donde llega más allá del gris, el estudio puede pasar por"
    " alto efectos que importan.",
)
ABSENT = Text(en="{outcome}: not available.", es="{outcome}: no disponible.")
EFFECTS_ALT = Text(
    en="Dots with intervals, one panel per outcome in SD and, where its unit is another, one beside"
    " it in that unit. {said}",
    es="Puntos con intervalos, un panel por resultado en DE y, donde su unidad es otra, uno al lado"
    " en esa unidad. {said}",
)

# Levels
BARS = Text(
    en="Bars. Mean \N{PLUS-MINUS SIGN} {times} standard errors of the sampling design, each mean by"
    " itself: how far it may be off because not everybody was interviewed. How much places differ"
    " is in the interval of the effect alone, so bars do not decide whether a change differs. The"
    " vertical axis does not begin at zero.",
    es="Barras. Media \N{PLUS-MINUS SIGN} {times} errores estándar del diseño muestral, cada media"
    " por sí sola: cuánto puede desviarse porque no se entrevistó a todas las personas. Cuánto"
    " difieren los lugares entra solo en el intervalo del efecto, así que las barras no deciden si"
    " un cambio difiere. El eje vertical no empieza en cero.",
)
LEVELS_ALT = Text(
    en="Lines between rounds, one panel per outcome and one line per group. {said}",
    es="Líneas entre rondas, un panel por resultado y una línea por grupo. {said}",
)

# Inference methods
PRIMARY_METHOD = Text(en="{method} (primary)", es="{method} (primario)")

# Specification curve

# Groups
DESCRIPTIVE = Text(en="{trait} (descriptive)", es="{trait} (descriptivo)")

# Places

# Unequal trends
TRENDS_AXIS = Text(
    en="M: largest difference between the groups' trends, in the unit of the panel",
    es="M: mayor diferencia entre las tendencias de los grupos, en la unidad del panel",
)
PANEL_EFFECT = Text(en="Effect, {unit}", es="Efecto, {unit}")
ESTIMATE_LINE = Text(
    en="Estimate; shaded: effects it may stand for at each M",
    es="Estimación; sombreado: efectos que puede representar con cada M",
)
WIDENED_LINE = Text(en="{level} interval widened by M", es="Intervalo del {level} ampliado en M")
FIXED_LINE = Text(
    en="{level} fixed-length interval, at the benchmarks",
    es="Intervalo del {level} de longitud fija, en los patrones de comparación",
)
BREAKDOWN_OF_INTERVAL = Text(
    en="Breakdown value of the interval (at 0: it holds zero anyway)",
    es="Valor de ruptura del intervalo (en 0: contiene el cero de todos modos)",
)
BREAKDOWN_OF_ESTIMATE = Text(
    en="Breakdown value of the estimate", es="Valor de ruptura de la estimación"
)
BREAKDOWN_WITH = Text(
    en="with {benchmark} (M {m}) {interval}", es="con {benchmark} (M {m}) {interval}"
)
BREAKDOWN_WIDENS = Text(en=" It widens to: {said}.", es=" Se amplía a: {said}.")
BREAKDOWN_ALT = Text(
    en="{outcome}: {level} interval {interval} {unit} with parallel trends.{widened} Breakdown"
    " value of the interval {breakdown} {unit}, of the estimate {point} {unit}.",
    es="{outcome}: intervalo del {level} con tendencias paralelas, {interval} {unit}.{widened}"
    " Valor de ruptura del intervalo {breakdown} {unit}, de la estimación {point} {unit}.",
)

# Covariates
LOVE_ABSENT = Text(
    en="{check}: not available, see the table", es="{check}: no disponible, véase la tabla"
)
LOVE_AXIS = Text(
    en="Treatment minus comparison group, in SD between treatment places\n"
    "(dotted: \N{PLUS-MINUS SIGN}{large}, usually called large)",
    es="Grupo de intervención menos grupo de comparación,\nen DE entre lugares de intervención\n"
    "(punteado: \N{PLUS-MINUS SIGN}{large}, que suele llamarse grande)",
)
LOVE_ALT = Text(
    en="Marks for the difference of each covariate between the groups, in SD. {rows}. {said}",
    es="Marcas para la diferencia de cada covariable entre los grupos, en DE. {rows}. {said}",
)
LOVE_EMPTY = Text(en="None can be drawn", es="No se puede trazar ninguna")
LOVE_ROW = Text(
    en="{covariate}: {before} as they are, {after}",
    es="{covariate}: {before} sin reponderar, {after}",
)

# Sample flow
FLOW_LINES: Mapping[str, Text] = {
    "sampled": Text(en="Sampled: {n}", es="En la muestra: {n}"),
    "set_aside": Text(en="Rejected by the office: {n}", es="Rechazadas por la oficina: {n}"),
    "delivered": Text(en="Delivered: {n}", es="Entregadas: {n}"),
    "left_out": Text(en="{n} left out: {why}", es="{n} excluidas: {why}"),
    "valid": Text(en="Valid: {n}", es="Válidas: {n}"),
    "valid_in": Text(
        en="Valid: {n} in {found} {clusters}", es="Válidas: {n} en {found} {clusters}"
    ),
}
IN_EVERY_ROUND = Text(
    en="{n} interviewed\nin every round", es="{n} entrevistadas\nen todas las rondas"
)
FLOW_ALT = Text(en="Boxes of the sample flow. {said}", es="Cajas del flujo de la muestra. {said}")

# Series and timeline
TREND_MARKS = Text(
    en="Marks. Shaded: mean \N{PLUS-MINUS SIGN} {times} standard errors. Dotted vertical lines:"
    " dates on which the cohorts entered.",
    es="Marcas. Sombreado: media \N{PLUS-MINUS SIGN} {times} errores estándar. Líneas verticales"
    " punteadas: fechas en que ingresaron las cohortes.",
)
QUARTER = Text(en="{year}Q{quarter}", es="{year}-T{quarter}")
TREND_LINE = Text(
    en="{series}, {arm}: from {first} in {start} to {last} in {end} ({unit}).",
    es="{series}, {arm}: de {first} en {start} a {last} en {end} ({unit}).",
)
TRENDS_ALT = Text(
    en="Lines over time, one per group, with vertical lines at entry. {said}",
    es="Líneas en el tiempo, una por grupo, con líneas verticales en el ingreso. {said}",
)
TIMELINE_KINDS: Mapping[str, Text] = {
    "survey round": Text(en="survey round", es="ronda de la encuesta"),
    "entry into the programme": Text(en="entry into the programme", es="ingreso al programa"),
    "event, both groups": Text(en="event, both groups", es="evento, ambos grupos"),
    "event, treated only": Text(en="event, treated only", es="evento, solo grupo de intervención"),
}
TIMELINE_DAY = Text(en="{label} ({kind}): {start}.", es="{label} ({kind}): {start}.")
TIMELINE_SPAN = Text(
    en="{label} ({kind}): {start} to {end}.", es="{label} ({kind}): {start} a {end}."
)
TIMELINE_ALT = Text(
    en="Bars and marks along a time axis. {said}",
    es="Barras y marcas a lo largo de un eje de tiempo. {said}",
)

# Map
MAP_NOTE = Text(
    en="Map. Schematic places: groups only, never a result of the survey.",
    es="Mapa. Ubicación esquemática: solo los grupos, nunca un resultado de la encuesta.",
)
MAP_COUNTS_NOTE = Text(
    en="Map. Data that are not invented: numbers by department instead of places, so that no"
    " comparison place can be found on it.",
    es="Mapa. Datos que no son inventados: números por departamento en lugar de ubicaciones, para"
    " que no se pueda encontrar en él ningún lugar de comparación.",
)
MAP_COUNTS_ALT = Text(
    en="Bars of the number of {clusters} by department and group. {said}",
    es="Barras del número de {clusters} por departamento y grupo. {said}",
)
MAP_ALT = Text(
    en="Points by group over the departments. {said}",
    es="Puntos por grupo sobre los departamentos. {said}",
)
