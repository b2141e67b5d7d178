"""The data-quality report: findings as one self-contained page.

Only counts, places and rules are shown; values appear as far as the finding itself shows them.
"""

from collections import Counter
from collections.abc import Sequence
from html import escape
from importlib import resources

from evaluation.estimation.records import Finding
from evaluation.locale.messages import Message, term, wording

COLUMNS = ("severity", "rule", "round", "row_key", "column", "value", "problem", "fix")
# as the data layer writes it
HIDDEN = "(not shown)"
STYLE = resources.files(__package__).joinpath("findings_page.css")


def page(findings: Sequence[Finding], *, title: str, mark: str, language: str = "en") -> bytes:
    """Render findings as HTML.

    Parameters
    ----------
    findings : sequence of Finding
        In the order they shall stand.
    title : str
        Heading of the page.
    mark : str
        Banner for synthetic data; empty where the data are real.
    language : {"en", "es"}
        Of everything but the title and the mark.

    Returns
    -------
    bytes
        A UTF-8 page that loads nothing from elsewhere; every text is escaped.
    """
    banner = f'<p class="synthetic">{escape(mark)}</p>\n' if mark else ""
    body = f"<p>{wording('findings.none', language)}</p>\n"
    if findings:
        body = _summary(findings, language) + _table(findings, language)
    text = (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE.read_text('utf-8')}</style>\n</head>\n<body>\n"
        f"{banner}<h1>{escape(title)}</h1>\n{body}{banner}</body>\n</html>\n"
    )
    return text.encode("utf-8")


def plain(text: str) -> str:
    """A message without the marks that set off names in a terminal, begun like a sentence."""
    bare = text.replace("`", "")
    return bare[:1].upper() + bare[1:]


def severity(name: str, language: str = "en") -> str:
    """Severity of a finding in words."""
    return term("severity", name, language)


def _text(column: str, value: str | Message, language: str) -> str:
    if isinstance(value, Message):
        return escape(plain(value.text(language)))
    text = value
    if column == "severity":
        text = severity(text, language)
    elif column == "value" and text == HIDDEN:
        text = wording("error.not-shown", language)
    return escape(text)


def _summary(findings: Sequence[Finding], language: str) -> str:
    counts = Counter((f.severity, f.rule, f.round) for f in findings)
    rows = "".join(
        f'<tr class="{escape(kind)}"><td>{escape(severity(kind, language))}</td>'
        f"<td>{escape(rule)}</td><td>{escape(round_)}</td><td>{n}</td></tr>\n"
        for (kind, rule, round_), n in sorted(counts.items())
    )
    labels = [
        *(wording(f"findings.column.{name}", language) for name in COLUMNS[:3]),
        wording("findings.n-findings", language),
    ]
    head = "".join(f"<th>{label}</th>" for label in labels)
    heading = wording("findings.by-rule", language)
    return f"<h2>{heading}</h2>\n<table>\n<tr>{head}</tr>\n{rows}</table>\n"


def _table(findings: Sequence[Finding], language: str) -> str:
    head = "".join(f"<th>{wording(f'findings.column.{x}', language)}</th>" for x in COLUMNS)
    rows = "".join(
        f'<tr class="{escape(f.severity)}">'
        + "".join(f"<td>{_text(name, getattr(f, name), language)}</td>" for name in COLUMNS)
        + "</tr>\n"
        for f in findings
    )
    return (
        f"<h2>{wording('findings.all', language)}</h2>\n<table>\n<tr>{head}</tr>\n{rows}</table>\n"
    )
