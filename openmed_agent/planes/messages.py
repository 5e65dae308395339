"""What an embedded plane's process and its supervisor say to each other, one JSON object a line.

The supervisor writes one ``ChildOrder`` to the child's standard input and keeps that pipe open; its end of
file tells the child that the parent is gone. The child writes ``ChildReport`` lines to its standard output.
The token travels here and never in argv or the environment.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChildOrder(_Message):
    """What the child is to serve: the token, the folder of its index (codes), its surrogate key (inference).

    Both secrets are text; the surrogate key is hexadecimal, and kept if it outlives the service. Local models have a
    folder and a lock; the names that spaCy finds may join them. One of several processes that serve on one socket is
    also given that socket, by the number under which it was inherited; without it, it binds a port of its own.
    """

    token: str | None
    index_folder: str | None = None
    surrogate_key: str | None = None
    surrogate_key_is_kept: bool = True
    models_folder: str | None = None
    models_lock: str | None = None
    with_spacy: bool = False
    listener: int | None = None

    def __repr__(self) -> str:
        """Return a text without the secrets."""
        return f"ChildOrder(index_folder={self.index_folder!r}, listener={self.listener!r})"


class ChildReport(_Message):
    """How far the child is: preparing with a share done, ready on a port, or failed with a sentence."""

    state: Literal["preparing", "ready", "failed"]
    what: str = ""
    done: int = 0
    total: int = 0
    port: int = 0
