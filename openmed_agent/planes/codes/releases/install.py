"""Install a release: read it, build its index beside the served one, verify, swap.

A process that is killed leaves its stage, with which the next installation of the same release goes on; of another
release, it begins anew. Whatever is wrong with the release is found before anything that is installed changes.
"""

import datetime as dt
import os
import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Final
from uuid import uuid4

from openmed_agent.errors import InputError, UnavailableError
from openmed_agent.planes.codes.progress import Progress, ProgressCallback
from openmed_agent.planes.codes.releases import icd10cm_build, rxnorm_build, term_build
from openmed_agent.planes.codes.releases.archive import ReleaseFiles, shown
from openmed_agent.planes.codes.releases.catalog import (
    SCHEMA,
    InstalledRelease,
    add_release,
    changing,
    digest,
    installed_releases,
    stage_path,
)
from openmed_agent.planes.codes.releases.read_icd10cm import read_icd10cm
from openmed_agent.planes.codes.releases.read_order import read_icd10pcs
from openmed_agent.planes.codes.releases.read_snomed import read_snomed
from openmed_agent.planes.codes.releases.read_tables import read_cpt, read_cvx, read_loinc
from openmed_agent.planes.codes.releases.stage import Stage, remove_stage
from openmed_agent.planes.codes.releases.systems import SYSTEMS, System

_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()/-]{0,59}")
_READERS: Final[Mapping[System, Callable[[ReleaseFiles, term_build.TermIndexWriter], str]]] = {
    "loinc": read_loinc,
    "snomed": read_snomed,
    "icd10pcs": read_icd10pcs,
    "cvx": read_cvx,
    "cpt": read_cpt,
}


@dataclass(frozen=True, slots=True)
class _Built:
    version: str
    source: str
    complete: bool
    concepts: int


def install_release(
    system: System, source: Path, index_folder: Path, *, version: str | None, progress: ProgressCallback
) -> tuple[InstalledRelease, tuple[InstalledRelease, ...]]:
    """Install the release at ``source``; return it and the older releases that are kept behind it.

    ``version`` overrides what the release says of itself.

    Raises:
        InputError: it is not a sound release of ``system``; nothing was changed.
        UnavailableError: the index cannot be written, or another process is installing this system.

    """
    title = SYSTEMS[system].title
    if version is not None and not _VERSION.fullmatch(version):
        raise InputError("A version is up to 60 letters, digits, spaces and . _ ( ) / -.")
    with ReleaseFiles(source, progress, f"Installing {title}") as files, changing(index_folder, system) as folder:
        target = folder / f".{system}.{uuid4().hex}.building"
        stage = Stage(stage_path(folder, system), _stage_key(system, files), _stage_tables(system))
        if stage.kept:
            files.reading(f"Continuing {title}")
        try:
            built = _build(system, files, target, stage, version)
            progress(Progress(1, 1, f"Verifying {title}"))
            release = _verified(system, target, built)
            add_release(index_folder, target, release)
            remove_stage(stage.path)
        except Exception:
            stage.close()
            remove_stage(stage.path)  # what is refused is not gone on with; what is interrupted is
            raise
        finally:
            stage.close()
            target.unlink(missing_ok=True)
    held = installed_releases(index_folder, system)
    return held[0], held[1:]


def _stage_key(system: System, files: ReleaseFiles) -> str:
    return f"{system} {SCHEMA} {package_version('openmed-agent')} {files.digest()}"


def _stage_tables(system: System) -> str:
    match system:
        case "rxnorm":
            return rxnorm_build.STAGE_TABLES
        case "icd10cm":
            return icd10cm_build.STAGE_TABLES
        case _:
            return term_build.STAGE_TABLES


def _build(system: System, files: ReleaseFiles, target: Path, stage: Stage, version: str | None) -> _Built:
    source = SYSTEMS[system].source
    if system == "rxnorm":
        drugs = rxnorm_build.RxNormWriter(target, stage)
        read = drugs.read(files)
        complete = drugs.is_complete(files.name)
        extent = "full release" if complete else "current prescribable content"
        return _Built(_required(version or read, files), f"{source} {extent}", complete, drugs.finish(files.name))
    if system == "icd10cm":
        codes = icd10cm_build.IcdIndexWriter(target, stage, files.name, files.report)
        read = read_icd10cm(files, codes)
        return _Built(_required(version or read, files), source, complete=True, concepts=codes.finish())
    writer = term_build.TermIndexWriter(target, stage, files.name)
    read = _READERS[system](files, writer)
    return _Built(_required(version or read, files), source, system != "cpt", writer.finish())


def _required(version: str, files: ReleaseFiles) -> str:
    if not version:
        raise InputError(
            f"{shown(files.name)} does not say which release it is.", remedy="Say it with --version, such as 2026."
        )
    return version


def _verified(system: System, target: Path, built: _Built) -> InstalledRelease:
    """Return the release whose index was read back from the disk."""
    with target.open("rb") as file:
        os.fsync(file.fileno())
    read_back = digest(target)
    connection = sqlite3.connect(f"{target.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        sound = connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        held = connection.execute("SELECT count(*) FROM concept").fetchone()[0]
    except sqlite3.DatabaseError:
        sound, held = False, 0
    finally:
        connection.close()
    if not sound or held < built.concepts:
        raise UnavailableError(
            f"The {SYSTEMS[system].title} index did not verify after it was built.",
            remedy="Check the disk, then try again; what was installed before is unchanged.",
        )
    return InstalledRelease(
        system=system,
        version=built.version,
        source=built.source,
        complete=built.complete,
        concepts=built.concepts,
        installed=dt.datetime.now(dt.UTC).replace(microsecond=0),
        file=f"{system}-{read_back[7:23]}.sqlite",
        bytes=target.stat().st_size,
        digest=read_back,
        schema_number=SCHEMA,
    )
