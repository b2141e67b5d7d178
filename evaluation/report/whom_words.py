"""Fixed words of the exhibits of for whom, where, and of calibration, in English and Spanish."""

from collections.abc import Mapping

from evaluation.spec.load import Text

HEADS: Mapping[str, Text] = {
    "subgroup": Text(en="Group, or difference of groups", es="Grupo, o diferencia de grupos"),
    "effect": Text(en="Effect, or difference of effects", es="Efecto, o diferencia de efectos"),
    "p_value": Text(en="p of the difference", es="p de la diferencia"),
    "own_p_value": Text(
        en="p of a group's own effect (no test of a difference)",
        es="p del efecto propio de un grupo (no prueba una diferencia)",
    ),
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
    "pooled": Text(en="All places pooled (REML)", es="Todos los lugares en conjunto (REML)"),
    "prediction": Text(
        en="One more place: prediction interval", es="Un lugar más: intervalo de predicción"
    ),
    "tau": Text(
        en="Spread (SD) of effects and local shocks, tau",
        es="Dispersión (DE) de efectos y choques locales, tau",
    ),
    "i2": Text(
        en="Part of the spread of estimates that is not sampling, I\N{SUPERSCRIPT TWO}",
        es="Parte de la dispersión de las estimaciones que no es muestreo, I\N{SUPERSCRIPT TWO}",
    ),
    "cochran_q_p": Text(
        en="p of equal effects in all places (Cochran's Q)",
        es="p de efectos iguales en todos los lugares (Q de Cochran)",
    ),
    "knapp_hartung_factor": Text(
        en="Knapp\N{EN DASH}Hartung factor on the variance (below 1: not applied)",
        es="Factor de Knapp\N{EN DASH}Hartung sobre la varianza (menor que 1: no se aplica)",
    ),
    "strata": Text(en="Places pooled", es="Lugares en conjunto"),
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

# In the figure, where a line has no room for more.
SHORT: Mapping[str, Text] = {
    "pooled": Text(en="Pooled mean", es="Media conjunta"),
    "prediction": Text(en="One more place", es="Un lugar más"),
}
GROUPS: Mapping[str, Text] = {
    "treated": Text(en="Treatment group", es="Grupo de intervención"),
    "comparison": Text(en="Comparison group", es="Grupo de comparación"),
}

EXPOSURE_ROWS: Mapping[str, Text] = {
    "primary": Text(
        en="Everybody in treatment {clusters} (primary estimate)",
        es="Todas las personas de los {clusters} de intervención (estimación primaria)",
    ),
    "first_stage": Text(
        en="First stage: how much more the treatment group was exposed",
        es="Primera etapa: cuánto más expuesto estuvo el grupo de intervención",
    ),
    "strength": Text(
        en="Strength of the first stage (squared t)",
        es="Fuerza de la primera etapa (t al cuadrado)",
    ),
    "exposure": Text(en="Per exposed person", es="Por persona expuesta"),
    "set": Text(
        en="Per exposed person: hull of the values not rejected",
        es="Por persona expuesta: envolvente de los valores no rechazados",
    ),
}

NULLS: Mapping[str, Text] = {
    "permuted treatment": Text(en="Treatment permuted", es="Intervención permutada"),
    "sign flips": Text(en="Signs flipped", es="Signos invertidos"),
}
REJECTS_AT = Text(en="{null}: rejected at {nominal}", es="{null}: rechazo al {nominal}")
MONTE_CARLO = Text(en="(Monte Carlo error)", es="(error de Monte Carlo)")
