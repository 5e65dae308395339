"""Measures what the privacy gate adds to a turn: ``python benchmarks/gate.py`` (no data, a minute).

A conversation of invented notes, 10 kB and 100 kB of text, is cleared and sealed as a turn does it: the first time with
everything new, the next turn with one more message, and a turn after a name became known. Times are CPU seconds of
this process and of the detector's process.
"""

import asyncio
import json
import os
import random
import resource
import time
from collections.abc import Sequence

from openmed_agent.net.clients import DestinationKind
from openmed_agent.planes.connection import PlaneConnections, open_inference
from openmed_agent.planes.supervisor import silent_watcher
from openmed_agent.privacy.detection import united_detector
from openmed_agent.privacy.identifiers import Identifier
from openmed_agent.privacy.kinds import IdentifierKind
from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.privacy.vault import Vault
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.paths import find_paths

GIVEN = ("Nkechi", "Bjorn", "Leilani", "Dmitri", "Ximena", "Aoife", "Kwame", "Priya")
FAMILY = ("Okafor", "Thorvaldsen", "Quintanilla", "Achterberg", "Papadopoulos", "Vandermolen", "Castellanos")
SENTENCES = (
    "Presents with two days of dizziness and mild nausea, denies chest pain or dyspnea.",
    "Type 2 diabetes on metformin 500 mg BID, last A1c 7.4 percent.",
    "Blood pressure 138/84, heart rate 76, afebrile, lungs clear to auscultation.",
    "Continue lisinopril 20 mg daily and recheck potassium in two weeks.",
    "History of atrial fibrillation, anticoagulated with apixaban 5 mg twice daily.",
    "No focal deficits, gait steady, orthostatics negative.",
)
MESSAGE_BYTES = 2_500


def note(rng: random.Random) -> str:
    """Return a note of about ``MESSAGE_BYTES``, whose header names its patient."""
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    born = f"{rng.randrange(1, 13):02}/{rng.randrange(1, 29):02}/{rng.randrange(1930, 2010)}"
    head = f"Patient: {family}, {given}   DOB: {born}   MRN: {rng.randrange(10**6, 10**7)}\n\n"
    body = ""
    while len(head) + len(body) < MESSAGE_BYTES:
        body += f"{rng.choice(SENTENCES)} " + (f"Seen with Ms. {family}. " if rng.randrange(10) == 0 else "")
    return head + body


async def turn(gate: ModelGate, texts: Sequence[str]) -> None:
    """Clear ``texts`` and seal the request that carries them."""

    async def render() -> list[str]:
        return [await gate.outgoing(text) for text in texts]

    messages = [{"role": "user", "content": text} for text in await gate.settled(render)]
    await gate.seal(json.dumps({"model": "local", "messages": messages}).encode())


async def measured(gate: ModelGate, texts: Sequence[str]) -> tuple[float, float]:
    """Return the CPU seconds of this process and the seconds on the clock that a turn takes."""
    cpu, clock = time.process_time(), time.perf_counter()
    await turn(gate, texts)
    return time.process_time() - cpu, time.perf_counter() - clock


async def main() -> None:
    """Print a line a size and case."""
    print(f"{os.cpu_count()} cores")
    connections = PlaneConnections(Configuration(), find_paths(), silent_watcher())
    async with open_inference(connections) as client:
        await client.extract_pii("A first call starts the detector.")
        for size in (10_000, 100_000):
            rng = random.Random(size)  # noqa: S311 - draws invented notes, the same every time
            texts = [note(rng) for _ in range(size // MESSAGE_BYTES)]
            vault = Vault()
            gate = ModelGate(PhiMode.DEID, vault, united_detector(client))
            cases = {"all new": texts, "again": texts, "one more message": [*texts, note(rng)]}
            for case, messages in cases.items():
                cpu, clock = await measured(gate, messages)
                print(f"{size:>7} bytes, {case:<24} {cpu * 1000:8.1f} ms CPU here, {clock * 1000:8.1f} ms on the clock")
            vault.learn([Identifier(IdentifierKind.PERSON, "Ottoline Braithwaite")])
            cpu, clock = await measured(gate, texts)
            case = "a name became known"
            print(f"{size:>7} bytes, {case:<24} {cpu * 1000:8.1f} ms CPU here, {clock * 1000:8.1f} ms on the clock")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{DestinationKind.INFERENCE} process: {children.ru_utime:.1f} s of CPU in all, with its start")


if __name__ == "__main__":
    asyncio.run(main())
