"""Fixed words of the tables of spillover and composition, in English and Spanish."""

from collections.abc import Mapping

from evaluation.report.sources import Source
from evaluation.report.table import Column, Joined, Shown
from evaluation.report.words import begun
from evaluation.spec.load import Text

HEADS: Mapping[str, Text] = {
    "places": Text(en="Places", es="Lugares"),
    "change_or_effect": Text(en="Change, or effect", es="Cambio, o efecto"),
    "clusters_of": Text(en="{clusters} it speaks of", es="{clusters} de los que habla"),
    "clusters_against": Text(
        en="Comparison {clusters} it is read against",
        es="{clusters} de comparación de referencia",
    ),
    "covariate": Text(en="Covariate", es="Covariable"),
    "change_difference": Text(en="Difference of changes", es="Diferencia de cambios"),
    "clusters_treated": Text(en="Treatment {clusters}", es="{clusters} de intervención"),
    "clusters_comparison": Text(en="(comparison)", es="(de comparación)"),
}
RINGS: Mapping[str, Text] = {
    "primary": Text(
        en="Effect: against all comparison places", es="Efecto: frente a todos los de comparación"
    ),
    "without:bordering": Text(
        en="Effect: without comparison places that border a treated one",
        es="Efecto: sin lugares de comparación que limitan con uno de intervención",
    ),
    "ring:bordering": Text(
        en="Change of comparison places that border a treated one",
        es="Cambio de lugares de comparación que limitan con uno de intervención",
    ),
    "ring:effect": Text(
        en="Effect: against comparison places that border none",
        es="Efecto: frente a lugares de comparación que no limitan con ninguno",
    ),
}
BAND = Text(
    en="Change of comparison places {} to {} km away",
    es="Cambio de lugares de comparación a entre {} y {} km",
)
BEYOND = Text(
    en="Effect: against comparison places beyond {} km",
    es="Efecto: frente a lugares de comparación a más de {} km",
)
PEOPLE = Text(
    en="Did the people interviewed change differently?",
    es="¿Cambiaron de forma distinta las personas entrevistadas?",
)
ALL_COVARIATES = Text(
    en="All covariates at once: F({}, {}) = {}",
    es="Todas las covariables a la vez: F({}; {}) = {}",
)
ALL_AT_ONCE = Text(en="All covariates at once", es="Todas las covariables a la vez")
REWEIGHTED = Text(
    en="The effect with the mix of people held fixed",
    es="El efecto con la composición de personas fija",
)


def column(source: Source, name: str, *, joined: Joined = "", shown: Shown = "print") -> Column:
    """A column with a head of this room."""
    return Column(id=name, label=head(source, name), joined=joined, shown=shown)


def head(source: Source, name: str) -> str:
    """Head of a column, with the study's word for its clusters."""
    clusters = source.configuration.study.names.clusters[source.language]
    return begun(HEADS[name][source.language].format(clusters=clusters))
