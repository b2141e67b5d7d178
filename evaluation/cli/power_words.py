"""What the command ``power`` prints, in English and Spanish."""

from evaluation.locale.messages import wording

POWERS = ("power-list.power", "power-list.clusters", "power-list.people")


def heads(language: str) -> tuple[str, ...]:
    """Heads of the table's columns."""
    said = (
        "power-list.outcome",
        "power-list.effect",
        "power-list.unit",
        "power-list.mde",
        *POWERS,
        "power-list.type-s",
        "power-list.type-m",
    )
    return tuple(wording(text, language) for text in said)


def number(value: float, decimals: int, language: str) -> str:
    """A number with the language's mark of decimals."""
    shown = f"{value:.{decimals}f}"
    return shown if language == "en" else shown.replace(".", ",")


def share(value: float, decimals: int, language: str) -> str:
    """A share of one as a percentage."""
    return wording("power-list.share", language, n=number(100 * value, decimals, language))


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
    people = f"power-list.respondents.{'one' if round(respondents) == 1 else 'other'}"
    return wording(
        "power-list.design",
        language,
        treated=treated,
        comparison=comparison,
        respondents=wording(people, language, n=f"{respondents:.0f}"),
        panel=share(panel, 0, language),
        lost=share(lost, 0, language),
    )
