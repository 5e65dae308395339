"""The steps that a workflow definition may name."""

from collections.abc import Mapping
from typing import Final

from openmed_agent.workflows.definition import StepName
from openmed_agent.workflows.steps.allergies import list_allergies
from openmed_agent.workflows.steps.assign_codes import assign_codes
from openmed_agent.workflows.steps.compare_patients import compare_patients
from openmed_agent.workflows.steps.find_conflicts import find_conflicts
from openmed_agent.workflows.steps.find_gaps import find_gaps
from openmed_agent.workflows.steps.follow_ups import list_follow_ups
from openmed_agent.workflows.steps.measurements import list_measurements
from openmed_agent.workflows.steps.medications import list_medications
from openmed_agent.workflows.steps.merge_mentions import merge_mentions
from openmed_agent.workflows.steps.problems import list_problems
from openmed_agent.workflows.steps.procedures import list_procedures
from openmed_agent.workflows.steps.read_documents import read_documents
from openmed_agent.workflows.work import Step

STEPS: Final[Mapping[StepName, Step]] = {
    "read_documents": read_documents,
    "compare_patients": compare_patients,
    "list_problems": list_problems,
    "list_medications": list_medications,
    "list_allergies": list_allergies,
    "list_measurements": list_measurements,
    "list_procedures": list_procedures,
    "list_follow_ups": list_follow_ups,
    "assign_codes": assign_codes,
    "merge_mentions": merge_mentions,
    "find_conflicts": find_conflicts,
    "find_gaps": find_gaps,
}
