"""What `make bench` measured, read from the text that it prints (tests/bench/report.rs) or from docs/benchmark.md.

Of a table that occurs twice the last one counts. Times are seconds, of one processor where they are CPU.
"""

import re
from dataclasses import dataclass


class MissingFigure(Exception):
    """The text lacks a figure without which nothing can be computed."""


@dataclass(frozen=True)
class Render:
    """One line of the render table: what callers saw, and documents a second."""

    p50: float
    p90: float
    p99: float
    rate: float


@dataclass(frozen=True)
class Figures:
    """The figures; those of the whole way are None where no run is recorded."""

    render: dict[int, Render]
    memory_kib: int
    accepts: float
    accept_cpu: float
    deliver_cpu: float
    way_cpu: dict[str, float] | None

    @property
    def best(self) -> float:
        """Documents a second with as many callers as were best."""
        return max(line.rate for line in self.render.values())


TABLES = {"side": 7, "acceptance": 6, "delivering": 4}
WAY = re.compile(r"^CPU s/1,000 jobs: gateway ([\d.]+), renderer ([\d.]+), dispatcher ([\d.]+);", re.M)
MEMORY = re.compile(r"^resident memory without browsers: \d+ KiB after 200 jobs, (\d+) KiB", re.M)


def read(text: str) -> Figures:
    """Reads the figures; raises MissingFigure, which names what is missing."""
    rows = _rows(text)
    render = {int(row[0]): Render(*(float(ms) / 1000 for ms in row[2:5]), float(row[5])) for row in rows["side"]}
    missing = [name for name, found in rows.items() if not found]
    memory = MEMORY.findall(text)
    if 4 not in render:
        missing.append("side with 4 clients")
    if not memory:
        missing.append("resident memory")
    if missing:
        raise MissingFigure(f"no line of platen for: {', '.join(missing)}; give the whole output of make bench")
    accept, deliver = rows["acceptance"][-1], rows["delivering"][-1]
    way = WAY.findall(text)
    services = ("gateway", "renderer", "dispatcher")
    return Figures(
        render=render,
        memory_kib=int(memory[-1]),
        accepts=float(accept[1]),
        accept_cpu=float(accept[4]) / 1e6,
        deliver_cpu=float(deliver[2]) / 1000,
        way_cpu={name: float(cpu) / 1000 for name, cpu in zip(services, way[-1])} if way else None,
    )


def _rows(text: str) -> dict[str, list[list[str]]]:
    """The lines of `platen` in each table, without their first word."""
    rows = {name: [] for name in TABLES}
    table = None
    for line in text.splitlines():
        words = line.split()
        if words and words[0] in TABLES and line.rstrip().endswith(("docs/s", "accepts", "CPU s/1,000")):
            table = words[0]
        elif not words:
            table = None
        elif table and words[0] == "platen" and len(words) == TABLES[table]:
            rows[table].append(words[1:])
    return rows
