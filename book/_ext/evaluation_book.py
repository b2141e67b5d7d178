# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Sphinx extension of the book: it prints what the pipeline made and never computes.

Everything comes from the folder that ``evaluation_results`` names: ``numbers.json``,
``book.json`` (facts of the study and the build) and ``exhibits/<id>.json``. Whatever a page asks
for and does not find is a warning, and the book stage stops on warnings.

Roles: ``val`` (a number), ``study`` (a fact of the study), ``sentence`` (a generated sentence),
``exhibit`` (a numbered reference). Directives: ``exhibit`` and ``exhibit-list``.
"""

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import evaluation_cite
import evaluation_exhibits
import evaluation_notes
import evaluation_quotes
import evaluation_reference
import evaluation_translations
from docutils import nodes
from docutils.parsers.rst import Directive, directives
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.nodes import get_node_line

LOGGER = logging.getLogger(__name__)
# what stands in brackets inside a sentence: on the first page it is set back
BRACKETS = re.compile(r"(\([^()]*\))")
# the tool is one word: no line ends before its number
TOOL = re.compile(r"(?<=\bRoB) (?=2\b)")


def load_results(app: Sphinx) -> None:
    """Read the results folder once and keep it in the build environment."""
    folder = Path(app.confdir) / app.config.evaluation_results
    exhibits = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((folder / "exhibits").glob("*.json"))
    ]
    app.env.evaluation = {  # type: ignore[attr-defined]
        "numbers": _read(folder / "numbers.json").get("numbers", {}),
        "book": _read(folder / "book.json"),
        "exhibits": {exhibit["id"]: exhibit for exhibit in exhibits if "id" in exhibit},
        "citable": (citable := _read(folder / "exhibits" / "citable.json")),
        "annex": {exhibit["id"]: exhibit for exhibit in citable.get("annex", ())},
    }


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        LOGGER.warning("results file %s is missing", path.name)
        return {}
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


class _Looked(SphinxRole):
    """A role whose text comes from the results."""

    def results(self, part: str) -> dict[str, Any]:
        found: dict[str, Any] = self.env.evaluation[part]  # type: ignore[attr-defined]
        return found

    def plain(self, text: str, kind: str) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        parts = (
            nodes.inline("", part, classes=["in-brackets"]) if part[:1] == "(" else nodes.Text(part)
            for part in BRACKETS.split(TOOL.sub("\u00a0", evaluation_exhibits.unbroken(text)))
        )
        return [nodes.inline(self.rawtext, "", *parts, classes=[f"evaluation-{kind}"])], []

    def unknown(self, what: str) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        LOGGER.warning("unknown %s: %s", what, self.text, location=self.get_location())
        return [nodes.inline(self.rawtext, "??")], []


class ValueRole(_Looked):
    """``{val}`tbl-did-main.trust.estimate``` with an optional ``:unit`` or ``:abs``."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Print the number, or warn where the key or the style is unknown."""
        key, _, style = self.text.partition(":")
        try:
            return self.plain(
                evaluation_exhibits.shown(self.results("numbers")[key], style), "value"
            )
        except KeyError:
            return self.unknown("number")


# a fact that nobody gave
UNSAID = "unsaid"


class Unsaid(SphinxTransform):
    """Leave out the paragraph, or entry of a list, that names a fact which nobody gave.

    After the translation of the page, and before its titles are collected: a section of which
    nothing is left goes too.
    """

    default_priority = 800

    def apply(self, **_: Any) -> None:
        """Take them out of the page."""
        for role in list(self.document.findall(nodes.inline)):
            if f"evaluation-{UNSAID}" in role["classes"]:
                _leave_out(role)


def _leave_out(role: nodes.inline) -> None:
    """Remove the block that a role stands in, and what holds nothing then."""
    block = role.parent
    while block is not None and not isinstance(block, nodes.paragraph):
        block = block.parent
    while block is not None and block.parent is not None:
        above = block.parent
        above.remove(block)
        left = [node for node in above if not isinstance(node, nodes.title)]
        # a page stays, whatever it says
        if left or isinstance(above.parent, nodes.document):
            return
        block = above


class StudyRole(_Looked):
    """``{study}`title```: a fact of the study's configuration or of the build."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Print the fact, or warn where there is none of that name."""
        facts = self.results("book").get("facts", {})
        if self.text not in facts:
            return self.unknown("fact of the study")
        if not facts[self.text]:
            return self.plain("", UNSAID)
        return self.plain(facts[self.text], "fact")


class SentenceRole(_Looked):
    """``{sentence}`tbl-did-main.trust.reading```: words the report layer wrote from records."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Print the words, or warn where there are none of that name."""
        number = self.results("numbers").get(self.text, {})
        if number.get("kind") != "text":
            return self.unknown("sentence")
        return self.plain(number["text"], "sentence")


class ExhibitRole(SphinxRole):
    """``{exhibit}`tbl-did-main```: its number as a link, checked like any other reference.

    An exhibit of the annex is a link to the file that holds it.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave the reference to Sphinx, which warns where the target is missing."""
        results = self.env.evaluation  # type: ignore[attr-defined]
        if self.text in results["annex"]:
            exhibit = results["annex"][self.text]
            return [evaluation_exhibits.in_annex(exhibit, results["book"]["words"])], []
        link = evaluation_exhibits.reference(self.text, self.env.docname)
        self.set_source_info(link)
        return [link], []


class ExhibitDirective(SphinxDirective):
    """``{exhibit} tbl-did-main``: a numbered, anchored table or figure with all it must carry.

    With ``:repeat:`` a figure is shown again, without number and anchor, and names its place. With
    ``:unlinked:`` ids of exhibits in its cells stay words: they stand in another site.
    """

    required_arguments = 1
    # docutils declares it so
    option_spec = {"repeat": directives.flag, "unlinked": directives.flag}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Build the nodes, or warn where the exhibits stage made no such exhibit."""
        identifier = self.arguments[0]
        exhibit = self.env.evaluation["exhibits"].get(identifier)  # type: ignore[attr-defined]
        if exhibit is None:
            LOGGER.warning("unknown exhibit: %s", identifier, location=self.get_location())
            return []
        if "repeat" in self.options:
            link = evaluation_exhibits.reference(identifier, self.env.docname)
            place = nodes.paragraph("", "", link, nodes.Text(f" {exhibit['title']}"))
            place["classes"].append("exhibit-place")
            picture = evaluation_exhibits.picture(exhibit)
            shown = nodes.container("", picture, classes=["exhibit-figure"])
            return evaluation_translations.generated([shown, place])
        words = self.env.evaluation["book"]["words"]  # type: ignore[attr-defined]
        body = evaluation_exhibits.numbered(exhibit, words)
        body["names"].append(identifier)
        self.state.document.note_explicit_target(body, body)
        annex = self.env.evaluation["annex"]  # type: ignore[attr-defined]
        evaluation_exhibits.annex_links(body, annex, words)
        for link in list(body.findall(pending_xref)):
            link["refdoc"] = self.env.docname
            if "unlinked" in self.options:
                link.replace_self(nodes.literal("", link["reftarget"]))
        facts = self.env.evaluation["book"].get("facts", {})  # type: ignore[attr-defined]
        shown = evaluation_exhibits.build(exhibit, body, words, facts)
        return evaluation_translations.generated(shown)


class NotebookListDirective(SphinxDirective):
    """``{notebook-list}``: the executed notebooks at their lasting addresses."""

    def run(self) -> list[nodes.Node]:
        """A list of links."""
        names = self.env.evaluation["book"]["notebooks"]  # type: ignore[attr-defined]
        items = "".join(
            f'<li><a href="{{root}}files/{name}.ipynb" download>{name}.ipynb</a></li>'
            for name in names
        )
        return [nodes.raw("", f"<ul>{items}</ul>", format="html")]


def check_images(_: Sphinx, document: nodes.document) -> None:
    """Warn on every image without alternative text (Sphinx would print the file name)."""
    for image in document.findall(nodes.image):
        if not image.get("alt", "").strip():
            place = (document.settings.env.docname, get_node_line(image))
            LOGGER.warning("image without alt text: %s", image["uri"], location=place)


def finish_page(app: Sphinx, page: str, _: str, context: dict[str, Any], __: Any) -> None:
    """Put the banner on top, resolve the lasting addresses, fix the citation lists' roles."""
    book = app.env.evaluation["book"]  # type: ignore[union-attr]
    others = {
        language: "../" * (page.count("/") + 2) + f"{language}/site/{page}.html"
        for language in book.get("languages", ())
        if language != app.config.language
    }
    context["evaluation_languages"] = others
    context["metatags"] = context.get("metatags", "") + "".join(
        f'<link rel="alternate" hreflang="{language}" href="{address}">'
        for language, address in others.items()
    )
    # of the software's site, only some pages show results of a study
    marked = page in book.get("bannered", (page,))
    context["evaluation_mark"] = book.get("mark", "") if marked else ""
    banner = book.get("banner", "") if marked else ""
    context["evaluation_banner"] = (
        f'<p class="synthetic-banner" role="note">{escape(banner)}</p>' if banner else ""
    )
    if "body" in context:
        root = "../" * page.count("/")
        body = context["body"].replace("{root}files/", f"{root}files/")
        # the role "list" on a citation's container promises list items that are not there
        body = body.replace(
            '<div role="list" class="citation-list">', '<div class="citation-list">'
        )
        # deprecated in ARIA 1.3, and the list says as much
        body = body.replace(' role="doc-biblioentry"', "")
        context["body"] = context["evaluation_banner"] + body


class FoldedDirective(SphinxDirective):
    """``{folded}``: evidence behind a table, which a reader unfolds."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """The content between the marks of a fold."""
        words = self.env.evaluation["book"]["words"]  # type: ignore[attr-defined]
        return evaluation_notes.unfolded(words["evidence"], *self.parse_content_to_nodes())


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_config_value("evaluation_results", "_results", "env")
    app.setup_extension("evaluation_numbers")
    app.setup_extension("evaluation_translations")
    app.setup_extension("evaluation_prose")
    app.setup_extension("evaluation_markup")
    app.setup_extension("evaluation_search")
    app.setup_extension("evaluation_glossary")
    app.setup_extension("evaluation_notes")
    app.setup_extension("evaluation_head")
    app.add_transform(Unsaid)
    for name, role in (
        ("val", ValueRole()),
        ("study", StudyRole()),
        ("sentence", SentenceRole()),
        ("exhibit", ExhibitRole()),
    ):
        app.add_role(name, role)
    offered: tuple[tuple[str, type[Directive]], ...] = (
        ("exhibit", ExhibitDirective),
        ("folded", FoldedDirective),
        ("exhibit-list", evaluation_cite.ExhibitListDirective),
        ("how-to-cite", evaluation_cite.HowToCiteDirective),
        ("citable-workbook", evaluation_cite.WorkbookDirective),
        ("first-downloads", evaluation_cite.FirstDownloadsDirective),
        ("annex-workbook", evaluation_cite.AnnexDirective),
        ("script-list", evaluation_cite.ScriptsDirective),
        ("share-cards", evaluation_cite.CardsDirective),
        ("notebook-list", NotebookListDirective),
        ("quotes", evaluation_quotes.QuotesDirective),
        ("api", evaluation_reference.ApiDirective),
        ("checksums", evaluation_cite.ChecksumsDirective),
    )
    for name, directive in offered:
        app.add_directive(name, directive)
    app.connect("builder-inited", load_results)
    app.connect("doctree-read", check_images)
    app.connect("doctree-resolved", evaluation_cite.order_by_number)
    app.connect("html-page-context", finish_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
