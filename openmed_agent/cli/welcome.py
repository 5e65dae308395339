"""Plain ``openmed``: what can be done, and the next step."""

import argparse
from typing import Final

from openmed_agent import __version__

_TEXT: Final = """\
OpenMed {version}: charts in, drafted case cards with evidence out.
With nothing configured, nothing leaves this machine.

  openmed run chart_summary --input note_path=FILE   draft a case card from a note or FHIR bundle
  openmed drafts                                     list drafts
  openmed show DRAFT                                 show a draft with its evidence
  openmed reviewer create NAME                       make the key that you sign with
  openmed review DRAFT                               decide item by item, and sign
  openmed verify FOLDER                              check a signed bundle
  openmed extract FILE                               list clinical entities of a note
  openmed deid FILE --out FILE                       write a de-identified copy
  openmed codes search TEXT                          look up ICD-10-CM codes
  openmed doctor                                     say what works here and what does not

Next: {next_step}
Every command explains itself with --help.
"""


def show_welcome(_: argparse.Namespace) -> int:
    """Print what can be done and the next step; return the exit status."""
    from openmed_agent.settings.paths import content_folder

    example = content_folder("examples") / "progress_note.txt"
    next_step = f"openmed run chart_summary --input note_path={example}"
    print(_TEXT.format(version=__version__, next_step=next_step), end="")  # noqa: T201
    return 0
