#!/usr/bin/env python3
"""From what `make bench` prints to what 10, 1,000 and 10,000 jobs a second need: docs/scaling.md explains it.

    make bench | deploy/scaling/simulate.py -
    deploy/scaling/simulate.py --rate 50 --artifact-kib 2000
    deploy/scaling/simulate.py --update docs/scaling.md
"""

import argparse
import math
import re
import sys
from pathlib import Path
from random import Random

import figures
import model
import queueing

ROOT = Path(__file__).resolve().parents[2]
RATES = (10.0, 1_000.0, 10_000.0)
# Jobs of one simulated queue; and how busy its slots are, beside what is planned.
JOBS = 60_000
BUSY = (0.6, 0.9, 0.97)
SEED = 1
BLOCK = re.compile(r"(<!-- simulate: (\w+) -->\n).*?(<!-- /simulate -->)", re.S)


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def number(value: float) -> str:
    """Three digits that mean something."""
    if value >= 100:
        return f"{round(value, 2 - math.floor(math.log10(value))):,.0f}"
    return f"{value:.3g}" if value else "0"


def positive(text: str) -> float:
    if not 0 < float(text) < math.inf:
        raise argparse.ArgumentTypeError("must be more than 0")
    return float(text)


def unit_table(measured: figures.Figures, given: model.Assumptions) -> str:
    cost, way = model.costs(measured, given), measured.way_cpu
    settled = "whole way" if way else "measured: delivering; assumed: settling costs as much as a delivery"
    rows = [
        ("gateway", cost.gateway, "whole way" if way else "measured: acceptance"),
        ("renderer, browser job", cost.browser, "derived: 2 cores ÷ best docs/s, whole process"),
        ("renderer, native job", cost.native, "assumed"),
        ("dispatcher", cost.dispatcher, settled),
        ("PostgreSQL", cost.postgres, f"derived: 2 cores × 2/3 ÷ accepts/s, × {given.postgres_way:g} (assumed)"),
        ("RabbitMQ, each node", cost.rabbit, f"derived: 2 cores × 1/10 ÷ accepts/s, × {given.rabbit_way:g} × {given.messages:g} messages (assumed)"),
    ]
    return table(["a job costs", "CPU ms", "from"], [[name, number(cpu * 1000), why] for name, cpu, why in rows])


def assumption_table(given: model.Assumptions) -> str:
    rows = [[f"`--{name.replace('_', '-')}`", f"{value:g}", words] for name, value, words in model.described(given)]
    return table(["option", "value", "assumed, not measured"], rows)


def plan_table(measured: figures.Figures, given: model.Assumptions, rates, price: float | None) -> str:
    cost = model.costs(measured, given)
    plans = [model.parts(rate, cost, given) for rate in rates]
    rows = []
    for same in zip(*plans):
        what = [f"{number(p.cores)} · {p.replicas:,}" + (f" · {number(p.gib)} GiB" if p.gib else "") for p in same]
        rows.append([f"{same[0].name}: cores · processes · memory", *what])
    slots = [plan[1].replicas * given.renderer_cores * given.slots_per_core for plan in plans]
    rows.append(["slots of the browser lane", *map(number, slots)])
    open_ = [(plan[0].replicas + plan[3].replicas) * given.connections for plan in plans]
    rows.append(["connections to PostgreSQL", *map(number, open_)])
    gb = 1024 / 1e9
    daily = {
        f"rows kept {given.retention_days:g} days, billions": model.DAY * given.rows * given.retention_days / 1e9,
        "their growth, GB/day": model.DAY * given.row_kib * gb,
        "their size, TB": model.DAY * given.row_kib * gb * given.retention_days / 1000,
        "ledger, GB/day, for ever": model.DAY * given.ledger_kib * gb,
        "commits/s": given.commits,
        "write-ahead log, MB/s": given.wal_kib * 1024 / 1e6,
        "messages/s": given.messages,
        "object store, GB/day": model.DAY * given.artifact_kib * gb,
        f"object store after {given.asset_days:g} days, TB":
            model.DAY * given.artifact_kib * gb * given.asset_days / 1000,
        "object store, requests/s": given.requests,
        "results in and out, Gbit/s": given.artifact_kib * 1024 * 8 * 2 / 1e9,
    }
    rows += [[name, *(number(each * rate) for rate in rates)] for name, each in daily.items()]
    if price is not None:
        hourly = [sum(part.cores for part in plan) * price for plan in plans]
        rows.append(["cores, price an hour", *map(number, hourly)])
        rows.append(["cores, price of 1,000 jobs", *(number(h / r / 3.6) for h, r in zip(hourly, rates))])
    return table(["jobs/s", *map(number, rates)], rows)


def limit_table(measured: figures.Figures, given: model.Assumptions, rates) -> str:
    found = model.limits(model.costs(measured, given), given)
    rows = [[name, number(full), *(f"{number(100 * r / full)} %" for r in rates)] for name, full in found]
    return table(["what is full", "at jobs/s", *(f"used at {number(rate)}" for rate in rates)], rows)


def wait_table(measured: figures.Figures, given: model.Assumptions, rates) -> str:
    """Waits for a slot of the browser lane, with as many callers on 2 cores as a renderer has slots."""
    slots = int(given.renderer_cores * given.slots_per_core)
    line = measured.render.get(slots)
    if line is None:
        raise figures.MissingFigure(f"no line of platen with {slots} clients, which is the slots of a renderer")
    scale = given.renderer_cores / model.CORES_MEASURED
    one = line.rate * scale
    cost, rows = model.costs(measured, given), []
    for rate in rates:
        arriving = rate * given.browser_share
        planned = model.parts(rate, cost, given)[1].replicas
        counts = {max(1, math.ceil(arriving / one / busy)) for busy in BUSY} | {planned}
        for replicas in sorted(counts):
            busy = arriving / one / replicas
            if busy >= 1:
                rows.append([number(rate), f"{replicas:,}", f"{busy:.0%}", "100%", "grows", "grows"])
                continue
            random = Random(SEED)
            service = queueing.measured(line.p50, line.p90, line.p99, slots / one, random)
            waits = queueing.simulate(arriving, replicas * slots, service, max(JOBS, 25 * replicas * slots), random)
            name = f"**{replicas:,}**" if replicas == planned else f"{replicas:,}"
            quantiles = (f"{wait * 1000:.0f}" for wait in (waits.p50, waits.p99))
            rows.append([number(rate), name, f"{busy:.0%}", f"{waits.waited:.1%}", *quantiles])
    return table(["jobs/s", "renderers", "slots busy", "jobs that wait", "wait p50, ms", "wait p99, ms"], rows)


def blocks(measured: figures.Figures, given: model.Assumptions, rates=RATES, price=None) -> dict[str, str]:
    """All tables, by the names that docs/scaling.md has for them."""
    return {
        "costs": unit_table(measured, given),
        "plan": plan_table(measured, given, rates, price),
        "limits": limit_table(measured, given, rates),
        "waits": wait_table(measured, given, rates),
        "assumptions": assumption_table(given),
    }


def update(page: str, tables: dict[str, str]) -> str:
    """The page with each table as it is today; a table that the page lacks or does not know is an error."""
    if sorted(name for _, name, _ in BLOCK.findall(page)) != sorted(tables):
        raise ValueError(f"the page must have each of these once: {', '.join(tables)}")
    return BLOCK.sub(lambda found: found[1] + tables[found[2]] + found[3], page)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    recorded = ROOT / "docs/benchmark.md"
    parser.add_argument("input", nargs="?", default=str(recorded), help="what make bench printed; - reads stdin")
    parser.add_argument("--rate", type=positive, action="append", help="jobs a second; may be repeated")
    parser.add_argument("--price", type=positive, help="of one core for one hour; without it no price is printed")
    parser.add_argument("--update", type=Path, metavar="PAGE", help="write the tables into this page")
    for name, value, words in model.described(model.Assumptions()):
        words = words.replace("%", "%%")
        parser.add_argument(f"--{name.replace('_', '-')}", type=positive, default=value, help=f"assumed: {words} [{value:g}]")
    options = vars(parser.parse_args())
    given = model.Assumptions(**{name: options[name] for name, _, _ in model.described(model.Assumptions())})
    rates = tuple(options["rate"] or RATES)
    if max(given.utilisation, given.browser_share, given.hot_share) > 1:
        parser.error("--utilisation, --browser-share and --hot-share are shares: at most 1")
    text = sys.stdin.read() if options["input"] == "-" else Path(options["input"]).read_text()
    try:
        tables = blocks(figures.read(text), given, rates, options["price"])
    except figures.MissingFigure as missing:
        print(f"simulate.py: {missing}", file=sys.stderr)
        return 1
    if page := options["update"]:
        page.write_text(update(page.read_text(), tables))
    else:
        print("\n".join(tables.values()), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
