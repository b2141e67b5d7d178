# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""References of a Spanish book: authors joined by «y», and our own descriptions in Spanish.

The styles of the library join names by "and". A title that is our description of a report, and not
what somebody published, has a second field ``title_es`` in ``references.bib``.
"""

from typing import Any

import pybtex.plugin
from pybtex.database import Entry, Person
from pybtex.richtext import Text
from pybtex.style.formatting.alpha import Style
from pybtex.style.template import Node, names, sentence
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import PersonStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

NAME = "evaluation_spanish"
LANGUAGE = "es"
AND = " y "
# BibTeX's own word for the authors that are not named
OTHERS, OTHERS_ES = "others", "otros"
# a group among the authors, as the Spanish list calls it
GROUPS = {"the TREND Group": "el Grupo TREND"}
TITLE = "title_es"


class Spanish(Style):  # type: ignore[misc]
    """The list of references."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.format_name = self._named

    def _named(self, person: Person, abbreviate: bool) -> Node | Text:  # noqa: FBT001
        """A name as it is written; those who are not named, and groups, have Spanish words."""
        if str(person) == OTHERS:
            return Text(OTHERS_ES)
        group = str(person).strip("{}")
        if group in GROUPS:
            return Text(GROUPS[group])
        return self.name_style.format(person, abbreviate)

    def format_names(self, role: str, as_sentence: bool = True) -> Node:  # noqa: FBT001, FBT002
        """Names, the last one after «y»."""
        joined = names(role, sep=", ", sep2=AND, last_sep=AND)
        return sentence[joined] if as_sentence else joined

    def format_title(self, e: Entry, which_field: str, as_sentence: bool = True) -> Node:  # noqa: FBT001, FBT002
        """A title as published, or our description in Spanish."""
        described = which_field == "title" and TITLE in e.fields
        return super().format_title(e, TITLE if described else which_field, as_sentence)


class SpanishReferences(AuthorYearReferenceStyle):  # type: ignore[misc]
    """References in the text: «Ding y Li, 2019»."""

    def __init__(self) -> None:
        super().__init__(person=PersonStyle(sep2=AND, last_sep=AND))


def choose(_: Sphinx, config: Config) -> None:
    """Take the Spanish styles where the book is Spanish."""
    if config.language == LANGUAGE:
        config.bibtex_default_style = NAME
        config.bibtex_reference_style = NAME


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    pybtex.plugin.register_plugin("pybtex.style.formatting", NAME, Spanish)
    register_plugin("sphinxcontrib.bibtex.style.referencing", NAME, SpanishReferences)
    app.connect("config-inited", choose)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
