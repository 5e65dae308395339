"""What is said of a fault in this program: its kind and place, and no value, which could be text of a chart."""

import traceback
from pathlib import Path


def fault_sentence(what: str, error: Exception) -> str:
    """Return a sentence such as "The tool failed because of a fault in this program (KeyError at files.py:12)"."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
    return f"{what} failed because of a fault in this program ({type(error).__name__} at {place})."
