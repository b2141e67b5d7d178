"""Fixed words of the exhibits of for whom, where, and of calibration, in English and Spanish."""

from collections.abc import Mapping

from evaluation.report.worded import worded
from evaluation.spec.load import Text

HEADS: Mapping[str, Text] = {
    "subgroup": Text(en="Group, or difference of groups", es="Grupo, o diferencia de grupos"),
    "effect": Text(en="Effect, or difference of effects", es="Efecto, o diferencia de efectos"),
    "p_value": Text(en="p of the difference", es="p de la diferencia"),
    "known": Text(en="When the trait was known", es="Cuándo se conocía el rasgo"),
    "place": Text(en="Place, or quantity", es="Lugar, o cantidad"),
    "comparison": Text(en="(comparison)", es="(de comparación)"),
    "quantity": Text(en="Quantity", es="Cantidad"),
    "meaning": Text(en="What it says", es="Qué dice"),
    "exposure": Text(en="Effect on, or of", es="Efecto en, o de"),
    "clusters_without_group": Text(
        en="{clusters} in which the group was not interviewed in both rounds",
        es="{clusters} en los que el grupo no fue entrevistado en ambas rondas",
    ),
}

KNOWN: Mapping[str, Text] = {
    "before the programme": Text(
        en="trait fixed before the programme", es="rasgo fijado antes del programa"
    ),
    "panel baseline": Text(en="trait asked at baseline", es="rasgo preguntado en línea de base"),
    "descriptive": Text(
        en="descriptive: trait as it was when interviewed",
        es="descriptivo: rasgo al momento de la entrevista",
    ),
    "cohorts": Text(
        en="descriptive: who entered when was not drawn by lot",
        es="descriptivo: quién ingresó y cuándo no se sorteó",
    ),
}
DIFFERENCE = Text(en="Difference: {}", es="Diferencia: {}")
JOINT = Text(
    en="All groups alike: F({}, {}) = {}",
    es="Todos los grupos iguales: F({}; {}) = {}",
)

LOCAL_SHOCKS = Text(en="includes local shocks", es="incluye choques locales")
PLACE_ROWS: Mapping[str, Text] = {
    "sd_of_changes": Text(
        en="SD of the changes of {clusters}", es="DE de los cambios de {clusters}"
    ),
    "sd_of_noise": Text(en="SD that sampling alone makes", es="DE que produce solo el muestreo"),
    "sd_between": Text(en="SD without sampling", es="DE sin muestreo"),
    "ratio": Text(
        en="Variance without sampling: treatment over comparison group",
        es="Varianza sin muestreo: grupo de intervención sobre el de comparación",
    ),
    "sd_of_effects": Text(
        en="SD of effects between {clusters}: range it must lie in",
        es="DE de los efectos entre {clusters}: rango en que debe estar",
    ),
}

GROUPS: Mapping[str, Text] = {
    "treated": Text(en="Treatment group", es="Grupo de intervención"),
    "comparison": Text(en="Comparison group", es="Grupo de comparación"),
}

EXPOSURE_ROWS: Mapping[str, Text] = {
    "dilution": worded("exposure-dilution-row"),
    "primary": Text(
        en="Everybody in treatment {clusters} (primary estimate)",
        es="Todas las personas de los {clusters} de intervención (estimación primaria)",
    ),
    "first_stage": Text(
        en="First stage: how much more the treatment group was exposed",
        es="Primera etapa: cuánto más expuesto estuvo el grupo de intervención",
    ),
}

NULLS: Mapping[str, Text] = {
    "permuted treatment": Text(en="Treatment permuted", es="Intervención permutada"),
    "sign flips": Text(en="Signs flipped", es="Signos invertidos"),
}
REJECTS_AT = Text(en="{null}: rejected at {nominal}", es="{null}: rechazo al {nominal}")
MONTE_CARLO = Text(en="(Monte Carlo error)", es="(error de Monte Carlo)")
