"""Words of the sample flow, in English and Spanish."""

from collections.abc import Mapping

from evaluation.report.worded import worded
from evaluation.spec.load import Text

# By the step of `records.Flow`, and ``left_out``, the sum of all reasons.
FLOW_STEPS: Mapping[str, Text] = {
    "sampled": Text(
        en="Units sampled, eligible or possibly so",
        es="Unidades de la muestra, elegibles o posiblemente elegibles",
    ),
    "set_aside": Text(
        en="Submissions rejected by the office, set aside",
        es="Envíos rechazados por la oficina, apartados",
    ),
    "delivered": Text(en="Interviews delivered", es="Entrevistas entregadas"),
    "left_out": Text(en="Left out, all reasons", es="Excluidas, todos los motivos"),
    "dropped": Text(en="of which dropped", es="de ellas, eliminadas"),
    "dropped_by_correction": Text(
        en="of which dropped by a correction", es="de ellas, eliminadas por una corrección"
    ),
    "no_consent": Text(en="of which no consent", es="de ellas, sin consentimiento"),
    "under_age": Text(
        en="of which under the study's youngest age",
        es="de ellas, por debajo de la edad mínima del estudio",
    ),
    "excluded": Text(
        en="of which excluded by a study rule", es="de ellas, excluidas por una regla del estudio"
    ),
    "one_round": worded("flow.of-one-round"),
    "valid": Text(en="Valid interviews", es="Entrevistas válidas"),
    "panel_members": Text(
        en="of which interviewed in every round", es="de ellas, entrevistadas en todas las rondas"
    ),
    "linked": Text(
        en="of which interviewed in every round", es="de ellas, entrevistadas en todas las rondas"
    ),
}
REASONS: Mapping[str, Text] = {
    "no_consent": Text(en="no consent", es="sin consentimiento"),
    "under_age": Text(en="under age", es="menor de la edad mínima"),
    "excluded": Text(en="excluded by a study rule", es="excluida por una regla del estudio"),
    "one_round": worded("flow.one-round"),
}
STEP = Text(en="Step", es="Paso")
INTERVIEWS = Text(en="{arm}: interviews", es="{arm}: entrevistas")
CLUSTERS = Text(en="{arm}: {clusters}", es="{arm}: {clusters}")
# Of rows that belong to no declared group.
NO_GROUP = Text(en="No group", es="Sin grupo")
UNKNOWN = Text(en="unknown", es="desconocido")
# Over all groups, by round: what pages quote when somebody asks how many people were asked.
VALID = Text(en="Valid interviews: {rounds}.", es="Entrevistas válidas: {rounds}.")
IN_ROUND = Text(en="{n} ({round})", es="{n} ({round})")
HIDDEN = Text(
    en="a number that the disclosure rule withholds",
    es="un número que la regla de confidencialidad suprime",
)
WITH_IT = Text(
    en="{rule} A count from which a suppressed one could be worked out is suppressed with it, and a"
    " reason with no count that may be shown is named in words only.",
    es="{rule} Un conteo del que se podría deducir uno suprimido se suprime con él, y un motivo sin"
    " ningún conteo que se pueda mostrar solo se nombra en palabras.",
)
