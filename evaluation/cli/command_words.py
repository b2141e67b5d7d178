"""What the commands beside the stages print, in English and Spanish.

In Spanish a number stands behind its noun and a colon, so that one and several read alike.
"""

from collections.abc import Mapping

from evaluation.spec.load import Text

# publish
PUBLISHED = Text(
    en="{files} in {folder}, checksums in {sums}\n",
    es="{files} en {folder}, sumas de verificación en {sums}\n",
)
NEW_PAGES = Text(en="added to {path}: {pages}\n", es="se agregó a {path}: {pages}\n")
NO_PDF = Text(en="No PDFs ({language}): {why}; {how}", es="Sin PDF ({language}): {why}; {how}")
NO_DATA = Text(en="No public data: {why}", es="Sin datos públicos: {why}")
PRINTED_FIRST = Text(
    en="make publish DEST=folder prints them first",
    es="make publish DEST=carpeta los imprime primero",
)
# by the state of the prints, and of the public data
WITHOUT_PDF: Mapping[str, Text] = {
    "absent": Text(en="none are printed", es="no se han impreso"),
    "stale": Text(en="those there are of other pages", es="los que hay son de otras páginas"),
}
HOW = Text(
    en="make public-data, then publish again", es="corra make public-data y publique de nuevo"
)
WITHOUT_DATA: Mapping[str, Text] = {
    "absent": Text(en=f"none are made; {HOW.en}", es=f"no se han hecho; {HOW.es}"),
    "stale": Text(
        en=f"those there are of another plan, other data or other rules; {HOW.en}",
        es=f"los que hay son de otro plan, otros datos u otras reglas; {HOW.es}",
    ),
    "undeclared": Text(
        en="study.toml has no table [release], so none may be made",
        es="study.toml no tiene la tabla [release], así que no se pueden hacer",
    ),
}

# verify
IDENTICAL = Text(
    en="{n} files are the same to the byte\n", es="archivos iguales byte por byte: {n}\n"
)
NOT_COMPARED = Text(
    en="{n} prints or public data are not made here and were checked by their sums only,"
    " first: {names}\n",
    es="impresos o datos públicos que aquí no se hacen, revisados solo por su suma de"
    " verificación: {n}; los primeros: {names}\n",
)
OTHER_BYTES = Text(
    en="{n} pages, pictures or workbooks differ in bytes (their numbers are compared in CSV and"
    " JSON), first: {names}\n",
    es="páginas, imágenes o libros de cálculo que difieren en bytes: {n} (sus cifras se comparan"
    " en CSV y JSON); los primeros: {names}\n",
)

# reproduce
REPRODUCED = Text(
    en="{files}, {prints} of them PDFs, the same to the byte in both clones\n",
    es="{files}, de ellos PDF: {prints}; iguales byte por byte en las dos copias\n",
)
NOT_PRINTED = Text(en="PDFs were not compared: {why}\n", es="no se compararon los PDF: {why}\n")

# doctor: states, checks by their short names, and what each found
OK, MISSING = Text(en="ok", es="bien"), Text(en="MISSING", es="FALTA")
ABSENT = Text(en="absent", es="no está")
CHECKS: Mapping[str, Text] = {
    "python": Text(en="python", es="python"),
    "libraries": Text(en="libraries", es="bibliotecas"),
    "disk": Text(en="disk", es="disco"),
    "text": Text(en="text", es="texto"),
    "raw": Text(en="raw data", es="datos entregados"),
    "make": Text(en="make", es="make"),
    "git": Text(en="git", es="git"),
    "uv": Text(en="uv (faster set-up)", es="uv (instala más rápido)"),
    "shared": Text(
        en="../shared/data (reference tests)", es="../shared/data (pruebas de referencia)"
    ),
}
MACHINE = Text(
    en="{python} on {system}, {processors} processors",
    es="{python} en {system}, procesadores: {processors}",
)
OTHER_PINS = Text(
    en="{n} of {whole} are not the lock's, first {name}: run make",
    es="no son las del archivo de versiones {n} de {whole}, la primera {name}: corra make",
)
PINS = Text(en="{n} as in {lock}", es="{n} como en {lock}")
DISK = Text(
    en="{free:.0f} GB free, {least:.0f} needed", es="{free:.0f} GB libres; se necesitan {least:.0f}"
)
ENCODING = Text(en="file names are {encoding}", es="los nombres de archivo son {encoding}")
NOT_ON_PATH = Text(en="not on PATH", es="no está en PATH")
SILENT = Text(en="does not answer", es="no responde")

# bench: heads of its table, and steps that are no stage
STEP, SECONDS = Text(en="step", es="paso"), Text(en="seconds", es="segundos")
PEAK, WHOLE = Text(en="peak MB", es="MB máx."), Text(en="all steps", es="todos los pasos")
UNCHANGED = Text(en="make, nothing to do", es="make, sin nada por hacer")
HTML = Text(en="HTML, all languages", es="HTML, todos los idiomas")
PROSE = Text(en="one page's prose", es="la prosa de una página")
PDF = Text(en="PDF, all languages", es="PDF, todos los idiomas")
BARE = Text(en="a bare book of its notebooks", es="libro solo con sus cuadernos")

# lock
LOCKED = Text(
    en="{path}: the plan {digest} is locked. The next make shows the arms as they are; from now on"
    " a change of the plan goes into deviations.toml, dated and with its reason.\n",
    es="{path}: el plan {digest} queda cerrado. El próximo make muestra los grupos como son; desde"
    " ahora un cambio del plan va en deviations.toml, con fecha y motivo.\n",
)

# all, docs, translations, public-data
BOOK = Text(en="The book: {path}\n", es="El libro: {path}\n")
NO_RESULTS = Text(
    en="docs: no results of this plan here, so their block is left as it is\n",
    es="docs: aquí no hay resultados de este plan, así que su bloque queda como está\n",
)
TRANSLATIONS = Text(
    en="{files}; {n} texts to translate\n", es="{files}; textos por traducir: {n}\n"
)
PUBLIC = Text(
    en="{interviews} interviews in {folder}, at least {k} persons share each combination of"
    " {keys} key variables, arm and rounds seen\n",
    es="entrevistas en {folder}: {interviews}; cada combinación de las {keys} variables clave, el"
    " grupo y las rondas en que se vio a la persona la comparten por lo menos {k} personas\n",
)
