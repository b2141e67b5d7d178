"""Stages of the pipeline: which files each makes and from which stages it reads.

The list stands for the rules of the Makefile; a test reads the rules and compares.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.spec.load import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One rule of the Makefile.

    Attributes
    ----------
    label : Text
        The stage as readers call it.
    makes : Text
        What it leaves behind.
    needs : tuple of str
        Stages whose files its rule lists.
    place : tuple of (float, int)
        Where the map draws it: from left (0) to right (1), and the row from above.
    """

    label: Text
    makes: Text
    needs: tuple[str, ...]
    place: tuple[float, int]


# Ids are the names of the commands: python -m evaluation <id>.
STAGES: Mapping[str, Stage] = {
    "read": Stage(
        label=Text(en="Read", es="Lectura"),
        makes=Text(
            en="every delivered cell as text, checked against the manifest; the data hash",
            es="cada celda recibida como texto, cotejada con el manifiesto; la huella de los datos",
        ),
        needs=(),
        place=(0.5, 0),
    ),
    "clean": Stage(
        label=Text(en="Clean", es="Limpieza"),
        makes=Text(
            en="corrected, linked interviews with outcomes; findings; sample flow",
            es="entrevistas corregidas y enlazadas, con resultados; hallazgos; flujo de la muestra",
        ),
        needs=("read",),
        place=(0.5, 1),
    ),
    "estimate": Stage(
        label=Text(en="Estimate", es="Estimación"),
        makes=Text(
            en="primary and secondary estimates by every inference method",
            es="estimaciones primarias y secundarias con cada método de inferencia",
        ),
        needs=("read", "clean"),
        place=(0.22, 2),
    ),
    "robustness": Stage(
        label=Text(en="Robustness", es="Robustez"),
        makes=Text(
            en="each check of the plan beside the primary estimates",
            es="cada verificación del plan junto a las estimaciones primarias",
        ),
        needs=("read", "clean"),
        place=(0.78, 2),
    ),
    "calibrate": Stage(
        label=Text(en="Calibration", es="Calibración"),
        makes=Text(
            en="how often each inference method errs in this design",
            es="con qué frecuencia yerra cada método de inferencia en este diseño",
        ),
        needs=("read", "clean"),
        place=(0.5, 3),
    ),
    "exhibits": Stage(
        label=Text(en="Exhibits", es="Tablas y figuras"),
        makes=Text(
            en="tables and figures with permanent ids; every number of the prose",
            es="tablas y figuras con nombre permanente; cada número del texto",
        ),
        needs=("clean", "estimate", "robustness", "calibrate"),
        place=(0.5, 4),
    ),
    "notebook": Stage(
        label=Text(en="Notebooks", es="Cuadernos"),
        makes=Text(
            en="chapters, executed on the exhibits", es="capítulos, ejecutados sobre las tablas"
        ),
        needs=("exhibits",),
        place=(0.22, 5),
    ),
    "book": Stage(
        label=Text(en="Book", es="Libro"),
        makes=Text(en="this site, built strictly", es="este sitio, construido en modo estricto"),
        needs=("exhibits", "notebook"),
        place=(0.78, 5),
    ),
    "audit": Stage(
        label=Text(en="Audit", es="Auditoría"),
        makes=Text(
            en="a search for answers of persons in everything that may be published",
            es="una búsqueda de respuestas de personas en todo lo que puede publicarse",
        ),
        needs=("book",),
        place=(0.78, 6),
    ),
}
NEEDS_NOTHING = Text(
    en="the delivered files and the study's folder",
    es="los archivos recibidos y la carpeta del estudio",
)
LINE = Text(en="{stage}, from {needs}: {makes}.", es="{stage}, a partir de {needs}: {makes}.")
ALT = Text(
    en="Boxes from top to bottom, one per stage, joined by arrows. {said}",
    es="Cajas de arriba abajo, una por etapa, unidas por flechas. {said}",
)
NOTE = Text(
    en="Stages. Each box is one rule of the Makefile and one command. An arrow says that the rule"
    " lists files of the stage above. What has not changed is not made again.",
    es="Etapas. Cada caja es una regla del Makefile y un comando. Una flecha dice que la regla"
    " lista archivos de la etapa anterior. Lo que no ha cambiado no se vuelve a hacer.",
)
