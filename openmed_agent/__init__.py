"""OpenMed Agent: a terminal workspace that drafts evidence-linked case cards for a clinician to sign."""

__version__ = "0.1.0"
