"""Words of the tables of the dictionary and of the plan's lock, in English and Spanish."""

from collections.abc import Mapping

from evaluation.spec.load import Text

# By `dictionary.Kind`.
TYPES: Mapping[str, Text] = {
    "id": Text(en="id", es="identificador"),
    "text": Text(en="text", es="texto"),
    "binary": Text(en="binary", es="binaria"),
    "nominal": Text(en="nominal", es="nominal"),
    "ordinal": Text(en="ordinal", es="ordinal"),
    "count": Text(en="count", es="conteo"),
    "number": Text(en="number", es="número"),
    "date": Text(en="date", es="fecha"),
    "datetime": Text(en="datetime", es="fecha y hora"),
}
# Units that dictionaries commonly name; another stands as the dictionary writes it.
UNITS: Mapping[str, Text] = {
    "activities": Text(en="activities", es="actividades"),
    "adults": Text(en="adults", es="personas adultas"),
    "cases": Text(en="cases", es="casos"),
    "Colombian pesos": Text(en="Colombian pesos", es="pesos colombianos"),
    "hectares": Text(en="hectares", es="hectáreas"),
    "minutes": Text(en="minutes", es="minutos"),
    "people": Text(en="people", es="personas"),
    "per 1,000": Text(en="per 1,000", es="por 1.000"),
    "per 100,000": Text(en="per 100,000", es="por 100.000"),
    "percent": Text(en="percent", es="por ciento"),
    "points": Text(en="points", es="puntos"),
    "SD": Text(en="SD", es="DE"),
    "times": Text(en="times", es="veces"),
    "years": Text(en="years", es="años"),
}
TYPE_WITH_UNIT = Text(en="{type} ({unit})", es="{type} ({unit})")
ANY_VALUE = Text(en="any {type}", es="cualquier valor ({type})")
BLANK = Text(en="blank: {kind}", es="en blanco: {kind}")
MISSING_CODES = Text(en="missing codes by kind", es="códigos de faltante por tipo")
ORIGIN = Text(en="source of the question", es="fuente de la pregunta")

REGISTRY = Text(en="Registry: {}.", es="Registro: {}.")
NUMBER = Text(en="Number: {}.", es="Número: {}.")
ADDRESS = Text(en="Address: {}.", es="Dirección: {}.")
WRITTEN_BEFORE = Text(
    en="{registered} Written before endline data had been seen. {note}",
    es="{registered} Escrito antes de ver los datos de línea final. {note}",
)
WRITTEN_AFTER = Text(
    en="{registered} Written after endline data had been seen. {note}",
    es="{registered} Escrito después de ver los datos de línea final. {note}",
)
NOT_YET = Text(en="not yet", es="aún no")
NOT_LOCKED = Text(en="Not locked.", es="Sin fijar.")
NO_HASH = Text(en="none", es="ninguna")
RESULT = Text(en="Result", es="Resultado")
NO_DEVIATION = Text(
    en="There is no deviation from the locked plan.",
    es="No hay ninguna desviación del plan fijado.",
)
