"""What a record says about an estimate beside its numbers."""

from dataclasses import dataclass

from evaluation.spec.plan import Inference, Outcome, Specification
from evaluation.spec.records import Estimand, Provenance, Status
from evaluation.spec.row_keys import Part, RowKey
from evaluation.spec.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a record is about: the ids that tell its row from others."""

    study: str
    outcome: str
    specification: str
    estimand: Estimand
    sample: RowKey

    @classmethod
    def about(cls, specification: Specification, outcome: Outcome, study: str) -> "Subject":
        """A specification run for an outcome of a study, given by its id."""
        return Subject(
            study=study,
            outcome=outcome.id,
            specification=specification.id,
            estimand=specification.estimand,
            sample=Part(specification.sample),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading(Subject):
    """Ids, contrast, unit and hashes of an estimate."""

    family: str
    treatment: str
    status: Status
    contrast_from: str
    contrast_to: str
    unit: str
    level: float
    plan_hash: str
    data_hash: str

    @classmethod
    def of(
        cls,
        specification: Specification,
        outcome: Outcome,
        *,
        study: Study,
        inference: Inference,
        provenance: Provenance,
        status: Status,
    ) -> "Heading":
        """Heading of a specification run for an outcome."""
        before, after = specification.contrast
        return cls(
            study=study.id,
            outcome=outcome.id,
            family=outcome.family,
            specification=specification.id,
            estimand=specification.estimand,
            sample=Part(specification.sample),
            treatment=specification.treatment,
            status=status,
            contrast_from=before,
            contrast_to=after,
            unit=outcome.unit,
            level=inference.level,
            plan_hash=provenance.plan_hash,
            data_hash=provenance.data_hash,
        )
