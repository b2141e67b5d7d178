"""A new study's table ``[release]``: what only a person can decide before data leave the house."""

from collections.abc import Sequence

from evaluation.locale.messages import message
from evaluation.spec.decisions import marker, written
from evaluation.spec.toml_text import value_text

SHOWN = 12


def release_lines(traits: Sequence[str], ages: Sequence[str], language: str) -> list[str]:
    """Lines of ``study.toml``; its decisions stop ``public-data`` and no stage.

    Parameters
    ----------
    traits : sequence of str
        Variables of the rounds that others may know of a person.
    ages : sequence of str
        Variables that are named like years of age.
    language : {"en", "es"}
        Of the open decisions.
    """
    seen = message("draft.keys-seen", names=value_text(list(traits[:SHOWN])))
    keys = marker(
        message("draft.keys"),
        message("draft.keys-list"),
        seen if traits else message("draft.keys-none"),
        language=language,
    )
    age = marker(
        message("draft.age"),
        *(f'"{name}"' for name in ages),
        message("draft.age-none"),
        language=language,
    )
    drop = marker(
        message("draft.drop"),
        message("draft.drop-list"),
        message("draft.drop-think"),
        language=language,
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
