"""What each diagnostic of a primary estimate is called, means, and is printed as."""

from dataclasses import dataclass
from typing import Literal

from evaluation.report.worded import worded
from evaluation.spec.load import Text

Form = Literal["effect", "size", "count", "p", "percent", "yes", "1", "2", "3"]

SECTIONS = {
    "sample": Text(en="Clusters and interviews", es="Conglomerados y entrevistas"),
    "weights": Text(en="Weights", es="Ponderaciones"),
    "few": Text(en="How few clusters in effect", es="Cuántos conglomerados cuentan"),
    "without": Text(en="What hangs on single places", es="Qué depende de lugares concretos"),
    "alike": Text(en="How alike answers are", es="Qué tan parecidas son las respuestas"),
    "power": Text(en="What could be detected", es="Qué podía detectarse"),
    "methods": Text(en="Inference methods", es="Métodos de inferencia"),
    "other": Text(en="Others", es="Otros"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One diagnostic.

    Attributes
    ----------
    name : str
        As recorded; ``*`` stands for a group, a round or a level of places.
    label, meaning : Text
        {0}, {1} are what the stars stand for; {clusters} the study's word.
    form : str
        How it is printed: in the outcome's unit with a sign (``effect``) or without (``size``), as
        a count, a p-value, a share in percent, yes or no, or with so many decimals.
    """

    name: str
    section: str
    label: Text
    meaning: Text
    form: Form


def _q(
    name: str, section: str, form: Form, label: tuple[str, str], meaning: tuple[str, str]
) -> Quantity:
    return Quantity(
        name=name,
        section=section,
        form=form,
        label=Text(en=label[0], es=label[1]),
        meaning=Text(en=meaning[0], es=meaning[1]),
    )


def _interval(name: str, label: Text, meaning: Text) -> Quantity:
    """An end of an interval of a primary outcome beside the one its estimate is printed with."""
    return Quantity(name=name, section="methods", form="effect", label=label, meaning=meaning)


QUANTITIES: tuple[Quantity, ...] = (
    _q(
        "clusters_dropped",
        "sample",
        "count",
        ("{clusters} left out", "{clusters} excluidos"),
        ("Interviewed in one round only.", "Entrevistados en una sola ronda."),
    ),
    _q(
        "clusters_*",
        "sample",
        "count",
        ("{clusters}: {0}", "{clusters}: {0}"),
        (
            "What inference rests on; not the number of interviews.",
            "En lo que descansa la inferencia; no el número de entrevistas.",
        ),
    ),
    _q(
        "respondents_min_*_*",
        "sample",
        "count",
        ("Fewest interviews of one {cluster}: {0}, {1}", "Mínimo por {cluster}: {0}, {1}"),
        ("Few interviews make a mean noisy.", "Pocas entrevistas hacen ruidoso un promedio."),
    ),
    _q(
        "respondents_median_*_*",
        "sample",
        "1",
        ("Median interviews of a {cluster}: {0}, {1}", "Mediana por {cluster}: {0}, {1}"),
        ("Half have more, half have fewer.", "La mitad tiene más, la mitad menos."),
    ),
    _q(
        "rows_incomplete",
        "sample",
        "count",
        ("Interviews without a covariate", "Entrevistas sin una covariable"),
        ("Left out because the model needs it.", "Excluidas porque el modelo la necesita."),
    ),
    _q(
        "kish_deff",
        "weights",
        "2",
        ("Design effect of the weights (Kish)", "Efecto de diseño de las ponderaciones (Kish)"),
        (
            "1: all interviews count alike; 2: they inform like half as many.",
            "1: todas cuentan igual; 2: informan como la mitad.",
        ),
    ),
    _q(
        "largest3_weight_share",
        "weights",
        "percent",
        ("Weight of the three largest {clusters}", "Peso de los tres mayores {clusters}"),
        (
            "A large share: the result is mostly about them.",
            "Una parte grande: el resultado trata sobre todo de ellos.",
        ),
    ),
    _q(
        "leverage_max",
        "few",
        "3",
        ("Largest leverage of a {cluster}", "Mayor apalancamiento de un {cluster}"),
        (
            "How far one {cluster} pulls the whole model; sums to the number of coefficients.",
            "Cuánto tira un {cluster} de todo el modelo; suma el número de coeficientes.",
        ),
    ),
    _q(
        "leverage_max_ratio",
        "few",
        "2",
        ("The same over the average", "Lo mismo sobre el promedio"),
        ("1: all pull alike.", "1: todos tiran igual."),
    ),
    _q(
        "partial_leverage_max",
        "few",
        "3",
        ("Largest partial leverage", "Mayor apalancamiento parcial"),
        (
            "How far one {cluster} pulls the effect alone; sums to 1.",
            "Cuánto tira un {cluster} solo del efecto; suma 1.",
        ),
    ),
    _q(
        "partial_leverage_max_ratio",
        "few",
        "2",
        ("The same over the average", "Lo mismo sobre el promedio"),
        ("1: all pull alike.", "1: todos tiran igual."),
    ),
    _q(
        "css_effective_clusters",
        "few",
        "1",
        (
            "Effective {clusters}, answers independent",
            "{clusters} efectivos, respuestas independientes",
        ),
        (
            (
                "Carter, Schnepel and Steigerwald's G*(0). Far below the count: read CV3 and WCR-S,"
                " not CV1."
            ),
            (
                "G*(0) de Carter, Schnepel y Steigerwald. Muy por debajo del conteo: lea CV3 y"
                " WCR-S, no CV1."
            ),
        ),
    ),
    _q(
        "css_effective_clusters_shared",
        "few",
        "1",
        (
            "Effective {clusters}, one shared shock each",
            "{clusters} efectivos, un choque común en cada uno",
        ),
        ("The same, G*(1): the other extreme.", "Lo mismo, G*(1): el otro extremo."),
    ),
    _q(
        "satterthwaite_df",
        "few",
        "1",
        ("Degrees of freedom of CR2", "Grados de libertad de CR2"),
        (
            "Satterthwaite's; another measure, not the same thing.",
            "De Satterthwaite; otra medida, no lo mismo.",
        ),
    ),
    _q(
        "loo_q1",
        "without",
        "effect",
        (
            "Estimate without one {cluster}: lower quartile",
            "Estimación sin un {cluster}: cuartil inferior",
        ),
        (
            "Each {cluster} is left out in turn; a quarter of these estimates are below.",
            "Cada {cluster} se excluye a su turno; un cuarto de ellas está por debajo.",
        ),
    ),
    _q(
        "loo_median",
        "without",
        "effect",
        ("Median", "Mediana"),
        ("Close to the estimate itself, as a rule.", "Cerca de la estimación, por regla."),
    ),
    _q(
        "loo_q3",
        "without",
        "effect",
        ("Upper quartile", "Cuartil superior"),
        (
            "Far from the median against the interval: some {clusters} weigh much.",
            "Lejos de la mediana frente al intervalo: algunos {clusters} pesan mucho.",
        ),
    ),
    _q(
        "loo_sign_changes",
        "without",
        "count",
        ("{clusters} without which the sign changes", "{clusters} sin los que cambia el signo"),
        ("0: no single one decides the sign.", "0: ninguno decide el signo."),
    ),
    _q(
        "without_*_q1",
        "without",
        "effect",
        ("Estimate without one {0}: lower quartile", "Estimación sin un {0}: cuartil inferior"),
        (
            "Each {0} is left out in turn with all its {clusters}.",
            "Cada {0} se excluye a su turno con todos sus {clusters}.",
        ),
    ),
    _q(
        "without_*_median",
        "without",
        "effect",
        ("Estimate without one {0}: median", "Estimación sin un {0}: mediana"),
        ("As above.", "Como arriba."),
    ),
    _q(
        "without_*_q3",
        "without",
        "effect",
        ("Estimate without one {0}: upper quartile", "Estimación sin un {0}: cuartil superior"),
        ("As above.", "Como arriba."),
    ),
    _q(
        "without_*_sign_changes",
        "without",
        "count",
        ("Sign changes without one {0}: how many", "Cambios de signo sin un {0}: cuántos"),
        ("0: no single one decides the sign.", "0: ninguno decide el signo."),
    ),
    _q(
        "score_variance_p_*",
        "methods",
        "p",
        (
            "Is clustering by {cluster} enough? p against {0}",
            "¿Basta agrupar por {cluster}? p frente a {0}",
        ),
        (
            (
                "Score-variance test. A low p: errors are alike within a {0} too, and intervals may"
                " be too short. A high p does not show that they are not."
            ),
            (
                "Prueba de varianza de puntajes. Un p bajo: los errores también se parecen dentro"
                " de un {0}, y los intervalos pueden ser cortos. Un p alto no muestra que no se"
                " parezcan."
            ),
        ),
    ),
    _q(
        "icc",
        "alike",
        "3",
        ("Intra-cluster correlation (ICC)", "Correlación intraconglomerado (CCI)"),
        (
            "At baseline, net of group means: share of the spread that is between {clusters}.",
            (
                "En línea de base, sin medias de grupo: parte de la dispersión que hay entre"
                " {clusters}."
            ),
        ),
    ),
    _q(
        "cac",
        "alike",
        "2",
        ("Cluster autocorrelation (CAC)", "Autocorrelación de los conglomerados (CAC)"),
        (
            "How far a {cluster} that is high at baseline is high at endline.",
            "Cuánto un {cluster} alto en línea de base es alto en línea final.",
        ),
    ),
    _q(
        "mde",
        "power",
        "size",
        ("Realised minimum detectable effect (MDE)", "Efecto mínimo detectable (EMD) realizado"),
        (
            "2.8 standard errors: detected with a power of 80%.",
            "2,8 errores estándar: se detecta con una potencia del 80\N{NO-BREAK SPACE}%.",
        ),
    ),
    _q(
        "closed_form_mde",
        "power",
        "size",
        ("MDE, closed form at the realised ICC", "EMD, fórmula cerrada con el CCI realizado"),
        (
            "Equal clusters, fresh cross-sections, this ICC and CAC; not the plan's MDE.",
            "Conglomerados iguales, cortes nuevos, este CCI y CAC; no es el EMD del plan.",
        ),
    ),
    _q(
        "type_s",
        "power",
        "percent",
        ("Type S error", "Error tipo S"),
        (
            "If it is the smallest that matters: chance of the wrong sign when significant.",
            "Si es el mínimo de interés: probabilidad de signo equivocado si es significativo.",
        ),
    ),
    _q(
        "type_m",
        "power",
        "2",
        ("Type M error", "Error tipo M"),
        (
            "If it is the smallest that matters: factor by which significant estimates exaggerate.",
            "Si es el mínimo de interés: factor en que exagera una estimación significativa.",
        ),
    ),
    _q(
        "ri_permutations",
        "methods",
        "count",
        ("Permutations of the treatment", "Permutaciones de la intervención"),
        ("As if it had been drawn within strata.", "Como si se sorteara dentro de estratos."),
    ),
    _q(
        "ri_fixed_clusters",
        "methods",
        "count",
        ("{clusters} that no permutation moves", "{clusters} que ninguna permutación mueve"),
        ("Alone with their group in a stratum.", "Solos con su grupo en un estrato."),
    ),
    _interval(
        "unadjusted_ci_low",
        worded("diagnostic.unadjusted_ci-low"),
        worded("diagnostic.unadjusted_ci"),
    ),
    _interval(
        "unadjusted_ci_high",
        worded("diagnostic.unadjusted_ci-high"),
        worded("diagnostic.as-above"),
    ),
    _interval(
        "simultaneous_90_low",
        worded("diagnostic.simultaneous_90-low"),
        worded("diagnostic.simultaneous_90"),
    ),
    _interval(
        "simultaneous_90_high",
        worded("diagnostic.simultaneous_90-high"),
        worded("diagnostic.as-above"),
    ),
    _q(
        "steps_disagree_5",
        "methods",
        "yes",
        ("Methods disagree at 5%", "Los métodos discrepan al 5\N{NO-BREAK SPACE}%"),
        (
            "Some p-values lie below the line, others above: say so beside the result.",
            "Unos valores p están por debajo y otros por encima: dígalo junto al resultado.",
        ),
    ),
    _q(
        "steps_disagree_10",
        "methods",
        "yes",
        ("Methods disagree at 10%", "Los métodos discrepan al 10\N{NO-BREAK SPACE}%"),
        ("As above.", "Como arriba."),
    ),
)
