"""Sign-off on a terminal: what changed, what will be written and where, then the passphrase, then the act."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from openmed_agent.cli.console import notice, safe
from openmed_agent.cli.review_keys import ask_key, ask_line
from openmed_agent.cli.review_screen import facts_table
from openmed_agent.errors import InputError, NotPermittedError, StoreError
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workflows.approval_destination import checked_destination
from openmed_agent.workflows.approval_signing import sign_policy, sign_review
from openmed_agent.workflows.review_changes import ReviewChange, changes_of

if TYPE_CHECKING:
    from rich.console import Console

    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths
    from openmed_agent.store.store import Store
    from openmed_agent.workflows.approval import ApprovalToken
    from openmed_agent.workflows.review import ReviewSession
    from openmed_agent.workflows.reviewer import Signer

Outcome = Literal["signed", "again", "stopped"]
_TRIES: Final = 3


class SignOff:
    """The sign-off of one reviewed revision."""

    def __init__(
        self,
        console: "Console",
        store: "Store",
        session: "ReviewSession",
        paths: "Paths",
        configuration: "Configuration",
    ) -> None:
        self._console = console
        self._store = store
        self._session = session
        self._paths = paths
        self._configuration = configuration

    def ask(self, out: Path | None, approval_file: Path | None) -> Outcome:
        """Show what would be signed, and do what the reviewer chooses."""
        shown = self._session.record().digest()
        self._print_changes()
        destination = self._destination(out)
        self._print_summary(destination)
        write = "s sign into the approval file" if approval_file else "s sign and write"
        while True:
            question = f" {write} · v view the text · w look at the items again · q quit ›"
            match ask_key(self._console, "svwq", question):
                case "s":
                    self._sign(shown, destination, approval_file)
                    return "signed"
                case "v":
                    self._print_text()
                case "w":
                    return "again"
                case _:
                    return "stopped"

    def _sign(self, shown: str, destination: str, approval_file: Path | None) -> None:
        from openmed_agent.workflows.approval_file import write_approval_file

        signer = self._unlock()
        token = sign_review(
            self._store,
            self._session,
            signer,
            shown=shown,
            destination=destination,
            attestation="interactive",
            home=self._paths.root,
            now=datetime.now(UTC),
            policy=sign_policy(self._configuration),
        )
        if approval_file is None:
            self._write(token)
            return
        write_approval_file(approval_file.absolute(), token)
        short = self._session.draft.draft_id[:8]
        notice(f"Signed. Next: openmed finalize {short} --approval-file {approval_file}")

    def _write(self, token: "ApprovalToken") -> None:
        from openmed_agent.cli.verify import print_report
        from openmed_agent.workflows.finalize import finalize
        from openmed_agent.workflows.review_trust import known_keys
        from openmed_agent.workflows.verify import verify_bundle

        done = finalize(
            self._store,
            token,
            home=self._paths.root,
            now=datetime.now(UTC),
            policy=sign_policy(self._configuration),
        )
        known = known_keys(self._store, self._paths.configuration)
        self._console.print()
        print_report(self._console, done.destination, verify_bundle(done.destination, known))

    def _unlock(self) -> "Signer":
        """Return the reviewer's key; a passphrase may be mistyped a few times."""
        from openmed_agent.cli.sign_passphrase import ask_passphrase
        from openmed_agent.workflows.reviewer import unlock_reviewer

        name = self._session.reviewer.name
        for left in range(_TRIES - 1, -1, -1):
            try:
                return unlock_reviewer(self._store, name, ask_passphrase(f"Passphrase of {name}"))
            except StoreError as error:
                if not left:
                    raise
                self._console.print(safe(f" {error.message} {left} {'try' if left == 1 else 'tries'} left.", "yellow"))
        raise AssertionError

    def _destination(self, out: Path | None) -> str:
        """Return where the bundle goes: the option, the draft's own, or what the reviewer types."""
        draft = self._session.draft
        given = out or (Path(draft.destination) if draft.destination else None)
        while True:
            if given is not None:
                try:
                    return checked_destination(given, home=self._paths.root)
                except (InputError, NotPermittedError) as error:
                    self._console.print(safe(f" {error}", "yellow"))
            typed = ask_line("New folder for the bundle", beginning=str(Path.cwd() / f"bundle-{draft.draft_id[:8]}"))
            if not typed:
                raise KeyboardInterrupt
            given = Path(typed)

    def _print_changes(self) -> None:
        from openmed_agent.workflows.review import former_rounds

        rounds = former_rounds(self._store, self._session.draft)
        self._console.print()
        if not rounds:
            self._console.print(safe(" Every item was accepted as drafted.", "bold"))
            return
        heading = f" Revision {self._session.draft.revision} is what will be signed. What changed since the draft:"
        self._console.print(safe(heading, "bold"))
        for one in changes_of(rounds):
            self._print_change(one)

    def _print_change(self, one: ReviewChange) -> None:
        from rich.padding import Padding
        from rich.text import Text

        lines = [safe(f"- {one.item.claim}", "red")]
        if one.text is None:
            lines.append(safe(f"  rejected: {one.reason}", "dim"))
        else:
            lines.append(safe(f"+ {one.text}", "green"))
        self._console.print(Padding(Text("\n").join(lines), (0, 0, 0, 3), expand=False))

    def _print_summary(self, destination: str) -> None:
        from rich.rule import Rule

        draft, files = self._session.draft, self._session.draft.artifacts
        rounds = self._round_counts()
        self._console.print()
        self._console.print(Rule(safe(f"Sign draft {draft.draft_id[:8]} revision {draft.revision}")))
        table = facts_table()
        rows = [
            ("Reviewer", self._session.reviewer.name),
            ("Decided", rounds),
            ("Writes to", destination),
            *(
                ("Files" if number == 0 else "", f"{file.name}, {file.bytes:,} bytes")
                for number, file in enumerate(files)
            ),
            ("", "manifest.json, decisions.json, provenance.json, provenance.fhir.json"),
            ("Digest", draft.payload_digest),
            ("PHI mode", draft.phi_mode),
            ("Approval", f"holds for {self._configuration.review.approval_minutes} minutes, once"),
        ]
        for label, text in rows:
            table.add_row(safe(f" {label}"), safe(text))
        self._console.print(table)
        self._console.print()

    def _round_counts(self) -> str:
        from openmed_agent.workflows.review import former_rounds

        former = former_rounds(self._store, self._session.draft)
        edited = sum(one.counts()["edit"] for one in former)
        rejected = sum(one.counts()["reject"] for one in former)
        return f"{len(self._session.draft.items)} accepted, {edited} of them edited before; {rejected} rejected"

    def _print_text(self) -> None:
        """Print the Markdown artifacts as they would be written."""
        from rich.rule import Rule
        from rich.text import Text

        from openmed_agent.workflows.draft_store import load_draft

        draft = self._session.draft
        for artifact in load_draft(self._store, draft.draft_id, draft.revision).artifacts:
            if artifact.media_type.startswith("text/"):
                self._console.print(Rule(safe(artifact.name, "dim"), align="left", style="dim"))
                self._console.print(Text(terminal_safe(artifact.content.decode("utf-8", errors="replace"))))
