"""Makes the application of a plane from an order, for ``openmed serve`` and for the child processes alike."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from openmed_agent.planes.messages import ChildOrder

if TYPE_CHECKING:
    from fastapi import FastAPI

Tell = Callable[[str, int, int], None]
"""Is told what is being prepared, and how much of how much is done; 0 of 0 is unknown."""


def make_application(plane: str, order: ChildOrder, tell: Tell) -> "FastAPI":
    """Return the application of ``plane``, with its index and its models ready.

    Raises:
        OpenMedError: an index cannot be built, or a model not be used.
        ValueError: there is no such plane.

    """
    match plane:
        case "inference":
            return _inference(order)
        case "codes":
            return _codes(order, tell)
        case _:
            raise ValueError(f"there is no plane {plane!r}")


def _inference(order: ChildOrder) -> "FastAPI":
    from openmed_agent.planes.inference.app import create_inference_application  # noqa: PLC0415 - this plane's engine
    from openmed_agent.planes.inference.models.local_models import load_models  # noqa: PLC0415

    folder, lock = (Path(place) if place else None for place in (order.models_folder, order.models_lock))
    models = load_models(folder, lock, with_spacy=order.with_spacy)
    return create_inference_application(
        api_key=order.token,
        surrogate_key=bytes.fromhex(order.surrogate_key) if order.surrogate_key else None,
        surrogate_key_is_kept=order.surrogate_key_is_kept,
        models=models,
    )


def _codes(order: ChildOrder, tell: Tell) -> "FastAPI":
    from openmed_agent.planes.codes.app import create_codes_application  # noqa: PLC0415 - this plane's engine
    from openmed_agent.planes.codes.engine import prepare  # noqa: PLC0415

    folder = Path(order.index_folder or "")
    prepare(folder, lambda step: tell(step.what, step.done, step.total))
    return create_codes_application(index_folder=folder, api_key=order.token)
