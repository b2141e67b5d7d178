"""Every planted fault stops the book with a message that names its place and the fix.

``python -m tests.site.planted`` runs the same kinds and writes the book's table of them.
"""

import pytest

from evaluation.site.page_check import BUILDING, BookFaults, Fault, warned
from tests.site.planted import files, run, table

pytestmark = pytest.mark.book
ALONE = (*files.BEFORE, *files.BUILT)


def stored(found: run.Found) -> run.Found:
    """What the book's table rests on, for the same kinds."""
    results = table.results()
    return {words: results.get(words, {}) for words in found}


def check(found: run.Found) -> None:
    silent = [(w, language) for w, named in found.items() for language in named
              if named[language] == run.NOTHING]  # fmt: skip
    assert silent == []
    assert found == stored(found), "run python -m tests.site.planted, and look"


@pytest.mark.parametrize("together", [run.ON_PAGES, run.RAW], ids=["as built", "as finished"])
def test_faults_on_pages_of_their_own_are_all_named(together):
    found = run.seen_together(together)
    assert all(found.values())
    check(found)


@pytest.mark.parametrize("kind", ALONE, ids=lambda kind: kind.words)
def test_a_fault_in_the_files_of_the_book_stops_it(kind):
    check(run.seen_alone(kind))


@pytest.mark.parametrize("kind", files.NOTEBOOKS, ids=lambda kind: kind.words)
def test_a_fault_in_a_notebook_stops_its_execution(kind):
    check(run.executed(kind))


def test_a_result_is_stored_of_every_kind_and_of_no_other():
    together = [kind for part in (*run.ON_PAGES, *run.RAW) for kind in part]
    kinds = [kind.words for kind in (*together, *ALONE, *files.NOTEBOOKS)]
    # tests/faults holds the page to these results
    assert list(table.results()) == kinds


def test_ten_faults_are_told_and_the_others_counted():
    faults = [Fault(f"page.md:{n}", "number", (f"tbl-x.{n}",)) for n in range(12)]
    error = BookFaults(faults, BUILDING)
    assert error.listed("en").splitlines()[0] == "the book does not build:"
    assert error.listed("en").splitlines()[-1] == "  ... and 2 more"
    assert "page.md:9: no hay ninguna cifra `tbl-x.9` [number]" in error.listed("es")
    assert "tbl-x.10" not in error.listed("en")


def test_the_command_for_translations_names_the_study():
    fault = Fault("page.md:1", "untranslated", ("A text",))
    error = BookFaults([fault], BUILDING, "small")
    assert "`python -m evaluation translations write --study small`" in error.listed("en")
    assert "`python -m evaluation translations write --study small`" in error.listed("es")


def test_what_no_rule_knows_is_told_as_it_was_said(tmp_path):
    output = f"\x1b[31m{tmp_path}/a.md:7: WARNING: something new\x1b[39;49;00m\nRuntimeError:\n"
    assert warned(output, tmp_path) == [Fault("a.md:7", "", ("something new",))]
    assert warned(f"{output}OSError: no space\n", tmp_path)[1:] == [
        Fault("book", "", ("OSError: no space",))
    ]
    assert warned("killed\n", tmp_path) == [Fault("book", "", ("killed",))]
