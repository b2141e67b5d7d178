"""Printing: what a PDF says of itself, what a page may ask for, and two prints alike."""

import base64
import datetime
import io
import re
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from matplotlib import image

from evaluation.errors import ReportError
from evaluation.report import brief, brief_files
from evaluation.report.figures import markup
from evaluation.site import pango, printed_page
from evaluation.site import prints as pdf
from evaluation.storage.commit import Commit
from tests.conftest import absent
from tests.report import examples
from tests.report.test_brief import MARKED
from tests.site.printed_text import places, runs

DESCRIBED = {
    "authors": ["Someone"],
    "description": "How to cite",
    "generator": "evaluation 1.2.3",
    "created": "2026-11-25",
    "modified": "2026-11-25",
}
# A4 in points, ISO 216: 210 mm x 297 mm, to the whole point
A4 = (595, 842)
STYLE = (Path(__file__).parents[2] / "book" / pdf.STYLE).read_text(encoding="utf-8")


def a_page(body: str, *, style: str = "") -> str:
    head = f"<title>Título [SYNTHETIC]</title><style>{style}</style>"
    return f"<!doctype html><html lang=es>{head}{body}"


@pytest.fixture
def printed(tmp_path):
    """What prints a page whose files lie in the test's folder; where CI is true it is there."""
    try:
        print_page = pango.printer()
    except ReportError:
        absent("there is no Pango on this machine")
    return lambda text, described=DESCRIBED: print_page(text, described, tmp_path)


def text_of(data: bytes) -> str:
    return "".join(run.text for run in runs(data))


def test_a_machine_without_pango_is_told_what_to_install(monkeypatch):
    def import_module(name):
        raise OSError("cannot load library")  # as WeasyPrint does

    monkeypatch.setattr(pango, "LIBRARIES", ("no-such-library.so.0",))
    monkeypatch.setattr(pango, "import_module", import_module)
    with pytest.raises(ReportError, match="not installed") as caught:
        pango.printer()
    assert "apt install libpangoft2" in str(caught.value.fix)
    assert pango.unprintable("en") == f"{caught.value.problem}; {caught.value.fix}"
    assert pango.unprintable("es").startswith("no está instalada Pango")


def test_where_there_is_pango_nothing_is_missing(printed):
    assert pango.unprintable("en") == ""


def test_only_what_prints_imports_weasyprint():
    found = [
        path.name
        for path in (Path(pdf.__file__).parents[1]).rglob("*.py")
        if re.search(r"^\s*(?:from|import) weasyprint", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert found == ["printer.py"]


def test_a_print_says_what_it_is_and_is_tagged_for_screen_readers(printed):
    data, sheets = printed(a_page("<h1>One</h1><h2 style='break-before: page'>Two</h2>"))
    assert sheets == 2
    with pikepdf.open(BytesIO(data)) as document:
        root = document.Root
        assert str(root.Lang) == "es"
        assert bool(root.ViewerPreferences.DisplayDocTitle) is True
        assert root.PageMode == "/UseOutlines"
        assert "/StructTreeRoot" in root
        # ISO 14289-1, 5: the file says by which part it is made
        assert document.open_metadata()["pdfuaid:part"] == "1"
        info = {name: str(text) for name, text in document.docinfo.items()}
        with document.open_outline() as outline:
            assert [item.title for item in outline.root] == ["One"]
            assert [item.title for item in outline.root[0].children] == ["Two"]
    assert info.pop("/Producer").startswith("WeasyPrint")
    assert info == {
        "/Title": "Título [SYNTHETIC]",
        "/Author": "Someone",
        "/Subject": "How to cite",
        "/Creator": "evaluation 1.2.3",
        "/CreationDate": "D:20261125",
        "/ModDate": "D:20261125",
    }


PIXEL = io.BytesIO()
image.imsave(PIXEL, [[0.5]], format="png")
INSIDE = f"data:image/png;base64,{base64.b64encode(PIXEL.getvalue()).decode()}"


def a_picture(address: str) -> str:
    return a_page(f'<img src="{address}" alt="a point">')


def test_a_page_shows_what_lies_in_its_own_folder_or_in_itself(printed, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "own ñ.png").write_bytes(PIXEL.getvalue())
    for address in ("files/own ñ.png", "files/own%20%C3%B1.png", INSIDE):
        data, _ = printed(a_picture(address))
        with pikepdf.open(BytesIO(data)) as document:
            assert len(document.pages[0].get_images()) == 1


@pytest.mark.parametrize(
    "address",
    ["https://example.org/x.png", "http://localhost/x.png", "ftp://example.org/x.png",
     "//example.org/x.png", "../x.png", "files/../../x.png", "file:///x.png", "link.png",
     "absent.png"],
)  # fmt: skip
def test_a_page_that_asks_for_anything_else_is_not_printed(tmp_path, printed, address):
    outside = tmp_path.parent / "x.png"
    outside.write_bytes(PIXEL.getvalue())
    (tmp_path / "link.png").symlink_to(outside)
    with pytest.raises(ReportError, match="asks for") as caught:
        printed(a_picture(address))
    # which of them, without the machine's folders
    assert re.search(r"`(example\.org|localhost|x\.png|link\.png|absent\.png)`", str(caught.value))
    assert str(tmp_path.parent) not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    ["<link rel=stylesheet href='https://example.org/x.css'>",
     "<style>@import 'https://example.org/x.css';</style>",
     "<p style='background: url(https://example.org/x.png)'>a</p>",
     "<svg><image href='https://example.org/x.png' width='1' height='1'/></svg>",
     "<style>@font-face { font-family: A; src: url(https://example.org/x.ttf) }</style>"],
)  # fmt: skip
def test_nor_one_whose_style_or_drawing_asks(printed, body):
    with pytest.raises(ReportError, match=r"asks for `example\.org`"):
        printed(a_page(body))


def test_scripts_have_no_effect(printed):
    script = "<script>document.body.textContent = 'changed'</script>"
    data, _ = printed(a_page(f"<p>as written</p>{script}<p onload='changed()'>.</p>"))
    assert text_of(data) == "as written."


def test_letters_of_a_printed_page_come_along_and_not_from_the_machine(monkeypatch, printed):
    # a family that no machine has, so that the letters can only be those in the page
    own = (("Of The Page", "DejaVuSerif.ttf", 400, "normal"),)
    monkeypatch.setattr(printed_page, "FILES", own)
    style = (
        f"{printed_page.faces()} p {{ font-family: 'Of The Page', 'DejaVu Sans Mono', monospace }}"
    )
    assert fonts_of(printed(a_page("<p>a b</p>", style=style))[0]) == {"Of-The-Page"}


def fonts_of(data: bytes) -> set[str]:
    """Names of the typefaces that are in a file; one that is not there is an error."""
    with pikepdf.open(BytesIO(data)) as document:
        found = set()
        for page in document.pages:
            for font in page.Resources.Font.values():
                (inner,) = font.DescendantFonts
                assert {"/FontFile2", "/FontFile3"} & set(inner.FontDescriptor.keys())
                found.add(str(font.BaseFont).split("+")[1])
        return found


def test_every_family_that_the_sheets_name_comes_along():
    sheets = STYLE + brief_files.STYLE.read_text("utf-8")
    named = set(re.findall(r'"([A-Z][\w ]+)"', sheets))
    assert named == {family for family, *_ in printed_page.FILES}


DRAWN = (
    '<svg class="evaluation-figure" viewBox="0 0 90 30" role="img" aria-labelledby="a-title">'
    '<title id="a-title">A finding</title><desc id="a-desc">SYNTHETIC DATA. A bar.</desc>'
    '<rect width="9" height="9" style="fill:var(--svg-d55e00,#d55e00)"></rect>'
    '<text style="font-size:9px;fill:var(--svg-1a1a1a,#1a1a1a)" x="9" y="9">four</text></svg>'
)


def test_a_figure_keeps_its_colours_its_letters_and_its_description(printed):
    page = printed_page.drawable(a_page(DRAWN, style=printed_page.faces()))
    data, _ = printed(page)
    assert fonts_of(data) == {"Inter"}
    with pikepdf.open(BytesIO(data)) as document:
        drawn = b"".join(
            bytes(stream.read_bytes())
            for stream in document.objects
            if isinstance(stream, pikepdf.Stream) and b" rg" in stream.read_bytes()
        )
        # #d55e00 of 255
        assert re.search(rb"0\.83529\d* 0\.36862\d* 0 rg", drawn)
        elements = (each for each in document.objects if isinstance(each, pikepdf.Dictionary))
        said = [str(each.Alt) for each in elements if "/Alt" in each]
    assert said == ["A finding. SYNTHETIC DATA. A bar."]


def test_pages_write_figures_as_the_print_reads_them():
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g>'
        '<path d="M 0 0" style="fill: #d55e00"/></g></svg>'
    )
    written = markup.inline(drawn, name="a", title="T", described="D")
    read = printed_page.drawable(written)
    assert 'font-family="Inter"' in read
    assert "var(" not in read
    assert ">T. D</title>" in read


def test_a_picture_without_words_is_refused(printed):
    with pytest.raises(ReportError, match="no required alt"):
        printed(a_page(f'<img src="{INSIDE}">'))


def test_a_link_to_a_file_of_this_machine_is_refused(printed):
    with pytest.raises(ReportError, match="file of this machine") as caught:
        printed(a_page("<p>a</p><a href='files/x.csv' style='break-before: page'>b</a>"))
    assert "page" in str(caught.value.where)
    assert "files" not in str(caught.value)
    assert printed(a_page("<a href='https://doi.org/10.1'>b</a>"))[1] == 1


def test_a_link_that_leads_nowhere_is_refused(printed):
    with pytest.raises(ReportError, match="nowhere"):
        printed(a_page("<a href='#nowhere'>b</a>"))


def test_contents_name_the_sheet_that_each_of_their_links_leads_to(printed):
    lines = "".join(printed_page._line(f"a/{n}", f"Part {n}") for n in (1, 2))
    parts = "".join(f"<h1 id='a/{n}' style='break-before: page'>{n}</h1>" for n in (1, 2))
    data, _ = printed(a_page(f"<nav class='contents'><ul>{lines}</ul></nav>{parts}", style=STYLE))
    found = [run.text.strip() for run in runs(data) if run.sheet == 1]
    assert "".join(found) == "Part 12Part 23"
    assert places(data) == {"a/1": 2, "a/2": 3}


def test_the_edges_of_every_page_have_the_mark_and_the_sheets_number(printed):
    facts = {"version": "1.2", "plan_hash": "p" * 64, "data_hash": "d" * 64}
    edges = printed_page.margins(facts, "en", "SYNTHETIC DATA")
    data, _ = printed(a_page("<p>a<p style='break-before: page'>b", style=STYLE + edges))
    for sheet in (1, 2):
        said = "".join(run.text for run in runs(data) if run.sheet == sheet)
        assert "SYNTHETIC DATA" in said
        assert f"Page {sheet} of 2" in said
        assert "Version 1.2 · Plan checksum pppppppppppp" in said


def test_the_day_is_that_of_the_commit_and_else_that_of_the_last_interviews():
    day = datetime.date(2026, 1, 2)
    assert pdf.day_of(examples.CONFIGURATION, Commit("a" * 40, day, changed=True)) == day
    last = max(entry.end for entry in examples.STUDY.round)
    assert pdf.day_of(examples.CONFIGURATION, None) == last


@pytest.mark.book
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_brief_is_two_tagged_pages_of_a4_and_printed_alike_twice(tmp_path, language, printed):
    source = examples.source(MARKED)
    content = brief.brief(type(source)(
        records=source.records, configuration=MARKED, language=language
    ))  # fmt: skip
    page = printed_page.drawable(brief_files.to_page(content, faces=printed_page.faces()))
    prints = []
    for name in ("one", "a folder ñ"):
        (tmp_path / name).mkdir()
        prints.append(pango.printer()(page, DESCRIBED, tmp_path / name))
    assert prints[0] == prints[1]
    assert prints[0][1] == 2
    check_paper(prints[0][0])
    assert fonts_of(prints[0][0]) == {"Inter", "Inter-Bold"}


def check_paper(data: bytes) -> None:
    """Every page is A4, upright or on its side, and the file is tagged."""
    with pikepdf.open(BytesIO(data)) as document:
        sizes = {tuple(sorted(round(float(x)) for x in p.MediaBox[2:])) for p in document.pages}
        assert sizes == {A4}
        assert bool(document.Root.MarkInfo.Marked) is True


def test_the_sheet_for_paper_is_not_one_that_the_site_loads():
    # Jupyter Book links every style sheet of _static to every page
    assert pdf.STYLE.parent.name == "_print"
    assert "@page" in STYLE
