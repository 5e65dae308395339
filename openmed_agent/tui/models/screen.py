"""Models: which one answers, which there are, and logins. Another machine is asked only after a key was pressed."""

from typing import ClassVar, Final, cast

from textual.binding import BindingType

from openmed_agent.tui.chrome.dialogs import Choice, ChoiceDialog, ConfirmDialog
from openmed_agent.tui.chrome.list_screen import ListScreen
from openmed_agent.tui.chrome.row_list import Column, RowList
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.keymap import MODELS, KeyAction, bindings
from openmed_agent.tui.models.rows import COLUMNS, Known, Target, detail_of, model_rows, target_of
from openmed_agent.workbench.requests.models import (
    EffortName,
    FindLocal,
    ListOffered,
    ListPlaces,
    LocalServers,
    LogOut,
    ModelPlaces,
    ModelUsed,
    Offered,
    SetEffort,
    UseModel,
)
from openmed_agent.workbench.wire import Done

_MOST_RECENT: Final = 8
_EFFORTS: Final = (
    Choice("", "As the settings say"),
    Choice("none", "None", "answers at once; not every model takes it"),
    Choice("minimal", "Minimal"),
    Choice("low", "Low"),
    Choice("medium", "Medium"),
    Choice("high", "High", "slower, and more tokens"),
)
_NOTHING: Final = "No service is configured. l looks for servers on this machine, i logs in to one."
_COST: Final = "Only this program's own texts are sent. The longest has 6,000 words, which the service may charge for."


class ModelsScreen(ListScreen):
    """Models by the service that offers them; favourites and recent ones first."""

    TITLE_TEXT = "Models"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS
    KEYS: ClassVar[tuple[KeyAction, ...]] = MODELS
    CHOOSE = "use"
    SEARCH = "/ to search models and services"
    BINDINGS: ClassVar[list[BindingType]] = bindings(MODELS)

    def __init__(self) -> None:
        super().__init__()
        self._places = ModelPlaces(places=())
        self._offered: dict[str, Offered] = {}

    def on_mount(self) -> None:
        """Begin with what is configured."""
        super().on_mount()
        self.start(self._begin(), group="places")

    def searched(self, text: str) -> None:
        """Show the models that fit."""
        self._show(text)

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Say more about the highlighted model."""
        if event.identifier and (target := target_of(event.identifier)).name:
            self.tell(detail_of(self._known, target))
        else:
            self.tell(self._places.fixed or ("" if self._places.places or self._offered else _NOTHING))

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Use a model, or ask a service for its models."""
        target = target_of(event.identifier)
        if target.name:
            self.act(self._use(target))
        else:
            self.start(self._ask_place(target.url), group="place")

    def action_star(self) -> None:
        """Make the highlighted model a favourite, or no longer one."""
        target = target_of(self.list.chosen)
        if not target.name:
            return
        stars = self.face.preferences.favourite_models
        changed = tuple(one for one in stars if one != target.text) if target.text in stars else (*stars, target.text)
        self.face.change_preferences(self.face.preferences.changed(favourite_models=changed))
        self._show(self.query_text)

    def action_find_local(self) -> None:
        """Look for servers on this machine."""
        self.start(self._find_local(), group="local")

    def action_effort(self) -> None:
        """Choose how hard models reason."""
        self.act(self._choose_effort())

    def action_examine(self) -> None:
        """Examine the endpoint of the highlighted row."""
        self.act(self._examine())

    def action_log_in(self) -> None:
        """Log in to a service."""
        self.act(self._log_in())

    def action_log_out(self) -> None:
        """Forget the login of the highlighted row."""
        self.act(self._log_out())

    @property
    def _known(self) -> Known:
        return Known(self._places, self._offered, self.face.preferences)

    def _show(self, query: str, keep: str | None = None) -> None:
        self.list.fill(model_rows(self._known, query), keep=keep)
        effort = self.face.preferences.reasoning_effort
        settings = f"settings: {self._places.effort}" if self._places.effort else "as the model does"
        self.query_one(TitleBar).tell(f"effort {effort}" if effort else f"effort {settings}")

    async def _begin(self) -> None:
        places = await self.ask(ListPlaces(), ModelPlaces)
        if places is None:
            return
        self._places = places
        self._show(self.query_text)
        for place in places.places:
            if place.local and place.in_use and not place.refused:
                await self._ask_place(place.url)

    async def _ask_place(self, url: str) -> None:
        offered = await self.ask(ListOffered(url=url), Offered)
        if offered is not None:
            self._offered[url] = offered
            first = Target(url, offered.models[0].name).text if offered.models else None
            self._show(self.query_text, keep=first)

    async def _find_local(self) -> None:
        found = await self.ask(FindLocal(), LocalServers)
        if found is None:
            return
        for server in found.servers:
            self._offered[server.url] = server
        count = len(found.servers)
        self.face.say(
            f"{count} {'server' if count == 1 else 'servers'} on this machine." if count else "No server answers here."
        )
        self._show(self.query_text)

    async def _use(self, target: Target) -> None:
        used = await self.ask(UseModel(url=target.url, name=target.name), ModelUsed)
        if used is None:
            return
        recent = (target.text, *(one for one in self.face.preferences.recent_models if one != target.text))
        changes = {"recent_models": recent[:_MOST_RECENT]}
        self.face.change_preferences(self.face.preferences.changed(**changes))
        self.face.say(used.sentence)
        self.close()
        self.face.use_model(target.name)

    async def _choose_effort(self) -> None:
        now = self.face.preferences.reasoning_effort
        chosen = await self.face.push_screen_wait(ChoiceDialog("How hard should models reason?", _EFFORTS, now=now))
        if chosen is None:
            return
        self.face.change_preferences(self.face.preferences.changed(reasoning_effort=chosen))
        await self.ask(SetEffort(effort=cast("EffortName | None", chosen or None)), Done)
        self._show(self.query_text)

    async def _examine(self) -> None:
        from openmed_agent.tui.models.examination import ExaminationScreen

        target = target_of(self.list.chosen)
        if not target.url:
            return
        question = f"Examine {target.url}?"
        if await self.face.push_screen_wait(ConfirmDialog(question, detail=_COST, yes="examine", no="leave")):
            self.face.push_screen(ExaminationScreen(target.url, target.name or None))

    async def _log_in(self) -> None:
        from openmed_agent.tui.models.login_flow import log_in

        login = await log_in(self)
        if login is not None:
            await self._begin()
            await self._ask_place(login.url)

    async def _log_out(self) -> None:
        url = target_of(self.list.chosen).url
        if not url:
            return
        sure = await self.face.push_screen_wait(ConfirmDialog(f"Forget the login to {url} and its key?"))
        if not sure or await self.ask(LogOut(url=url), Done) is None:
            return
        self.face.say("Forgotten.")
        self._offered.pop(url, None)
        await self._begin()
