"""Printing: which browser, what a clock may not leave in the file, and two prints alike."""

import dataclasses
import datetime
import re
import stat
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from evaluation.errors import ReportError
from evaluation.report import brief, brief_files
from evaluation.site import printed_page
from evaluation.site import prints as pdf
from evaluation.site.chromium import Described, find_chromium, folios, print_page, settled
from evaluation.storage.commit import Commit
from tests.conftest import absent
from tests.report import examples
from tests.report.test_brief import MARKED

DESCRIBED = Described(
    title="Título [SYNTHETIC]",
    author="Someone",
    language="es",
    subject="How to cite",
    day=datetime.date(2026, 11, 25),
    made_by="evaluation 1.2.3",
)
# A4 in points, ISO 216: 210 mm x 297 mm, to the half point that printing rounds to
A4 = (595, 842)


def a_document(*, uri="", tagged="yes", seconds="01"):
    document = pikepdf.new()
    document.add_blank_page(page_size=A4)
    if tagged == "yes":
        document.Root.StructTreeRoot = pikepdf.Dictionary()
        document.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
    if uri:
        action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(uri))
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, A=action)
        document.pages[0].Annots = pikepdf.Array([note])
    document.docinfo["/CreationDate"] = f"D:202611250000{seconds}Z"
    document.docinfo["/Producer"] = "Skia"
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def browser():
    """Chromium; where CI is true it has to be there."""
    try:
        return find_chromium()
    except ReportError:
        absent("there is no Chromium on this machine")


def test_a_machine_without_chromium_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(ReportError, match="printed by Chromium") as caught:
        find_chromium()
    assert "apt install chromium" in str(caught.value.fix)
    assert "CHROMIUM=" in str(caught.value.fix)


def test_the_named_browser_is_used_and_a_wrong_name_is_said(monkeypatch, tmp_path):
    program = tmp_path / "my-browser"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CHROMIUM", str(program))
    assert find_chromium() == str(program)
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    with pytest.raises(ReportError, match="no-such-browser"):
        find_chromium()


def test_a_browser_that_fails_is_told_with_its_last_words(tmp_path):
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\necho first >&2\necho it broke >&2\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(ReportError, match="it broke"):
        print_page(str(program), tmp_path / "a.html", tmp_path / "profile")


def test_a_settled_file_has_fixed_dates_title_and_language():
    data, pages = settled(a_document(), DESCRIBED)
    assert pages == 1
    with pikepdf.open(BytesIO(data)) as document:
        assert str(document.Root.Lang) == "es"
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle) is True
        info = {name: str(text) for name, text in document.docinfo.items()}
    assert info == {
        "/Title": "Título [SYNTHETIC]",
        "/Author": "Someone",
        "/Subject": "How to cite",
        "/Creator": "evaluation 1.2.3",
        "/Producer": "evaluation 1.2.3",
        "/CreationDate": "D:20261125000000Z",
        "/ModDate": "D:20261125000000Z",
    }


def test_two_prints_at_other_times_become_the_same_bytes():
    first, second = a_document(seconds="01"), a_document(seconds="02")
    assert first != second
    assert settled(first, DESCRIBED) == settled(second, DESCRIBED)


def a_table(first: int) -> bytes:
    """A tagged table of a header and a cell, with ids as Chromium gives them from `first` on."""
    with pikepdf.open(BytesIO(a_document())) as document:
        ids = [pikepdf.String(f"node{first + step:08}") for step in (0, 5)]
        cells = [
            document.make_indirect(
                pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name(kind), ID=own)
            )
            for kind, own in zip(("/TH", "/TD"), ids, strict=True)
        ]
        cells[1].A = pikepdf.Array([pikepdf.Dictionary(O=pikepdf.Name.Table, Headers=[ids[0]])])
        tree = pikepdf.NameTree.new(document)
        for own, cell in zip(ids, cells, strict=True):
            tree[str(own)] = cell
        document.Root.StructTreeRoot.IDTree = tree.obj
        document.Root.StructTreeRoot.K = pikepdf.Array(cells)
        buffer = BytesIO()
        document.save(buffer)
        return buffer.getvalue()


def test_ids_that_begin_higher_on_a_busy_machine_become_the_same_bytes():
    first, second = a_table(378), a_table(99_999_990)
    assert first != second
    data, _ = settled(first, DESCRIBED)
    assert settled(second, DESCRIBED)[0] == data
    with pikepdf.open(BytesIO(data)) as document:
        header, cell = document.Root.StructTreeRoot.K
        assert str(header.ID) == "node00000001"
        assert [str(name) for name in cell.A[0].Headers] == [str(header.ID)]
        tree = pikepdf.NameTree(document.Root.StructTreeRoot.IDTree)
        assert {name: str(found.S) for name, found in tree.items()} == {
            "node00000001": "/TH",
            "node00000002": "/TD",
        }


@pytest.mark.book
def test_letters_of_a_printed_page_come_along_and_not_from_the_machine(monkeypatch, tmp_path):
    # a family that no machine has, so that the letters can only be those in the page
    own = (("Of The Page", "DejaVuSerif.ttf", 400, "normal"),)
    monkeypatch.setattr(printed_page, "FILES", own)
    page = tmp_path / "page.html"
    style = (
        f"{printed_page.faces()} p {{ font-family: 'Of The Page', 'DejaVu Sans Mono', monospace }}"
    )
    page.write_text(f"<html lang=en><style>{style}</style><p>a b</p></html>", encoding="utf-8")
    data = print_page(browser(), page, tmp_path / "profile")
    with pikepdf.open(BytesIO(data)) as document:
        fonts = document.pages[0].Resources.Font.values()
        assert [str(font.BaseFont).split("+")[1] for font in fonts] == ["DejaVuSerif"]


def test_every_family_that_the_sheets_name_comes_along():
    sheets = (Path(__file__).parents[2] / pdf.STYLE).read_text(encoding="utf-8")
    sheets += brief_files.STYLE.read_text("utf-8")
    named = set(re.findall(r'"([A-Z][\w ]+)"', sheets))
    assert named == {family for family, *_ in printed_page.FILES}


def test_a_bookmark_gets_back_the_blank_that_a_line_end_took():
    with pikepdf.open(BytesIO(a_document())) as document:
        with document.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("What youmay say", 0))
            outline.root[0].children.append(pikepdf.OutlineItem("Other", 0))
        buffer = BytesIO()
        document.save(buffer)
    described = dataclasses.replace(DESCRIBED, headings=("What you may say",))
    data, _ = settled(buffer.getvalue(), described)
    with pikepdf.open(BytesIO(data)) as document, document.open_outline() as outline:
        assert [item.title for item in outline.root] == ["What you may say"]
        assert [item.title for item in outline.root[0].children] == ["Other"]
        assert document.Root.PageMode == "/UseOutlines"


def test_the_sheet_of_a_place_is_read_from_the_print():
    with pikepdf.open(BytesIO(a_document())) as document:
        document.add_blank_page(page_size=A4)
        document.Root.Dests = pikepdf.Dictionary({
            f"/{name}": pikepdf.Array([page.obj, pikepdf.Name.XYZ, 0, 700, 0])
            for name, page in zip(("part-0", "notebooks/x"), document.pages, strict=True)
        })  # fmt: skip
        buffer = BytesIO()
        document.save(buffer)
    assert folios(buffer.getvalue()) == {"part-0": 1, "notebooks/x": 2}
    assert folios(a_document()) == {}


class Pages:
    """A book whose document says which sheets it was given."""

    def page(self, sheets):
        return f"<h1>{sorted(sheets.items())}</h1>"


@pytest.mark.parametrize(("moves", "prints"), [((1, 2, 2), 3), ((1, 1), 2)])
def test_a_book_is_printed_until_its_contents_name_the_sheets_of_the_print(
    monkeypatch, tmp_path, moves, prints
):
    found = iter(moves)
    printed = []
    monkeypatch.setattr(
        pdf, "print_page", lambda _, page, __: printed.append(page.read_text("utf-8")) or b""
    )
    monkeypatch.setattr(pdf, "folios", lambda _: {"a": next(found)})
    monkeypatch.setattr(pdf, "settled", lambda _, described: (described.headings, 1))
    (headings, _) = pdf._printed_book(Pages(), DESCRIBED, "browser", tmp_path, tmp_path)
    assert len(printed) == prints
    assert headings == (f"[('a', {moves[-1]})]",)


def test_contents_that_move_with_every_print_are_refused(monkeypatch, tmp_path):
    found = iter(range(99))
    monkeypatch.setattr(pdf, "print_page", lambda *_: b"")
    monkeypatch.setattr(pdf, "folios", lambda _: {"a": next(found)})
    with pytest.raises(ReportError, match="move with every print"):
        pdf._printed_book(Pages(), DESCRIBED, "browser", tmp_path, tmp_path)


def test_a_file_without_tags_is_refused():
    with pytest.raises(ReportError, match="no tags"):
        settled(a_document(tagged="no"), DESCRIBED)


def test_a_link_to_a_file_of_this_machine_is_refused():
    with pytest.raises(ReportError, match="file of this machine") as caught:
        settled(a_document(uri="file:///my-folder/x.csv"), DESCRIBED)
    assert "page 1" in str(caught.value)
    assert "my-folder" not in str(caught.value)
    assert settled(a_document(uri="https://doi.org/10.1"), DESCRIBED)[1] == 1


def test_the_day_is_that_of_the_commit_and_else_that_of_the_last_interviews():
    day = datetime.date(2026, 1, 2)
    assert pdf.day_of(examples.CONFIGURATION, Commit("a" * 40, day, changed=True)) == day
    last = max(entry.end for entry in examples.STUDY.round)
    assert pdf.day_of(examples.CONFIGURATION, None) == last


@pytest.mark.book
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_brief_is_two_tagged_pages_of_a4_and_printed_alike_twice(tmp_path, language):
    chromium = browser()
    source = examples.source(MARKED)
    content = brief.brief(type(source)(
        records=source.records, configuration=MARKED, language=language
    ))  # fmt: skip
    prints = []
    for name in ("one", "a folder ñ"):
        page = tmp_path / name / "brief.html"
        page.parent.mkdir()
        page.write_text(brief_files.to_page(content, faces=printed_page.faces()), encoding="utf-8")
        data = print_page(chromium, page, tmp_path / name / "profile")
        prints.append(settled(data, DESCRIBED))
    assert prints[0] == prints[1]
    assert prints[0][1] == 2
    check_paper(prints[0][0])


def check_paper(data: bytes) -> None:
    """Every page is A4, upright or on its side, and the file is tagged."""
    with pikepdf.open(BytesIO(data)) as document:
        sizes = {tuple(sorted(round(float(x)) for x in p.MediaBox[2:])) for p in document.pages}
        assert sizes == {A4}
        assert bool(document.Root.MarkInfo.Marked) is True


def test_the_sheet_for_paper_is_not_one_that_the_site_loads():
    # Jupyter Book links every style sheet of _static to every page
    assert pdf.STYLE.parent.name == "_print"
    assert "@page" in (Path(__file__).parents[2] / pdf.STYLE).read_text(encoding="utf-8")
