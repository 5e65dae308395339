"""The steps about where things stay: what runs where, the store's key, the PHI mode, a project's instructions."""

from typing import Final, cast

from textual.content import Content

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.dialogs import Choice, ConfirmDialog, LineDialog
from openmed_agent.tui.first_run.step import Page
from openmed_agent.tui.phi_words import PHI_CHOICES
from openmed_agent.tui.safe_text import shown, shown_line
from openmed_agent.workbench.requests.instructions import AcceptInstructions, InstructionsText, ShowInstructions
from openmed_agent.workbench.requests.preferences import (
    AskCustody,
    ChooseDefault,
    CustodyName,
    CustodyOffer,
    MakeStore,
    SettingsReport,
    ShowSettings,
)
from openmed_agent.workbench.requests.sessions import StoreOpened
from openmed_agent.workbench.requests.turns import PhiModeName
from openmed_agent.workbench.wire import Done

_MODES: Final = [one.value for one in PHI_CHOICES]
"""The least protecting first."""
_ON: Final = Choice("on", "Go on")

_WHERE: Final = (
    "Everything that reads a chart runs on this machine: entities, identifiers, codes, scores, workflows.\n\n"
    "Nothing leaves it, unless you choose a service elsewhere. A language model is optional, and before any text "
    "goes to one a gate takes the identifiers out.\n\n"
    "The line at the bottom always says what may leave, and where it would go."
)

_KEYS: Final = {
    "keyring": Choice("keyring", "In the system's keyring", "as safe as your login to this machine; nothing to type"),
    "passphrase": Choice(
        "passphrase", "Behind a passphrase", "asked for at each start; a forgotten one is not recovered"
    ),
    "file": Choice("file", "In a private file beside the store", "protects a copied database, not a stolen disk"),
}
_NO_INSTRUCTIONS: Final = "There is no OPENMED.md here."
_PLACES: Final = {
    "keyring": "in the system's keyring",
    "passphrase": "in a file that your passphrase opens",
    "file": "in a private file beside it",
}


class WhereStep:
    """Says what runs where."""

    async def page(self, screen: FaceScreen) -> Page | None:
        """Return the page."""
        del screen
        return Page("What runs where", Content(_WHERE), (_ON,))

    async def choose(self, screen: FaceScreen, value: str) -> bool:
        """Go on."""
        del screen, value
        return True


class KeyStep:
    """Makes the store, its key kept as the person chooses; an existing store keeps its own."""

    def __init__(self) -> None:
        self._shortest = 0

    async def page(self, screen: FaceScreen) -> Page | None:
        """Return what this machine offers."""
        offer = await screen.ask(AskCustody(), CustodyOffer)
        if offer is None:
            return None
        self._shortest = offer.shortest_passphrase
        about = shown(f"Sessions, drafts and the audit chain are in one encrypted database:\n{offer.database}")
        if offer.exists:
            place = _PLACES.get(offer.custody or "", "kept as it was made")
            return Page("The store", Content.assemble(about, f"\n\n✓ It is there. Its key is {place}."), (_ON,))
        found = (
            "✓ This machine has a keyring that protects it."
            if offer.keyring
            else f"✗ No usable keyring: {offer.no_keyring}."
        )
        kinds = ("keyring", "passphrase", "file") if offer.keyring else ("passphrase", "file")
        text = Content.assemble(about, "\n\nWhere should its key live? It stays so.\n", shown_line(found, "$secondary"))
        return Page("The key of the store", text, tuple(_KEYS[one] for one in kinds), now=kinds[0])

    async def choose(self, screen: FaceScreen, value: str) -> bool:
        """Make the store."""
        if value == _ON.value:
            return True
        passphrase = await self._passphrase(screen) if value == "passphrase" else None
        if value == "passphrase" and passphrase is None:
            return False
        request = MakeStore(custody=cast("CustodyName", value), passphrase=passphrase)
        opened = await screen.ask(request, StoreOpened)
        if opened is None:
            return False
        screen.face.say(opened.notice or f"The store is made; its key is {_PLACES[value]}.")
        return True

    async def _passphrase(self, screen: FaceScreen) -> str | None:
        detail = f"{self._shortest} characters or more. Nobody can recover a forgotten one, nor what the store holds."
        first = await screen.face.push_screen_wait(LineDialog("Passphrase of the store", detail=detail, secret=True))
        if not first:
            return None
        if len(first) < self._shortest:
            screen.face.say(f"The passphrase is too short: {self._shortest} characters or more.", severity="warning")
            return None
        again = await screen.face.push_screen_wait(LineDialog("The same passphrase again", secret=True))
        if again != first:
            if again is not None:
                screen.face.say("The two passphrases differ.", severity="warning")
            return None
        return first


class PhiStep:
    """Chooses the PHI mode that sessions start in, and keeps it in the settings file."""

    def __init__(self) -> None:
        self._now = "deid"

    async def page(self, screen: FaceScreen) -> Page | None:
        """Return the modes that the project and the site allow."""
        report = await screen.ask(ShowSettings(), SettingsReport)
        if report is None:
            return None
        self._now = report.phi_mode
        allowed = PHI_CHOICES[_MODES.index(report.minimum_phi_mode) :]
        text = shown(
            "The PHI mode says what a language model may be sent, wherever it runs. You yourself always see the "
            f"original.\n\nIt is kept in {report.file}, and /phi changes it for a session."
        )
        return Page("Patient identifiers", text, allowed, now=report.phi_mode)

    async def choose(self, screen: FaceScreen, value: str) -> bool:
        """Keep the mode, where it is another one."""
        if value == self._now:
            return True
        if _MODES.index(value) < _MODES.index(self._now):
            question = f"Let new sessions start in {value}, which protects less than {self._now}?"
            if not await screen.face.push_screen_wait(ConfirmDialog(question)):
                return False
        request = ChooseDefault(phi_mode=cast("PhiModeName", value))
        return await screen.ask(request, SettingsReport) is not None


class InstructionsStep:
    """Shows a project's OPENMED.md before it is used for the first time."""

    def __init__(self) -> None:
        self._digest = ""
        self.said = ""
        """What holds, in one sentence."""

    async def page(self, screen: FaceScreen) -> Page | None:
        """Return the text; nothing where there is none, or it was accepted already."""
        found = await screen.ask(ShowInstructions(), InstructionsText)
        if found is None or not found.found or found.accepted:
            self.said = "The OPENMED.md here is accepted and used." if found and found.found else _NO_INSTRUCTIONS
            return None
        self._digest = found.digest
        text = Content.assemble(
            "This folder has instructions for the model. They grant nothing; they are used only if you accept this "
            "very text.\n",
            shown_line(found.file, "$secondary"),
            "\n\n",
            shown(found.text),
        )
        choices = (Choice("no", "Do not use them"), Choice("yes", "Use them until they change"))
        return Page("Instructions of this project", text, choices, now="no")

    async def choose(self, screen: FaceScreen, value: str) -> bool:
        """Accept the text that was shown, or leave it unused."""
        self.said = "It is not used."
        if value != "yes":
            return True
        if await screen.ask(AcceptInstructions(digest=self._digest), Done) is None:
            return False
        self.said = "It is used from the next session on, until it changes."
        return True
