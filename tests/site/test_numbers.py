"""References to numbers: each page is opened once, and everything else is the build's own."""

from types import SimpleNamespace

from tests.site.conftest import load_extension


def test_a_page_is_opened_once_for_all_references_to_it():
    numbers = load_extension("evaluation_numbers")
    opened = []
    env = SimpleNamespace(get_doctree=lambda name: opened.append(name) or [name], config="config")
    pages = numbers.OpenPages(env)
    assert [pages.get_doctree(name) for name in ("a", "b", "a", "b")] == [["a"], ["b"]] * 2
    assert pages.get_doctree("a") is pages.get_doctree("a")
    assert opened == ["a", "b"]
    assert pages.config == "config"
