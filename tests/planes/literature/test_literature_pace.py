"""Rate limits, measured at the server and across processes; Retry-After; what is kept and for how long."""

import asyncio
import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from literature_services import Recorded, answered, esearch, esummary, services, summary, usual
from pydantic import SecretStr
from stub_service import Answer, Sent
from test_literature_client import QUESTIONS, asked, permit

from openmed_agent.errors import LimitReachedError, UnavailableError
from openmed_agent.planes.literature.client import LiteratureRules, open_literature
from openmed_agent.planes.literature.pace import Pace
from openmed_agent.planes.literature.sources import (
    medlineplus_service,
    openfda_service,
    pubmed_service,
)
from openmed_agent.planes.transport import Deadline, PlaneError
from openmed_agent.settings.configuration import LiteratureSettings

UNKEPT = LiteratureRules(permit, keeps_replies=False, timeout_seconds=60)


class Clocked:
    """Answers as usual and notes when it was asked."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self, sent: Sent, number: int) -> Answer:
        self.times.append(time.monotonic())
        return usual(sent, number)

    def most_within(self, seconds: float) -> int:
        return max(sum(start <= each < start + seconds for each in self.times) for start in self.times)


@pytest.mark.parametrize(("key", "allowed", "questions"), [(None, 3, 4), ("k" * 36, 10, 11)])
def test_pubmed_is_never_asked_more_often_than_it_allows(
    tmp_path: Path, key: str | None, allowed: int, questions: int
) -> None:
    settings = LiteratureSettings(enabled=True, ncbi_api_key=SecretStr(key) if key else None)
    clocked = Clocked()

    async def ask(recorded: Recorded) -> None:
        async with open_literature(settings, tmp_path, UNKEPT, recorded.origins) as literature:
            await asyncio.gather(*(literature.search(f"gout {number}") for number in range(questions)))

    with services(clocked) as recorded:
        asyncio.run(ask(recorded))
    assert len(clocked.times) == 2 * questions
    assert clocked.most_within(1.0) <= allowed
    assert clocked.times[-1] - clocked.times[0] >= (2 * questions - 1) / allowed


def test_each_service_has_the_interval_of_its_published_limit() -> None:
    assert pubmed_service("", has_key=False).interval_seconds >= 1 / 3
    assert pubmed_service("", has_key=True).interval_seconds >= 1 / 10
    assert medlineplus_service("").interval_seconds >= 60 / 100
    assert openfda_service("").interval_seconds >= 60 / 240


ONE_TURN = """
import asyncio, sys, time
from pathlib import Path
from openmed_agent.planes.literature.pace import Pace
from openmed_agent.planes.transport import Deadline

async def run():
    pace = Pace(Path(sys.argv[1]), "PubMed", interval_seconds=0.3)
    for _ in range(3):
        async with pace.turn(Deadline(60)):
            print(time.time(), flush=True)

asyncio.run(run())
"""


def test_processes_share_one_pace(tmp_path: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", ONE_TURN, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    times = sorted(float(line) for process in started for line in process.communicate(timeout=60)[0].splitlines())
    assert len(times) == 9
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(times))


def test_retry_after_is_waited_for_and_then_answered(tmp_path: Path) -> None:
    times: list[float] = []

    def answer(sent: Sent, number: int) -> Answer:
        times.append(time.monotonic())
        if number == 1:
            body = b'{"error":"API rate limit exceeded","api-key":"192.0.2.1","count":"4","limit":"3"}'
            return Answer(429, body, {"retry-after": "2"})
        return usual(sent, number)

    with services(answer) as recorded:
        assert asked(recorded, tmp_path, QUESTIONS["search"]).total == 57
    assert times[1] - times[0] >= 2


def test_a_service_that_asks_for_a_long_wait_is_left_alone_by_the_next_process_too(tmp_path: Path) -> None:
    with services(lambda *_: Answer(429, b"{}", {"retry-after": "120"})) as recorded:
        with pytest.raises(PlaneError, match="120 seconds"):
            asked(recorded, tmp_path, QUESTIONS["labels"])
        with pytest.raises(LimitReachedError, match=r"openFDA takes no further request for 1[12][0-9] seconds"):
            asked(recorded, tmp_path, QUESTIONS["labels"])
        assert len(recorded.stub.sent) == 1
        with pytest.raises(PlaneError):  # another service is not meant
            asked(recorded, tmp_path, QUESTIONS["topics"])


def test_a_passing_fault_is_tried_again_and_a_lasting_one_ends(tmp_path: Path) -> None:
    def passing(sent: Sent, number: int) -> Answer:
        return Answer(503, b"") if number == 1 else usual(sent, number)

    with services(passing) as recorded:
        assert asked(recorded, tmp_path, QUESTIONS["topics"]).topics
    with services(lambda *_: Answer(503, b"")) as recorded:
        with pytest.raises(PlaneError, match="503"):
            asked(recorded, tmp_path, QUESTIONS["labels"])
        assert len(recorded.stub.sent) == 3


def test_a_service_that_is_slow_or_gone_is_an_error(tmp_path: Path) -> None:
    rules = LiteratureRules(permit, keeps_replies=True, timeout_seconds=1)
    with services(lambda *_: Answer(200, b"{}", delay=3)) as recorded, pytest.raises(PlaneError, match="in time"):
        asked(recorded, tmp_path, QUESTIONS["topics"], rules=rules)
    with pytest.raises((PlaneError, LimitReachedError)):
        asked(recorded, tmp_path, QUESTIONS["labels"], rules=rules)


def take_a_turn(folder: Path, seconds: float = 5, interval: float = 0.01) -> None:
    async def turn() -> None:
        async with Pace(folder, "PubMed", interval_seconds=interval).turn(Deadline(seconds)):
            pass

    asyncio.run(turn())


@pytest.mark.parametrize("content", ["", "1.5.", "\x00", "99999999999.5", "nan", "inf", "-inf", "0"])
def test_a_pace_survives_a_damaged_file_and_another_clock(tmp_path: Path, content: str) -> None:
    (tmp_path / "PubMed.next").write_text(content)
    take_a_turn(tmp_path, seconds=1)


def test_a_turn_that_does_not_come_in_time_is_a_limit(tmp_path: Path) -> None:
    take_a_turn(tmp_path, interval=30)
    with pytest.raises(LimitReachedError, match=r"for [23][0-9] seconds"):
        take_a_turn(tmp_path, seconds=1)


def test_a_turn_that_another_holds_is_a_limit(tmp_path: Path) -> None:
    async def nested() -> None:
        mine, other = (Pace(tmp_path, "PubMed", interval_seconds=0) for _ in range(2))
        async with mine.turn(Deadline(5)), other.turn(Deadline(0.2)):
            raise AssertionError

    with pytest.raises(LimitReachedError, match="under way"):
        asyncio.run(nested())
    take_a_turn(tmp_path)


def test_a_turn_is_free_again_when_its_holder_is_killed(tmp_path: Path) -> None:
    holder = ONE_TURN.replace("print(time.time(), flush=True)", "print('mine', flush=True); time.sleep(600)")
    process = subprocess.Popen([sys.executable, "-c", holder, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    process.kill()
    process.communicate(timeout=20)
    take_a_turn(tmp_path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_ends_before_anything_is_sent(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UnavailableError, match="cannot be written"):
        take_a_turn(tmp_path)


def test_a_folder_that_is_a_file_ends_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with services() as recorded, pytest.raises(UnavailableError, match="cannot be written"):
        asked(recorded, tmp_path / "file", QUESTIONS["search"], rules=UNKEPT)
    assert recorded.stub.sent == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_asked_twice_is_sent_once(tmp_path: Path, question: str) -> None:
    with services() as recorded:
        first = asked(recorded, tmp_path, QUESTIONS[question])
        sent = len(recorded.stub.sent)
        assert asked(recorded, tmp_path, QUESTIONS[question]) == first
        assert len(recorded.stub.sent) == sent


def test_a_key_or_another_caller_does_not_make_another_question(tmp_path: Path) -> None:
    with services() as recorded:
        asked(recorded, tmp_path, QUESTIONS["article"])
        asked(recorded, tmp_path, QUESTIONS["article"], settings=LiteratureSettings(enabled=True, tool="other"))
        assert recorded.paths == ["esummary.fcgi", "efetch.fcgi"]


def test_another_question_is_sent(tmp_path: Path) -> None:
    with services() as recorded:
        asked(recorded, tmp_path, lambda literature: literature.search("gout", limit=2))
        asked(recorded, tmp_path, lambda literature: literature.search("gout", limit=3))
        assert recorded.paths.count("esearch.fcgi") == 2


def test_entries_expire_after_a_day_and_damaged_ones_are_asked_again(tmp_path: Path) -> None:
    def entries() -> list[Path]:
        return list((tmp_path / "replies").glob("*.json"))

    with services() as recorded:
        asked(recorded, tmp_path, QUESTIONS["topics"])
        (entry,) = entries()
        fresh = json.loads(entry.read_text())
        for content in (
            json.dumps(fresh | {"received": fresh["received"] - 24 * 3600 - 1}),
            json.dumps(fresh | {"received": fresh["received"] + 3600}),
            json.dumps(fresh | {"reply": '{"feed": {}}'}),
            json.dumps({"reply": fresh["reply"]}),
            "not json",
            "",
        ):
            entry.write_text(content)
            entry.chmod(0o600)
            before = len(recorded.stub.sent)
            assert asked(recorded, tmp_path, QUESTIONS["topics"]).topics[0].title == "Gout"
            assert len(recorded.stub.sent) == before + 1, content
        assert entries() == [entry]


def test_what_is_kept_is_private_and_holds_nothing_of_the_question(tmp_path: Path) -> None:
    def echoing(sent: Sent, number: int) -> Answer:
        if sent.path.endswith("esearch.fcgi"):
            return answered(esearch("31000001", querytranslation='"planted words"[All Fields]'))
        return usual(sent, number)

    with services(echoing) as recorded:
        asked(recorded, tmp_path, lambda literature: literature.search("planted words"))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(path.suffix == ".json" for path in files) == 2
    assert all("planted" not in path.name and "planted" not in path.read_text() for path in files)
    if os.name == "posix":
        assert all(path.stat().st_mode & 0o077 == 0 for path in files if path.suffix == ".json")
        assert (tmp_path / "replies").stat().st_mode & 0o077 == 0


def test_nothing_is_kept_or_read_where_queries_are_not_scanned(tmp_path: Path) -> None:
    with services() as recorded:
        asked(recorded, tmp_path, QUESTIONS["topics"])
        asked(recorded, tmp_path, QUESTIONS["topics"], rules=UNKEPT)
        asked(recorded, tmp_path, QUESTIONS["labels"], rules=UNKEPT)
    assert len(recorded.stub.sent) == 3
    assert len(list((tmp_path / "replies").glob("*.json"))) == 1


def test_the_cache_stays_small(tmp_path: Path) -> None:
    folder = tmp_path / "replies"
    folder.mkdir(mode=0o700)
    for number in range(510):
        (folder / f"{number:064d}.json").write_text("{}")
    old = folder / f"{0:064d}.json"
    os.utime(old, (time.time() - 3 * 24 * 3600,) * 2)
    with services() as recorded:
        asked(recorded, tmp_path, QUESTIONS["topics"])
    assert len(list(folder.glob("*.json"))) <= 500
    assert not old.exists()


def test_a_summary_changed_at_the_service_is_seen_only_by_a_new_question(tmp_path: Path) -> None:
    with services() as recorded:
        asked(recorded, tmp_path, QUESTIONS["article"])
    changed = esummary(summary("31000001", title="Another title"))
    with services(lambda *_: answered(changed)) as recorded:
        kept = asked(recorded, tmp_path, QUESTIONS["article"])
    assert kept.article.title.startswith("Urate lowering")
    assert recorded.stub.sent == []
