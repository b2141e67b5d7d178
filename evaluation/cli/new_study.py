"""Commands ``new-study`` and ``manifest``: a study and its manifest, drafted from delivered files.

Writes ``config/NAME/``, ``book/NAME/`` and ``book/_toc.NAME.yml``, all or nothing, and overwrites
nothing. What only a person can decide is left open; the stages stop there, one by one.
"""

import argparse
import re
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluation.config.decisions import confirmations, open_in
from evaluation.config.declared import FILE_SOURCES
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.data.cleaning.ledger import COLUMNS
from evaluation.errors import DataError, EvaluationError, SpecError, StorageError
from evaluation.fieldwork.drafting.cluster_list import FILE as CLUSTERS
from evaluation.fieldwork.drafting.dictionary_draft import SERVERS
from evaluation.fieldwork.drafting.draft_study import (
    CONTENTS,
    DESIGN_COLUMNS,
    ROUNDS,
    book_pages,
    book_translations,
    exhibits_text,
    plan_text,
    study_text,
)
from evaluation.fieldwork.drafting.export_draft import server_of
from evaluation.fieldwork.drafting.file_roles import (
    ROLES,
    Delivery,
    arranged_by,
    delivery,
    manifest_text,
    with_cluster_list,
)
from evaluation.fieldwork.drafting.first_draft import StudyDraft, draft_study
from evaluation.fieldwork.drafting.manifest_draft import draft
from evaluation.fieldwork.drafting.whole_numbers import with_whole_numbers
from evaluation.fieldwork.drafting.xlsform import read_form
from evaluation.locale.messages import message, wording
from evaluation.report.terminal import ListedError, counted, told
from evaluation.storage import disk
from evaluation.storage.folders import RAW_FOLDER, Paths, raw_folder
from evaluation.storage.packaged import read_beside

HEADS = read_beside(__file__)


def add_manifest_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the files and where the draft goes."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="delivered files: csv, dta, sav, xls, xlsx or zip"
    )
    parser.add_argument(
        "--out",
        default="",
        metavar="FILE",
        help="write the draft to a new file (default: print it); an existing one is not touched",
    )


class UnreadFiles(ListedError):
    """Files that have no entry because they cannot be read, told after the others are drafted."""

    def __init__(self, errors: Sequence[EvaluationError], *, drafted: Sequence[str]) -> None:
        self.errors, self.drafted = tuple(errors), tuple(drafted)
        names = ", ".join(self.drafted)
        super().__init__(
            message("unread-files.problem", n=len(self.errors)),
            where="manifest",
            fix=message("unread-files-drafted.fix", n=len(self.drafted), names=names)
            if self.drafted
            else message("unread-files-none-drafted.fix"),
        )

    def listed(self, language: str) -> str:
        """All of them, each with its rule and fix."""
        lines = (f"  {told(error, language)}".replace("\n", "\n  ") for error in self.errors)
        return "\n".join((self.problem.text(language), *lines))


def run_manifest(options: argparse.Namespace) -> None:
    """Print or write one entry for each file that can be read, then name those that cannot.

    Raises
    ------
    UnreadFiles
        Files do not exist, or cannot be read as what their endings say. The others are drafted.
    StorageError
        The file to write exists.
    """
    out = Path(options.out)
    if options.out and out.exists():
        raise StorageError.of("file-exists-draft", "name-another", options.out)
    raw = Paths.of(options).raw
    entries: dict[str, str] = {}
    drafted: list[str] = []
    errors: list[EvaluationError] = []
    for given in options.files:
        try:
            name, text = draft(_named(Path(given), raw), _read(given), taken=entries)
        except EvaluationError as error:
            errors.append(error)
            continue
        entries[name] = text
        drafted.append(given)
    if entries:
        _put_entry("\n".join([HEADS["entries"], *entries.values()]), options, len(entries))
    if errors:
        raise UnreadFiles(errors, drafted=drafted)


def _put_entry(text: str, options: argparse.Namespace, number: int) -> None:
    if not options.out:
        sys.stdout.write(text)
        return
    disk.write_text(Path(options.out), text)
    count = counted(number, "entry", options.language)
    sys.stderr.write(
        f"manifest  {wording('manifest.drafted', options.language, n=count, out=options.out)}\n"
    )


def _read(given: str) -> bytes:
    try:
        return Path(given).read_bytes()
    except OSError:
        raise DataError.of("missing-file", "missing-file", given, rule="missing-file") from None


def _named(path: Path, raw: Path) -> str:
    """Path as the manifest names it: within the raw folder, else the bare name."""
    whole, folder = path.resolve(), raw.resolve()
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else path.name


NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
TAKEN = ("common",)
# of a code as an exhibit has it
LETTERS = re.compile(r'^code = "([A-Z]+)-', re.MULTILINE)


def add_new_study_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the name, the form, the files and what a person knows already."""
    parser.add_argument("name", help="id of the study: a-z, 0-9 and _, a letter first")
    parser.add_argument("--form", default="", metavar="FORM.xlsx", help="its survey form (XLSForm)")
    parser.add_argument(
        "--data", nargs="+", default=[], metavar="FILE", help="delivered files, roles not known yet"
    )
    for role in ROLES:
        parser.add_argument(f"--{role}", default="", metavar="FILE", help=f"the {role} file")
    for column in DESIGN_COLUMNS:
        parser.add_argument(
            f"--{column}", default="", metavar="COLUMN", help=f"its {column} column"
        )
    parser.add_argument(
        "--round",
        default="",
        metavar="COLUMN[=FIRST,LAST]",
        help="of one file for both rounds: the column that tells them apart",
    )
    parser.add_argument(
        "--server",
        choices=tuple(SERVERS),
        default="",
        help="whose own columns the form's export has (default: as its columns say)",
    )


def run_new_study(options: argparse.Namespace) -> None:
    """Write the study's folders, or nothing.

    Raises
    ------
    SpecError
        The name is not legal or taken; files have no roles yet; a column is not there.
    DataError
        A file cannot be read.
    """
    _check_name(options.name)
    path = Path(options.form)
    form = read_form(disk.read_given(path), path.name) if options.form else None
    chosen = {c: getattr(options, c) for c in DESIGN_COLUMNS if getattr(options, c)}
    given = delivery(options)
    given = with_whole_numbers(given, named=tuple(chosen.values()), language=options.language)
    given = with_cluster_list(given, cluster=options.cluster, arm=options.arm)
    if given.made is not None:
        chosen = {"cluster": given.made.cluster, "arm": given.made.arm} | chosen
    given, form, spare = arranged_by(given, form)
    sources = [file.source for file in given.files]
    names = {str(name) for source in sources for name in source.table.frame}
    draft = draft_study(
        sources,
        form,
        chosen=chosen,
        server=options.server or server_of(names),
        spare=spare,
        language=options.language,
    )
    texts = {
        "study.toml": study_text(options.name, draft.design),
        "manifest.toml": HEADS["manifest"]
        + manifest_text(given, draft.left, options.language, draft.same_as),
        **{f"dictionary/{file.name}": file.text for file in draft.files},
        "plan.toml": plan_text(options.name, draft.design),
        "corrections.csv": ",".join(COLUMNS) + "\n",
        "deviations.toml": HEADS["deviations"],
        "exhibits.toml": exhibits_text(options.name, _letters()),
    }
    if given.made is not None:
        texts[CLUSTERS] = given.made.data.decode()
    _put(options.name, texts)
    if given.folder is not None:
        # as the stage that reads notes it, so that nobody has to name the folder again
        told = Path("build", options.name, "private", RAW_FOLDER)
        disk.write_text(told, f"{given.folder.as_posix()}\n\n")
    sys.stdout.write(_summary(options.name, draft, given, options.language))


def _letters() -> set[str]:
    """Letters that the codes of other studies begin with."""
    return {
        letters
        for path in Path("config").glob("*/exhibits.toml")
        for letters in LETTERS.findall(disk.read_text(path))
    }


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name) or name in TAKEN:
        raise SpecError.of("no-name-study", "use-letter-first", "new-study", name=name)
    for path in _targets(name):
        if path.exists():
            raise StorageError.of("already-nothing-overwritten", "choose-another", path.as_posix())


def _targets(name: str) -> tuple[Path, Path, Path, Path]:
    book = Path("book")
    spanish = book / "locale" / "es" / name
    return book / name, book / f"_toc.{name}.yml", Path("config") / name, spanish


def _put(name: str, texts: Mapping[str, str]) -> None:
    """Write beside, check as the stages would, and rename; nothing stays after a failure."""
    targets = _targets(name)
    # of its own: two who draft one study at the same time do not write into each other's
    own = f"{disk.TEMPORARY}{secrets.token_hex(4)}-"
    beside = [path.with_name(f"{own}{path.name}") for path in targets]
    try:
        for file, text in texts.items():
            disk.write_text(beside[2] / file, text)
        for file, text in book_pages().items():
            disk.write_text(beside[1] if file == CONTENTS else beside[0] / file, text)
        for file, text in book_translations().items():
            disk.write_text(beside[3] / file, text)
        # a drafted dictionary without open decisions must be one that the stages read
        if not open_in(beside[2] / "dictionary"):
            read_dictionary(beside[2], (*ROUNDS, *FILE_SOURCES))
        for made, final in zip(beside, targets, strict=True):
            final.parent.mkdir(parents=True, exist_ok=True)
            made.replace(final)
    finally:
        for path in beside:
            disk.remove(path)


def _summary(name: str, draft: StudyDraft, given: Delivery, language: str) -> str:
    config = Path("config") / name
    found = open_in(config)
    guesses = sum(confirmations(disk.read_text(path)) for path in sorted(config.rglob("*.toml")))
    variables = sum(len(file.module.variable) for file in draft.files)
    elsewhere = given.folder is not None and given.folder.resolve() != raw_folder(name).resolve()
    data = f" DATA_RAW={given.folder.as_posix()}" if given.folder and elsewhere else ""
    lines = wording(
        "new-study.summary",
        language,
        config=config.as_posix(),
        name=name,
        data=data,
        variables=counted(variables, "variable", language),
        decisions=counted(len(found), "decision", language),
        comments=counted(guesses, "comment", language),
    )
    absent = [
        wording("new-study.without-id", language, n=f"{n:,}", rows=f"{rows:,}", source=source)
        for source, (n, rows) in draft.design.without_id.items()
    ]
    return lines + _declared(name, given, language) + "".join(f"{line}\n" for line in absent)


def _declared(name: str, given: Delivery, language: str) -> str:
    """One line about the files: which stand in the manifest, and from where they are named."""
    if given.folder is None:
        return ""
    # a list that was made lies beside the manifest, and has a line of its own
    there = (file for file in given.files if file.folder != "config")
    listed = ", ".join(f"{file.path} ({file.role})" for file in there)
    beside = wording("new-study.beside", language) if given.scattered else ""
    said = wording("new-study.declared", language, folder=given.folder.as_posix(), files=listed)
    return f"{said}{beside}\n{_made(name, given, language)}"


def _made(name: str, given: Delivery, language: str) -> str:
    """One line about the list of clusters, where it was made of the interviews."""
    if given.made is None:
        return ""
    places, everywhere = given.made.clusters, given.made.everywhere
    names = ", ".join(given.made.others)
    others = wording("new-study.clusters-others", language, names=names) if names else ""
    file = (Path("config") / name / CLUSTERS).as_posix()
    said = wording(
        "new-study.clusters", language, file=file, n=places, others=others, everywhere=everywhere
    )
    return f"{said}\n"
