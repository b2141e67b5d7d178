"""Words of the comparison with published estimates and of the series' tests, in two languages."""

from collections.abc import Mapping

from evaluation.spec.load import Text

PUBLISHED = Text(en="Published", es="Publicado")
READ_ONLY = Text(
    en="Read only for this comparison; ours is computed from the data in this run.",
    es="Se leen solo para esta comparación; lo nuestro se calcula con los datos en esta corrida.",
)
MODEL_SOURCE = Text(en="Source of the model: {source}.", es="Fuente del modelo: {source}.")
LARGEST = Text(
    en="Largest difference. Over estimate, standard error and degrees of freedom (df).",
    es="Mayor diferencia. Entre estimación, error estándar y grados de libertad (gl).",
)
OVER_ALL = Text(en="Largest over all outcomes", es="La mayor entre todos los resultados")

CAUTION = Text(
    en="Caution. A test of the trend before the start that does not reject is not proof of parallel"
    " trends: read the interval, which says how large a difference the series allows.",
    es="Precaución. Que una prueba de la tendencia antes del inicio no rechace no demuestra que las"
    " tendencias sean paralelas: lea el intervalo, que dice qué tan grande es la diferencia que la"
    " serie admite.",
)
TESTS: Mapping[str, Text] = {
    "pre_trend": Text(
        en="Difference of linear trends before the start",
        es="Diferencia de tendencias lineales antes del inicio",
    ),
    "placebo": Text(
        en="Difference-in-differences of a series the programme cannot move",
        es="Diferencias en diferencias de una serie que el programa no puede mover",
    ),
}
PER = Text(en=" per ", es=" por ")
AND = Text(en=" and ", es=" y ")
SERIES_UNIT = Text(en="{name} {unit}", es="{name} {unit}")
CHANGE_PER = Text(en="{level}; change per {period}", es="{level}; cambio por {period}")
PERIODS: Mapping[str, Text] = {
    "quarter": Text(en="quarter", es="trimestre"),
    "year": Text(en="year", es="año"),
    "month": Text(en="month", es="mes"),
}
