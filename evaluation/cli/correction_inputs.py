"""What the ways of the command ``corrections`` start from, and how they stop."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation import io
from evaluation.cli import stage
from evaluation.cli.findings import LEDGER, PROVENANCE, read_ledger
from evaluation.cli.told import WrongRows
from evaluation.data.ledger import Ledger, parse_ledger
from evaluation.data.office_places import Wrong
from evaluation.data.office_sheets import RULE
from evaluation.data.read import RawTable
from evaluation.errors import DataError
from evaluation.locale.messages import message
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.manifest import Manifest, read_manifest
from evaluation.spec.study import Study, read_study

NOT_CORRECTED = ("published", "backcheck")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What all ways start from."""

    study: Study
    dictionary: Dictionary
    tables: tuple[RawTable, ...]
    ledger: Ledger
    paths: stage.Paths

    @property
    def respondent(self) -> dict[str, str]:
        """Raw column of the respondent id by source."""
        return self.dictionary.variables[self.study.columns.respondent].raw


def read_inputs(paths: stage.Paths) -> Inputs:
    """The study, its ledger, and the raw tables that the stage ``read`` made.

    Raises
    ------
    EvaluationError
        The stage has not run on the files of the manifest, or the configuration breaks a rule.
    """
    study = read_study(paths.config)
    manifest = read_manifest(paths.config, study)
    _check_read(manifest, paths)
    ledger = read_ledger(paths.config)
    return Inputs(
        study=study,
        dictionary=read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES)),
        tables=tuple(
            RawTable(file=file, frame=io.read_frame(paths.private / "raw" / f"{file.id}.parquet"))
            for file in manifest.file
            if file.role not in NOT_CORRECTED
        ),
        ledger=parse_ledger(ledger.text, ledger.where),
        paths=paths,
    )


def _check_read(manifest: Manifest, paths: stage.Paths) -> None:
    """Refuse tables of other deliveries than the manifest's; the ledger may have grown since."""
    path = paths.build / PROVENANCE
    made = io.read_json(path)["files"] if path.exists() else []
    if [(f["id"], f["sha256"]) for f in made] != [(f.id, f.sha256.lower()) for f in manifest.file]:
        raise DataError(
            message("stage-read-not-run.problem"),
            where=path.as_posix(),
            mend=message("run-read-first.mend", name=paths.config.name),
        )


def stop(wrong: Sequence[Wrong], inputs: Inputs, *, rule: str = RULE) -> None:
    """Raise with every problem at once, each with its place and mend."""
    if not wrong:
        return
    rows = [(w.where, w.problem, w.mend) for w in wrong]
    raise WrongRows(rows, where=f"{inputs.paths.config.name}/{LEDGER}", rule=rule)
