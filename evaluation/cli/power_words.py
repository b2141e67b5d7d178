"""What the command ``power`` prints, in English and Spanish."""

from collections.abc import Mapping

from evaluation.spec.load import Text

# Heads of the columns; between ``mde`` and ``type S`` stand those of the methods' power.
OUTCOME, EFFECT = Text(en="outcome", es="resultado"), Text(en="effect", es="efecto")
UNIT, MDE = Text(en="unit", es="unidad"), Text(en="mde", es="emd")
POWERS: tuple[Text, ...] = (
    Text(en="power", es="potencia"),
    Text(en="clusters", es="conglomerados"),
    Text(en="people", es="personas"),
)
TYPE_S, TYPE_M = Text(en="type S", es="tipo S"), Text(en="type M", es="tipo M")
# by the kind of the effect
EFFECTS: Mapping[str, Text] = {
    "assumed": Text(en="assumed", es="supuesto"),
    "smallest that matters": Text(en="smallest that matters", es="mínimo de interés"),
}
SHARE = Text(en="{n}%", es="{n}\N{NO-BREAK SPACE}%")
# by whether there is one respondent
RESPONDENTS = {
    True: Text(en="{n} respondent", es="{n} persona encuestada"),
    False: Text(en="{n} respondents", es="{n} personas encuestadas"),
}
DESIGN = Text(
    en="{treated} treated and {comparison} comparison clusters, {respondents} each a round,"
    " {panel} to be interviewed again, {lost} of them lost",
    es="conglomerados: {treated} de intervención y {comparison} de comparación; {respondents} en"
    " cada uno por ronda; se vuelve a buscar al {panel} y se pierde el {lost} de ese grupo",
)
NOTE = Text(
    en="mde: effect seen with 80 % power. power: closed form; clusters, people: the same,"
    " simulated\n"
    "from this study's cluster changes, and from its clusters and whole numbers of respondents.\n"
    "Simulated tests are CV1 with t(G - 1): with few clusters they reject too often, which is"
    " no\n"
    "power. The closed form is that of a test that keeps its level.\n"
    "type S, type M: chance that a significant estimate has the wrong sign, and how many times"
    " it\n"
    "overstates the effect on average (closed form).",
    es="emd: efecto mínimo detectable con potencia del 80\N{NO-BREAK SPACE}%. potencia: fórmula"
    " cerrada;\n"
    "conglomerados, personas: lo mismo, simulado con los cambios de los conglomerados de este\n"
    "estudio, y con sus conglomerados y números enteros de personas encuestadas.\n"
    "Las pruebas simuladas son CV1 con t(G - 1): con pocos conglomerados rechazan demasiado, y\n"
    "eso no es potencia. La fórmula cerrada es la de una prueba que mantiene su nivel.\n"
    "tipo S, tipo M: probabilidad de que una estimación significativa tenga el signo\n"
    "equivocado, y cuántas veces exagera el efecto en promedio (fórmula cerrada).",
)


def heads(language: str) -> tuple[str, ...]:
    """Heads of the table's columns."""
    said = (OUTCOME, EFFECT, UNIT, MDE, *POWERS, TYPE_S, TYPE_M)
    return tuple(text[language] for text in said)


def number(value: float, decimals: int, language: str) -> str:
    """A number with the language's mark of decimals."""
    shown = f"{value:.{decimals}f}"
    return shown if language == "en" else shown.replace(".", ",")


def share(value: float, decimals: int, language: str) -> str:
    """A share of one as a percentage."""
    return SHARE[language].format(n=number(100 * value, decimals, language))


def design(
    *,
    treated: int,
    comparison: int,
    respondents: float,
    panel: float,
    lost: float,
    language: str,
) -> str:
    """The design of the next round, on one line.

    Parameters
    ----------
    treated, comparison : int
        Clusters of each group.
    respondents : float
        In each cluster and round.
    panel, lost : float
        Shares: of respondents to be interviewed again, and of these who are lost.
    language : {"en", "es"}
    """
    people = RESPONDENTS[round(respondents) == 1][language]
    return DESIGN[language].format(
        treated=treated,
        comparison=comparison,
        respondents=people.format(n=f"{respondents:.0f}"),
        panel=share(panel, 0, language),
        lost=share(lost, 0, language),
    )
