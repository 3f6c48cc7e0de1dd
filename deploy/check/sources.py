"""What the Rust sources say that manifests must agree with: options, queues, probes, versions."""

import re
from pathlib import Path

SHARED = {
    "store": "common/src/store/config.rs",
    "broker": "common/src/broker/rabbit/config.rs",
    "objects": "common/src/objects/config.rs",
    "links": "common/src/link/config.rs",
    "seal": "common/src/seal/config.rs",
    "egress": "common/src/egress/config.rs",
    "process": "common/src/process/config.rs",
    "telemetry": "common/src/telemetry/config.rs",
}

# Which options each program takes; that its service.rs flattens just these is checked below.
PROGRAMS = {
    "gateway": ["store", "broker", "objects", "links", "seal", "egress", "process", "telemetry"],
    "renderer": ["broker", "objects", "seal", "egress", "process", "telemetry"],
    "dispatcher": ["store", "broker", "objects", "links", "seal", "egress", "process", "telemetry"],
}

# Those that the command line does not demand, but without which a service of an installation makes no sense:
# defaults of the loopback, or a check at the start.
ALSO_REQUIRED = {"PLATEN_AMQP_URL", "PLATEN_S3_BUCKET", "PLATEN_HEALTH_LISTEN"}

FLATTENED = {
    "links": "links: link::Config",
    "seal": "seal: seal::Config",
    "egress": "egress: egress::Config",
    "store": "database: store::Config",
    "broker": "servers: servers::Config",
    "objects": "servers: servers::Config",
    "process": "process: process::Config",
    "telemetry": "process: process::Config",
}

OPTION = re.compile(r"#\[arg\((?P<args>(?:(?!#\[arg\().)*?)\)\]\s*(?:pub(?:\(\w+\))? )?\w+: (?P<type>[^,\n]+),", re.S)
VARIABLE = re.compile(r'\benv = "([A-Z0-9_]+)"')



class Sources:
    """The facts, read once."""

    def __init__(self, root: Path):
        self.root = root
        self.problems = []
        self.options = {program: self._options(program) for program in PROGRAMS}
        self.options["platen"] = self._named("deploy/standalone/src/cli.rs")
        self.options["serve"] = {
            **self.options["platen"],
            **self._named("deploy/standalone/src/serve/options.rs"),
            **self._named("gateway/src/config.rs"),
            **self._named("renderer/src/config.rs"),
            **self._named("dispatcher/src/config.rs"),
            **self._named(SHARED["egress"]),
            **self._named(SHARED["telemetry"]),
        }
        self.queues = self._queues()
        self.probes = {path for path in ("/health/live", "/health/ready") if f'"{path}" =>' in self._text("common/src/health/serve.rs")}
        self.durations = self._durations()

    def _text(self, path: str) -> str:
        return (self.root / path).read_text()

    def _named(self, path: str) -> dict[str, bool]:
        """Names of variables, and whether each must be set."""
        text = self._text(path)
        found = {}
        for match in OPTION.finditer(text):
            free = "default_value" in match["args"] or match["type"].startswith(("Option<", "Vec<", "bool"))
            found.update((name, not free) for name in VARIABLE.findall(match["args"]))
        expected = set(VARIABLE.findall(text))
        if expected - set(found):
            self.problems.append(f"{path}: options not understood by this check: {sorted(expected - set(found))}")
        return found

    def _options(self, program: str) -> dict[str, bool]:
        service = self._text(f"{program}/src/service.rs")
        found = {**self._named(f"{program}/src/service.rs"), **self._named(f"{program}/src/config.rs")}
        for part, line in FLATTENED.items():
            if (line in service) != (part in PROGRAMS[program]):
                self.problems.append(f"{program}/src/service.rs: `{line}` is not what deploy/check/sources.py thinks")
            if part in PROGRAMS[program]:
                found.update(self._named(SHARED[part]))
        for name in ALSO_REQUIRED & set(found):
            found[name] = True
        return found

    def _words(self, kind: str) -> list[str]:
        block = re.search(rf"\n    {kind}, \"[a-z ]+\" \{{(.*?)\n    \}}", self._text("common/src/job.rs"), re.S)
        return re.findall(r'= "([a-z]+)"', block[1]) if block else []

    def _queues(self) -> set[str]:
        topology = self._text("common/src/broker/rabbit/topology.rs")
        consts = dict(re.findall(r'const ([A-Z_]+): &str = "([a-z.]+)";', topology))
        modes = ["sync", "async"] if all(f'= "{mode}"' in self._text("common/src/job.rs") for mode in ("sync", "async")) else []
        parts = ['format!("{JOBS}.{}.v1", routing_key(lane, mode))', 'format!("{lane}.{mode}")', 'format!("{QUARANTINE}.{lane}.v1")', 'format!("{DEAD_JOBS}.v1")']
        if not modes or any(part not in topology for part in parts):
            self.problems.append("common/src/broker/rabbit/topology.rs: queues are named in a way that deploy/check/sources.py does not know")
            return set()
        lanes = self._words("Lane")
        names = {f"{consts['JOBS']}.{lane}.{mode}.v1" for lane in lanes for mode in modes}
        names |= {f"{consts['QUARANTINE']}.{lane}.v1" for lane in lanes}
        names |= {f"{consts[name]}.v1" for name in ("DEAD_JOBS", "DEAD_COMPLETIONS", "DEAD_DELIVERIES")}
        return names | set(re.findall(r'"(platen\.[a-z]+\.v\d+)"\.to_owned', topology))

    def _durations(self) -> dict[str, int]:
        """Defaults of options that are lengths of time, in seconds."""
        found = {}
        for path in [*SHARED.values(), *(f"{program}/src/config.rs" for program in PROGRAMS)]:
            for match in OPTION.finditer(self._text(path)):
                default = re.search(r'default_value = "(\d+[smhd])"', match["args"])
                if default:
                    found.update((name, seconds(default[1])) for name in VARIABLE.findall(match["args"]))
        return found


def seconds(text: str) -> int:
    """As common/src/duration.rs reads it, for what stands in manifests."""
    match = re.fullmatch(r"(\d+)(s|m|h|d)", text)
    if not match:
        raise ValueError(f"`{text}` is not a length of time")
    return int(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]
