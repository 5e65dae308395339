"""Read SNOMED CT from a Release Format 2 snapshot: concepts, descriptions, "is a" and the language reference set.

Only what is active counts. The display is the synonym preferred in US English where the release says so, else
the fully specified name; the tag in its last parentheses is the kind.
"""

import re
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.planes.codes.releases.archive import ReleaseFiles, shown
from openmed_agent.planes.codes.releases.rows import tab_rows
from openmed_agent.planes.codes.releases.term_build import FULLY_SPECIFIED, SYNONYM, TermIndexWriter

_CONCEPT_FILE: Final = re.compile(r"x?sct2_Concept_Snapshot_.*\.txt")
_DESCRIPTION_FILE: Final = re.compile(r"x?sct2_Description_Snapshot-en_.*\.txt")
_RELATIONSHIP_FILE: Final = re.compile(r"x?sct2_Relationship_Snapshot_.*\.txt")
_LANGUAGE_FILE: Final = re.compile(r"x?der2_cRefset_LanguageSnapshot-en_.*\.txt")
_DATE: Final = re.compile(r"_(\d{4})(\d{2})(\d{2})\.txt$")
_HEAD: Final = ("id", "effectiveTime", "active", "moduleId")
_CONCEPT: Final = (*_HEAD, "definitionStatusId")
_DESCRIPTION: Final = (*_HEAD, "conceptId", "languageCode", "typeId", "term", "caseSignificanceId")
_RELATIONSHIP: Final = (
    *_HEAD, "sourceId", "destinationId", "relationshipGroup", "typeId", "characteristicTypeId", "modifierId",
)  # fmt: skip
_LANGUAGE: Final = (*_HEAD, "refsetId", "referencedComponentId", "acceptabilityId")
_FULLY_SPECIFIED: Final = "900000000000003001"
_IS_A: Final = "116680003"
_US_ENGLISH: Final = "900000000000509007"
_PREFERRED: Final = "900000000000548007"
_TITLES: Final = (
    """UPDATE concept SET display = coalesce(
        (SELECT n.term FROM stage.name AS n JOIN stage.preferred AS p USING (identifier)
         WHERE n.code = concept.code AND n.kind = 1),
        (SELECT n.term FROM stage.name AS n WHERE n.code = concept.code AND n.kind = 3),
        (SELECT n.term FROM stage.name AS n WHERE n.code = concept.code), '')""",
    """UPDATE concept SET kind = coalesce(
        (SELECT semantic_tag(n.term) FROM stage.name AS n
         WHERE n.code = concept.code AND n.kind = 3), '')""",
    "DELETE FROM concept WHERE display = ''",
)


def read_snomed(files: ReleaseFiles, writer: TermIndexWriter) -> str:
    """Read the snapshot; return its date."""
    if files.is_plain_file:
        raise InputError(f"{shown(files.name)} is one file.", remedy="Hand over the zip or folder of the RF2 release.")
    concepts = files.require(_CONCEPT_FILE, "snapshot of concepts (sct2_Concept_Snapshot_*.txt)")
    descriptions = files.require(_DESCRIPTION_FILE, "snapshot of descriptions (sct2_Description_Snapshot-en_*.txt)")
    relationships = files.require(_RELATIONSHIP_FILE, "snapshot of relationships (sct2_Relationship_Snapshot_*.txt)")
    language = files.find(_LANGUAGE_FILE)
    files.expect([concepts, descriptions, relationships, *([language] if language else [])])
    for row in tab_rows(files, concepts, _CONCEPT):
        if row[2] == "1":
            writer.add(row[0], "")
    for row in tab_rows(files, descriptions, _DESCRIPTION):
        if row[2] == "1" and row[0].isascii() and row[0].isdigit():
            kind = FULLY_SPECIFIED if row[6] == _FULLY_SPECIFIED else SYNONYM
            writer.add_name(row[4], row[7], kind, int(row[0]))
    for row in tab_rows(files, relationships, _RELATIONSHIP):
        if row[2] == "1" and row[7] == _IS_A:
            writer.add_parent(row[4], row[5])
    if language is not None:
        _read_preferred(files, language, writer)
    writer.choose_titles(_TITLES)
    date = _DATE.search(concepts)
    return "-".join(date.groups()) if date else ""


def _read_preferred(files: ReleaseFiles, name: str, writer: TermIndexWriter) -> None:
    for row in tab_rows(files, name, _LANGUAGE):
        is_preferred = row[2] == "1" and row[4] == _US_ENGLISH and row[6] == _PREFERRED
        if is_preferred and row[5].isascii() and row[5].isdigit():
            writer.prefer(int(row[5]))
