"""What every pod must have: few rights, bounds, probes that mean something, and time to finish."""

from objects import containers, name, pod, program, workloads
from sources import seconds

# Who writes to a node's folder is root in a namespace of its own; it is looked at by hand.
ROOT = {("platen-node", "copy")}


def check(things: list[dict], sources) -> list[str]:
    found = []
    for workload in workloads(things):
        if pod(workload).get("automountServiceAccountToken") is not False:
            found.append(f"{name(workload)}: a token is mounted")
        for container in containers(workload):
            place = f"{name(workload)} {container['name']}"
            found += rights(place, workload, container)
            found += bounds(place, container)
            serves = workload["kind"] in {"Deployment", "StatefulSet"}
            if serves and container in pod(workload)["containers"]:
                found += probes(place, container, sources, program(container))
                found += stopping(place, workload, container, sources)
            if workload["metadata"]["name"] == "platen-renderer-browser":
                found += sandbox(place, workload, container)
    return found


def rights(place: str, workload: dict, container: dict) -> list[str]:
    found = []
    own, shared = container.get("securityContext", {}), pod(workload).get("securityContext", {})
    chosen = {**shared, **own}
    root = (workload["metadata"].get("namespace"), container["name"]) in ROOT
    if not root and (chosen.get("runAsNonRoot") is not True or not chosen.get("runAsUser")):
        found.append(f"{place}: may run as root")
    if own.get("readOnlyRootFilesystem") is not True:
        found.append(f"{place}: its root file system can be written")
    if own.get("allowPrivilegeEscalation") is not False:
        found.append(f"{place}: may gain rights")
    if own.get("capabilities", {}).get("drop") != ["ALL"] or own.get("capabilities", {}).get("add"):
        found.append(f"{place}: keeps capabilities")
    if chosen.get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"}:
        found.append(f"{place}: has no seccomp profile")
    for volume in pod(workload).get("volumes", []):
        if "emptyDir" in volume and "sizeLimit" not in volume["emptyDir"]:
            found.append(f"{place}: the volume {volume['name']} has no bound")
        if "hostPath" in volume and workload["metadata"].get("namespace") != "platen-node":
            found.append(f"{place}: mounts a folder of the node")
    return found


def bounds(place: str, container: dict) -> list[str]:
    resources = container.get("resources", {})
    wanted = [("requests", "cpu"), ("requests", "memory"), ("limits", "memory")]
    return [f"{place}: has no {what} of {of}" for what, of in wanted if of not in resources.get(what, {})]


def probes(place: str, container: dict, sources, ours: str | None) -> list[str]:
    found = []
    ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
    for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
        probe = container.get(kind)
        if probe is None:
            found.append(f"{place}: has no {kind}")
            continue
        get = probe.get("httpGet")
        if get and get["port"] not in ports:
            found.append(f"{place}: {kind} asks a port that it has not")
        if ours is None:
            continue
        wanted = "/health/ready" if kind == "readinessProbe" else "/health/live"
        if not get or get["path"] != wanted or get["path"] not in sources.probes:
            found.append(f"{place}: {kind} must ask {wanted}")
        # A check may take 3 s (common/src/health.rs) and is then a complaint, not silence.
        if probe.get("timeoutSeconds", 1) <= 3:
            found.append(f"{place}: {kind} waits no longer than a check may take")
    if ours is not None:
        for variable, port in (("PLATEN_HEALTH_LISTEN", "health"), ("PLATEN_LISTEN", "http"), ("PLATEN_METRICS_LISTEN", "metrics")):
            listen = value(container, variable)
            if (listen or port in ports) and listen != f"0.0.0.0:{ports.get(port)}":
                found.append(f"{place}: {variable} is not the port `{port}`")
    return found


def value(container: dict, variable: str) -> str | None:
    found = [each.get("value") for each in container.get("env", []) if each["name"] == variable]
    return found[0] if found else None


# What a process takes after PLATEN_STOP_TIMEOUT at most, in seconds: work that can't be called back, the
# last figures, the last spans, and the end of its threads.
FAREWELL = 8


def stopping(place: str, workload: dict, container: dict, sources) -> list[str]:
    """Kubernetes must wait for longer than the process takes, and count what comes before."""
    if program(container) is None:
        return []
    length = lambda variable: seconds(value(container, variable)) if value(container, variable) else sources.durations[variable]
    found = []
    command = container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep", "0"])
    needed = int(command[1]) + length("PLATEN_STOP_TIMEOUT") + FAREWELL
    grace = pod(workload).get("terminationGracePeriodSeconds", 30)
    if grace < needed:
        found.append(f"{place}: is killed after {grace} s and needs {needed}")
    if program(container) == "gateway":
        if command[1] == "0":
            found.append(f"{place}: routers are not given time to learn that it goes")
        if length("PLATEN_DRAIN_WAIT") >= length("PLATEN_STOP_TIMEOUT"):
            found.append(f"{place}: PLATEN_STOP_TIMEOUT cuts PLATEN_DRAIN_WAIT short")
        if length("PLATEN_DRAIN_WAIT") <= length("PLATEN_SYNC_WAIT"):
            found.append(f"{place}: PLATEN_DRAIN_WAIT cuts waiting callers short")
    return found


def sandbox(place: str, workload: dict, container: dict) -> list[str]:
    profile = {**pod(workload).get("securityContext", {}), **container.get("securityContext", {})}["seccompProfile"]
    without = value(container, "PLATEN_NO_SANDBOX") == "true"
    if (profile["type"] == "Localhost") == without:
        return [f"{place}: needs just one of the components seccomp and no-sandbox"]
    return []
