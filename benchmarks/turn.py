"""What a turn adds to a bare call of the SDK, and how many tokens a prompt with its tools has.

    python benchmarks/turn.py [--rounds 20]

Time to the first token that the person sees, beside the first token of the bare SDK against the same scripted server
(real HTTP on loopback), in full mode and in deid with the embedded detector, where every message was sent before; and
the size of the first prompt, with the tools offered at first and with all of them, at four characters a token.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import openai

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from scripted_model_server import Say, ScriptedModelServer

from openmed_agent.models.connection import ModelChoice, open_provider
from openmed_agent.net.clients import discard_outbound
from openmed_agent.planes.connection import PlaneConnections
from openmed_agent.planes.supervisor import silent_watcher
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.runtime.agent_modes import AgentMode
from openmed_agent.runtime.loop import ModelInUse
from openmed_agent.runtime.opening import SessionRequest, open_session
from openmed_agent.runtime.session import Session
from openmed_agent.runtime.system_prompt import system_prompt
from openmed_agent.runtime.toolbox import FIRST_FAMILIES
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.paths import find_paths
from openmed_agent.store.opening import open_store
from openmed_agent.tools.registry import all_tools, schema_of

QUESTION = "What does the plan say about the kidneys?"
CHARACTERS_PER_TOKEN = 4


async def bare(url: str, rounds: int) -> list[float]:
    """Return the seconds to the first token of the SDK alone."""
    client = openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0)
    seconds = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        stream = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": QUESTION}], stream=True
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                seconds.append(time.perf_counter() - start)
                break
        await stream.close()
    await client.close()
    return seconds[1:]


async def turns(url: str, mode: PhiMode, rounds: int) -> list[float]:
    """Return the seconds from asking to the first token shown, in a session that grows turn by turn."""
    with tempfile.TemporaryDirectory() as home:
        paths = find_paths({"OPENMED_HOME": home})

        async def open_model(seal: object) -> ModelInUse:
            choice = ModelChoice(url=url, protocol="chat_completions", name="m", source="settings")
            return ModelInUse(provider=open_provider(choice, seal, discard_outbound), name="m")  # type: ignore[arg-type]

        with open_store(paths.root, custody="file") as store:
            async with open_session(
                SessionRequest(phi_mode=mode, working_folder=Path(home)),
                store=store,
                connections=PlaneConnections(Configuration(), paths, silent_watcher()),
                open_model=open_model,
                model_name="m",
            ) as session:
                await first_token(session)
                return [await first_token(session) for _ in range(rounds)]


async def first_token(session: Session) -> float:
    """Return the seconds to the first token of one turn, and let the turn end."""
    start = time.perf_counter()
    seconds = 0.0
    async for event in session.ask(QUESTION):
        if event.type == "answer_delta" and not seconds:
            seconds = time.perf_counter() - start
    return seconds


def print_sizes() -> None:
    """Print the size of the system text and of the tools, in tokens."""
    tools = all_tools()
    families = {tool.family for tool in tools}
    system = max(len(system_prompt(mode, PhiMode.DEID, None, families)) for mode in AgentMode)
    for name, offered in (("tools offered at first", FIRST_FAMILIES), ("all tools", families)):
        schemas = [schema_of(tool) for tool in tools if tool.family in offered]
        size = sum(len(json.dumps([one.name, one.description, one.parameters])) for one in schemas)
        total = (size + system) // CHARACTERS_PER_TOKEN
        print(f"{name:24} {len(schemas):3} tools {size // CHARACTERS_PER_TOKEN:6,} tokens, with system text {total:6,}")


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    with ScriptedModelServer(lambda _: Say("The kidneys are stable.", piece=200)) as server:
        for name, seconds in (
            ("bare SDK", await bare(server.url, rounds)),
            ("full", await turns(server.url, PhiMode.FULL, rounds)),
            ("deid", await turns(server.url, PhiMode.DEID, rounds)),
        ):
            deciles = statistics.quantiles(seconds, n=10)
            print(f"{name:24} first token p50 {deciles[4] * 1000:6.1f} ms, p90 {deciles[8] * 1000:6.1f} ms")
    print_sizes()


if __name__ == "__main__":
    asyncio.run(main())
