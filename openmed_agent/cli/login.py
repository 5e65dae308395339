"""``openmed login`` and ``openmed logout``: which services may be used, and where their keys are kept."""

import argparse
import os
import sys
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import InputError, UsageError

if TYPE_CHECKING:
    from openmed_agent.login.accounts import Account
    from openmed_agent.login.credentials import Credentials
    from openmed_agent.login.providers import KnownProvider
    from openmed_agent.models.sign_in import SignIn
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.models import ProviderProtocol
    from openmed_agent.settings.paths import Paths

_PROVIDERS: Final = ("openai", "anthropic", "openrouter")
_SERVICES: Final = ("inference", "codes")


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``login`` and ``logout`` to ``groups``."""
    from openmed_agent.cli.login_status import show_status

    parser = groups.add_parser(
        "login",
        help="choose a language model's service and keep its key",
        description="Checks a key against its service, and keeps it in the system's keyring for that service alone.",
        allow_abbrev=False,
    )
    _add_target(parser)
    parser.add_argument("--key-fd", type=int, metavar="N", help="read the key from this file descriptor (0: stdin)")
    parser.add_argument("--no-key", action="store_true", help="the service asks for no key")
    parser.add_argument(
        "--keep", choices=("keyring", "file"), default="keyring", help="where to keep the key (file: a private file)"
    )
    parser.add_argument("--model", metavar="NAME", help="the model to use")
    parser.set_defaults(command=log_in)
    status = parser.add_subparsers(metavar="").add_parser(
        "status", help="say what is configured and where each key is", allow_abbrev=False
    )
    status.add_argument("--json", action="store_true", help="print it as JSON")
    status.set_defaults(command=show_status)

    logout = groups.add_parser("logout", help="forget a service and remove its key", allow_abbrev=False)
    _add_target(logout)
    logout.add_argument("--all", action="store_true", help="forget every service")
    logout.set_defaults(command=log_out)


def _add_target(parser: argparse.ArgumentParser) -> None:
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--provider", choices=_PROVIDERS, help="a known service of language models")
    target.add_argument("--url", help="the address of a service of language models; most end in /v1")
    target.add_argument("--service", choices=_SERVICES, help="the inference or codes service that is configured")


def log_in(options: argparse.Namespace) -> int:
    """Check a key and keep it; return the exit status."""
    from openmed_agent.cli.login_services import log_in_to_service
    from openmed_agent.login.credentials import Credentials
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    configuration = load_configuration(paths)
    credentials = Credentials(paths.root, os.environ)
    if options.service:
        return log_in_to_service(options, paths, configuration, credentials)
    return _log_in_to_model(options, paths, configuration, credentials)


def log_out(options: argparse.Namespace) -> int:
    """Forget the logins that ``options`` name; return the exit status."""
    from openmed_agent.cli.console import notice
    from openmed_agent.login.credentials import Credentials
    from openmed_agent.settings.paths import find_paths

    credentials = Credentials(find_paths().root, os.environ)
    chosen = _accounts_to_forget(options, credentials)
    for account in chosen:
        credentials.forget(account)
        notice(f"Forgot {account.origin}{', and its key is removed' if account.kept != 'none' else ''}.")
    return 0


def _accounts_to_forget(options: argparse.Namespace, credentials: "Credentials") -> "tuple[Account, ...]":
    from openmed_agent.login.providers import PROVIDERS
    from openmed_agent.net.clients import origin_of

    accounts = credentials.accounts()
    if options.all:
        return accounts.accounts
    if options.service:
        chosen = tuple(one for one in accounts.accounts if one.purpose == options.service)
    else:
        models = tuple(one for one in accounts.accounts if one.purpose == "model")
        url = PROVIDERS[options.provider].url if options.provider else options.url
        if url is None and len(models) > 1:
            raise UsageError("There are several logins.", remedy="Pass --url, --provider, --service or --all.")
        chosen = models if url is None else tuple(one for one in models if one.origin == origin_of(url))
    if not chosen:
        raise InputError("There is no such login.", remedy="'openmed login status' lists them.")
    return chosen


def _log_in_to_model(
    options: argparse.Namespace, paths: "Paths", configuration: "Configuration", credentials: "Credentials"
) -> int:
    from openmed_agent.cli.console import notice
    from openmed_agent.cli.service_key_input import usable_keeping
    from openmed_agent.login.providers import PROVIDERS
    from openmed_agent.models.log_in import keep_login
    from openmed_agent.net.clients import checked_origin
    from openmed_agent.net.destinations import require_allowed_model

    known = PROVIDERS[options.provider] if options.provider else _chosen(options)
    require_allowed_model(configuration.destinations, checked_origin(known.url))
    key, signed_in = _signed_in(options, paths, configuration, known)
    kept = usable_keeping(options.keep) if key else "none"
    login = keep_login(
        known, key, signed_in, kept=kept, model=options.model, configuration=configuration, credentials=credentials
    )
    places = {"keyring": "the system's keyring", "file": f"a private file in {paths.root}"}
    notice(f"Logged in to {login.url}. {f'Its key is in {places[kept]}.' if kept in places else 'It asks for no key.'}")
    for sentence in login.notices:
        notice(sentence)
    if login.model is None:
        notice(f"It offers {len(signed_in.models)} models. Choose one: openmed models --use NAME")
    return 0


def _signed_in(
    options: argparse.Namespace, paths: "Paths", configuration: "Configuration", known: "KnownProvider"
) -> "tuple[str | None, SignIn]":
    """Return the key, or None where none is needed, and what the service offers to it."""
    from urllib.parse import urlsplit

    from openmed_agent.cli.service_key_input import ask_key, key_from_descriptor
    from openmed_agent.models.provider import ModelError, ModelFailure
    from openmed_agent.net.clients import is_loopback

    parts = urlsplit(known.url)
    if options.key_fd is not None:
        key: str | None = key_from_descriptor(options.key_fd)
        return key, _check(known, key, paths, configuration)
    if options.no_key:
        return None, _check(known, None, paths, configuration)
    if is_loopback(parts.hostname or ""):
        try:
            return None, _check(known, None, paths, configuration)
        except ModelError as error:
            if error.failure is not ModelFailure.AUTHENTICATION:
                raise
    key = ask_key(parts.netloc)
    return key, _check(known, key, paths, configuration)


def _check(known: "KnownProvider", key: str | None, paths: "Paths", configuration: "Configuration") -> "SignIn":
    import asyncio

    from openmed_agent.cli.model_outbound import recorded_model_requests
    from openmed_agent.models.log_in import check_key

    with recorded_model_requests(paths, configuration, known.url) as sink:
        return asyncio.run(check_key(known, key, configuration, sink))


def _chosen(options: argparse.Namespace) -> "KnownProvider":
    """Return the service of ``--url``, or the one that the person chooses from a list."""
    from openmed_agent.login.providers import PROVIDERS, KnownProvider

    protocol: ProviderProtocol = "auto"
    if options.url:
        return KnownProvider(options.url, options.url, protocol)
    if not sys.stdin.isatty():
        raise UsageError("Which service?", remedy="Pass --provider, --url or --service.")
    offered = [*PROVIDERS.values(), *(KnownProvider(name, url, protocol) for name, url in _local_servers())]
    for number, known in enumerate(offered, start=1):
        print(f" {number}  {known.name:<12} {known.url}")  # noqa: T201
    answer = input("Number, or an address (most end in /v1): ").strip()
    if answer.isdecimal() and 1 <= int(answer) <= len(offered):
        return offered[int(answer) - 1]
    return KnownProvider(answer, answer, protocol)


def _local_servers() -> list[tuple[str, str]]:
    import asyncio

    from openmed_agent.models.discovery import find_local_servers

    return [(server.name, server.url) for server in asyncio.run(find_local_servers())]
