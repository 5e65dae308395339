"""`openmed literature` as a person runs it: off by default, refused by mode, and what it prints.

The command runs in a process of its own against a local server in the place of the services; an audit hook of the
interpreter records every address that the process looks up or connects to.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import ACTS_ON_TERMINAL, Machine, Outcome, assert_refused

sys.path.append(str(Path(__file__).parents[1] / "planes" / "literature"))

from literature_services import (
    HTML,
    NO_LABELS,
    Recorded,
    always,
    answered,
    esearch,
    esummary,
    feed,
    label,
    labels,
    missing,
    page,
    request_of,
    services,
    summary,
    usual,
)
from stub_service import Answer, Sent

from openmed_agent.planes.literature.sources import NLM_STATEMENT

ON = "[literature]\nenabled = true\n"
COMMANDS = {
    "search": ["literature", "search", "gout", "urate"],
    "show": ["literature", "show", "31000001"],
    "topic": ["literature", "topic", "M10.9"],
    "label": ["literature", "label", "inventol"],
}

# Runs the command with the services' addresses replaced, and records what the process itself connects to.
DRIVER = """
import json, sys
seen = []

def hook(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        seen.append([event, str(arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0])])

sys.addaudithook(hook)
from openmed_agent import cli
from openmed_agent.cli import literature, main
from openmed_agent.planes.literature.sources import Origins

origin, record, *arguments = sys.argv[1:]

class Here:
    @staticmethod
    def register(groups):
        literature.register(groups)
        for action in groups.choices["literature"]._subparsers._group_actions[0].choices.values():
            action.set_defaults(origins=Origins(pubmed=origin, medlineplus=origin, openfda=origin))

if origin:
    cli.literature = Here
status = main.main(arguments)
with open(record, "w", encoding="utf-8") as file:
    json.dump(seen, file)
sys.exit(status)
"""


class Desk:
    """A machine on which literature is on, and whose services are a local server."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.record = machine.folder.parent / "connected.json"

    def run(self, arguments: list[str], recorded: Recorded | None = None, **environment: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-c", DRIVER, recorded.stub.origin if recorded else "", str(self.record), *arguments],
            cwd=self.machine.folder,
            env=self.machine.variables(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        outcome = Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())
        for stream in (outcome.stdout, outcome.stderr):
            assert ACTS_ON_TERMINAL.search(stream) is None, stream
            assert "Traceback" not in stream, stream
            assert "fault of its own" not in stream, stream
        return outcome

    @property
    def connected(self) -> list[list[str]]:
        """What the process looked up or connected to."""
        found: list[list[str]] = json.loads(self.record.read_text())
        return found


@pytest.fixture
def desk(bare: Machine) -> Desk:
    bare.settings(ON)
    return Desk(bare)


@pytest.fixture
def scanning(bare: Machine, planes: dict[str, str]) -> Desk:
    """The same with a served inference plane, so that queries are scanned without starting one."""
    bare.settings(ON)
    bare.environment.update(planes)
    return Desk(bare)


@pytest.fixture
def practised(scanning: Desk) -> Desk:
    """The same after a first request, which made the store and said once where its key is."""
    with services() as recorded:
        assert scanning.run(["literature", "topic", "I10"], recorded).status == 0
    return scanning


@pytest.mark.parametrize(("command", "mode"), list(zip(COMMANDS, ("full", "deid", "strict", "full"), strict=True)))
def test_while_it_is_off_every_command_says_how_to_turn_it_on_and_opens_no_socket(
    desk: Desk, command: str, mode: str
) -> None:
    desk.machine.settings("[literature]\nenabled = false\n")
    with services() as recorded:
        outcome = desk.run([*COMMANDS[command], "--phi-mode", mode], recorded, NCBI_API_KEY="a" * 36)
        assert recorded.stub.sent == []
    assert_refused(outcome, 4, "enabled = true", "[literature]", "leave this machine")
    assert desk.connected == []
    assert not (desk.machine.home / "cache").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_installed_command_is_off_by_default(bare: Machine, command: str) -> None:
    assert_refused(bare.openmed(*COMMANDS[command]), 4, "enabled = true")


@pytest.mark.parametrize("command", COMMANDS)
def test_strict_refuses_and_opens_no_socket(desk: Desk, command: str) -> None:
    with services() as recorded:
        outcome = desk.run([*COMMANDS[command], "--phi-mode", "strict"], recorded)
        assert recorded.stub.sent == []
    assert_refused(outcome, 4, "strict")
    assert desk.connected == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "Marisol Quintanilla gout"],
        ["search", "wei", "chen", "lithium"],
        ["search", "MRN", "12345678", "sepsis"],
        ["label", "marisol quintanilla"],
    ],
)
def test_deid_refuses_an_identifier_and_asks_only_the_inference_plane(scanning: Desk, arguments: list[str]) -> None:
    with services() as recorded:
        outcome = scanning.run(["literature", *arguments], recorded)
        assert recorded.stub.sent == []
    assert_refused(outcome, 4, "identifier", "nothing was sent")
    for word in ("marisol", "quintanilla", "chen", "12345678"):
        assert word not in outcome.stderr.casefold()
    plane = scanning.machine.environment["OPENMED_INFERENCE_URL"].rpartition(":")[2]
    reached = [address for event, address in scanning.connected if event == "socket.connect"]
    assert reached
    assert all("127.0.0.1" in address and plane in address for address in reached)


def test_deid_refuses_with_the_embedded_detector_too(desk: Desk) -> None:
    with services() as recorded:
        outcome = desk.run(["literature", "search", "Marisol Quintanilla gout"], recorded)
        assert recorded.stub.sent == []
        assert_refused(outcome, 4, "identifier")
        assert desk.run(["literature", "search", "gout", "--json"], recorded).json()["total"] == 57


@pytest.mark.parametrize("command", COMMANDS)
def test_without_the_detector_nothing_leaves(desk: Desk, command: str) -> None:
    with services() as recorded:
        outcome = desk.run(COMMANDS[command], recorded, OPENMED_INFERENCE_URL="http://127.0.0.1:9")
        assert recorded.stub.sent == []
    assert_refused(outcome, 5, "inference")


def test_a_detector_that_answers_nonsense_lets_nothing_leave(desk: Desk) -> None:
    with services() as recorded, services(always(HTML)) as broken:
        outcome = desk.run(COMMANDS["search"], recorded, OPENMED_INFERENCE_URL=broken.stub.origin)
        assert recorded.stub.sent == []
    assert_refused(outcome, 5, "inference")


def test_full_sends_the_query_as_it_is_and_keeps_nothing(desk: Desk) -> None:
    arguments = ["literature", "search", "Marisol Quintanilla", "--phi-mode", "full"]
    with services() as recorded:
        assert desk.run(arguments, recorded).status == 0
        assert desk.run(arguments, recorded).status == 0
        assert recorded.paths == ["esearch.fcgi", "esummary.fcgi"] * 2
        assert recorded.requests[0].fields["term"] == "Marisol Quintanilla"
    assert list((desk.machine.home / "cache").rglob("*.json")) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_answer_has_its_source_and_its_statement(scanning: Desk, command: str) -> None:
    with services() as recorded:
        shown = scanning.run(COMMANDS[command], recorded)
        sent = len(recorded.stub.sent)
        parsed = scanning.run([*COMMANDS[command], "--json"], recorded).json()
        assert len(recorded.stub.sent) == sent, "the second answer is the kept one"
    assert shown.status == 0, shown.stderr
    flat = " ".join(shown.stdout.split())
    wanted = {
        "search": ["PMID 31000001", "https://pubmed.ncbi.nlm.nih.gov/31000001/", "https://doi.org/10.5555/", "2 of 57"],
        "show": ["PMID 31000001", "BACKGROUND", "Urate fell by 60%", "© 2021 Invented Press."],
        "topic": ["https://medlineplus.gov/gout.html", "A painful & sudden illness.", "MedlinePlus.gov"],
        "label": ["dailymed.nlm.nih.gov", "Boxed warning", "1 of 3 labels", "label of 2025-01-31"],
    }[command]
    for words in wanted:
        assert words in flat, words
    statement = "Do not rely on openFDA to make decisions" if command == "label" else NLM_STATEMENT
    assert statement in flat
    assert any(statement in notice for notice in parsed["notices"])
    assert parsed["retrieved"]


def test_what_services_send_cannot_act_on_the_terminal(scanning: Desk) -> None:
    hostile = "\x1b]52;c;eA==\x07\u202eevil\u200b\x9b31m\r\nnext"

    def answer(sent: Sent, number: int) -> Answer:
        request = request_of(sent)
        match request.path.rpartition("/")[2]:
            case "esearch.fcgi":
                unknown = {"phrasesnotfound": [hostile], "fieldsnotfound": []}
                return answered(esearch("31000001", errorlist=unknown))
            case "esummary.fcgi":
                people = [{"name": hostile}]
                return answered(
                    esummary(
                        summary("31000001", title=hostile, authors=people, pubdate=hostile, fulljournalname=hostile)
                    )
                )
            case "service":
                return answered(feed(page(hostile, summary={"_value": hostile})))
            case "label.json":
                odd = label(effective_time=hostile, boxed_warning=[hostile], openfda={"brand_name": [hostile]})
                body = labels(odd)
                body["meta"]["disclaimer"] = hostile
                return answered(body)
        return usual(sent, number)

    with services(answer) as recorded:
        for command in COMMANDS.values():
            for more in ([], ["--json"]):
                outcome = scanning.run([*command, *more], recorded)  # checks every stream
                assert outcome.status == 0, outcome.stderr
                assert "evil" in outcome.stdout


@pytest.mark.parametrize(
    ("command", "answer", "words"),
    [
        ("search", answered(esearch()), "no article"),
        ("show", answered(esummary(missing("31000001"))), "no article"),
        ("topic", answered(feed()), "no page"),
        ("label", NO_LABELS, "no label"),
    ],
)
def test_nothing_found_is_the_answer_no(practised: Desk, command: str, answer: Answer, words: str) -> None:
    with services(always(answer)) as recorded:
        assert_refused(practised.run(COMMANDS[command], recorded), 1, words)


FAULTS: dict[str, tuple[Callable[[Sent, int], Answer], int, str]] = {
    "500": (always(Answer(500, b"Quintanilla")), 5, "500"),
    "html": (always(HTML), 5, "contract"),
    "truncated": (always(Answer(200, b'{"feed"')), 5, "contract"),
    "cut": (always(Answer(200, b'{"feed": {}}' + b" " * 99, cut_after=9)), 5, "broke off"),
    "limited": (always(Answer(429, b"{}", {"retry-after": "90"})), 5, "90 seconds"),
    "redirect": (always(Answer(302, b"", {"location": "http://127.0.0.1:9/"})), 5, "302"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_service_that_fails_is_one_sentence(practised: Desk, fault: str) -> None:
    answer, status, words = FAULTS[fault]
    with services(answer) as recorded:
        outcome = practised.run(COMMANDS["topic"], recorded)
    assert_refused(outcome, status, words)
    assert "Quintanilla" not in outcome.stderr


def test_a_wait_that_a_service_asked_for_holds_for_the_next_command(practised: Desk) -> None:
    with services(always(Answer(429, b"{}", {"retry-after": "90"}))) as recorded:
        assert_refused(practised.run(COMMANDS["search"], recorded), 5, "90 seconds")
        assert_refused(practised.run(COMMANDS["show"], recorded), 7, "takes no further request")
        assert len(recorded.stub.sent) == 1


def test_retracted_and_left_out_words_are_said(scanning: Desk) -> None:
    def answer(sent: Sent, _: int) -> Answer:
        if sent.path.endswith("esearch.fcgi"):
            return answered(esearch("31000001", errorlist={"phrasesnotfound": ["zzyzx"]}))
        return answered(esummary(summary("31000001", pubtype=["Journal Article", "Retracted Publication"])))

    with services(answer) as recorded:
        outcome = scanning.run(COMMANDS["search"], recorded)
    assert "RETRACTED" in outcome.stdout
    assert "left out: zzyzx" in outcome.stdout


def test_a_long_section_says_how_much_is_left_and_json_has_it_all(scanning: Desk) -> None:
    long = label(boxed_warning=["risk " * 1000])
    with services(always(answered(labels(long)))) as recorded:
        shown = scanning.run(COMMANDS["label"], recorded).stdout
        parsed: Any = scanning.run([*COMMANDS["label"], "--json"], recorded).json()
    assert "[3,499 more characters" in shown
    assert parsed["labels"][0]["sections"][0]["text"] == ("risk " * 1000).strip()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["search"], 2),
        (["search", "gout", "--limit", "0"], 2),
        (["search", "gout", "--phi-mode", "none"], 2),
        (["search", " "], 3),
        (["search", "go\u202eut"], 3),
        (["show", "x"], 3),
        (["topic", "gout"], 3),
        (["label", "a:b"], 3),
    ],
)
def test_wrong_use_is_one_sentence_and_contacts_nothing(desk: Desk, arguments: list[str], status: int) -> None:
    with services() as recorded:
        assert_refused(desk.run(["literature", *arguments], recorded), status)
        assert recorded.stub.sent == []


def test_a_key_never_shows(scanning: Desk) -> None:
    key = "k3y" * 12
    with services() as recorded:
        outcome = scanning.run(COMMANDS["search"], recorded, NCBI_API_KEY=key)
        assert {request.fields["api_key"] for request in recorded.requests} == {key}
    assert key not in outcome.stdout + outcome.stderr
    files = [path for path in scanning.machine.home.rglob("*") if path.is_file()]
    assert files
    assert all(key.encode() not in path.read_bytes() for path in files)


def test_a_proxy_variable_changes_nothing(scanning: Desk) -> None:
    with services() as recorded, services(always(Answer(502))) as proxy:
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
        outcome = scanning.run(COMMANDS["topic"], recorded, **dict.fromkeys(names, proxy.stub.origin))
        assert outcome.status == 0, outcome.stderr
        assert proxy.stub.sent == []


def test_help_imports_no_client(bare: Machine) -> None:
    code = (
        "import sys; from openmed_agent.cli.main import main; main(['literature', 'search', '--help']); "
        "sys.exit(any(name in sys.modules for name in ('httpx', 'openmed_agent.planes.literature')))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=bare.variables(), capture_output=True, check=False)
    assert b"--phi-mode" in done.stdout
    assert done.returncode == 0
