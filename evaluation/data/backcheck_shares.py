"""Back-checks of finished rounds: error rates over all interviewers, for the book."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from evaluation.data.backcheck import backcheck
from evaluation.data.check import cells
from evaluation.data.declared import Declared
from evaluation.data.parse import Parsed, parse
from evaluation.data.read import RawTable
from evaluation.data.timing import row_clusters
from evaluation.spec.fieldwork import BackcheckShare
from evaluation.spec.records import Finding

# Answers that differ are listed for the office while the round is in the field.
OF_THE_OFFICE = ("backcheck-difference",)


def backcheck_shares(
    tables: Sequence[RawTable], rounds: Mapping[str, Parsed], declared: Declared
) -> tuple[tuple[BackcheckShare, ...], tuple[Finding, ...]]:
    """Compare each back-check with the interviews of its round.

    Parameters
    ----------
    tables : sequence of RawTable
        Files with role ``backcheck``.
    rounds : mapping of round id to Parsed
        The rounds after corrections.
    declared : Declared
        ``study.backcheck`` sorts the questions; without it nothing is compared.

    Returns
    -------
    tuple of BackcheckShare, tuple of Finding
        By type and by variable, nothing that names an interviewer; and what fits no interview. A
        cell that cannot be read is a warning here: its pair is not compared, nothing else rests on
        it.
    """
    shares: list[BackcheckShare] = []
    found: list[Finding] = []
    if declared.study.backcheck is None:
        return (), ()
    for table in tables:
        again = parse(table, declared.dictionary)
        interviews = rounds[table.file.of_round or ""]
        compared = backcheck(interviews, again, declared)
        n_paired, n_clusters = _paired(interviews, again, declared)
        shares += [
            BackcheckShare(
                study=rate.study,
                round=rate.round,
                type=rate.type,
                variable=rate.variable,
                n=rate.n,
                n_different=rate.n_different,
                n_again=int(again.consented.sum()),
                n_paired=n_paired,
                n_clusters=n_clusters,
            )
            for rate in compared.rates
            if not rate.interviewer
        ]
        found += [replace(f, severity="warn") for f in cells(again, declared.dictionary)]
        found += [f for f in compared.findings if f.rule not in OF_THE_OFFICE]
    return tuple(shares), tuple(found)


def _paired(interviews: Parsed, again: Parsed, declared: Declared) -> tuple[int, int]:
    """Interviews whose respondent stands once in the round and once in the back-check; clusters."""
    name = declared.study.columns.respondent
    first, second = (
        Counter(p.columns[name].values[p.consented & p.columns[name].observed].tolist())
        for p in (interviews, again)
    )
    both = {person for person, n in first.items() if n == 1 == second.get(person, 0)}
    clusters = row_clusters(interviews, declared.frame)
    people = interviews.columns[name].values
    where = {
        cluster
        for person, cluster, agreed in zip(people, clusters, interviews.consented, strict=True)
        if agreed and person in both and cluster is not None
    }
    return len(both), len(where)
