"""Templates of the plain-language readings of estimates, in English and Spanish."""

from collections.abc import Mapping
from typing import Literal

from evaluation.report.conclusions import Direction
from evaluation.report.worded import worded
from evaluation.spec.load import Text

Adjusted = Literal["not asked", "no", "yes"]
Compared = Literal["larger", "same", "smaller"]

JUDGED = Text(
    en="{label}: {conclusion}{direction}. {found}. {why}"
    " (smallest effect that matters: {smallest}).",
    es="{label}: {conclusion}{direction}. {found}. {why} (efecto mínimo de interés: {smallest}).",
)
FOUND = Text(
    en="The estimate is {amount} ({interval})", es="La estimación es de {amount} ({interval})"
)
FOUND_AND_MORE = Text(en="{found}; {rest}", es="{found}; {rest}")
NO_DETECTABLE = Text(
    en="{label}: no detectable effect, and no proof that there is none ({interval}); {rest}.",
    es="{label}: ningún efecto detectable, ni prueba de que no lo haya ({interval}); {rest}.",
)
EXCLUDES = Text(
    en="{label}: the interval excludes zero{direction}: estimate {amount} ({interval}){tested}.",
    es="{label}: el intervalo excluye el cero{direction}: estimación de {amount}"
    " ({interval}){tested}.",
)
NOT_COMPATIBLE = Text(
    en="the data are not compatible with effects below {low} or above {high}",
    es="los datos no son compatibles con efectos por debajo de {low} ni por encima de {high}",
)
RULES_NOTHING_OUT = Text(
    en="the data rule out no size of effect on at least one side",
    es="los datos no descartan ningún tamaño de efecto en al menos un sentido",
)
INTERVALS = {
    "alone": Text(en="{level} interval {bounds}", es="intervalo del {level}: {bounds}"),
    "simultaneous": worded("interval.simultaneous", level="{level}", bounds="{bounds}"),
}
DIRECTIONS: Mapping[Direction, Text] = {
    "desired": Text(en=", in the desired direction", es=", en la dirección deseada"),
    "not desired": Text(
        en=", against the desired direction", es=", en contra de la dirección deseada"
    ),
    "no desired direction": Text(en="", es=""),
}
SHORT_DIRECTIONS: Mapping[Direction, Text] = {
    **DIRECTIONS,
    "desired": Text(en=", desired direction", es=", dirección deseada"),
}
ADJUSTED: Mapping[Adjusted, Text] = {
    "not asked": Text(
        en=", not adjusted for the number of outcomes",
        es=", sin ajuste por el número de resultados",
    ),
    "no": worded("reading.not-adjusted"),
    "yes": worded("reading.adjusted"),
}
POWER = Text(
    en="The effect that a test of one outcome alone would have detected four times in five is"
    " {compared}. By the simultaneous interval it takes more.",
    es="El efecto que una prueba de un solo resultado habría detectado cuatro de cada cinco"
    " veces es"
    " {compared}. Con el intervalo simultáneo hace falta más.",
)
COMPARED: Mapping[Compared, Text] = {
    "larger": Text(
        en="larger than the smallest effect that matters for {outcomes}",
        es="mayor que el efecto mínimo de interés en {outcomes}",
    ),
    "same": Text(
        en="about the same as the smallest effect that matters for {outcomes}",
        es="casi igual al efecto mínimo de interés en {outcomes}",
    ),
    "smaller": Text(
        en="smaller than the smallest effect that matters for {outcomes}",
        es="menor que el efecto mínimo de interés en {outcomes}",
    ),
}
AGAINST = Text(en="{outcome} ({mde} against {matters})", es="{outcome} ({mde} frente a {matters})")
MISSED = Text(
    en=" An effect that matters can therefore stay undetected.",
    es=" Por eso puede quedar sin detectarse un efecto de interés.",
)
