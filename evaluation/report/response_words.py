"""Words of the table of sampled units and outcome rates, in English and Spanish."""

from collections.abc import Mapping

from evaluation.spec.contacts import RateName
from evaluation.spec.load import Text

DISPOSITIONS = {
    "I": Text(en="Complete interview (I)", es="Entrevista completa (I)"),
    "P": Text(en="Partial interview (P)", es="Entrevista parcial (P)"),
    "R": Text(en="Refusal or break-off (R)", es="Rechazo o abandono (R)"),
    "NC": Text(en="Non-contact (NC)", es="Sin contacto (NC)"),
    "O": Text(
        en="Other eligible person without an interview (O)",
        es="Otra persona elegible sin entrevista (O)",
    ),
    "UH": Text(
        en="Unknown whether an eligible household lives there (UH)",
        es="No se sabe si allí vive un hogar elegible (UH)",
    ),
    "UO": Text(
        en="Unknown eligibility, other reason (UO)",
        es="Elegibilidad desconocida, otro motivo (UO)",
    ),
    "NE": Text(en="Not eligible (NE)", es="No elegible (NE)"),
}
RATES: Mapping[RateName, Text] = {
    "RR1": Text(
        en="Response rate RR1: I of all units sampled", es="Tasa de respuesta RR1: I sobre el total"
    ),
    "RR2": Text(
        en="Response rate RR2: I and P of all units sampled",
        es="Tasa de respuesta RR2: I y P sobre el total",
    ),
    "RR3": Text(
        en="Response rate RR3: as RR1, of unknown units only the share e",
        es="Tasa de respuesta RR3: como RR1, de las desconocidas solo la proporción e",
    ),
    "RR4": Text(
        en="Response rate RR4: as RR2, of unknown units only the share e",
        es="Tasa de respuesta RR4: como RR2, de las desconocidas solo la proporción e",
    ),
    "RR5": Text(
        en="Response rate RR5: as RR1, without units of unknown eligibility",
        es="Tasa de respuesta RR5: como RR1, sin las de elegibilidad desconocida",
    ),
    "RR6": Text(
        en="Response rate RR6: as RR2, without units of unknown eligibility",
        es="Tasa de respuesta RR6: como RR2, sin las de elegibilidad desconocida",
    ),
    "COOP1": Text(
        en="Cooperation rate COOP1: I of the people reached",
        es="Tasa de cooperación COOP1: I sobre las personas contactadas",
    ),
    "REF1": Text(
        en="Refusal rate REF1: R of all units sampled", es="Tasa de rechazo REF1: R sobre el total"
    ),
    "CON1": Text(
        en="Contact rate CON1: people reached of all units sampled",
        es="Tasa de contacto CON1: personas contactadas sobre el total",
    ),
    "replacements": Text(
        en="Units drawn in place of others", es="Unidades de reemplazo sobre el total"
    ),
}
SAMPLED_UNITS = Text(
    en="Units sampled, eligible or possibly so",
    es="Unidades de la muestra, elegibles o posiblemente elegibles",
)
OUTCOME, UNITS, SHARE = (
    Text(en="What became of the unit", es="Qué pasó con la unidad"),
    Text(en="{arm}: units", es="{arm}: unidades"),
    Text(en="{arm}: %", es="{arm}: %"),
)
HEADING = Text(en="{round}: {what}", es="{round}: {what}")
COUNTS_OF, RATES_OF = (
    Text(en="units", es="unidades"),
    Text(en="outcome rates", es="tasas de resultado"),
)
DEFINED = Text(en="Definitions", es="Definiciones")
STANDARD = Text(
    en="Final dispositions and rates of AAPOR, Standard Definitions (9th edition 2016, 10th edition"
    " 2023). A unit that was replaced and the one drawn in its place are both counted; units that"
    " are not eligible are in no rate. The sample flow begins with the same units.",
    es="Resultados finales y tasas de AAPOR, Standard Definitions (9.ª edición 2016, 10.ª edición"
    " 2023). Se cuentan la unidad reemplazada y la que se sorteó en su lugar; las no elegibles no"
    " entran en ninguna tasa. El flujo de la muestra comienza con las mismas unidades.",
)
WITH_E = Text(
    en=" The share e of unknown units that are eligible is a judgement of the study: {e}.",
    es=" La proporción e de unidades desconocidas que son elegibles es un juicio del estudio: {e}.",
)
WITHOUT_E = Text(
    en=" The study declares no share e of unknown units that are eligible, so RR3 and RR4 are not"
    " given.",
    es=" El estudio no declara la proporción e de unidades desconocidas que son elegibles, así que"
    " no se dan RR3 ni RR4.",
)
TOGETHER = Text(
    en=" A count or rate from which a suppressed count could be worked out is suppressed with it.",
    es=" También se suprime todo conteo o tasa con que se podría deducir un conteo suprimido.",
)
SAID = Text(en="{round}: {rates}.", es="{round}: {rates}.")
NOT_SHOWN = Text(en="suppressed", es="suprimida")
IN_WORDS, RR1_IS = (
    Text(en="Response rate", es="Tasa de respuesta"),
    Text(en="RR1 in {arm} {rate}", es="RR1 en {arm} {rate}"),
)
