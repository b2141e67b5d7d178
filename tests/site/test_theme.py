"""Buttons and links of the theme are named in the language of the page, and none is forgotten."""

import re
from pathlib import Path

import pydata_sphinx_theme
import pytest
import sphinx
import sphinx_book_theme

from evaluation.locale.messages import by_english
from evaluation.site.building import finish, with_names

BUTTON = '<html lang="{}"><button title="{}" aria-label="{}">Main</button>'
# parts of the theme that no page has: there is no choice of versions and no announcement
ABSENT = {"Version switcher list", "Announcement"}
# a name with a brace is one of a template, and goes through the theme's translations
LITERAL = re.compile(r'\b(?:title|aria-label)="([A-Z][^"{]*)"')
LINK = re.compile(r"_\('(Link to this \w+)'\)")


@pytest.mark.parametrize(
    ("language", "title", "label"),
    [
        ("es", "Mostrar u ocultar el menú", "Principal"),
        ("en", "Toggle primary sidebar", "Main"),
        ("fr", "Toggle primary sidebar", "Main"),
    ],
)
def test_a_button_has_its_name_in_the_language_of_its_page(language, title, label):
    page = BUTTON.format(language, "Toggle primary sidebar", "Main")
    assert with_names(page) == BUTTON.format(language, title, label)


def test_other_names_and_words_of_the_page_stay(tmp_path):
    page = '<html lang="es"><a title="Main results" href="Page">Page</a> title="Page of it"'
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    finish(tmp_path)
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == page
    moved = 'http-equiv="refresh" title="Page"'
    assert with_names(moved) == moved


def test_every_name_that_the_theme_and_sphinx_write_in_english_is_known():
    """An upgrade that adds or renames one is noticed here, not by a reader."""
    known = set(by_english("book-theme", "es"))
    themes = (sphinx_book_theme, pydata_sphinx_theme)
    written = {
        name
        for theme in themes
        for path in (Path(theme.__file__).parent / "theme").rglob("*.html")
        for name in LITERAL.findall(path.read_text(encoding="utf-8"))
    }
    folder = Path(sphinx.__file__).parent
    for path in (folder / "writers" / "html5.py", folder / "ext" / "mathjax.py"):
        written |= set(LINK.findall(path.read_text(encoding="utf-8")))
    assert written - ABSENT == known


def test_names_differ_between_the_languages():
    assert all(en != es for en, es in by_english("book-theme", "es").items())
