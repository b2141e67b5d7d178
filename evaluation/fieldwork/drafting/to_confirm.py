"""What a person has to look at in a drafted dictionary: each kind of guess once, with its list.

The evidence stands beside each variable under ``seen:``. Here is what is asked of it: one
``confirm:`` comment for each kind, above all modules.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from evaluation.fieldwork.drafting.column_profile import Column
from evaluation.fieldwork.drafting.dictionary_draft import DraftFile
from evaluation.study.dictionary import MISSING_KINDS
from evaluation.study.toml_writer import comment

MOST_NAMED = 12


def with_questions(files: Sequence[DraftFile], columns: Sequence[Column]) -> tuple[DraftFile, ...]:
    """The modules, above the first of which stands what is to be confirmed of all.

    Parameters
    ----------
    files : sequence of DraftFile
    columns : sequence of Column
        Columns of the delivered files.
    """
    if not files:
        return ()
    first, *others = files
    asked = "".join(f"{comment(line)}\n" for line in _questions(files, columns))
    return (replace(first, text=asked + first.text), *others)


def _questions(files: Sequence[DraftFile], columns: Sequence[Column]) -> Iterator[str]:
    variables = [v for file in files for v in file.module.variable]
    missing = [
        f"{code} {kind}"
        for kind in MISSING_KINDS
        for code in sorted({c for f in files for m in f.module.missing for c in getattr(m, kind)})
    ]
    yield (
        f"confirm: type, codes and labels of {len(variables)} variables, and codes for no answer"
        f" ({', '.join(missing) or 'none'}); the evidence is under `seen:`, and"
        " `python -m evaluation dictionary to-xlsx` writes all of them as a table"
    )
    classes = [
        f"{kind} {_listed(names)}"
        for kind in ("direct", "sensitive", "quasi")
        if (names := [v.name for v in variables if v.personal == kind])
    ]
    yield f"confirm: personal data: {'; '.join(classes)}; all others none"
    for lent_by in sorted({p.lent_by for c in columns for p in c.seen.values() if p.lent_by}):
        names = [c.name for c in columns if any(p.lent_by == lent_by for p in c.seen.values())]
        yield (
            f"confirm: value labels of {lent_by} hold for the other files, which have none, in"
            f" {_listed(names)}: the codes mean the same there"
        )


def _listed(names: Sequence[str]) -> str:
    """How many, and the first of them."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{len(names)} ({', '.join(names[:MOST_NAMED])}{more})"
