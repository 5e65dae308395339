"""A caller that tries everything: a state machine with a model of when a bundle may be written.

The model knows nothing of digests or signatures. It remembers what each approval was given for, and says
whether a finalizing may succeed; the code must agree both ways, so that refusing everything fails too. Rules have
no preconditions: who wins a race is not repeatable, and which rules can run must be.
``pytest -m proof tests/review/test_hostile_caller.py`` takes thousands of steps.
"""

import itertools
import shutil
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from review_samples import NOON, NOTE, SITE, Template, Ward, accept, folder_bytes, new_draft, open_ward, render

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.store import open_store
from openmed_agent.workflows.approval import ApprovalToken, Attestation, key_id, parse_token, sign_statement
from openmed_agent.workflows.approval_signing import SignPolicy
from openmed_agent.workflows.bundle_folder import staging_name
from openmed_agent.workflows.decisions import Decision
from openmed_agent.workflows.draft import Draft
from openmed_agent.workflows.draft_store import load_draft
from openmed_agent.workflows.finalize import finalize, recover
from openmed_agent.workflows.review import ReviewSession, start_review
from openmed_agent.workflows.review_revision import final_session
from openmed_agent.workflows.reviewer import Signer, retire_reviewer
from openmed_agent.workflows.verify import verify_bundle

REFUSED = (NotPermittedError, InputError)
NAMES = ("a", "b", "c", "d", "e")
WHO = st.sampled_from(["first", "second"])
ATTESTATIONS = st.sampled_from(["interactive", "scripted"])
SOURCES = st.sampled_from(["unchanged", "unknown", "changed"])
POLICIES = st.sampled_from([SignPolicy(), SignPolicy(), SignPolicy(allow_scripted=False)])
FORGERIES = (
    "another signature",
    "flipped signature",
    "own key",
    "own key under the reviewer's name",
    "draft_id",
    "revision",
    "payload_digest",
    "decisions_digest",
    "sources",
    "phi_mode",
    "destination",
    "attestation",
    "expires",
    "nonce",
    "name",
    "text",
)


@dataclass
class Given:
    """What an approval was given for."""

    token: ApprovalToken
    draft: Draft
    signer: Signer
    decisions: dict[str, Decision]
    artifacts: dict[str, bytes]
    destination: Path
    expires: datetime
    attestation: str
    used: bool = False


@dataclass
class Chart:
    """What is known of one draft: its revisions, the decisions on the latest, and its bundle."""

    latest: Draft
    expires: datetime
    decisions: dict[str, dict[str, Decision]] = field(default_factory=dict)
    bundle: Given | None = None
    begun: Given | None = None


class HostileCaller(RuleBasedStateMachine):
    """Every rule is something a caller may try, in any order."""

    template: Template
    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="hostile-"))
        self.ward: Ward = open_ward(self.folder, self.template)
        self.high = NOON
        self.charts: list[Chart] = []
        self.given: list[Given] = []
        self.retired: set[str] = set()
        self.hidden = False
        self.numbers = itertools.count()
        self.notes: dict[str, bytes] = {}
        self._chart(self.ward.draft, NOTE)

    def teardown(self) -> None:
        self.ward.store.close()
        shutil.rmtree(self.folder)

    # What an honest person does.

    @rule()
    def run_the_workflow(self) -> None:
        note = f"{NOTE}Visit number {next(self.numbers)}.\n"
        self._chart(new_draft(self.ward.store, now=self.high, note=note, hours=6), note)

    @rule(pick=st.integers(0, 9), who=WHO)
    def accept_everything(self, pick: int, who: str) -> None:
        chart, signer = self._pick(pick), self._signer(who)
        session = self._session(chart, signer)
        if session is None:
            return
        for item in session.draft.items:
            self._decide(chart, session, signer, accept(item))

    @rule(
        pick=st.integers(0, 9),
        who=WHO,
        item=st.integers(0, 9),
        action=st.sampled_from(["accept", "edit", "reject"]),
        word=st.sampled_from(["one", "two"]),
    )
    def decide_one(self, pick: int, who: str, item: int, action: str, word: str) -> None:
        chart, signer = self._pick(pick), self._signer(who)
        session = self._session(chart, signer)
        if session is None:
            return
        chosen = session.draft.items[item % len(session.draft.items)]
        text = f"{chosen.claim} {word}" if action == "edit" else None
        decision = Decision.model_validate(
            {"item": chosen.digest, "action": action, "text": text, "reason": f"reason {word}"}
        )
        self._decide(chart, session, signer, decision)

    @rule(pick=st.integers(0, 9), who=WHO, name=st.sampled_from(NAMES), attestation=ATTESTATIONS)
    def review_and_sign(self, pick: int, who: str, name: str, attestation: Attestation) -> None:
        self.accept_everything(pick, who)
        self.sign(pick, who, name, attestation, 60)

    @rule(pick=st.integers(0, 9), who=WHO)
    def make_the_final_revision(self, pick: int, who: str) -> None:
        chart, signer = self._pick(pick), self._signer(who)
        session = self._session(chart, signer)
        if session is None:
            return
        decisions = chart.decisions.get(signer.reviewer.name, {})
        actions = [decisions[item.digest].action for item in chart.latest.items if item.digest in decisions]
        possible = len(actions) == len(chart.latest.items) and set(actions) != {"reject"}
        try:
            final = final_session(self.ward.store, session, render, now=self.ward.time.now)
        except REFUSED:
            assert not possible or "edit" in actions  # an edit may make two items equal
            return
        assert possible
        if set(actions) == {"accept"}:
            assert final.draft == chart.latest
            return
        assert len(final.draft.items) == len(actions) - actions.count("reject")
        assert len(final.undecided()) == 0
        chart.latest = final.draft
        chart.decisions = {signer.reviewer.name: dict(final.decisions())}

    @rule(
        pick=st.integers(0, 9),
        who=WHO,
        name=st.sampled_from(NAMES),
        attestation=ATTESTATIONS,
        minutes=st.sampled_from([5, 60, 600]),
    )
    def sign(self, pick: int, who: str, name: str, attestation: Attestation, minutes: int) -> None:
        chart, signer = self._pick(pick), self._signer(who)
        session = ReviewSession(self.ward.store, chart.latest, signer.reviewer, made="interactive")
        decisions = dict(chart.decisions.get(signer.reviewer.name, {}))
        destination = self.ward.out / name
        possible = (
            self._is_open(chart)
            and signer.reviewer.name not in self.retired
            and set(decisions) == {item.digest for item in chart.latest.items}
            and {decision.action for decision in decisions.values()} == {"accept"}
            and self._clock_is_believed()
            and not self._is_blocked(destination)
        )
        lifetime = timedelta(minutes=minutes)
        try:
            token = self.ward.sign(
                session,
                name,
                signer=signer,
                attestation=attestation,
                policy=SignPolicy(lifetime=lifetime),
            )
        except REFUSED:
            assert not possible
            return
        assert possible
        self.given.append(
            Given(
                token=token,
                draft=chart.latest,
                signer=signer,
                decisions=decisions,
                artifacts=self.ward.artifacts(chart.latest),
                destination=destination,
                expires=min(self.high + lifetime, chart.expires),
                attestation=token.statement.attestation,
            )
        )

    # What time, disks and other people do.

    @rule(minutes=st.sampled_from([1, 1, 1, 10, 10, 120]))
    def time_passes(self, minutes: int) -> None:
        self.ward.time.now = self.high + timedelta(minutes=minutes)
        self.high = self.ward.store.note_time(self.ward.time.now)

    @rule(hours=st.integers(1, 100))
    def clock_moves_back(self, hours: int) -> None:
        self.ward.time.now = self.high - timedelta(hours=hours)

    @rule(name=st.sampled_from(NAMES), kind=st.sampled_from(["folder", "file", "link", "nothing"]))
    def something_appears_or_goes(self, name: str, kind: str) -> None:
        path = self.ward.out / name
        if self.hidden or self._bundle_at(path):
            return
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.is_dir():
            path.rmdir()
        match kind:
            case "folder":
                path.mkdir()
            case "file":
                path.write_text("mine")
            case "link":
                path.symlink_to(self.folder / "nowhere")
            case _:
                pass

    @rule(pick=st.integers(0, 99))
    def the_folder_becomes_a_link(self, pick: int) -> None:
        if not self._has_approvals():
            return
        aside = self.folder / "aside"
        self.ward.out.rename(aside)
        self.ward.out.symlink_to(aside)
        self.hidden = True
        self.finalize(pick, "unchanged", SignPolicy())
        self.recover()
        self.bundles_are_what_was_approved_and_no_more_than_one_a_draft()
        self.ward.out.unlink()
        aside.rename(self.ward.out)
        self.hidden = False

    @rule(who=WHO)
    def a_reviewer_retires(self, who: str) -> None:
        if len(self.given) < 3 or self.retired:
            return
        name = self._signer(who).reviewer.name
        retire_reviewer(self.ward.store, name, now=self.ward.time.now)
        self.retired.add(name)

    # What a hostile caller tries.

    @rule(pick=st.integers(0, 99), sources=SOURCES, policy=POLICIES)
    def finalize(self, pick: int, sources: str, policy: SignPolicy) -> None:
        if not self._has_approvals():
            return
        given = self.given[pick % len(self.given)]
        chart = self._chart_of(given)
        # What an interrupted finalizing needs was checked when it began.
        changed, strict = sources == "changed", not policy.allow_scripted
        possible = self._may_finalize(given, changed=changed, strict=strict)
        contents = {source.digest: self.notes[source.digest] for source in given.draft.sources}
        now_there = {"unchanged": contents.get, "unknown": lambda _: None, "changed": lambda _: b"something else"}
        before = self._entries()
        try:
            finalize(
                self.ward.store,
                given.token,
                home=self.ward.home,
                now=self.ward.time.now,
                current_source=lambda source: now_there[sources](source.digest),
                policy=policy,
            )
        except REFUSED:
            assert not possible
            assert self._entries() == before or chart.begun is not None
            self._learn_from_store()
            self.tally["refused"] += 1
            return
        assert possible
        self._committed(given)

    @rule(
        pick=st.integers(0, 99),
        other=st.integers(0, 99),
        forgery=st.sampled_from(FORGERIES),
        by=st.sampled_from(["nobody", "the reviewer"]),
    )
    def finalize_a_forgery(self, pick: int, other: int, forgery: str, by: str) -> None:
        if not self._has_approvals():
            return
        given, else_given = self.given[pick % len(self.given)], self.given[other % len(self.given)]
        before = self._entries()
        try:
            token = self._forge(given, else_given, forgery, signed=by == "the reviewer")
            finalize(self.ward.store, token, home=self.ward.home, now=self.ward.time.now, policy=SITE)
        except REFUSED:
            assert self._entries() == before
            self.tally["forgeries refused"] += 1
            return
        raise AssertionError(f"a forgery was finalized: {forgery}")

    @rule(first=st.integers(0, 99), second=st.integers(0, 99))
    def two_finalize_at_once(self, first: int, second: int) -> None:
        if not self._has_approvals():
            return
        pair = [self.given[first % len(self.given)], self.given[second % len(self.given)]]
        allowed = [self._may_finalize(given) for given in pair]
        done: list[Given] = []
        self.tally["races"] += 1
        barrier = threading.Barrier(2)

        def run(given: Given) -> None:
            with open_store(self.ward.home, custody="file", clock=self.ward.time) as store:
                barrier.wait()
                try:
                    finalize(store, given.token, home=self.ward.home, now=self.ward.time.now, policy=SITE)
                except REFUSED:
                    return
                done.append(given)

        threads = [threading.Thread(target=run, args=(given,)) for given in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(allowed[pair.index(given)] for given in done)
        same = self._chart_of(pair[0]) is self._chart_of(pair[1]) or pair[0].destination == pair[1].destination
        assert len(done) == (min(1, sum(allowed)) if same else sum(allowed))
        for given in done:
            self._committed(given)
        self._learn_from_store()

    @rule(pick=st.integers(0, 99), staged=st.sampled_from(["", "summary.md"]))
    def the_machine_stops_after_the_beginning(self, pick: int, staged: str) -> None:
        if not self._has_approvals():
            return
        given = self.given[pick % len(self.given)]
        chart = self._chart_of(given)
        if not self._may_finalize(given) or chart.begun is not None:
            return
        name = staging_name(given.token.statement.nonce)
        self.ward.store.approvals.begin_finalizing(given.token.statement.nonce, str(self.ward.out / name))
        chart.begun = given
        given.used = True
        if staged:
            (self.ward.out / name).mkdir(mode=0o700)
            (self.ward.out / name / staged).write_text("half")

    @rule()
    def recover(self) -> None:
        begun = [chart for chart in self.charts if chart.begun is not None]
        outcomes = recover(self.ward.store, home=self.ward.home)
        assert len(outcomes) == len(begun)
        if self.hidden:
            assert {outcome.state for outcome in outcomes} <= {"waiting"}
            return
        self._learn_from_store()
        assert {outcome.state for outcome in outcomes} <= {"committed", "abandoned"}
        assert not any(name.endswith(".partial") for name in self._entries())

    @invariant()
    def bundles_are_what_was_approved_and_no_more_than_one_a_draft(self) -> None:
        self.tally["steps"] += 1
        place = self.folder / "aside" if self.hidden else self.ward.out
        bundles = {chart.bundle.destination.name: chart.bundle for chart in self.charts if chart.bundle}
        for path in place.iterdir():
            if path.name.endswith(".partial"):
                assert any(chart.begun for chart in self.charts)
                continue
            given = bundles.pop(path.name, None)
            if given is None:
                assert path.is_symlink() or path.is_file() or list(path.iterdir()) == []
                continue
            written = folder_bytes(path)
            assert {name: written.get(name) for name in given.artifacts} == given.artifacts
        assert bundles == {}

    # The model.

    def _chart(self, draft: Draft, note: str) -> None:
        self.notes[draft.sources[0].digest] = note.encode()
        expires = datetime.fromisoformat(draft.expires)
        self.charts.append(Chart(latest=draft, expires=expires))

    def _has_approvals(self) -> bool:
        """Return whether there is an approval to attack; let an honest person give the first one."""
        if not self.given:
            self.review_and_sign(0, "first", NAMES[0], "interactive")
        return bool(self.given)

    def _pick(self, pick: int) -> Chart:
        return self.charts[-1 - pick % len(self.charts)]

    def _signer(self, who: str) -> Signer:
        return self.ward.signer if who == "first" else self.ward.other

    def _chart_of(self, given: Given) -> Chart:
        return next(chart for chart in self.charts if chart.latest.draft_id == given.draft.draft_id)

    def _is_open(self, chart: Chart) -> bool:
        return self.high < chart.expires and chart.bundle is None and chart.begun is None

    def _clock_is_believed(self) -> bool:
        """A clock that is more than a day behind the latest time seen is wrong, or that time was."""
        return self.high - self.ward.time.now <= timedelta(days=1)

    def _is_blocked(self, destination: Path) -> bool:
        return self.hidden or destination.exists() or destination.is_symlink()

    def _session(self, chart: Chart, signer: Signer) -> ReviewSession | None:
        allowed = self._is_open(chart) and signer.reviewer.name not in self.retired and self._clock_is_believed()
        try:
            session = start_review(
                self.ward.store, chart.latest.draft_id, signer.reviewer.name, made="interactive", now=self.ward.time.now
            )
        except NotPermittedError:
            assert not allowed
            return None
        assert allowed
        assert session.draft == chart.latest
        return session

    def _decide(self, chart: Chart, session: ReviewSession, signer: Signer, decision: Decision) -> None:
        session.decide(decision, now=self.ward.time.now)
        chart.decisions.setdefault(signer.reviewer.name, {})[decision.item] = decision

    def _may_finalize(self, given: Given, *, changed: bool = False, strict: bool = False) -> bool:
        chart = self._chart_of(given)
        if chart.begun is given:
            return not self._is_blocked(given.destination)
        return (
            not given.used
            and self._is_open(chart)
            and self.high < given.expires
            and self._clock_is_believed()
            and self.ward.time.now >= datetime.fromisoformat(given.token.statement.issued)
            and chart.latest.revision == given.draft.revision
            and chart.decisions.get(given.signer.reviewer.name) == given.decisions
            and given.signer.reviewer.name not in self.retired
            and not changed
            and not (strict and given.attestation == "scripted")
            and not self._is_blocked(given.destination)
        )

    def _committed(self, given: Given) -> None:
        chart = self._chart_of(given)
        self.tally["bundles"] += 1
        given.used = True
        chart.bundle, chart.begun = given, None
        report = verify_bundle(given.destination, {})
        assert report.ok
        assert report.draft == load_draft(self.ward.store, given.draft.draft_id, given.draft.revision).draft

    def _learn_from_store(self) -> None:
        """Follow what became of a finalizing that had begun: it may end committed or given up, never both."""
        for chart in self.charts:
            if chart.begun is None:
                continue
            match self.ward.store.approvals.get(chart.begun.token.statement.nonce).state:
                case "committed":
                    self._committed(chart.begun)
                case "abandoned":
                    assert not self._is_bundle_of(chart.begun)
                    chart.begun = None
                case _:
                    pass

    def _is_bundle_of(self, given: Given) -> bool:
        """Return whether the bundle of this very approval is in its place; another draft's may have taken it."""
        if not given.destination.is_dir() or given.destination.is_symlink():
            return False
        token = verify_bundle(given.destination, {}).token
        return token is not None and token.statement.nonce == given.token.statement.nonce

    def _bundle_at(self, path: Path) -> bool:
        return any(chart.bundle is not None and chart.bundle.destination == path for chart in self.charts) or (
            path.is_dir() and not path.is_symlink() and (path / "manifest.json").exists()
        )

    def _entries(self) -> list[str]:
        place = self.folder / "aside" if self.hidden else self.ward.out
        return sorted(path.name for path in place.iterdir())

    def _forge(self, given: Given, other: Given, forgery: str, *, signed: bool) -> ApprovalToken:
        statement, signature = given.token.statement, given.token.signature
        match forgery:
            case "another signature":
                stolen = b"\x01" * 64 if other is given else other.token.signature
                return ApprovalToken(statement=statement, signature=stolen)
            case "flipped signature":
                return ApprovalToken(statement=statement, signature=bytes([signature[0] ^ 1]) + signature[1:])
            case "own key" | "own key under the reviewer's name":
                key = Ed25519PrivateKey.generate()
                name = "Dr. Mallory" if forgery == "own key" else statement.reviewer.name
                reviewer = statement.reviewer.model_copy(update={"key": key_id(key.public_key()), "name": name})
                return sign_statement(statement.model_copy(update={"reviewer": reviewer}), key)
            case "text":
                return parse_token(given.token.reveal() + "A")
        forged = statement.model_copy(update=self._changes(given)[forgery])
        if signed:
            return sign_statement(forged, given.signer.key)  # even the reviewer's own key does not help
        return ApprovalToken(statement=forged, signature=signature)

    def _changes(self, given: Given) -> dict[str, dict[str, Any]]:
        statement = given.token.statement
        mallory = statement.reviewer.model_copy(update={"name": "Dr. Mallory"})
        fields: dict[str, Any] = {
            "draft_id": statement.draft_id[:16],
            "revision": statement.revision + 1,
            "payload_digest": "sha256:" + "e" * 64,
            "decisions_digest": "sha256:" + "e" * 64,
            "sources": (),
            "phi_mode": "full",
            "destination": str(self.ward.out / "sub" / ".." / "x"),
            "attestation": "interactive" if given.attestation == "scripted" else "scripted",
            "expires": "2099-01-01T00:00:00Z",
            "nonce": "f" * 64,
        }
        return {**{name: {name: value} for name, value in fields.items()}, "name": {"reviewer": mallory}}


def take_steps(template: Template, *, examples: int, steps: int, repeatable: bool) -> Counter[str]:
    """Run the machine and return how often the caller came how far."""
    tally: Counter[str] = Counter()
    machine = type("Machine", (HostileCaller,), {"template": template, "tally": tally})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=repeatable,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        ),
    )
    print(f"\n{dict(tally)}")
    return tally


@pytest.mark.slow
def test_a_hostile_caller_gets_no_bundle_that_was_not_approved(template: Template) -> None:
    tally = take_steps(template, examples=25, steps=40, repeatable=True)
    assert tally["bundles"] > 0
    assert tally["forgeries refused"] > 0


@pytest.mark.proof
@pytest.mark.timeout(7200)
def test_a_hostile_caller_gets_none_in_thousands_of_steps(template: Template) -> None:
    tally = take_steps(template, examples=500, steps=60, repeatable=False)
    assert tally["steps"] > 20_000
    assert tally["bundles"] > 100
