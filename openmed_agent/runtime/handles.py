"""Names that stand for paths where a model may not see file names: ``document_1``, ``document_2``."""


class PathHandles:
    """The handles of one session, in the order in which paths were first seen."""

    def __init__(self) -> None:
        self._handles: dict[str, str] = {}

    def handle_of(self, path: str) -> str:
        """Return the handle of a path, the same for the same path."""
        return self._handles.setdefault(path, f"document_{len(self._handles) + 1}")

    def path_of(self, handle: str) -> str | None:
        """Return the path of a handle, or None where it is none."""
        return next((path for path, known in self._handles.items() if known == handle), None)
