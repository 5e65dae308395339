"""``openmed serve``: serve a plane over HTTP for other programs and machines."""

import argparse
import os
import secrets
import signal
import socket
import stat
import threading
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import ExitStatus, InputError, UnavailableError, UsageError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from openmed_agent.planes.messages import ChildOrder

_DEFAULT_PORTS: Final = {"inference": 8601, "codes": 8602}
_SHORTEST_KEY: Final = 16
_BACKLOG: Final = 2048
_MOST_WORKERS: Final = 256


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to ``groups``."""
    parser = groups.add_parser("serve", help="serve a plane over HTTP", allow_abbrev=False)
    parser.add_argument("plane", choices=("inference", "codes"))
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1; any other address needs a key")
    parser.add_argument("--port", type=_port, help="default: 8601 for inference, 8602 for codes; 0 picks one")
    parser.add_argument("--api-key-file", type=Path, metavar="FILE", help="a file that holds the key, mode 0600")
    parser.add_argument(
        "--surrogate-key-file",
        type=Path,
        metavar="FILE",
        help="for inference: a file that holds the secret behind stand-ins, mode 0600; default: new at each start",
    )
    parser.add_argument("--workers", type=_workers, default=1, metavar="N", help="processes that serve; default: 1")
    parser.add_argument(
        "--models", type=Path, metavar="FOLDER", help="for inference: token classifiers (ONNX or safetensors)"
    )
    parser.add_argument(
        "--models-lock", type=Path, metavar="FILE", help="digests of their files; default: FOLDER/openmed-models.lock"
    )
    parser.add_argument(
        "--spacy", action="store_true", help="for inference: also the names that a small spaCy model finds"
    )
    parser.set_defaults(command=serve)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:  # noqa: PLR2004 - the largest TCP port
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"a number of processes is from 1 to {_MOST_WORKERS}")
    return int(text)


def serve(options: argparse.Namespace) -> int:
    """Serve until interrupted or terminated, then finish the requests that run; return the exit status."""
    from openmed_agent.net.clients import is_loopback

    key = read_api_key(options.api_key_file) if options.api_key_file else None
    if key is None and not is_loopback(options.host):
        raise UsageError(
            "Serving on an address that other machines reach needs a key.",
            remedy="Add --api-key-file FILE, or serve on 127.0.0.1.",
        )
    _check_options(options)
    surrogate_key = _surrogate_key(options)
    port = _DEFAULT_PORTS[options.plane] if options.port is None else options.port
    listener = _listener(options.host, port)
    order = _order(options, key, surrogate_key)
    application = _application(options.plane, order)
    shown_host = f"[{options.host}]" if ":" in options.host else options.host
    said = (
        f"Serving {options.plane} on http://{shown_host}:{listener.getsockname()[1]}"
        f"{'' if key else ', without a key'}. Ctrl+C stops it."
    )
    if options.workers == 1:
        _serve_here(application, listener, said)
    else:
        _serve_with_workers(options, order, listener, said)
    return int(ExitStatus.DONE)


def _check_options(options: argparse.Namespace) -> None:
    if options.workers > 1 and os.name != "posix":
        raise UsageError("Several processes cannot share a port here.", remedy="Leave --workers out.")
    if options.plane != "inference" and (options.models or options.models_lock):
        raise UsageError("Only the inference plane has models.", remedy="Leave --models and --models-lock out.")
    if options.plane != "inference" and options.spacy:
        raise UsageError("Only the inference plane finds names.", remedy="Leave --spacy out.")
    if options.models_lock and not options.models:
        raise UsageError("A lock of models needs the models.", remedy="Add --models FOLDER.")


def _order(options: argparse.Namespace, key: str | None, surrogate_key: bytes | None) -> "ChildOrder":
    from openmed_agent.planes.messages import ChildOrder
    from openmed_agent.settings.paths import find_paths

    return ChildOrder(
        token=key,
        index_folder=str(find_paths().codes_index) if options.plane == "codes" else None,
        surrogate_key=(surrogate_key or secrets.token_bytes(32)).hex(),  # processes of one service share one
        surrogate_key_is_kept=surrogate_key is not None,
        models_folder=str(options.models.resolve()) if options.models else None,
        models_lock=str(options.models_lock.resolve()) if options.models_lock else None,
        with_spacy=options.spacy,
    )


def _application(plane: str, order: "ChildOrder") -> "FastAPI":
    """Return the application; making it also shows, before anything is served, that it can be made."""
    from openmed_agent.cli.console import notice, progress
    from openmed_agent.net.clients import DestinationKind
    from openmed_agent.planes.applications import make_application
    from openmed_agent.planes.supervisor import Preparation

    if order.models_folder is not None:
        from openmed_agent.planes.inference.models.local_models import pin_models

        pinned = pin_models(Path(order.models_folder), Path(order.models_lock) if order.models_lock else None)
        if pinned:
            notice(f"Pinned {pinned} files of the models by their digests; one that changes will be refused.")
    kind = DestinationKind(plane)
    with progress() as (watcher, _):
        return make_application(
            plane,
            order,
            lambda what, done, total: watcher.prepared(Preparation(kind, what=what, done=done, total=total)),
        )


def _serve_here(application: "FastAPI", listener: socket.socket, said: str) -> None:
    from openmed_agent.cli.console import notice
    from openmed_agent.planes.server import make_server, run_server

    server = make_server(application)

    def stop(_: int, __: FrameType | None) -> None:
        server.should_exit = True

    signal.signal(signal.SIGTERM, stop)
    notice(said)
    run_server(server, listener)


def _serve_with_workers(options: argparse.Namespace, order: "ChildOrder", listener: socket.socket, said: str) -> None:
    from openmed_agent.cli.console import notice
    from openmed_agent.planes.workers import Workers

    terminated = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: terminated.set())
    notice(said)
    Workers(options.plane, order, listener, count=options.workers).run(terminated, notice)


def read_api_key(file: Path) -> str:
    """Return the key that ``file`` holds.

    Raises:
        InputError: the file is missing, readable by others, or holds no key of at least 16 characters.

    """
    try:
        mode = file.stat().st_mode
        if not stat.S_ISREG(mode):  # a pipe would be waited for
            raise InputError(f"The key file {file} is not a regular file.", remedy="Pass the file itself.")
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise InputError(f"The key file {file} cannot be read.", remedy="Check the path.") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise InputError(f"The key file {file} is open to others.", remedy=f"Run: chmod 600 {file}")
    if len(key) < _SHORTEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise InputError(
            f"The key file {file} must hold one key of at least {_SHORTEST_KEY} printable characters.",
            remedy="For example: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )
    return key


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except UnicodeError:  # a host name that no name service could hold
        raise InputError("The host is not the name of a machine.", remedy="Choose another --host.") from None
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else "no such address"
        raise UnavailableError(
            f"{host} port {port} cannot be served ({reason}).", remedy="Choose another --host or --port."
        ) from None
    return listener


def _surrogate_key(options: argparse.Namespace) -> bytes | None:
    from openmed_agent.cli.surrogate_keys import read_surrogate_key

    if options.surrogate_key_file is None:
        return None
    if options.plane != "inference":
        raise UsageError("Only the inference plane has a surrogate key.")
    return read_surrogate_key(options.surrogate_key_file)
