"""A queue with several slots, event by event: Poisson arrivals, first come first served."""

import heapq
import math
from dataclasses import dataclass
from random import Random
from typing import Callable

# Jobs before the queue is as it stays; they are not counted.
WARMING = 0.1


@dataclass(frozen=True)
class Waits:
    """What jobs waited for a slot, in seconds, and the share of them that waited at all."""

    waited: float
    mean: float
    p50: float
    p99: float


def simulate(rate: float, slots: int, service: Callable[[], float], jobs: int, random: Random) -> Waits:
    """Lets `jobs` jobs come at `rate` a second; `service` draws how long each holds its slot, in seconds."""
    free = [0.0] * slots
    now, waits = 0.0, []
    for _ in range(jobs):
        now += random.expovariate(rate)
        start = max(now, free[0])
        heapq.heapreplace(free, start + service())
        waits.append(start - now)
    counted = sorted(waits[int(jobs * WARMING):])
    waited = sum(wait > 0 for wait in counted) / len(counted)
    p50, p99 = (counted[int(len(counted) * share)] for share in (0.5, 0.99))
    return Waits(waited, sum(counted) / len(counted), p50, p99)


def measured(p50: float, p90: float, p99: float, mean: float, random: Random) -> Callable[[], float]:
    """Draws times whose quantiles lie on straight lines between the three (half of p50 at the bottom, p99
    and half again at the top), stretched so that their mean is `mean`: what slots ÷ throughput says."""
    points = [(0.0, p50 / 2), (0.5, p50), (0.9, p90), (0.99, p99), (1.0, p99 * 1.5)]
    pieces = list(zip(points, points[1:]))
    stretch = mean / sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pieces)

    def draw() -> float:
        share = random.random()
        for (low, from_), (high, to) in pieces:
            if share <= high:
                break
        return stretch * (from_ + (to - from_) * (share - low) / (high - low))

    return draw


def mean_wait(rate: float, slots: int, service: float) -> float:
    """The mean wait of M/M/c in seconds (Erlang C), to check the simulation by."""
    load = rate * service
    blocked = 1.0
    for slot in range(1, slots + 1):
        blocked = load * blocked / (slot + load * blocked)
    busy = load / slots
    waits = blocked / (1 - busy + busy * blocked)
    return waits * service / (slots - load) if load < slots else math.inf
