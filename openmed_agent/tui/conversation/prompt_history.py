"""Earlier prompts, walked with Up and Down; what was being typed waits at the end."""

from collections.abc import Iterable


class PromptHistory:
    """Where a person is among earlier prompts. ``loaded`` says whether those of earlier days are here."""

    def __init__(self) -> None:
        self.loaded = False
        self._texts: list[str] = []
        self._place = -1
        self._draft = ""

    def load(self, texts: Iterable[str]) -> None:
        """Take over the prompts of earlier days, the newest first, behind those of today."""
        self._texts = list(dict.fromkeys((*self._texts, *texts)))
        self.loaded = True

    def add(self, text: str) -> None:
        """Note a prompt that was sent, and go back to the end."""
        self._texts = [text, *(one for one in self._texts if one != text)]
        self._place = -1
        self._draft = ""

    def older(self, now: str) -> str | None:
        """Return the prompt before the one shown, or None at the oldest; ``now`` is what is in the field."""
        if self._place + 1 >= len(self._texts):
            return None
        if self._place < 0:
            self._draft = now
        self._place += 1
        return self._texts[self._place]

    def newer(self) -> str | None:
        """Return the prompt after the one shown, at last what was being typed, or None at the end."""
        if self._place < 0:
            return None
        self._place -= 1
        return self._draft if self._place < 0 else self._texts[self._place]
