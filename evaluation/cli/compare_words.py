"""What the command ``compare`` says, in English and Spanish."""

from collections.abc import Sequence

from evaluation.cli.told import counted
from evaluation.locale.messages import term
from evaluation.spec.load import Text

# names that are listed before the others are counted
NAMED = 5


def number(count: int, noun: str) -> Text:
    """A number with its noun, in both languages."""
    return Text(en=counted(count, noun, "en"), es=counted(count, noun, "es"))


def listed(names: Sequence[str]) -> Text:
    """The first names, and how many more there are."""
    said = ", ".join(names[:NAMED])
    if len(names) <= NAMED:
        return Text(en=said, es=said)
    return Text.of("compare.first-names", names=said, n=str(len(names) - NAMED))


def side(text: str, language: str) -> str:
    """A value before or now, or which side has the row."""
    return term("compare.side", text, language)
