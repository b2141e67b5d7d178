"""What the command ``compare`` says, in English and Spanish."""

from collections.abc import Sequence

from evaluation.cli.told import counted
from evaluation.spec.load import Text

# names that are listed before the others are counted
NAMED = 5

# what became of an entry of the plan, and of a variable of the dictionary
IS_NEW = Text(en="is new", es="es nueva")
CHANGED = Text(en="changed", es="cambió")
IS_GONE = Text(en="is gone", es="ya no está")
ENTRY = Text(en="plan entry {name} {how}", es="la entrada del plan {name} {how}")
VARIABLE = Text(
    en="dictionary variable {name} {how}", es="la variable {name} del diccionario {how}"
)
DICTIONARY = Text(
    en="the release's dictionary is none for this study any longer",
    es="el diccionario de la versión publicada ya no sirve para este estudio",
)
OTHER_FILE = Text(en="delivered file {name} is another", es="el archivo entregado {name} es otro")
OTHER_LEDGER = Text(
    en="the ledger of corrections is another", es="el registro de correcciones es otro"
)
STUDY_KEY = Text(en="study.toml: `{name}` changed", es="study.toml: cambió `{name}`")
READING = Text(
    en="manifest.toml: how {name} is read changed",
    es="manifest.toml: cambió cómo se lee {name}",
)
NEW_ROWS = Text(en="{rows} new in {name}: {keys}", es="{rows} más en {name}: {keys}")
GONE_ROWS = Text(en="{rows} gone in {name}: {keys}", es="{rows} menos en {name}: {keys}")
CELLS = Text(
    en="{cells} changed in {name}, column {column}",
    es="en {name}, columna {column}, hay otro valor en {cells}",
)
NEW_CORRECTION = Text(
    en="correction new: {action} at {row_key}, column {column} ({reason})",
    es="corrección nueva: {action} en {row_key}, columna {column} ({reason})",
)
GONE_CORRECTION = Text(
    en="correction no longer made: {action} at {row_key}, column {column} ({reason})",
    es="corrección que ya no se hace: {action} en {row_key}, columna {column} ({reason})",
)
CONFIRMED = (
    Text(
        en="{lines} of the ledger was confirmed for a new delivery",
        es="{lines} del registro se confirmó para una entrega nueva",
    ),
    Text(
        en="{lines} of the ledger were confirmed for a new delivery",
        es="{lines} del registro se confirmaron para una entrega nueva",
    ),
)
UNKNOWN = Text(en="no known reach", es="sin causa conocida")

VERSIONS = Text(
    en="release: version {before}; here: version {now}\n",
    es="versión publicada: {before}; aquí: {now}\n",
)
TOTALS = Text(en="{inputs}, {fields}\n", es="{inputs}, {fields}\n")
REACHED = Text(
    en="- {cause}: can have moved {fields}{names}\n",
    es="- {cause}; su alcance: {fields}{names}\n",
)
REACHED_NONE = Text(
    en="- {cause}: can have moved no field\n", es="- {cause}; su alcance: ningún campo\n"
)
UNREACHED = Text(
    en="- {unknown}: no changed input reaches {fields}{names}; the code, another machine or an"
    " input that is not compared moved them, or it is a fault\n",
    es="- {unknown}: ninguna entrada que cambió alcanza {fields}{names}; la causa es el"
    " código, otra máquina o una entrada que no se compara, o es una falla\n",
)
LINE = Text(en="  {place}: {before} -> {now}\n", es="  {place}: {before} -> {now}\n")
SHOWN = Text(
    en="shown: {shown} of {fields} (estimates, and rows that are new or gone); all of them, with"
    " what can have moved each: {path}\n",
    es="se muestran {shown} de {fields} (estimaciones, y filas nuevas o que ya no están); todos,"
    " con lo que puede haber movido cada uno: {path}\n",
)
PASSED_OVER = Text(
    en="not compared: {names}; the release, its private copy on this machine, or this build does"
    " not hold them\n",
    es="no se comparó: {names}; no están en la versión publicada, en su copia privada en esta"
    " máquina o en lo construido aquí\n",
)
OF = Text(en=" of {names}", es=" de {names}")
MORE = Text(en=" and {n} more", es=" y {n} más")
# what `moves` writes where only one side has a row
SIDES = {"there": Text(en="there", es="está"), "absent": Text(en="absent", es="no está")}


def both(said: Text, **values: Text | str) -> Text:
    """A text filled in, in both languages."""
    filled = {
        language: said[language].format(
            **{k: v if isinstance(v, str) else v[language] for k, v in values.items()}
        )
        for language in ("en", "es")
    }
    return Text(**filled)


def number(count: int, noun: str) -> Text:
    """A number with its noun, in both languages."""
    return Text(en=counted(count, noun, "en"), es=counted(count, noun, "es"))


def listed(names: Sequence[str]) -> Text:
    """The first names, and how many more there are."""
    said = ", ".join(names[:NAMED])
    if len(names) <= NAMED:
        return Text(en=said, es=said)
    return both(Text(en=said + MORE.en, es=said + MORE.es), n=str(len(names) - NAMED))


def side(text: str, language: str) -> str:
    """A value before or now, or which side has the row."""
    return SIDES[text][language] if text in SIDES else text
