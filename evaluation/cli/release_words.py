"""The page that says what a release holds and what it goes without, in its languages."""

from collections.abc import Mapping, Sequence

from evaluation.report.words import banner
from evaluation.spec.load import Text
from evaluation.spec.study import Study

SITE = Text(
    en="`{language}/site/index.html`: the book. It opens in a browser, from this folder.",
    es="`{language}/site/index.html`: el libro. Se abre en un navegador, desde esta carpeta.",
)
TABLES = Text(
    en="`{language}/exhibits/`: every table and figure as files; `{language}/notebooks/`: the"
    " chapters as executed notebooks; `{language}/numbers.json`: every number of the book.",
    es="`{language}/exhibits/`: cada tabla y figura como archivo; `{language}/notebooks/`: los"
    " capítulos como cuadernos ejecutados; `{language}/numbers.json`: cada número del libro.",
)
RECORDS = Text(
    en="`estimates.csv` and the other tables beside this file: the results at full precision.",
    es="`estimates.csv` y las demás tablas junto a este archivo: los resultados con toda su"
    " precisión.",
)
PRINTS = Text(
    en="`{language}/book.pdf`: the book on paper; `{language}/brief.pdf` and"
    " `{language}/brief.docx`: two pages for programme staff.",
    es="`{language}/book.pdf`: el libro en papel; `{language}/brief.pdf` y"
    " `{language}/brief.docx`: dos páginas para el equipo del programa.",
)
NO_PRINTS = Text(
    en="This release holds no PDFs in this language: none of these pages were printed.",
    es="Esta versión no trae los PDF en español: no se imprimieron a partir de estas páginas.",
)
DATA = Text(
    en="`public/`: de-identified data, with codebook and risk report. First read"
    " `public/README.md`.",
    es="`public/`: datos sin identificación de las personas, con libro de códigos e informe de"
    " riesgo. Lea primero `public/README.md` (en inglés).",
)
NO_DATA = Text(
    en="This release holds no data of persons.", es="Esta versión no trae datos de personas."
)
SUMS = Text(
    en="`CITATION.cff`: how to cite. `SHA256SUMS`: checksums of all files"
    " (`sha256sum -c SHA256SUMS`).",
    es="`CITATION.cff`: cómo citar. `SHA256SUMS`: sumas de verificación de todos los archivos"
    " (`sha256sum -c SHA256SUMS`).",
)


def page(study: Study, prints: Mapping[str, str], *, public: str) -> str:
    """What a release holds, in each language of the study, in Markdown.

    Parameters
    ----------
    study : Study
        What is released; a mark of invented data stands below its title.
    prints : mapping
        State of the prints by language.
    public : str
        State of the public data.
    """
    return "\n".join(_part(study, language, state, public) for language, state in prints.items())


def _part(study: Study, language: str, prints: str, public: str) -> str:
    lines: Sequence[Text] = (
        SITE,
        PRINTS if prints == "current" else NO_PRINTS,
        TABLES,
        RECORDS,
        DATA if public == "current" else NO_DATA,
        SUMS,
    )
    listed = "".join(f"- {line[language].format(language=language)}\n" for line in lines)
    mark = f"> **{banner(study.mark, language)}**\n\n" if study.mark else ""
    return f"# {study.title[language]}\n\n{mark}{listed}"
