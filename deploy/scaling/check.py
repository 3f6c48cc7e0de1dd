#!/usr/bin/env python3
"""Checks the simulation against what is known of queues, and docs/scaling.md against what it prints today."""

import io
import unittest
from contextlib import redirect_stderr, redirect_stdout
from random import Random
from unittest import mock

import figures
import model
import queueing
import simulate

RECORDED = (simulate.ROOT / "docs/benchmark.md").read_text()
WAY = "CPU s/1,000 jobs: gateway 1.50, renderer 2.50, dispatcher 3.50; floor 4.00\n"


class Queues(unittest.TestCase):
    def waits(self, slots: int, busy: float, service, jobs: int = 300_000) -> queueing.Waits:
        """With a mean service of one second."""
        return queueing.simulate(busy * slots, slots, service, jobs, Random(7))

    def test_waits_of_random_service_are_erlangs(self):
        for slots, busy in [(1, 0.5), (1, 0.8), (4, 0.8), (20, 0.8)]:
            random = Random(11)
            got = self.waits(slots, busy, lambda: random.expovariate(1)).mean
            known = queueing.mean_wait(busy * slots, slots, 1)
            self.assertAlmostEqual(got / known, 1, delta=0.08, msg=f"{slots} slots, {busy} busy")

    def test_the_known_mean_of_one_slot_is_the_textbooks(self):
        self.assertAlmostEqual(queueing.mean_wait(0.8, 1, 1), 4)
        self.assertAlmostEqual(queueing.mean_wait(1.5, 2, 1), 1.2857, places=4)

    def test_a_constant_service_waits_half_as_long(self):
        got = self.waits(1, 0.8, lambda: 1.0).mean
        self.assertAlmostEqual(got, 0.8 / (2 * (1 - 0.8)), delta=0.1)

    def test_drawn_times_have_the_mean_and_the_tail_that_were_asked_for(self):
        draw = queueing.measured(0.2, 0.3, 0.4, 0.25, Random(5))
        drawn = sorted(draw() for _ in range(100_000))
        self.assertAlmostEqual(sum(drawn) / len(drawn), 0.25, delta=0.002)
        self.assertAlmostEqual(drawn[99_000] / drawn[50_000], 2, delta=0.04)

    def test_the_same_seed_gives_the_same_waits(self):
        self.assertEqual(*(self.waits(3, 0.9, lambda: 1.0, 1_000) for _ in range(2)))


class Reading(unittest.TestCase):
    def test_the_recorded_figures_are_read(self):
        read = figures.read(RECORDED)
        self.assertEqual(set(read.render), {1, 2, 4, 8})
        self.assertGreater(read.render[4].p99, read.render[4].p50)
        self.assertGreater(read.accept_cpu, 0)

    def test_the_platens_line_is_taken_and_no_floors(self):
        read = figures.read(SAMPLE)
        self.assertEqual(read.render[4], figures.Render(0.2, 0.3, 0.4, 16))
        self.assertEqual((read.accepts, read.accept_cpu), (400, 0.0008))
        self.assertEqual((read.deliver_cpu, read.memory_kib, read.way_cpu), (0.005, 27000, None))

    def test_a_run_of_the_whole_way_takes_the_place_of_what_is_derived(self):
        cost = model.costs(figures.read(SAMPLE + WAY), model.Assumptions())
        self.assertEqual((cost.gateway, cost.dispatcher), (0.0015, 0.0035))

    def test_a_missing_table_is_named(self):
        for gone in ("acceptance requests", "delivering deliveries", "resident memory", "side       clients"):
            text = SAMPLE.replace(gone, "gone")
            with self.assertRaises(figures.MissingFigure, msg=gone) as raised:
                figures.read(text)
            self.assertIn(gone.split()[0], str(raised.exception))


class Arithmetic(unittest.TestCase):
    def setUp(self):
        self.given = model.Assumptions()
        self.cost = model.costs(figures.read(SAMPLE), self.given)

    def test_costs_and_parts_are_those_worked_out_by_hand(self):
        self.assertAlmostEqual(self.cost.browser, 2 / 16)
        self.assertAlmostEqual(self.cost.postgres, 2 / 400 * 2 / 3 * 3)
        self.assertAlmostEqual(self.cost.rabbit, 2 / 400 * 0.1 * 2 * 3)
        browser = model.parts(1_000, self.cost, self.given)[1]
        # 800 jobs/s × 0.125 s = 100 cores; ÷ 0.75 ÷ 2 cores of a pod = 66.7.
        self.assertEqual((round(browser.busy), browser.replicas), (100, 67))

    def test_limits_are_those_worked_out_by_hand_and_the_lowest_comes_first(self):
        found = model.limits(self.cost, self.given)
        full = dict(found)
        self.assertAlmostEqual(full["CPU of one PostgreSQL"], 3_200)
        self.assertAlmostEqual(full["commits of one PostgreSQL"], 4_000)
        self.assertAlmostEqual(full["row of the largest account"], 1 / 0.0035 / 0.1)
        # A slot is held for 4 ÷ 16 s.
        self.assertAlmostEqual(full["cap of the largest account"], 16 / 0.25 / 0.1)
        self.assertEqual([rate for _, rate in found], sorted(full.values()))

    def test_there_are_two_of_each_service_at_the_lowest_rate(self):
        for part in model.parts(0.1, self.cost, self.given)[:4]:
            self.assertEqual(part.replicas, 2, part.name)


class Page(unittest.TestCase):
    maxDiff = None

    def test_the_page_has_the_tables_that_are_printed_today(self):
        page = (simulate.ROOT / "docs/scaling.md").read_text()
        fresh = simulate.update(page, simulate.blocks(figures.read(RECORDED), model.Assumptions()))
        self.assertEqual(page, fresh, "run deploy/scaling/simulate.py --update docs/scaling.md, and read the text again")

    def test_a_page_without_a_table_is_refused(self):
        with self.assertRaises(ValueError):
            simulate.update("no tables", {"plan": ""})


class CommandLine(unittest.TestCase):
    def run_with(self, *arguments: str, text: str) -> tuple[int, str]:
        out, err = io.StringIO(), io.StringIO()
        with mock.patch("sys.argv", ["simulate.py", *arguments]), mock.patch("sys.stdin", io.StringIO(text)):
            with redirect_stdout(out), redirect_stderr(err):
                code = simulate.main()
        return code, out.getvalue() + err.getvalue()

    def test_a_price_is_printed_when_one_is_given_and_only_then(self):
        self.assertIn("price of 1,000 jobs", self.run_with("-", "--rate", "10", "--price", "0.05", text=SAMPLE)[1])
        self.assertNotIn("price", self.run_with("-", "--rate", "10", text=SAMPLE)[1])

    def test_text_without_figures_ends_with_1_and_says_what_is_missing(self):
        code, said = self.run_with("-", text="nothing")
        self.assertEqual(code, 1)
        self.assertIn("acceptance", said)


SAMPLE = """
side       clients   docs   p50 ms   p90 ms   p99 ms   docs/s
floor            4    144      1.0      2.0      3.0     99.0
platen           4    144    200.0    300.0    400.0     16.0

resident memory without browsers: 26912 KiB after 200 jobs, 27000 KiB after 1,000

acceptance requests  accepts/s   p50 ms   p99 ms CPU ms/1,000 accepts
floor          6400        999     62.3    127.8                  684
platen         6400        400     68.1    167.0                  800

delivering deliveries deliveries/s          CPU s/1,000
floor            8000          243                 2.93
platen           7600          175                 5.00
"""

if __name__ == "__main__":
    unittest.main()
