"""Figures of the codes plane: first build of the index, start, and what a request costs the service.

    python benchmarks/codes.py
    python benchmarks/codes.py --search 10

The second asks only the searches, ten times over, of the application within one process (ASGI) and of a service over
the loopback, and prints each time its best round: the one that other work on the machine disturbed least.

A request is timed inside the service, from its first byte to its answer, as time that passed and as processor time
that the service spent. Processor time does not depend on what else the machine does; the client's cost is in neither.
``round trip`` is what a client sees, its own work included.
"""

import argparse
import asyncio
import csv
import multiprocessing
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from openmed_agent.planes.codes.app import create_codes_application
from openmed_agent.planes.codes.engine import CodesEngine, prepare
from openmed_agent.planes.codes.progress import ignore_progress

QUERIES = sorted((Path(__file__).parents[1] / "tests" / "planes" / "codes").glob("coder_queries*.csv"))
ROUNDS = 5


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--search", type=int, metavar="ROUNDS", help="only searches, the best of so many rounds")
    only = options.parse_args().search
    rows = [row for path in QUERIES for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if only:
            prepare(folder, ignore_progress)
            _best_searches(folder, [row["query"] for row in rows], only)
            return
        print(f"first build of the index   {_seconds(lambda: prepare(folder, ignore_progress)):8.2f} s")
        print(f"index on the disk          {sum(path.stat().st_size for path in folder.iterdir()) / 1e6:8.1f} MB")
        print(f"verify and open            {_seconds(lambda: CodesEngine(folder)) * 1000:8.0f} ms")
        engine = CodesEngine(folder)
        hits = sum(_first(engine, row["query"]) == row["code"] for row in rows)
        print(f"expected code first        {hits:5d} of {len(rows)} queries ({100 * hits / len(rows):.1f} %)")
        queries = [row["query"] for row in rows]
        _report("search", [_processor_seconds(partial(engine.search.search, query, limit=20)) for query in queries],
                "function, CPU")  # fmt: skip
        _service_figures(folder, queries)


def _first(engine: CodesEngine, query: str) -> str:
    found = engine.search.search(query, limit=1, billable_only=True)
    return found[0].code if found else ""


class Timed:
    """Writes down for every request its path, the seconds that passed and the processor seconds of the process."""

    def __init__(self, application: FastAPI, record: Connection) -> None:
        self._application = application
        self._record = record

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun, spent = time.perf_counter(), time.process_time()
        await self._application(scope, receive, send)
        self._record.send((scope["path"], time.perf_counter() - begun, time.process_time() - spent))


def _serve(folder: Path, listener: socket.socket, record: Connection) -> None:
    application = Timed(create_codes_application(index_folder=folder, api_key=None), record)
    uvicorn.Server(uvicorn.Config(application, log_level="critical", lifespan="off")).run(sockets=[listener])


def _best_searches(folder: Path, queries: list[str], rounds: int) -> None:
    """Print the best round of searches, chosen by the median of the time that passed."""
    print(f"load of the machine        {os.getloadavg()[0]:8.2f}")
    application = create_codes_application(index_folder=folder, api_key=None)
    inside = [asyncio.run(_ask_within(application, queries)) for _ in range(rounds)]
    _report_best("search", "ASGI", inside)
    with _service(folder) as (client, records):

        def asked() -> list[tuple[float, float]]:
            found: list[tuple[float, float]] = []
            for query in queries:
                client.get("/v1/icd10cm/search", params={"q": query}).raise_for_status()
                found.append(records.recv()[1:])
            return found

        _report_best("search", "service", [asked() for _ in range(rounds)])
    print(f"load of the machine        {os.getloadavg()[0]:8.2f}")


async def _ask_within(application: FastAPI, queries: list[str]) -> list[tuple[float, float]]:
    transport = httpx.ASGITransport(application)
    found: list[tuple[float, float]] = []

    async def timed(scope: Scope, receive: Receive, send: Send) -> None:
        begun, spent = time.perf_counter(), time.process_time()
        await application(scope, receive, send)
        found.append((time.perf_counter() - begun, time.process_time() - spent))

    transport.app = timed
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        for query in queries:
            (await client.get("/v1/icd10cm/search", params={"q": query})).raise_for_status()
    return found


def _report_best(what: str, where: str, rounds: list[list[tuple[float, float]]]) -> None:
    best = min(rounds, key=lambda round_: statistics.median(passed for passed, _ in round_))
    _report(what, [passed for passed, _ in best], f"{where}, passed")
    _report(what, [spent for _, spent in best], f"{where}, CPU")


@contextmanager
def _service(folder: Path) -> Iterator[tuple[httpx.Client, Connection]]:
    """Serve in a process of its own, as in use: the client must not take its turns."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # or asyncio leaves Nagle on
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    fork = multiprocessing.get_context("fork")
    records, record = fork.Pipe(duplex=False)
    server = fork.Process(target=_serve, args=(folder, listener, record), daemon=True)
    server.start()
    try:
        with httpx.Client(base_url=origin, trust_env=False, timeout=60) as client:
            client.get("/health")
            records.recv()
            yield client, records
    finally:
        server.terminate()
        server.join()


def _service_figures(folder: Path, queries: list[str]) -> None:
    raf = {"codes": ["E11.22", "I50.9", "N18.4"], "age": 67, "sex": "F", "eligibility": "CNA"}
    with _service(folder) as (client, records):

        def measure(what: str, asked: Iterable[Callable[[], httpx.Response]]) -> None:
            trips, passed, spent = [], [], []
            for ask in asked:
                trips.append(_seconds(lambda ask=ask: ask().raise_for_status()))  # type: ignore[misc]
                _, seconds, processor = records.recv()
                passed.append(seconds)
                spent.append(processor)
            for where, seconds_list in (("in service", passed), ("processor", spent), ("round trip", trips)):
                _report(what, seconds_list, where)

        measure("health", [partial(client.get, "/health")] * 300)
        search = [partial(client.get, "/v1/icd10cm/search", params={"q": query}) for query in queries]
        measure("search", search * ROUNDS)
        measure("concept", [partial(client.get, "/v1/icd10cm/E11.22")] * 300)
        print(f"first score (loads tables) {_seconds(lambda: client.post('/v1/hcc/raf', json=raf)):8.2f} s")
        records.recv()
        measure("raf", [partial(client.post, "/v1/hcc/raf", json=raf)] * 300)
        codes = {"codes": ["E11.9", "S72.001", "I42.0", "C50.919", "E11.99"], "date": "2026-11-02"}
        measure("validate", [partial(client.post, "/v1/icd10cm/validate", json=codes)] * 300)
        term = {"term": "metformin 500 mg bid"}
        measure("drug", [partial(client.get, "/REST/approximateTerm.json", params=term)] * 300)
        nine = {"source": "icd9cm", "codes": ["250.00", "428.0"]}
        print(f"first map (loads tables)   {_seconds(lambda: client.post('/v1/crosswalk', json=nine)):8.2f} s")
        records.recv()
        measure("crosswalk", [partial(client.post, "/v1/crosswalk", json=nine)] * 300)


def _report(what: str, seconds: list[float], where: str) -> None:
    cuts = statistics.quantiles(seconds, n=100)
    print(f"{what:10s} {where:16s} p50 {cuts[49] * 1000:6.2f} ms   p99 {cuts[98] * 1000:6.2f} ms   n={len(seconds)}")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _processor_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
