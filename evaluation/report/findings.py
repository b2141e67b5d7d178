"""The data-quality report: findings as one self-contained page.

Only counts, places and rules are shown; values appear as far as the finding itself shows them.
"""

from collections import Counter
from collections.abc import Sequence
from html import escape

from evaluation.spec.records import Finding

COLUMNS: tuple[tuple[str, str], ...] = (
    ("severity", "Severity"),
    ("rule", "Rule"),
    ("round", "Round"),
    ("row_key", "Row"),
    ("column", "Column"),
    ("value", "Value"),
    ("problem", "Problem"),
    ("mend", "Mend"),
)
SEVERITIES = {"error": "Error", "warn": "Warning", "info": "Information"}
STYLE = """
body{font-family:system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;margin:1rem 0}
th,td{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top}
th{background:#eee}
.synthetic{border:3px solid #a33;padding:.5rem 1rem;font-weight:bold}
.error td:first-child{background:#f6c6c0}
.warn td:first-child{background:#fbe8b0}
.info td:first-child{background:#cfe3f5}
"""


def page(findings: Sequence[Finding], *, title: str, mark: str) -> bytes:
    """Render findings as HTML.

    Parameters
    ----------
    findings : sequence of Finding
        In the order they shall stand.
    title : str
        Heading of the page.
    mark : str
        Banner for synthetic data; empty where the data are real.

    Returns
    -------
    bytes
        A UTF-8 page that loads nothing from elsewhere; every text is escaped.
    """
    banner = f'<p class="synthetic">{escape(mark)}</p>\n' if mark else ""
    body = _summary(findings) + _table(findings) if findings else "<p>No findings.</p>\n"
    text = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"{banner}<h1>{escape(title)}</h1>\n{body}{banner}</body>\n</html>\n"
    )
    return text.encode("utf-8")


def plain(text: str) -> str:
    """A message without the marks that set off names in a terminal, begun like a sentence."""
    bare = text.replace("`", "")
    return bare[:1].upper() + bare[1:]


def severity(name: str) -> str:
    """Severity of a finding in words."""
    return SEVERITIES.get(name, name)


def _text(column: str, text: str) -> str:
    shown = {"severity": severity(text), "problem": plain(text), "mend": plain(text)}
    return escape(shown.get(column, text))


def _summary(findings: Sequence[Finding]) -> str:
    counts = Counter((f.severity, f.rule, f.round) for f in findings)
    rows = "".join(
        f'<tr class="{escape(kind)}"><td>{escape(severity(kind))}</td><td>{escape(rule)}</td>'
        f"<td>{escape(round_)}</td><td>{n}</td></tr>\n"
        for (kind, rule, round_), n in sorted(counts.items())
    )
    head = "<tr><th>Severity</th><th>Rule</th><th>Round</th><th>Findings</th></tr>\n"
    return f"<h2>By rule</h2>\n<table>\n{head}{rows}</table>\n"


def _table(findings: Sequence[Finding]) -> str:
    head = "".join(f"<th>{label}</th>" for _, label in COLUMNS)
    rows = "".join(
        f'<tr class="{escape(f.severity)}">'
        + "".join(f"<td>{_text(name, str(getattr(f, name)))}</td>" for name, _ in COLUMNS)
        + "</tr>\n"
        for f in findings
    )
    return f"<h2>All findings</h2>\n<table>\n<tr>{head}</tr>\n{rows}</table>\n"
