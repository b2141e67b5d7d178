"""A table in LaTeX."""

import math

from evaluation.report.formats import words
from evaluation.report.formats.page_layout import Printed, PrintedKind, columns_taken, printed
from evaluation.report.formats.table import NUMERIC, Table

# What a document has to load, said at the top of each file.
NEEDED = (
    "% \\usepackage{array,longtable}, and with pdflatex \\usepackage[T1]{fontenc}; text is UTF-8.\n"
)
# Characters that are commands, and those that older engines have no letter for.
ESCAPED = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "[": "{[}", "]": "{]}", "\n": " ", "\t": " ",
    "\N{NO-BREAK SPACE}": "~", "\N{NARROW NO-BREAK SPACE}": r"\,", "\N{WORD JOINER}": "",
    "\N{MINUS SIGN}": "$-$", "\N{PLUS-MINUS SIGN}": r"$\pm$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{LESS-THAN OR EQUAL TO}": r"$\leq$", "\N{GREATER-THAN OR EQUAL TO}": r"$\geq$",
    "\N{ALMOST EQUAL TO}": r"$\approx$", "\N{INFINITY}": r"$\infty$",
    "\N{RIGHTWARDS ARROW}": r"$\rightarrow$", "\N{MIDDLE DOT}": r"$\cdot$",
    "\N{GREEK SMALL LETTER ALPHA}": r"$\alpha$", "\N{GREEK SMALL LETTER BETA}": r"$\beta$",
    "\N{GREEK SMALL LETTER OMEGA}": r"$\omega$", "\N{GREEK SMALL LETTER RHO}": r"$\rho$",
    "\N{GREEK SMALL LETTER TAU}": r"$\tau$", "\N{GREEK SMALL LETTER CHI}": r"$\chi$",
    "\N{SUPERSCRIPT MINUS}": "$^{-}$",
    **{digit: f"$^{i}$" for i, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    "\N{EN DASH}": "--", "\N{EM DASH}": "---", "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    "\N{LEFT DOUBLE QUOTATION MARK}": "``", "\N{RIGHT DOUBLE QUOTATION MARK}": "''",
    "\N{LEFT SINGLE QUOTATION MARK}": "`", "\N{RIGHT SINGLE QUOTATION MARK}": "'",
})  # fmt: skip
# Columns share the width of a line; the narrow space beside each takes a little of it.
SPACE = r"\begingroup\footnotesize\setlength{\tabcolsep}{2pt}"
BESIDE = 0.012
SHORTEST, LONGEST = 5, 30


def to_latex(table: Table) -> bytes:
    r"""A ``longtable`` with mark, code and title in its caption, then notes as a list.

    The citation is the last row: a table that is copied into a document keeps it. Rules are plain
    ``\hline``: no package of tables is needed. Every text is escaped.
    """
    page = printed(table)
    said = words.mark(table.mark, table.language)
    mark = f"[{said}] " if said else ""
    called = f"{table.called}. " if table.code else ""
    caption = _t(f"{mark}{called}{table.title}")
    head = " & ".join(_t(text) for text in page.head)
    shares = _shares(page)
    lines = [
        f"{NEEDED}{SPACE}\n\\begin{{longtable}}{{{_columns(page, shares)}}}",
        # the label is an id: letters, digits and hyphens
        f"\\caption{{{caption}}}\\label{{{table.id}}}\\\\",
        f"\\hline\n{head} \\\\\n\\hline\n\\endhead",
        *_latex_rows(page, shares),
        "\\hline",
    ]
    if table.citation:
        lines.append(_across(_t(table.citation), shares))
    notes = [f"\\item {_t(note)}" for note in (table.reading, *table.all_notes)]
    lines += ["\\end{longtable}", "\\begin{itemize}", *notes, "\\end{itemize}", "\\endgroup"]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _latex_rows(page: Printed, shares: list[float]) -> list[str]:
    out = []
    group = ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            out.append(_across(f"\\textbf{{{_t(group)}}}", shares))
        cells = ["" if kind == "repeated" else _t(text) for text, kind in row.cells]
        taken = columns_taken(row)
        if taken > 1:
            cells = [cells[0], _joined(cells[1], shares[1:])]
        out.append(f"{' & '.join(cells)} \\\\")
    return out


def _across(text: str, shares: list[float]) -> str:
    return f"{_joined(text, shares)} \\\\"


def _joined(text: str, shares: list[float]) -> str:
    """A cell over several columns, whose lines break."""
    width = f"{math.fsum(shares):.3f}\\linewidth"
    return f"\\multicolumn{{{len(shares)}}}{{p{{{width}}}}}{{{text}}}"


def _columns(page: Printed, shares: list[float]) -> str:
    """Columns of numbers end at their right; in those of words no space is stretched."""
    kinds: list[list[PrintedKind]] = [
        [row.cells[i][1] for row in page.rows] for i, _ in enumerate(page.head)
    ]
    return "".join(
        f">{{\\{'raggedleft' if any(k in NUMERIC for k in of) else 'raggedright'}\\arraybackslash}}"
        f"p{{{share:.3f}\\linewidth}}"
        for share, of in zip(shares, kinds, strict=True)
    )


def _shares(page: Printed) -> list[float]:
    """What part of a line each column takes, by the lengths of its texts."""
    lengths = [
        min(
            max([len(head), *(len(r.cells[i][0]) for r in page.rows if columns_taken(r) == 1)]),
            LONGEST,
        )
        for i, head in enumerate(page.head)
    ]
    lengths = [max(length, SHORTEST) for length in lengths]
    room, total = 1 - BESIDE * len(lengths), math.fsum(lengths)
    return [room * length / total for length in lengths]


def _t(text: str) -> str:
    return text.translate(ESCAPED)
