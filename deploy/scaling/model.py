"""From what one job costs to what a rate of jobs needs, and at which rate each part is full."""

import math
from dataclasses import dataclass, field, fields

from figures import Figures

# The machine of docs/benchmark.md, and what was sampled over its processes during acceptance.
CORES_MEASURED = 2
POSTGRES_SHARE = 2 / 3
RABBIT_SHARE = 0.1
DAY = 86_400


def assumed(default: float, words: str):
    return field(default=default, metadata={"words": words})


@dataclass(frozen=True)
class Assumptions:
    """What was not measured; each is an option of simulate.py."""

    utilisation: float = assumed(0.75, "share of a part's capacity that is planned for")
    browser_share: float = assumed(0.8, "share of jobs in the browser lane; the others are native")
    native_ms: float = assumed(50, "CPU of a native job, ms")
    webhook_share: float = assumed(1, "webhooks for each job")
    hot_share: float = assumed(0.1, "share of all jobs that the largest account has")
    in_flight: float = assumed(16, "asynchronous jobs of an account in flight (default of its limit)")
    slots_per_core: float = assumed(2, "slots for each core (the default of PLATEN_SLOTS)")
    renderer_cores: float = assumed(2, "cores of a renderer's pod")
    renderer_gib: float = assumed(2, "memory of a browser renderer's pod, GiB (requested by the manifests)")
    native_gib: float = assumed(0.5, "memory of a native renderer's pod, GiB (requested by the manifests)")
    service_cores: float = assumed(1, "cores that a gateway or dispatcher can use")
    gateway_gib: float = assumed(0.75, "memory of a gateway, GiB (limit of the manifests)")
    dispatcher_gib: float = assumed(0.5, "memory of a dispatcher, GiB")
    postgres_way: float = assumed(3, "PostgreSQL's CPU for the whole way, in acceptances")
    postgres_cores: float = assumed(32, "cores that one PostgreSQL uses well")
    commits: float = assumed(5, "commits for each job: accept, mark, settle, and two of its delivery, none shared")
    sync_ms: float = assumed(1, "the disk's sync, ms (0.1 where it was measured)")
    group: float = assumed(20, "commits that share a sync under load")
    round_trip_ms: float = assumed(0.5, "a statement to PostgreSQL and back, ms")
    locked_statements: float = assumed(5, "round trips while an acceptance holds its account's row")
    connections: float = assumed(16, "connections of a gateway or dispatcher (PLATEN_DATABASE_CONNECTIONS)")
    max_connections: float = assumed(500, "connections that one PostgreSQL serves well")
    messages: float = assumed(3, "messages for each job: job, completion, delivery")
    rabbit_way: float = assumed(2, "RabbitMQ's CPU to publish and consume, in publishes")
    rabbit_nodes: float = assumed(3, "nodes that each hold every message")
    rabbit_cores: float = assumed(8, "cores of a RabbitMQ node")
    queue_rate: float = assumed(10_000, "messages/s through one quorum queue")
    row_kib: float = assumed(4, "rows of a job with their indexes, KiB, kept 90 days")
    rows: float = assumed(4, "of them rows: job, asset, delivery, attempt")
    ledger_kib: float = assumed(0.4, "a ledger entry with its indexes, KiB, kept for ever")
    wal_kib: float = assumed(16, "write-ahead log of a job, KiB")
    artifact_kib: float = assumed(100, "a result, KiB")
    requests: float = assumed(3, "requests to the object store for each job: put, get, delete")
    retention_days: float = assumed(90, "days that jobs are kept (PLATEN_JOB_RETENTION)")
    asset_days: float = assumed(30, "days that results are kept (PLATEN_ASSET_RETENTION)")


@dataclass(frozen=True)
class Costs:
    """CPU seconds of one job at each part; those of RabbitMQ are of each of its nodes."""

    gateway: float
    browser: float
    native: float
    dispatcher: float
    postgres: float
    rabbit: float
    # Seconds, not of CPU, that a browser job holds its slot when all slots of a renderer are busy.
    slot: float


def costs(figures: Figures, given: Assumptions) -> Costs:
    way = figures.way_cpu
    accepting = CORES_MEASURED / figures.accepts
    return Costs(
        gateway=way["gateway"] if way else figures.accept_cpu,
        browser=CORES_MEASURED / figures.best,
        native=given.native_ms / 1000,
        # Without a run of the whole way, settling is taken to cost what delivering costs.
        dispatcher=way["dispatcher"] if way else figures.deliver_cpu * (1 + given.webhook_share),
        postgres=accepting * POSTGRES_SHARE * given.postgres_way,
        rabbit=accepting * RABBIT_SHARE * given.rabbit_way * given.messages,
        slot=4 / figures.render[4].rate,
    )


@dataclass(frozen=True)
class Part:
    """What a part needs: busy cores, cores planned for, processes and their memory in GiB (0: not computed)."""

    name: str
    busy: float
    cores: float
    replicas: int
    gib: float


def parts(rate: float, cost: Costs, given: Assumptions) -> list[Part]:
    """Two of each at least, since one is none while it restarts."""

    def part(name: str, busy: float, cores: float, gib: float) -> Part:
        replicas = max(2, math.ceil(busy / given.utilisation / cores))
        return Part(name, busy, busy / given.utilisation, replicas, replicas * gib)

    browser, native = rate * given.browser_share, rate * (1 - given.browser_share)
    postgres, rabbit = rate * cost.postgres, rate * cost.rabbit
    wide = given.postgres_cores * given.utilisation
    # Every node of a cluster holds every message, so that more nodes carry no more: more clusters do.
    clusters = math.ceil(rabbit / (given.rabbit_cores * given.utilisation))
    nodes = clusters * int(given.rabbit_nodes)
    all_nodes = rabbit * given.rabbit_nodes
    return [
        part("gateway", rate * cost.gateway, given.service_cores, given.gateway_gib),
        part("renderer, browser", browser * cost.browser, given.renderer_cores, given.renderer_gib),
        part("renderer, native", native * cost.native, given.renderer_cores, given.native_gib),
        part("dispatcher", rate * cost.dispatcher, given.service_cores, given.dispatcher_gib),
        Part("PostgreSQL", postgres, postgres / given.utilisation, math.ceil(postgres / wide), 0),
        Part("RabbitMQ, all nodes", all_nodes, all_nodes / given.utilisation, nodes, 0),
    ]


def limits(cost: Costs, given: Assumptions) -> list[tuple[str, float]]:
    """The jobs a second at which each part that can't simply be doubled is full, the lowest first."""
    per_service = given.service_cores * given.utilisation
    services = (cost.gateway + cost.dispatcher) / per_service
    held = (given.locked_statements * given.round_trip_ms + given.sync_ms) / 1000
    found = [
        ("CPU of one PostgreSQL", given.postgres_cores / cost.postgres),
        ("commits of one PostgreSQL", given.group / (given.sync_ms / 1000) / given.commits),
        ("connections of one PostgreSQL, no pooler", given.max_connections / given.connections / services),
        ("cap of the largest account", given.in_flight / cost.slot / given.hot_share),
        ("row of the largest account", 1 / held / given.hot_share),
        ("one quorum queue (`platen.settle`)", given.queue_rate),
        ("CPU of one RabbitMQ cluster", given.rabbit_cores / cost.rabbit),
    ]
    return sorted(found, key=lambda limit: limit[1])


def described(given: Assumptions) -> list[tuple[str, float, str]]:
    """Name, value and words of each assumption."""
    return [(item.name, getattr(given, item.name), item.metadata["words"]) for item in fields(given)]
