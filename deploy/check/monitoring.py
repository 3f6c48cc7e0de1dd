"""Metrics: those that alerts, dashboards and the operators' page name are those that the programs have."""

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

METRIC = re.compile(
    r'Metric::(?P<kind>counter|gauge|durations)\(\s*"(?P<name>[a-z._]+)",\s*(?:"(?P<unit>[a-z{}]+)",\s*)?&\[(?P<labels>[^\]]*)\],', re.S
)
# A name of ours in an expression; what Prometheus itself makes (up, ALERTS) has others.
NAMED = re.compile(r"\b((?:platen|http_server)_[a-z_]+)")
ROW = re.compile(r"^\| `((?:platen|http_server)_[a-z_]+)` \|([^|]+)\|([^|]*)\|", re.M)


def check(deploy: Path, page: str) -> list[str]:
    metrics, found = declared(deploy.parent)
    names = {*metrics, *(name + end for name in metrics if name.endswith("_seconds") for end in ("_bucket", "_sum", "_count"))}
    rules = yaml.safe_load((deploy / "prometheus/rules.yaml").read_text())
    found += alerts(rules, names, page)
    manifest = yaml.safe_load((deploy / "k8s/components/monitoring/rules.yaml").read_text())
    if manifest["spec"] != rules:
        found.append("k8s/components/monitoring/rules.yaml: is not prometheus/rules.yaml")
    boards = sorted((deploy / "grafana/dashboards").glob("*.json"))
    expressions = []
    for board in boards:
        for panel in json.loads(board.read_text())["panels"]:
            for target in panel.get("targets", []):
                found += unknown(f"{board.name}: {panel['title']}", target["expr"], names)
                expressions.append(target["expr"])
    found += unreadable(expressions)
    shown = "".join(board.read_text() for board in boards)
    found += [f"dashboards: {metric} is on none" for metric in sorted(metrics) if metric not in shown]
    return found + documented(metrics, names, page)


def declared(root: Path) -> tuple[dict[str, list[str]], list[str]]:
    """Names as Prometheus shows them, with their labels; `Metric::exposed` says how."""
    metrics, found = {}, []
    for path in [*root.glob("*/src/metrics.rs"), root / "common/src/broker/metrics.rs"]:
        text = path.read_text()
        matches = list(METRIC.finditer(text))
        if len(matches) != len(re.findall(r": Metric = Metric::", text)):
            found.append(f"{path.relative_to(root)}: metrics that deploy/check/monitoring.py does not understand")
        for match in matches:
            seconds = match["kind"] == "durations" or match["unit"] == "s"
            name = match["name"].replace(".", "_") + ("_seconds" if seconds else "") + ("_total" if match["kind"] == "counter" else "")
            metrics[name] = [label.replace(".", "_") for label in re.findall(r'"([a-z._]+)"', match["labels"])]
    if not metrics:
        found.append("no metric is declared")
    return metrics, found


def unknown(place: str, expression: str, names: set[str]) -> list[str]:
    return [f"{place}: no program has {name}" for name in sorted(set(NAMED.findall(expression)) - names)]


def unreadable(expressions: list[str]) -> list[str]:
    """What promtool says of the dashboards' expressions, as if they were rules."""
    if not shutil.which("promtool"):
        print("skipped: the dashboards' expressions, for want of promtool")
        return []
    rules = [{"record": f"board:{number}", "expr": each.replace("$__rate_interval", "5m")} for number, each in enumerate(expressions)]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump({"groups": [{"name": "boards", "rules": rules}]}, file)
        file.flush()
        done = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True)
    return [f"dashboards: {line}" for line in done.stderr.splitlines() if line.strip()] if done.returncode else []


def alerts(rules: dict, names: set[str], page: str) -> list[str]:
    found = []
    sections = {heading.lower() for heading in re.findall(r"^#### (\w+)$", page, re.M)}
    each = [rule for group in rules["groups"] for rule in group["rules"]]
    for rule in each:
        place = f"prometheus/rules.yaml: {rule['alert']}"
        found += unknown(place, rule["expr"], names)
        if rule["labels"].get("severity") not in {"critical", "warning"}:
            found.append(f"{place}: has no severity")
        page_name, _, anchor = rule["annotations"].get("runbook", "").partition("#")
        if page_name != "docs/operations.md" or anchor != rule["alert"].lower() or anchor not in sections:
            found.append(f"{place}: has no section of its name in docs/operations.md")
    spare = {heading for heading in sections if heading.startswith("platen")} - {rule["alert"].lower() for rule in each}
    return found + [f"docs/operations.md: there is no alert {heading}" for heading in sorted(spare)]


def documented(metrics: dict[str, list[str]], names: set[str], page: str) -> list[str]:
    rows = {match[1]: match for match in ROW.finditer(page)}
    found = unknown("docs/operations.md", " ".join(re.findall(r"`([^`]+)`", page)), names)
    for name, labels in metrics.items():
        row = rows.get(name)
        if row is None:
            found.append(f"docs/operations.md: has no row of {name}")
        elif re.findall(r"`([a-z_]+)`", row[3]) != labels:
            found.append(f"docs/operations.md: {name} has the labels {labels}")
        elif name.endswith("_seconds") != (row[2].strip() == "seconds"):
            found.append(f"docs/operations.md: {name} has another unit")
    return found
