"""Fixed words of the printed book, in English and Spanish."""

from collections.abc import Mapping

from evaluation.spec.load import Text

CONTENTS = Text(en="Contents", es="Contenido")
PAGE = Text(en="Page", es="Página")
OF = Text(en="of", es="de")
CITE = Text(en="How to cite", es="Cómo citar")
# Terms of the title page, in its order.
TERMS: Mapping[str, Text] = {
    "version": Text(en="Version", es="Versión"),
    "commit": Text(en="Made from", es="Elaborado con"),
    "rounds": Text(en="Data", es="Datos"),
    "plan_hash": Text(en="Plan hash", es="Huella del plan"),
    "data_hash": Text(en="Data hash", es="Huella de los datos"),
    "licence": Text(en="Licence", es="Licencia"),
}
