"""The models of one folder, and the names that spaCy finds, served beside the embedded engines."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from openmed_agent.planes.inference.models.folder import find_model_folders, identifier_label
from openmed_agent.planes.inference.models.lock import LOCK_NAME, check_lock
from openmed_agent.planes.inference.models.mentions import ModelMention
from openmed_agent.planes.inference.models.spacy_names import SPACY_NAME, SpacyNames
from openmed_agent.planes.inference.models.token_classifier import TokenClassifier
from openmed_agent.planes.inference.pii.finding import PiiFinding


class LocalModels:
    """Models by name; none where no folder was given. ``names_of_spacy`` are a source of English identifiers."""

    def __init__(self, models: Sequence[TokenClassifier] = (), *, names_of_spacy: SpacyNames | None = None) -> None:
        self._names_of_spacy = names_of_spacy
        self._by_name = {model.folder.name: model for model in models}
        self._of_identifiers = {name: model for name, model in self._by_name.items() if model.folder.finds_identifiers}

    @property
    def names(self) -> tuple[str, ...]:
        """The names that ``/analyze`` answers to."""
        return tuple(self._by_name)

    @property
    def identifier_names(self) -> tuple[str, ...]:
        """The names of the sources that find identifiers."""
        return tuple(self._of_identifiers) if self._names_of_spacy is None else (*self._of_identifiers, SPACY_NAME)

    def mentions(self, text: str, *, model: str, threshold: float) -> tuple[ModelMention, ...]:
        """Return what one model finds in ``text`` with at least that confidence."""
        return tuple(found for found in self._by_name[model].mentions(text) if found.confidence >= threshold)

    def identifiers(self, text: str, *, model: str | None, threshold: float, language: str = "en") -> list[PiiFinding]:
        """Return what one source of identifiers, or without a name all of them, find in ``text``."""
        asked = self.identifier_names if model is None else (model,)
        found = [
            PiiFinding(found.start, found.end, identifier_label(found.label), found.confidence, (f"model {name}",))
            for name in asked
            if name in self._of_identifiers
            for found in self.mentions(text, model=name, threshold=threshold)
        ]
        if self._names_of_spacy is not None and SPACY_NAME in asked and language == "en":
            found.extend(one for one in self._names_of_spacy.identifiers(text) if one.confidence >= threshold)
        return found


NO_MODELS: Final = LocalModels()


def pin_models(folder: Path, lock: Path | None) -> int | None:
    """Return how many files were pinned where there was no lock and one was written, or nothing where all agree.

    Raises:
        InputError: the folder, a model or the lock cannot be used.
        NotPermittedError: a file differs from the lock.

    """
    find_model_folders(folder)
    return check_lock(folder, lock or folder / LOCK_NAME)


def load_models(folder: Path | None, lock: Path | None, *, with_spacy: bool = False) -> LocalModels:
    """Return the models of ``folder``, all of whose files agree with the lock, and what spaCy finds if asked.

    Raises:
        InputError: the folder, a model or the lock cannot be used.
        NotPermittedError: a file differs from the lock.
        UnavailableError: the packages of the extra ``models`` or ``spacy`` are not installed.

    """
    classifiers: list[TokenClassifier] = []
    if folder is not None:
        pin_models(folder, lock)
        classifiers = [TokenClassifier(one) for one in find_model_folders(folder)]
    return LocalModels(classifiers, names_of_spacy=SpacyNames() if with_spacy else None)
