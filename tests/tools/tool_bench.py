"""What the tests of tools stand on: real planes, a real store, real files, and small implementations of the ports."""

import asyncio
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from openmed_agent.planes.codes.client import CodesClient
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.privacy.gate import CodesQueryGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.paths import Paths
from openmed_agent.store.store import Store
from openmed_agent.tools.context import PlanStep, ToolContext
from openmed_agent.tools.granted_files import GrantedFiles, refused_folders
from openmed_agent.tools.invoke import parse_arguments
from openmed_agent.tools.registry import all_tools
from openmed_agent.tools.tool import Tool, ToolResult

CHART = """Patient: Zebulon Quackenbush    MRN: 4471902    DOB: 03/14/1951

HISTORY OF PRESENT ILLNESS:
Mr. Quackenbush has type 2 diabetes mellitus and hypertension. He denies chest pain.
His mother had breast cancer. Call his daughter Ottilie at 617-555-0142.

MEDICATIONS:
Metformin 500 mg by mouth twice daily
Lisinopril 20 mg daily

LABORATORY:
Hemoglobin A1c 8.2 %, potassium 5.6 mmol/L (high)

PLAN:
Increase metformin. Return in 3 months.
"""
"""An invented patient."""


@dataclass
class Board:
    """A plan in memory."""

    steps: tuple[PlanStep, ...] = ()

    def replace(self, steps: tuple[PlanStep, ...]) -> None:
        self.steps = steps


@dataclass
class Shelf:
    """Results in memory."""

    kept: dict[str, str] = field(default_factory=dict)

    def keep(self, text: str) -> str:
        handle = f"result_{len(self.kept) + 1}"
        self.kept[handle] = text
        return handle

    def read(self, handle: str) -> str:
        from openmed_agent.errors import InputError

        if handle not in self.kept:
            raise InputError("There is no such result.")
        return self.kept[handle]


@dataclass
class Handles:
    """Handles in memory."""

    paths: dict[str, str] = field(default_factory=dict)

    def handle_of(self, path: str) -> str:
        for handle, known in self.paths.items():
            if known == path:
                return handle
        handle = f"document_{len(self.paths) + 1}"
        self.paths[handle] = path
        return handle

    def path_of(self, handle: str) -> str | None:
        return self.paths.get(handle)


@dataclass
class Planes:
    """Both embedded planes and the loop that they run on."""

    loop: asyncio.AbstractEventLoop
    inference: InferenceClient
    codes: CodesClient


@dataclass
class Bench:
    """One session's tools over a granted folder."""

    planes: Planes
    context: ToolContext
    learned: list[str]
    folder: Path
    loaded: list[str] = field(default_factory=list)

    def call(self, name: str, /, **arguments: Any) -> ToolResult:
        """Run a tool with arguments that go through JSON, as a model's do."""
        tool = self.tool(name)
        given = parse_arguments(tool, json.dumps(arguments))
        tool.subject(given, self.context)
        return self.planes.loop.run_until_complete(tool.run(given, self.context))

    def preview(self, name: str, /, **arguments: Any) -> Any:
        tool = self.tool(name)
        assert tool.preview is not None
        given = parse_arguments(tool, json.dumps(arguments))
        return self.planes.loop.run_until_complete(tool.preview(given, self.context))

    def tool(self, name: str) -> Tool[Any]:
        return next(tool for tool in all_tools() if tool.name == name)

    def in_mode(self, mode: PhiMode) -> "Bench":
        gate = replace(self.context.codes_gate, mode=mode)
        return replace(self, context=replace(self.context, phi_mode=mode, codes_gate=gate))

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path


async def nothing_found(_: str) -> bool:
    return False


def make_bench(planes: Planes, store: Store, home: Path, folder: Path, *, mode: PhiMode = PhiMode.DEID) -> Bench:
    paths = Paths(root=home, configuration=home / "config", cache=home / "cache")
    learned: list[str] = []
    loaded: list[str] = []

    async def learn(text: str) -> None:
        learned.append(text)

    def load(families: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(tool.name for tool in all_tools() if tool.family in families)
        loaded.extend(names)
        return names

    context = ToolContext(
        phi_mode=mode,
        configuration=Configuration(),
        paths=paths,
        files=GrantedFiles((folder.resolve(),), refused_folders(paths)),
        inference=planes.inference,
        codes=planes.codes,
        codes_gate=CodesQueryGate(mode, remote=False, scan=nothing_found),
        store=store,
        learn=learn,
        plan=Board(),
        results=Shelf(),
        handles=Handles(),
        load_families=load,
    )
    return Bench(planes, context, learned, folder.resolve(), loaded)
