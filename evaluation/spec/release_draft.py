"""A new study's table ``[release]``: what only a person can decide before data leave the house."""

from collections.abc import Sequence

from evaluation.spec.decisions import marker, written
from evaluation.spec.toml_text import value_text

SHOWN = 12


def release_lines(traits: Sequence[str], ages: Sequence[str]) -> list[str]:
    """Lines of ``study.toml``; its decisions stop ``public-data`` and no stage.

    Parameters
    ----------
    traits : sequence of str
        Variables of the rounds that others may know of a person.
    ages : sequence of str
        Variables that are named like years of age.
    """
    seen = f"{value_text(list(traits[:SHOWN]))}: drafted as quasi"
    keys = marker(
        "which variables may somebody know of a respondent, so that the release protects them?",
        'a list without quotes around it, such as ["subregion", "sex", "age", "education"]',
        seen if traits else "no variable is drafted as quasi",
    )
    age = marker(
        "which of these key variables holds the years of age?",
        *(f'"{name}"' for name in ages),
        '"" if none does',
    )
    drop = marker(
        "which answers stay out of the release, beside all classed as direct or quasi?",
        '[], without quotes, for none; or a list such as ["leader", "type_of_crime"]',
        "think of answers that few give, and of what neighbours know",
    )
    return [
        "# The de-identified release: `public-data` asks for these decisions, no stage does.",
        "# It needs subregion and weight under [columns]. Take the table away if nothing is to be",
        "# released.",
        "[release]",
        f"keys = {written(keys)}",
        f"age = {written(age)}",
        f"drop = {written(drop)}",
        "# confirm: persons that share a combination, and different sensitive answers among them",
        "k = 5",
        "l = 2",
        "# confirm: clusters of each arm in a released subregion; share that may be blanked singly",
        "places_per_arm = 5",
        "most_below = 0.2",
        "",
    ]
