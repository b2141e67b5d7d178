"""What is wrong with a page, in plain words of both languages, and what to do about it.

Sphinx's own warnings are told by what they mean for the person who writes a page. What no rule
knows is told as Sphinx says it.
"""

import re
from collections.abc import Mapping

# By name, the pattern of the strict build's warnings (empty where the finished pages are read) and
# the entry that says what to do; what is wrong is said by the entry of the rule's own name.
RULES: Mapping[str, tuple[str, str]] = {
    "number": (r"unknown number: '?(.+?)'?", "book-rule.fix-take-id"),
    "sentence": (r"unknown sentence: (.+)", "book-rule.fix-take-id"),
    "fact": (r"unknown fact of the study: (.+)", "book-rule.fact-fix"),
    "exhibit": (r"unknown exhibit: (.+)", "book-rule.fix-take-id"),
    "exhibit-link": (r"undefined label: '((?:tbl|fig)-.+)'", "book-rule.exhibit-link-fix"),
    "reference": (
        (
            r"(?:undefined label: |unknown document: "
            r"|'myst' cross-reference target not found: )'(.+?)'(?: \[myst.xref_missing\])*"
        ),
        "book-rule.fix-write-target",
    ),
    "citation": (r'could not find bibtex key "(.+)"', "book-rule.citation-fix"),
    "code": (r"py:\w+ reference target not found: (.+)", "book-rule.fix-write-target"),
    "label": (
        (
            r'(?:Duplicate explicit target name: "(?P<a>.+)"\.'
            r"|duplicate label (?P<b>.+), other instance in .+)"
        ),
        "book-rule.label-fix",
    ),
    "alt": (r"image without alt text: (.+)", "book-rule.alt-fix"),
    "image": (r"image file not readable: (.+)", "book-rule.fix-put-beside"),
    "file": (
        (
            r"(?:download file not readable: "
            r"|Directive \"include\": file not found: )'?(.+?)'?"
        ),
        "book-rule.fix-put-beside",
    ),
    "markup": (
        (
            r"(?:Unknown interpreted text role \"(?P<a>.+?)\".*"
            r"|Unknown directive type: '(?P<b>.+?)'.*"
            r"|'[\w-]+': Unknown option keys: \['(?P<c>.+?)'.*)"
        ),
        "book-rule.markup-fix",
    ),
    "heading": (
        r"Non-consecutive header level increase; H(\d) to H(\d).*",
        "book-rule.heading-fix",
    ),
    "title": (
        r"toctree contains reference to document '(.+)' that doesn't have a title.*",
        "book-rule.title-fix",
    ),
    "second-title": ("second title", "book-rule.second-title-fix"),
    "open": (r"open block: (.+)", "book-rule.open-fix"),
    "footnote": (r"footnote without text: (.+)", "book-rule.footnote-fix"),
    "digit": (r"number typed in prose: ([\d.,]+);.*", "book-rule.fix-quote-number"),
    "digit-translated": (r"number typed in a translation: (\d+);.*", "book-rule.fix-quote-number"),
    "untranslated": (r"untranslated: (.+)", "book-rule.untranslated-fix"),
    "contents": (
        (
            r"(?:sphinx_external_toc\.parsing\.MalformedError: (?P<a>.+)"
            r"|yaml\.\w+\.\w+Error: (?P<b>.+))"
        ),
        "book-rule.contents-fix",
    ),
    # of the finished pages
    "link": ("", "book-rule.fix-write-target"),
    "outside": ("", "book-rule.fix-own-file"),
    "style": ("", "book-rule.fix-own-file"),
}
# where a warning of the build has no page of its own
PLACES = {"contents": "_toc.yml"}


def known(warning: str) -> tuple[str, tuple[str, ...]] | None:
    """The rule that a warning of the strict build breaks, and what it caught."""
    for name, (pattern, _) in RULES.items():
        found = re.fullmatch(pattern, warning) if pattern else None
        if found:
            return name, tuple(part for part in found.groups() if part is not None)
    return None
