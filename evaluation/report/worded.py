"""Words of an exhibit from the catalogue, in both languages."""

from evaluation.locale.messages import message
from evaluation.spec.load import Text


def worded(identifier: str, /, **parameters: object) -> Text:
    """The entry of the catalogue in both languages; see `message`."""
    return Text(
        en=message(identifier, "en", **parameters), es=message(identifier, "es", **parameters)
    )
