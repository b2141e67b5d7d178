"""The weights of both rounds: what they add up to, how unequal they are, and what that costs."""

import math
from collections.abc import Sequence

from evaluation.report import disclosure, formats, heads, shares, table, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.load import Text
from evaluation.spec.weighting import Level, WeightCheck

HEADS = {
    "part": Text(en="Part of the sample", es="Parte de la muestra"),
    "n": Text(en="Interviews", es="Entrevistas"),
    "n_clusters": Text(en="{clusters}", es="{clusters}"),
    "total": Text(en="Sum of the weights{scale}", es="Suma de los pesos{scale}"),
    "people": Text(en="People in the frame{scale}", es="Personas en el marco{scale}"),
    "coverage": Text(
        en="Part of the weights over part of the people",
        es="Parte de los pesos sobre parte de las personas",
    ),
    "variation": Text(en="CV of the weights", es="CV de los pesos"),
    "design_effect": Text(en="Design effect of the weights", es="Efecto de diseño de los pesos"),
    "n_cut": Text(en="Weights at the bound", es="Pesos en el tope"),
}
THOUSANDS = Text(en=", thousands", es=", miles")
# From here on sums stand in thousands: a whole number of seven digits reads like one on an id card.
MANY = 1e6
LEVELS: tuple[Level, ...] = ("all", "stratum")
WHOLE = Text(en="All interviews", es="Todas las entrevistas")
TOTALS, UNEQUAL, CUT = (
    Text(en="Totals", es="Totales"),
    Text(en="Unequal weights", es="Pesos desiguales"),
    Text(en="Trimming", es="Recorte"),
)
TOTALS_ARE = Text(
    en="People in the frame may be of all ages where weights count adults: what matters is that a"
    " part of the sample has the same part of the weights as of the people, which is a 1.",
    es="Las personas del marco pueden ser de todas las edades y los pesos contar solo adultos: lo"
    " que importa es que cada parte de la muestra tenga la misma parte de los pesos que de las"
    " personas, es decir, un 1.",
)
NO_PEOPLE = Text(
    en="The frame has no number of people to hold the sums against.",
    es="El marco no trae número de personas con que comparar las sumas.",
)
UNEQUAL_ARE = Text(
    en="Design effect: Kish's n times the sum of squared weights over the squared sum, which is 1"
    " plus the squared CV: so many times the interviews are needed for the same precision where"
    " every interview counts by its weight. {said}",
    es="Efecto de diseño: el de Kish, n por la suma de los pesos al cuadrado sobre el cuadrado de"
    " la suma, que es 1 más el CV al cuadrado: tantas veces más entrevistas se necesitan para la"
    " misma precisión donde cada entrevista cuenta por su peso. {said}",
)
WITHIN = Text(
    en="{round}: design effect {whole} over all interviews, {within} inside a {cluster} on"
    " average.",
    es="{round}: efecto de diseño {whole} sobre todas las entrevistas, {within} en promedio dentro"
    " de cada {cluster}.",
)
EQUAL = Text(
    en="Where each {cluster} counts the same, only what is inside counts.",
    es="Donde cada {cluster} pesa lo mismo, solo cuenta lo de adentro.",
)
BUILT = Text(
    en="Weights are built by this study and cut at {bound} times their median; what is cut goes to"
    " the others.",
    es="Los pesos los construye este estudio y se recortan a {bound} veces su mediana; lo"
    " recortado se reparte entre los demás.",
)
UNCUT = Text(
    en="Weights are built by this study and not cut.",
    es="Los pesos los construye este estudio y no se recortan.",
)
TAKEN = Text(
    en="Weights come with the files as they are and nothing is cut here; whether they were cut"
    " before is not in the files.",
    es="Los pesos vienen en los archivos tal como están y aquí no se recorta nada; los archivos no"
    " dicen si se recortaron antes.",
)


@table.builds
def weights(exhibit: Exhibit, source: Source) -> Table:
    """Sums, totals of the frame, spread and design effect of the weights by round and stratum.

    Raises
    ------
    ReportError
        The study has no weights.
    """
    found = [c for c in source.records.weight_checks if c.level in LEVELS]
    if not found:
        raise shares.no_records("weight-checks", "weight_checks.csv")
    names = [name for name in HEADS if _is_shown(found, name)]
    scale = 1000 if any(x >= MANY for c in found for x in (c.total, c.people)) else 1
    rows = tuple(
        Row(
            id="-".join((check.round, slug(check.name) or "all")),
            group=source.round_name(check.round),
            cells=tuple(_cell(source, check, name, scale=scale) for name in names),
        )
        for check in sorted(found, key=lambda c: source.configuration.study.rounds.index(c.round))
    )
    language = source.language
    said = _within(source, found)
    has_people = "people" in names
    generated = (
        words.labelled(TOTALS[language], (TOTALS_ARE if has_people else NO_PEOPLE)[language]),
        words.labelled(UNEQUAL[language], UNEQUAL_ARE[language].format(said=said)),
        words.labelled(CUT[language], _trimming(source)),
        disclosure.rule_note(source.configuration.study, language),
    )
    return heads.table(
        exhibit,
        source,
        columns=tuple(_column(source, name, scale=scale) for name in names),
        rows=rows,
        generated=generated,
        said=(("within", said),),
    )


def _is_shown(found: Sequence[WeightCheck], name: str) -> bool:
    """Whether a column has anything to say in this study."""
    if name in ("people", "coverage"):
        return any(not math.isnan(c.people) for c in found)
    return name != "n_cut" or any(c.n_cut >= 0 for c in found)


def _column(source: Source, name: str, *, scale: int) -> Column:
    clusters = source.configuration.study.names.clusters[source.language]
    thousands = THOUSANDS[source.language] if scale > 1 else ""
    label = HEADS[name][source.language].format(clusters=clusters, scale=thousands)
    return Column(id=name, label=words.begun(label), joined="slash" if name == "n_clusters" else "")


def _cell(source: Source, check: WeightCheck, name: str, *, scale: int) -> Cell:
    if name == "part":
        return table.text(_part(source, check))
    if name in ("n", "n_clusters"):
        return table.count(check.n if name == "n" else check.n_clusters)
    if name == "n_cut":
        return table.none() if check.n_cut < 0 else table.count(check.n_cut)
    value, decimals = {
        "total": (check.total / scale, int(scale > 1)),
        "people": (check.people / scale, int(scale > 1)),
        "coverage": (check.coverage, 2),
        "variation": (check.variation, 2),
        "design_effect": (check.whole_design_effect, 2),
    }[name]
    return table.number(value, decimals=decimals)


def _part(source: Source, check: WeightCheck) -> str:
    stratum = source.configuration.study.columns.stratum
    if check.level == "all" or stratum is None:
        return WHOLE[source.language]
    return shares.value_label(source, stratum, check.name)


def _within(source: Source, found: Sequence[WeightCheck]) -> str:
    language = source.language
    cluster = source.configuration.study.names.cluster[language]
    said = [
        WITHIN[language].format(
            round=source.round_name(check.round),
            whole=formats.plain(check.whole_design_effect, 2, language),
            within=formats.plain(check.design_effect, 2, language),
            cluster=cluster,
        )
        for check in found
        if check.level == "all"
    ]
    return " ".join((*said, EQUAL[language].format(cluster=cluster)))


def _trimming(source: Source) -> str:
    declared, language = source.configuration.study.weights, source.language
    if declared is None:
        return TAKEN[language]
    if declared.bound is None:
        return UNCUT[language]
    return BUILT[language].format(bound=formats.shortest(declared.bound, language))
