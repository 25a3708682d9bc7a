"""Everybody at the deadline: 166 uploads within one minute through the real portal, over real HTTP.

`python -m bench.portal` measures and prints; `--keep` writes the section into the tracked bench/results.md. The server
is a process of its own, the clients share the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from demo.ports import free_port

from bench.naive import naive_seconds

ROOT = Path(__file__).resolve().parents[1]
REGIME, PERIOD = "thanh-hoa-drug-programme", "2026-H1"
WITHIN = 60.0
"""Seconds in which everybody sends."""
TITLE = "## The portal at the deadline"
_VERDICT = re.compile(r'<div class="verdict[^"]*"[^>]*>\s*<strong>(.*?)</strong>', re.S)


@dataclass(frozen=True)
class Measured:
    """What a number of uploads at once cost."""

    sent: int
    kept: int
    """rows in the database"""
    accepted: int
    answers: tuple[float, ...]
    """seconds from the first byte sent to the first page that says the file is received, or its verdict"""
    verdicts: tuple[float, ...]
    """seconds from the first byte sent to the page with the verdict"""
    naive: float
    """seconds the naive way takes for one file"""
    cpu: float
    """seconds of computing of the server and its readers, for all"""
    load: float
    """what else the machine was doing, when it began"""


def measure(within: float = WITHIN, communes: int | None = None) -> Measured:
    """Open a period for all communes, start the portal, send; `communes`: only so many of them do."""
    from baocao.store.submissions import submissions
    from baocao.workflow.installation import Installation
    from baocao.workflow.mail.personal_links import personal_link
    from baocao.workflow.periods import windows
    from bench.run import files_of

    load = os.getloadavg()[0]
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    data = tempfile.mkdtemp(prefix="baocao-bench-portal-")
    env = {"BAOCAO_ROOT": str(ROOT), "BAOCAO_DATA": data, "BAOCAO_PORTAL_URL": url}
    place = Installation.open(env)
    pack, period = place.at(REGIME, PERIOD)
    print("Opening the period…", flush=True)
    windows.open_window(place, REGIME, PERIOD, period.opens_at)
    files = [(unit.code, data) for unit, data, _ in files_of(place, pack, period)][:communes]
    with place.store.begin() as conn:
        links = [personal_link(place, conn, REGIME, PERIOD, u, at=period.opens_at) or "" for u, _ in files]
    print(f"{len(files)} uploads within {within:.0f} s…", flush=True)
    start = (period.unit.due_at).replace(hour=23, minute=58, second=0).isoformat()
    command = [sys.executable, "-m", "baocao.web.portal.server", "--port", str(port), "--as-of", start]
    # Of children that have ended, which is why the server is ended before it is read again.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(url, server)
            done = asyncio.run(_everybody(url, links, [data for _, data in files], within))
        finally:
            server.terminate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with place.store.read() as conn:
        rows = submissions.of_period(conn, REGIME, PERIOD)
    accepted = sum(r.receipt_number is not None for r in rows)
    print("Measuring the naive way…", flush=True)
    naive = naive_seconds([data for _, data in files[:2]])
    answers, verdicts = zip(*done, strict=True)
    return Measured(len(files), len(rows), accepted, answers, verdicts, naive, cpu, load)


def _wait_for(url: str, server: subprocess.Popen[bytes], within: float = 300) -> None:
    until = time.monotonic() + within
    while server.poll() is None and time.monotonic() < until:
        try:
            if httpx.get(f"{url}/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the portal does not start")


async def _everybody(
    url: str, links: Sequence[str], files: Sequence[bytes], within: float
) -> list[tuple[float, float]]:
    drawn = random.Random(166)
    delays = [drawn.uniform(0, within) for _ in links]
    return await asyncio.gather(
        *(_one(url, link, data, at) for link, data, at in zip(links, files, delays, strict=True))
    )


async def _one(url: str, link: str, data: bytes, at: float) -> tuple[float, float]:
    async with httpx.AsyncClient(base_url=url, follow_redirects=True, timeout=600) as http:
        # The page is opened some time before it is sent from.
        await asyncio.sleep(at)
        page = await http.get(link)
        home = page.url.path
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        # Not before: fetching the page is no part of sending.
        start = time.monotonic()
        answer = await http.post(f"{home}gui", data={**hidden, "mode": "send"}, files={"file": ("a.xlsx", data)})
        answered = time.monotonic() - start
        # "ĐÃ NHẬN" is the receipt; the page turns into the verdict by itself when the file is judged.
        while (said := _VERDICT.search(answer.text)) is None or said[1].startswith("ĐÃ NHẬN"):
            assert answer.status_code == 200, answer.text[:500]
            await asyncio.sleep(0.25)
            answer = await http.get(answer.url)
        return answered, time.monotonic() - start


def naive_p95(naive: float, many: int, within: float) -> float:
    """The same arrivals answered one after the other, each taking the naive way's time: its p95 of waiting."""
    drawn = random.Random(166)
    free, waited = 0.0, []
    for at in sorted(drawn.uniform(0, within) for _ in range(many)):
        free = max(free, at) + naive
        waited.append(free - at)
    return p95(waited)


def p95(values: Sequence[float]) -> float:
    """The 95th percentile; at least two values."""
    return statistics.quantiles(values, n=20)[-1]


def section(m: Measured, within: float = WITHIN) -> str:
    """The part of bench/results.md."""
    lost = m.sent - m.kept
    late = p95(m.verdicts)
    lines = [
        TITLE,
        "",
        f"{m.sent} communes upload within {within:.0f} s over real HTTP; server, judges and all clients on the same "
        f"{os.cpu_count()} cores (load {m.load:.1f} from other work when it began).",
        "",
        "| measured | here | target | met |",
        "|---|---:|---:|---|",
        f"| uploads lost | {lost} | 0 | {'yes' if lost == 0 else 'NO'} |",
        f"| accepted | {m.accepted} | {m.sent} | {'yes' if m.accepted == m.sent else 'NO'} |",
        f"| page after an upload, p95 (s) | {p95(m.answers):.2f} |  |  |",
        f"| verdict, median (s) | {statistics.median(m.verdicts):.2f} |  |  |",
        f"| verdict, p95 (s) | {late:.2f} | <= 2 | {'yes' if late <= 2 else 'NO'} |",
        f"| verdict, slowest (s) | {max(m.verdicts):.2f} |  |  |",
        f"| computing of server and readers for all (CPU s) | {m.cpu:.0f} |  |  |",
        f"| the same for one upload (CPU s) | {m.cpu / m.sent:.3f} |  |  |",
        f"| naive way, p95 (s) | {naive_p95(m.naive, m.sent, within):.0f} |  |  |",
        "",
        f"Naive way: openpyxl and one Great Expectations run a sheet inside the request ({m.naive:.2f} s a file), the "
        "same arrivals one after the other.",
        "",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; `--keep` writes the section over the one in bench/results.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.portal", description=__doc__)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--note", default="", help="a sentence under the table: how this was measured")
    parser.add_argument("--within", type=float, default=WITHIN, help="seconds in which everybody sends")
    parser.add_argument("--communes", type=int, help="only so many send (a quick look at the computing time)")
    options = parser.parse_args(arguments)
    if options.keep and (options.communes or options.within != WITHIN):
        parser.error("--keep: only the whole measurement is kept")
    text = section(measure(options.within, options.communes), options.within)
    if options.note:
        text += f"{options.note}\n"
    print(text)
    if options.keep:
        target = ROOT / "bench" / "results.md"
        kept = target.read_text(encoding="utf-8").partition(TITLE)[0].rstrip()
        target.write_text(f"{kept}\n\n{text}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
