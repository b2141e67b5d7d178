"""The software's site says what it is itself, and marks invented data where it shows them."""

import json
import re

import pytest

from evaluation.site import building, software_site
from tests.conftest import absent
from tests.site.conftest import REPOSITORY, assemble, content, write_book, write_results

SITE = REPOSITORY / "build" / "software" / "site"
STUDY = "the small study"


def own() -> dict:
    given = content()
    given["facts"] |= {"version": "9.9", "commit": "commit abc of a day"}
    return software_site.own_content(given)


def test_title_footer_and_description_are_not_those_of_a_study():
    found = own()
    said = json.loads(found["config"]["footer"]) + found["facts"]["question"]
    assert "9.9" in said
    assert "commit abc of a day" in said
    assert STUDY not in said
    # no result is behind it: plan and data are the example's
    assert found["plan_hash"][:12] not in said
    assert found["facts"]["title"] == json.loads(found["config"]["title"]) == software_site.TITLE


@pytest.mark.book
def test_the_banner_is_on_the_pages_that_show_invented_data(tmp_path):
    write_results(tmp_path / "results")
    write_book(tmp_path / "book")
    given = own() | {"bannered": ["list"]}
    assemble(tmp_path, given)
    site = building.build(tmp_path / "source", tmp_path / "output")
    marked = {p.stem: "synthetic-banner" in p.read_text("utf-8") for p in site.glob("*.html")}
    assert marked == {"index": False, "list": True, "search": False}
    described = {
        name: re.search('<meta name="description" content="([^"]*)"', text)[1]
        for name in marked
        if (text := (site / f"{name}.html").read_text("utf-8"))
    }
    assert described["list"].startswith("SYNTHETIC DATA. ")
    assert "SYNTHETIC" not in described["index"]


@pytest.mark.built
def test_the_built_site_of_the_software():
    if not SITE.is_dir():
        absent("make software has not run here")
    pages = {p.relative_to(SITE).with_suffix("").as_posix(): p for p in SITE.rglob("*.html")}
    pages = {name: path.read_text("utf-8") for name, path in pages.items() if "files/" not in name}
    bannered = {name for name, text in pages.items() if "synthetic-banner" in text}
    assert bannered == set(software_site.OF_STUDY)
    study = "Somos Comunidad"
    for name, text in pages.items():
        footer = text.partition('class="evaluation-footer"')[2].partition("</p>")[0]
        assert footer
        assert study not in footer, name
        assert "#report-an-error" in text, name
    # exhibits of the demonstration are on marked pages alone
    shown = {name for name, text in pages.items() if re.search('exhibit-code">SC-', text)}
    assert shown
    assert shown <= bannered
