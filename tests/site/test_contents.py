"""Pages that no table of contents names: parts of other pages, and pages of other studies."""

import pytest

from evaluation.errors import ReportError
from evaluation.fieldwork.drafting.draft_study import CONTENTS, book_pages
from tests.site.conftest import assemble, content
from tests.site.planted import files

PART = "Text of a part.\n"


def test_a_part_that_a_page_includes_is_no_lost_page(small):
    files.writes("book/common/part.md", PART)(small)
    files.appends("book/common/list.md", "\n```{include} part.md\n```\n")(small)
    assert (assemble(small, content()) / "part.md").is_file()


def test_a_part_that_a_notebook_includes_is_no_lost_page(small):
    files.writes("book/small/part.md", PART)(small)
    chapter = files.chapter(files.markdown("# Title\n\n```{include} ../part.md\n```"))
    files.writes("results/notebooks/one.ipynb", chapter)(small)
    files.appends(files.TABLE, "  - file: notebooks/one\n")(small)
    assert (assemble(small, content()) / "part.md").is_file()


def test_a_common_page_may_be_for_other_studies_and_a_study_s_own_may_not(small):
    files.writes(
        "book/_toc.other.yml", "format: jb-book\nroot: index\nchapters:\n  - file: more\n"
    )(small)
    files.writes("book/common/more.md", "# More\n")(small)
    assert assemble(small, content()).is_dir()
    files.writes("book/small/more.md", "# More of this study\n")(small)
    with pytest.raises(ReportError, match="no table of contents") as stopped:
        assemble(small, content(), "again")
    assert stopped.value.where == "book/small/more.md"


def test_what_a_draft_leaves_out_of_its_contents_is_a_part_of_a_chapter():
    pages = book_pages()
    listed = pages.pop(CONTENTS)
    left = [name for name in pages if f"file: {name.removesuffix('.md')}\n" not in listed]
    assert sorted(left) == [
        "assumption.md", "attrition_part.md", "balance_part.md", "index.md",
        "reporting_part.md", "rerun_part.md", "sample_part.md",
    ]  # fmt: skip
    assert "root: index" in listed
    assert "notebooks/main_results" in listed
