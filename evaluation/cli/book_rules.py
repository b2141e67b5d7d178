"""What is wrong with a page, in plain words of both languages, and what to do about it.

Sphinx's own warnings are told by what they mean for the person who writes a page. What no rule
knows is told as Sphinx says it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.spec.load import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of fault.

    Attributes
    ----------
    warning : str
        Pattern of the strict build's warnings; empty where the finished pages are read.
    problem, mend : Text
        ``{0}``, ``{1}`` stand for what the pattern caught, or for what the page says.
    """

    warning: str = ""
    problem: Text
    mend: Text


ID = Text(
    en="take an id from numbers.json or exhibits.toml; where it is new, make the exhibits again",
    es="tome un id de numbers.json o exhibits.toml; si es nuevo, genere de nuevo los resultados",
)
BESIDE = Text(
    en="correct the name, or put the file beside the page",
    es="corrija el nombre, o ponga el archivo junto a la página",
)
TARGET = Text(
    en="correct the name, or write the page or heading that it names",
    es="corrija el nombre, o escriba la página o el título que nombra",
)
DIGIT = Text(
    en="quote the number by {{val}}, or cite the source of the fact on its line",
    es="cite la cifra con {{val}}, o cite la fuente del hecho en la misma línea",
)
OWN = Text(
    en="put the file into the book (book/_static) and name it there",
    es="ponga el archivo en el libro (book/_static) y nómbrelo allí",
)
OTHER = Text(
    en="mend the page as it says, or make the missing results",
    es="corrija la página como se indica, o genere los resultados que faltan",
)

RULES: Mapping[str, Rule] = {
    "number": Rule(
        warning=r"unknown number: '?(.+?)'?",
        problem=Text(en="there is no number `{0}`", es="no hay ninguna cifra `{0}`"),
        mend=ID,
    ),
    "sentence": Rule(
        warning=r"unknown sentence: (.+)",
        problem=Text(en="there is no sentence `{0}`", es="no hay ninguna frase `{0}`"),
        mend=ID,
    ),
    "fact": Rule(
        warning=r"unknown fact of the study: (.+)",
        problem=Text(en="the study has no fact `{0}`", es="el estudio no tiene el dato `{0}`"),
        mend=Text(
            en="use a name of cli/book_facts.py, or a key of study.toml that it takes over",
            es="use un nombre de cli/book_facts.py, o una clave de study.toml que este recoja",
        ),
    ),
    "exhibit": Rule(
        warning=r"unknown exhibit: (.+)",
        problem=Text(en="there is no exhibit `{0}`", es="no hay ninguna tabla o figura `{0}`"),
        mend=ID,
    ),
    "exhibit-link": Rule(
        warning=r"undefined label: '((?:tbl|fig)-.+)'",
        problem=Text(
            en="no page shows the exhibit `{0}`",
            es="ninguna página muestra la tabla o figura `{0}`",
        ),
        mend=Text(
            en="correct the id, or show the exhibit once on a page",
            es="corrija el id, o muestre la tabla o figura una vez en una página",
        ),
    ),
    "reference": Rule(
        warning=r"(?:undefined label: |unknown document: "
        r"|'myst' cross-reference target not found: )'(.+?)'(?: \[myst.xref_missing\])*",
        problem=Text(
            en="the reference `{0}` leads nowhere", es="la remisión `{0}` no lleva a nada"
        ),
        mend=TARGET,
    ),
    "citation": Rule(
        warning=r'could not find bibtex key "(.+)"',
        problem=Text(en="there is no source `{0}`", es="no hay ninguna fuente `{0}`"),
        mend=Text(
            en="correct the key, or add the source to references.bib",
            es="corrija la clave, o agregue la fuente a references.bib",
        ),
    ),
    "code": Rule(
        warning=r"py:\w+ reference target not found: (.+)",
        problem=Text(en="there is no code `{0}`", es="no hay ningún código `{0}`"),
        mend=TARGET,
    ),
    "label": Rule(
        warning=r'(?:Duplicate explicit target name: "(?P<a>.+)"\.'
        r"|duplicate label (?P<b>.+), other instance in .+)",
        problem=Text(en="the label `{0}` stands twice", es="la etiqueta `{0}` está dos veces"),
        mend=Text(
            en="give each place a label of its own; a figure is shown again with `:repeat:`",
            es="dé a cada lugar su propia etiqueta; una figura se muestra otra vez con `:repeat:`",
        ),
    ),
    "alt": Rule(
        warning=r"image without alt text: (.+)",
        problem=Text(
            en="the image `{0}` has no alternative text",
            es="la imagen `{0}` no tiene texto alternativo",
        ),
        mend=Text(
            en='say in words what it shows: ![words](file), or alt="words"',
            es='diga en palabras qué muestra: ![palabras](archivo), o alt="palabras"',
        ),
    ),
    "image": Rule(
        warning=r"image file not readable: (.+)",
        problem=Text(en="there is no image `{0}`", es="no hay ninguna imagen `{0}`"),
        mend=BESIDE,
    ),
    "file": Rule(
        warning=r"(?:download file not readable: "
        r"|Directive \"include\": file not found: )'?(.+?)'?",
        problem=Text(en="there is no file `{0}`", es="no hay ningún archivo `{0}`"),
        mend=BESIDE,
    ),
    "markup": Rule(
        warning=r"(?:Unknown interpreted text role \"(?P<a>.+?)\".*"
        r"|Unknown directive type: '(?P<b>.+?)'.*"
        r"|'[\w-]+': Unknown option keys: \['(?P<c>.+?)'.*)",
        problem=Text(
            en="there is no role, directive or option `{0}`",
            es="no hay ningún rol, directiva u opción `{0}`",
        ),
        mend=Text(
            en="correct the word: book/_ext/evaluation_book.py lists those of the book",
            es="corrija la palabra: book/_ext/evaluation_book.py nombra las del libro",
        ),
    ),
    "heading": Rule(
        warning=r"Non-consecutive header level increase; H(\d) to H(\d).*",
        problem=Text(
            en="after a heading of level {0} comes one of level {1}",
            es="a un título de nivel {0} le sigue uno de nivel {1}",
        ),
        mend=Text(
            en="use levels one by one: # then ## then ###",
            es="use los niveles uno por uno: #, luego ##, luego ###",
        ),
    ),
    "title": Rule(
        warning=r"toctree contains reference to document '(.+)' that doesn't have a title.*",
        problem=Text(en="the page `{0}` has no title", es="la página `{0}` no tiene título"),
        mend=Text(en="begin it with a line `# Title`", es="comiéncela con una línea `# Título`"),
    ),
    "second-title": Rule(
        warning="second title",
        problem=Text(en="the page has a second title", es="la página tiene un segundo título"),
        mend=Text(en="begin the heading with ## or more", es="comience el encabezado con ## o más"),
    ),
    "open": Rule(
        warning=r"open block: (.+)",
        problem=Text(en="the block `{0}` is not closed", es="el bloque `{0}` no se cierra"),
        mend=Text(
            en="end it with a line of the same marks",
            es="termínelo con una línea de las mismas marcas",
        ),
    ),
    "footnote": Rule(
        warning=r"footnote without text: (.+)",
        problem=Text(en="the footnote `{0}` has no text", es="la nota al pie `{0}` no tiene texto"),
        mend=Text(
            en="write it on a line of its own: [^{0}]: text",
            es="escríbala en una línea propia: [^{0}]: texto",
        ),
    ),
    "digit": Rule(
        warning=r"number typed in prose: ([\d.,]+);.*",
        problem=Text(
            en="the number {0} is typed in the text", es="la cifra {0} está escrita en el texto"
        ),
        mend=DIGIT,
    ),
    "digit-translated": Rule(
        warning=r"number typed in a translation: (\d+);.*",
        problem=Text(
            en="the translation has the number {0}, and its text has not",
            es="la traducción tiene la cifra {0}, y su texto no",
        ),
        mend=DIGIT,
    ),
    "untranslated": Rule(
        warning=r"untranslated: (.+)",
        problem=Text(en="not translated: {0}", es="sin traducir: {0}"),
        mend=Text(
            en="run `python -m evaluation translations write`, and fill in book/locale",
            es="corra `python -m evaluation translations write`, y complete book/locale",
        ),
    ),
    "contents": Rule(
        warning=r"(?:sphinx_external_toc\.parsing\.MalformedError: (?P<a>.+)"
        r"|yaml\.\w+\.\w+Error: (?P<b>.+))",
        problem=Text(
            en="the table of contents is not well written: {0}",
            es="la tabla de contenido no está bien escrita: {0}",
        ),
        mend=Text(
            en="mend book/_toc.<study>.yml: `- file: name`, like the entries beside it",
            es="corrija book/_toc.<study>.yml: `- file: nombre`, como las demás entradas",
        ),
    ),
    # of the finished pages
    "link": Rule(
        problem=Text(en="the link `{0}` leads nowhere", es="el enlace `{0}` no lleva a nada"),
        mend=TARGET,
    ),
    "outside": Rule(
        problem=Text(
            en="opening the page fetches `{0}` from outside",
            es="al abrir la página se pide `{0}` a otro sitio",
        ),
        mend=OWN,
    ),
    "style": Rule(
        problem=Text(
            en="the style names `{0}`, which is not there", es="el estilo nombra `{0}`, que no está"
        ),
        mend=OWN,
    ),
}
# where a warning of the build has no page of its own
PLACES = {"contents": "_toc.yml"}


def known(warning: str) -> tuple[str, tuple[str, ...]] | None:
    """The rule that a warning of the strict build breaks, and what it caught."""
    for name, rule in RULES.items():
        found = re.fullmatch(rule.warning, warning) if rule.warning else None
        if found:
            return name, tuple(part for part in found.groups() if part is not None)
    return None
