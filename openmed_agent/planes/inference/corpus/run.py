"""De-identifies a corpus: survey, treat record by record into a journal, write the output, publish it.

Memory does not grow with the corpus. Killed at any point, the same call goes on where it stopped and ends with the same
bytes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from openmed_agent import __version__
from openmed_agent.errors import InputError
from openmed_agent.planes.inference.corpus.pools import Pool, chunks_of
from openmed_agent.planes.inference.corpus.records import Corpus, Outcome, Survey
from openmed_agent.planes.inference.corpus.treat import Treatment
from openmed_agent.planes.inference.corpus.workspace import JobRecord, Workspace


@dataclass(frozen=True, slots=True)
class Job:
    """What to do. An empty key in ``treatment`` means a random one of this run; ``options`` names how it is read."""

    corpus: Corpus
    out: Path
    treatment: Treatment
    options: dict[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a corpus."""

    records: int
    errors: int


Watch = Callable[[int, int], None]
"""Is told how many records are done, of how many."""


def deidentify_corpus(job: Job, pool: Pool, watch: Watch) -> Summary:
    """De-identify a corpus into ``job.out`` and return how many records there were and failed.

    Raises:
        InputError: the input cannot be read or has changed, or there is a result already.
        UnavailableError: the workers are lost.

    """
    workspace = Workspace(job.out)
    workspace.check_free()
    survey = job.corpus.survey()
    with workspace.opened():
        treatment = job.treatment if job.treatment.key else replace(job.treatment, key=workspace.key())
        workspace.agree(_record_of(job, survey, treatment))
        journal = workspace.journal
        if journal.done > survey.records:
            raise InputError("The journal of the run holds too many records.", remedy="Delete the .partial folder.")
        watch(journal.done, survey.records)
        waiting = islice(job.corpus.records(), journal.done, None)
        for outcomes in pool.treated(chunks_of(waiting), treatment):
            journal.append(outcomes)
            watch(journal.done, survey.records)
        journal.sync()
        if job.corpus.survey() != survey or journal.done != survey.records:
            raise InputError(
                "The input has changed while it was read.", remedy="Delete the .partial folder, and begin anew."
            )
        outcomes_again = journal.outcomes()
        job.corpus.write(outcomes_again, workspace.output)
        _check_all_written(outcomes_again)
        workspace.write_status()
        workspace.publish()
    return Summary(survey.records, journal.errors)


def _check_all_written(rest: Iterator[Outcome]) -> None:
    if next(rest, None) is not None:
        raise InputError(
            "The input has changed while it was read.", remedy="Delete the .partial folder, and begin anew."
        )


def _record_of(job: Job, survey: Survey, treatment: Treatment) -> JobRecord:
    options = job.options | {
        "method": treatment.method,
        "keep_year": treatment.keep_year,
        "date_shift_days": treatment.date_shift_days,
        "lang": treatment.language,
        "policy": treatment.policy.model_dump_json(),
        "models": treatment.models.digest if treatment.models else None,
    }
    return JobRecord(
        release=__version__,
        input_digest=survey.digest,
        records=survey.records,
        options=options,
        key_check=treatment.key_check,
    )
