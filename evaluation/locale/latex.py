"""A ``longtable`` of texts: every text is escaped, every column breaks its lines."""

import math
from collections.abc import Sequence

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


def longtable(  # noqa: PLR0913 -- the parts of a table
    rows: Sequence[str],
    *,
    head: Sequence[str],
    numeric: Sequence[bool],
    shares: Sequence[float],
    caption: str,
    label: str,
    last: str,
    notes: Sequence[str],
) -> str:
    r"""A table with its caption and notes; rules are plain ``\hline``, so no package is needed.

    Parameters
    ----------
    rows : sequence of str
        Lines of LaTeX, by `line` and `across`.
    head : sequence of str
        Heads of the columns.
    numeric : sequence of bool
        Columns of numbers end at their right; in those of words no space is stretched.
    shares : sequence of float
        Of the width of a line, by `shares_of`.
    caption, label : str
        The label is an id: letters, digits and hyphens.
    last : str
        Text of the last row, such as the citation; empty for none.
    notes : sequence of str
        Below the table, as a list.
    """
    columns = "".join(
        f">{{\\{'raggedleft' if right else 'raggedright'}\\arraybackslash}}"
        f"p{{{share:.3f}\\linewidth}}"
        for right, share in zip(numeric, shares, strict=True)
    )
    lines = [
        f"{NEEDED}{SPACE}\n\\begin{{longtable}}{{{columns}}}",
        f"\\caption{{{escaped(caption)}}}\\label{{{label}}}\\\\",
        f"\\hline\n{' & '.join(map(escaped, head))} \\\\\n\\hline\n\\endhead",
        *rows,
        "\\hline",
    ]
    if last:
        lines.append(across(escaped(last), shares))
    items = [f"\\item {escaped(note)}" for note in notes]
    lines += ["\\end{longtable}", "\\begin{itemize}", *items, "\\end{itemize}", "\\endgroup"]
    return "\n".join(lines) + "\n"


def line(cells: Sequence[str]) -> str:
    """A row of cells that are LaTeX already."""
    return f"{' & '.join(cells)} \\\\"


def across(text: str, shares: Sequence[float]) -> str:
    """A row of one cell over all columns."""
    return line([joined(text, shares)])


def joined(text: str, shares: Sequence[float]) -> str:
    """A cell over several columns, whose lines break."""
    width = f"{math.fsum(shares):.3f}\\linewidth"
    return f"\\multicolumn{{{len(shares)}}}{{p{{{width}}}}}{{{text}}}"


def shares_of(columns: Sequence[Sequence[str]]) -> list[float]:
    """What part of a line each column takes, by the lengths of its texts."""
    lengths = [max(min(max(map(len, texts)), LONGEST), SHORTEST) for texts in columns]
    room, total = 1 - BESIDE * len(lengths), math.fsum(lengths)
    return [room * length / total for length in lengths]


def escaped(text: str) -> str:
    """A text in which nothing is a command."""
    return text.translate(ESCAPED)
