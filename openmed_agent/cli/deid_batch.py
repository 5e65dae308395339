"""``openmed deid-batch``: a de-identified copy of a corpus."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import ExitStatus, InputError, UsageError

if TYPE_CHECKING:
    from openmed_agent.planes.inference.corpus.pools import Pool
    from openmed_agent.planes.inference.corpus.records import Corpus
    from openmed_agent.planes.inference.corpus.treat import ModelsPlace

_FORMATS: Final = ("text", "csv", "jsonl", "parquet")
_FORMAT_OF_SUFFIX: Final = {
    ".txt": "text",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_DEFAULT_COLUMN: Final = "text"


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to ``groups``."""
    parser = groups.add_parser("deid-batch", help="write a de-identified copy of a corpus", allow_abbrev=False)
    parser.add_argument("source", type=Path, metavar="IN", help="a file of records, or a folder of .txt files")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT", help="must not exist; appears whole")
    parser.add_argument("--format", choices=_FORMATS, help="default: by the name of IN")
    parser.add_argument("--column", metavar="C", help="the column or field with the text; default: text")
    parser.add_argument("--patient-column", metavar="C", help="the column with the patient's id: its records agree")
    parser.add_argument("--delimiter", metavar="D", help="of CSV; default: a comma, a tab for .tsv")
    parser.add_argument(
        "--method",
        choices=("mask", "remove", "replace", "hash", "shift_dates", "redact"),
        default="mask",
        help="default: mask",
    )
    parser.add_argument(
        "--date-shift-days", type=int, metavar="DAYS", help="for shift_dates and replace; default: a secret"
    )
    parser.add_argument("--keep-year", action="store_true", help="keep the year of dates")
    parser.add_argument("--lang", default="en", metavar="L", help="language of the texts; default: en")
    parser.add_argument(
        "--policy",
        default="safe-harbor",
        metavar="POLICY",
        help="safe-harbor (default), safe-harbor-parts, limited-data-set, or a YAML file",
    )
    parser.add_argument(
        "--surrogate-key-file",
        type=Path,
        metavar="FILE",
        help="the secret behind stand-ins; default: that of the store with --patient-column, else a new one",
    )
    parser.add_argument(
        "--models",
        type=Path,
        metavar="FOLDER",
        help="token classifiers that find identifiers too (ONNX or safetensors)",
    )
    parser.add_argument(
        "--models-lock", type=Path, metavar="FILE", help="digests of their files; default: FOLDER/openmed-models.lock"
    )
    parser.add_argument("--processes", type=_count, default=1, metavar="N", help="default: 1")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask scheduler (tls://HOST:PORT), or local for one of N processes"
    )
    parser.set_defaults(command=deidentify_corpus)


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1024:  # noqa: PLR2004 - more than any machine has
        raise argparse.ArgumentTypeError("a number of processes is from 1 to 1024")
    return int(text)


def deidentify_corpus(options: argparse.Namespace) -> int:
    """Write the de-identified corpus; return 0, or 1 where records failed."""
    from openmed_agent.cli.console import notice
    from openmed_agent.cli.deid_options import check_dates, not_detected
    from openmed_agent.planes.inference.corpus.run import Job
    from openmed_agent.planes.inference.corpus.run import deidentify_corpus as run
    from openmed_agent.planes.inference.corpus.treat import Treatment
    from openmed_agent.planes.inference.pii.detector import LANGUAGES
    from openmed_agent.planes.inference.pii.policy_file import find_policy

    policy = find_policy(options.policy)
    check_dates(policy, method=options.method, keep_year=options.keep_year, days=options.date_shift_days)
    if missing := not_detected(policy):
        notice(f"The detector of this machine does not find what the policy names: {', '.join(missing)}.")
    if options.lang not in LANGUAGES:
        raise InputError(f"The languages are {', '.join(LANGUAGES)}.", remedy="Choose another --lang.")
    corpus, described = _corpus(options)
    treatment = Treatment(
        method=options.method,
        keep_year=options.keep_year,
        date_shift_days=options.date_shift_days,
        language=options.lang,
        policy=policy,
        key=_key(options),
        models=_models(options),
    )
    job = Job(corpus, options.out, treatment, described)
    pool = _pool(options)
    try:
        with _bar() as watch:
            summary = run(job, pool, watch)
    except KeyboardInterrupt:
        notice("Stopped; the same command goes on where it was.")
        raise
    status = f"{options.out.name}.status.jsonl"
    if summary.errors:
        notice(f"Wrote {options.out}; {summary.errors} of {summary.records} records failed and have no text: {status}.")
        return int(ExitStatus.NO)
    notice(f"Wrote {options.out} with {summary.records} records. Read a sample of it before you share it.")
    return int(ExitStatus.DONE)


def _models(options: argparse.Namespace) -> "ModelsPlace | None":
    """Return where the local models are, once they have been loaded here and every file agrees with the lock."""
    from openmed_agent.cli.console import notice
    from openmed_agent.planes.inference.corpus.files import digest_of
    from openmed_agent.planes.inference.corpus.treat import ModelsPlace, loaded_models
    from openmed_agent.planes.inference.models.local_models import pin_models
    from openmed_agent.planes.inference.models.lock import LOCK_NAME

    if options.models is None:
        if options.models_lock is not None:
            raise UsageError("A lock of models needs the models.", remedy="Add --models FOLDER.")
        return None
    if options.scheduler not in {None, "local"}:
        raise UsageError(
            "Models of this machine are not sent to a cluster.",
            remedy="Leave --models out, or use --scheduler local or --processes.",
        )
    folder = options.models.resolve()
    lock = (options.models_lock or folder / LOCK_NAME).resolve()
    pinned = pin_models(folder, lock)
    if pinned:
        notice(f"Pinned {pinned} files of the models by their digests; one that changes will be refused.")
    place = ModelsPlace(folder, lock, digest_of(lock))
    if not loaded_models(place).identifier_names:
        raise InputError("None of the models finds identifiers.", remedy="Check --models.")
    return place


def _pool(options: argparse.Namespace) -> "Pool":
    from openmed_agent.planes.inference.corpus.cluster import Cluster
    from openmed_agent.planes.inference.corpus.pools import Processes, ThisProcess

    if options.scheduler is not None:
        return Cluster(options.scheduler, processes=options.processes)
    return ThisProcess() if options.processes == 1 else Processes(options.processes)


def _corpus(options: argparse.Namespace) -> tuple["Corpus", dict[str, str | int | bool | None]]:
    """Return the corpus, and how it is read in the words of the options."""
    source: Path = options.source
    kind = _format(source, options.format)
    _check_options(options, kind)
    column = options.column or _DEFAULT_COLUMN
    delimiter = options.delimiter or ("\t" if source.suffix == ".tsv" else ",")
    match kind:
        case "text":
            from openmed_agent.planes.inference.corpus.text_folder import TextFolder
            from openmed_agent.planes.inference.corpus.text_lines import TextLines

            return (TextFolder(source) if source.is_dir() else TextLines(source)), {"format": kind}
        case "csv":
            from openmed_agent.planes.inference.corpus.csv_table import CsvTable

            table = CsvTable(source, column=column, scope_column=options.patient_column, delimiter=delimiter)
            described = {"format": kind, "column": column, "patient_column": options.patient_column}
            return table, {**described, "delimiter": delimiter}
        case "jsonl":
            from openmed_agent.planes.inference.corpus.json_lines import JsonLines

            lines = JsonLines(source, column=column, scope_column=options.patient_column)
            return lines, {"format": kind, "column": column, "patient_column": options.patient_column}
        case _:
            from openmed_agent.planes.inference.corpus.parquet_table import ParquetTable

            table_of_columns = ParquetTable(source, column=column, scope_column=options.patient_column)
            return table_of_columns, {"format": kind, "column": column, "patient_column": options.patient_column}


def _format(source: Path, asked: str | None) -> str:
    if not source.exists():
        raise InputError("There is no such input.", remedy="Check the path.")
    if source.is_dir():
        if asked not in {None, "text"}:
            raise UsageError("A folder is read as text files only.", remedy="Leave --format out.")
        return "text"
    if not source.is_file():
        raise InputError("The input is neither a file nor a folder.", remedy="Check the path.")
    kind = asked or _FORMAT_OF_SUFFIX.get(source.suffix.lower())
    if kind is None:
        raise UsageError("The name of the input does not tell its format.", remedy="Add --format.")
    return kind


def _check_options(options: argparse.Namespace, kind: str) -> None:
    if kind == "text" and (options.column or options.patient_column):
        raise UsageError("Text has no columns.", remedy="Leave --column and --patient-column out, or add --format.")
    if options.delimiter is None:
        return
    if kind != "csv":
        raise UsageError("Only CSV has a delimiter.", remedy="Leave --delimiter out, or add --format csv.")
    if len(options.delimiter) != 1 or not options.delimiter.isascii() or options.delimiter in '"\r\n':
        raise UsageError("A delimiter is one ASCII character.", remedy="Choose another --delimiter.")


def _key(options: argparse.Namespace) -> bytes:
    """Return the secret behind stand-ins; nothing means a new one for this run."""
    from openmed_agent.cli.surrogate_keys import read_surrogate_key, stored_surrogate_key
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    if options.surrogate_key_file is not None:
        return read_surrogate_key(options.surrogate_key_file)
    if options.patient_column is None:
        return b""
    paths = find_paths()
    return stored_surrogate_key(paths, load_configuration(paths))


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """Yield who is told of progress: a bar on a terminal, silence elsewhere."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    columns = (TextColumn("De-identifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
