"""Figures of the codes plane: first build of the index, start, and latency of the service over loopback HTTP.

python benchmarks/codes.py
"""

import csv
import multiprocessing
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import uvicorn

from openmed_agent.planes.codes.app import create_codes_application
from openmed_agent.planes.codes.engine import CodesEngine, prepare
from openmed_agent.planes.codes.progress import ignore_progress

QUERIES = sorted((Path(__file__).parents[1] / "tests" / "planes" / "codes").glob("coder_queries*.csv"))
ROUNDS = 5


def main() -> None:
    """Print the figures."""
    rows = [row for path in QUERIES for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"first build of the index   {_seconds(lambda: prepare(folder, ignore_progress)):8.2f} s")
        print(f"index on the disk          {sum(path.stat().st_size for path in folder.iterdir()) / 1e6:8.1f} MB")
        print(f"verify and open            {_seconds(lambda: CodesEngine(folder)) * 1000:8.0f} ms")
        engine = CodesEngine(folder)
        hits = sum(_first(engine, row["query"]) == row["code"] for row in rows)
        print(f"expected code first        {hits:5d} of {len(rows)} queries ({100 * hits / len(rows):.1f} %)")
        queries = [row["query"] for row in rows]
        _report("search", [_seconds(partial(engine.search.search, query, limit=20)) for query in queries], "in process")
        _service_figures(folder, queries)


def _first(engine: CodesEngine, query: str) -> str:
    found = engine.search.search(query, limit=1, billable_only=True)
    return found[0].code if found else ""


def _serve(folder: Path, listener: socket.socket) -> None:
    application = create_codes_application(index_folder=folder, api_key=None)
    uvicorn.Server(uvicorn.Config(application, log_level="critical", lifespan="off")).run(sockets=[listener])


def _service_figures(folder: Path, queries: list[str]) -> None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # or asyncio leaves Nagle on
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(folder, listener), daemon=True)
    server.start()  # a process of its own, as in use: the client must not take its turns
    raf = {"codes": ["E11.22", "I50.9", "N18.4"], "age": 67, "sex": "F", "eligibility": "CNA"}
    with httpx.Client(base_url=origin, trust_env=False, timeout=60) as client:
        _seconds(lambda: client.get("/health"))
        _report("health", [_seconds(lambda: client.get("/health")) for _ in range(300)])
        _report("search", [_seconds(partial(client.get, "/v1/icd10cm/search", params={"q": q}))
                           for q in queries * ROUNDS])  # fmt: skip
        _report("concept", [_seconds(lambda: client.get("/v1/icd10cm/E11.22")) for _ in range(300)])
        print(f"first score (loads tables) {_seconds(lambda: client.post('/v1/hcc/raf', json=raf)):8.2f} s")
        _report("raf", [_seconds(lambda: client.post("/v1/hcc/raf", json=raf)) for _ in range(300)])
        codes = {"codes": ["E11.9", "S72.001", "I42.0", "C50.919", "E11.99"], "date": "2026-11-02"}
        _report("validate", [_seconds(lambda: client.post("/v1/icd10cm/validate", json=codes)) for _ in range(300)])
        term = {"term": "metformin 500 mg bid"}
        _report("drug", [_seconds(lambda: client.get("/REST/approximateTerm.json", params=term)) for _ in range(300)])
    server.terminate()
    server.join()


def _report(what: str, seconds: list[float], where: str = "over HTTP") -> None:
    cuts = statistics.quantiles(seconds, n=100)
    print(f"{what:10s} {where:15s} p50 {cuts[49] * 1000:6.1f} ms   p99 {cuts[98] * 1000:6.1f} ms   n={len(seconds)}")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
