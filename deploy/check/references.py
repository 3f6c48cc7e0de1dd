"""What one object says of another: it exists, or the operator's page says that he brings it."""

import re

from objects import containers, labels, matches, name, of, pod, workloads

# What operators of the cluster make for a custom resource of ours.
MADE = {
    "RabbitmqCluster": lambda it: {f"{it}-default-user": {"username", "password", "connection_string"}},
    "Cluster": lambda it: {f"{it}-app": {"uri", "username", "password"}},
}

# Labels that operators give to their pods.
FOREIGN = [
    {"app.kubernetes.io/component": "rabbitmq"},
    {"cnpg.io/cluster": "platen-postgres"},
]


def check(things: list[dict], sources, page: str) -> list[str]:
    found = duplicates(things)
    secrets = known_secrets(things, page)
    maps = {each["metadata"]["name"]: set(each.get("data", {})) for each in of(things, "ConfigMap")}
    accounts = {(each["metadata"].get("namespace"), each["metadata"]["name"]) for each in of(things, "ServiceAccount")}
    for workload in workloads(things):
        found += of_pod(workload, secrets, maps, accounts)
    for each in of(things, "TriggerAuthentication"):
        for kind, given in (("secretTargetRef", secrets), ("configMapTargetRef", maps)):
            for reference in each["spec"].get(kind, []):
                found += missing(name(each), reference["name"], reference["key"], given)
    for each in of(things, "Ingress"):
        for tls in each["spec"].get("tls", []):
            found += missing(name(each), tls["secretName"], "tls.crt", secrets)
    return found + selectors(things) + scaling(things, sources) + scraping(things)


def duplicates(things: list[dict]) -> list[str]:
    seen, found = set(), []
    for each in things:
        key = (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
        if key in seen:
            found.append(f"{name(each)}: is there twice")
        seen.add(key)
    return found


def known_secrets(things: list[dict], page: str) -> dict[str, set[str]]:
    """Those that are rendered, those that operators make, and those that the page tells people to bring."""
    secrets = {each["metadata"]["name"]: set(each.get("data", {})) for each in of(things, "Secret")}
    for kind, made in MADE.items():
        for each in of(things, kind):
            secrets.update(made(each["metadata"]["name"]))
    for row in re.finditer(r"^\| `(platen-[a-z-]+)` \| ([^|]*) \|", page, re.M):
        secrets.setdefault(row[1], set(re.findall(r"`([a-z0-9.-]+)`", row[2])))
    return secrets


def missing(place: str, which: str, key: str, given: dict[str, set[str]]) -> list[str]:
    if which not in given:
        return [f"{place}: {which} is neither made here nor a row of docs/operations.md"]
    if key not in given[which]:
        return [f"{place}: {which} has no key `{key}`"]
    return []


def of_pod(workload: dict, secrets: dict, maps: dict, accounts: set) -> list[str]:
    found, place = [], name(workload)
    account = pod(workload).get("serviceAccountName")
    if account and (workload["metadata"].get("namespace"), account) not in accounts:
        found.append(f"{place}: there is no ServiceAccount {account}")
    for container in containers(workload):
        for variable in container.get("env", []):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference:
                found += missing(place, reference["name"], reference["key"], secrets)
        for source in container.get("envFrom", []):
            if source["configMapRef"]["name"] not in maps:
                found.append(f"{place}: there is no ConfigMap {source['configMapRef']['name']}")
        volumes = {each["name"] for each in pod(workload).get("volumes", [])}
        volumes |= {each["metadata"]["name"] for each in workload["spec"].get("volumeClaimTemplates", [])}
        for mount in container.get("volumeMounts", []):
            if mount["name"] not in volumes:
                found.append(f"{place}: there is no volume {mount['name']}")
    for volume in pod(workload).get("volumes", []):
        wanted = volume.get("configMap", {}).get("name")
        if wanted and wanted not in maps:
            found.append(f"{place}: there is no ConfigMap {wanted}")
    return found


def selectors(things: list[dict]) -> list[str]:
    found = []
    pods = [labels(workload) for workload in workloads(things)]
    for workload in workloads(things):
        wanted = workload["spec"].get("selector")
        if wanted and not matches(wanted, labels(workload)):
            found.append(f"{name(workload)}: its selector does not fit its own pods")
        for spread in pod(workload).get("topologySpreadConstraints", []):
            if not matches(spread["labelSelector"], labels(workload)):
                found.append(f"{name(workload)}: its spread does not count its own pods")
    for each in of(things, "PodDisruptionBudget", "Service", "NetworkPolicy"):
        spec = each["spec"]
        wanted = spec.get("podSelector") or spec.get("selector") or {}
        wanted = {"matchLabels": wanted} if each["kind"] == "Service" else wanted
        if wanted and not any(matches(wanted, given) for given in [*pods, *FOREIGN]):
            found.append(f"{name(each)}: it selects no pod")
        found += peers(each, [*pods, *FOREIGN])
        found += service_ports(each, things)
    services = {each["metadata"]["name"]: {port["name"] for port in each["spec"]["ports"]} for each in of(things, "Service")}
    for each in of(things, "Ingress"):
        for rule in each["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                service = path["backend"]["service"]
                if service["port"].get("name") not in services.get(service["name"], set()):
                    found.append(f"{name(each)}: there is no Service {service['name']} with that port")
    return found


def peers(policy: dict, pods: list[dict]) -> list[str]:
    """Whoever is named as the other side must be somebody; every value of a list, too."""
    found = []
    rules = [*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])] if policy["kind"] == "NetworkPolicy" else []
    sides = [side for rule in rules for side in [*rule.get("from", []), *rule.get("to", [])]]
    wanted = [side["podSelector"] for side in sides if side.get("podSelector") and "namespaceSelector" not in side]
    if policy["kind"] == "NetworkPolicy":
        wanted.append(policy["spec"]["podSelector"])
    for selector in wanted:
        if selector and not any(matches(selector, given) for given in pods):
            found.append(f"{name(policy)}: nobody is {selector}")
        for each in selector.get("matchExpressions", []):
            for value in each.get("values", []):
                if not any(given.get(each["key"]) == value for given in pods):
                    found.append(f"{name(policy)}: nobody is {each['key']}={value}")
    return found


def service_ports(service: dict, things: list[dict]) -> list[str]:
    if service["kind"] != "Service":
        return []
    found = []
    for workload in workloads(things):
        if not matches({"matchLabels": service["spec"]["selector"]}, labels(workload)):
            continue
        known = {port["name"] for container in containers(workload) for port in container.get("ports", [])}
        for port in service["spec"]["ports"]:
            if isinstance(port["targetPort"], str) and port["targetPort"] not in known:
                found.append(f"{name(service)}: its pods have no port `{port['targetPort']}`")
    return found


def scaling(things: list[dict], sources) -> list[str]:
    found = []
    targets = {each["metadata"]["name"]: each for each in of(things, "Deployment")}
    scaled = []
    for each in of(things, "ScaledObject", "HorizontalPodAutoscaler"):
        wanted = each["spec"]["scaleTargetRef"]["name"]
        scaled.append(wanted)
        if wanted not in targets:
            found.append(f"{name(each)}: there is no Deployment {wanted}")
        elif "replicas" in targets[wanted]["spec"]:
            found.append(f"{name(each)}: Deployment {wanted} has replicas of its own")
        for trigger in each["spec"].get("triggers", []):
            if trigger["type"] != "rabbitmq":
                continue
            data = trigger["metadata"]
            if data["queueName"] not in sources.queues:
                found.append(f"{name(each)}: there is no queue {data['queueName']}")
            if data.get("protocol") != "http" or data.get("mode") != "QueueLength":
                found.append(f"{name(each)}: jobs in hand are counted by the http protocol alone")
            lane = wanted.removeprefix("platen-renderer-")
            if lane != wanted and f".{lane}." not in data["queueName"]:
                found.append(f"{name(each)}: {data['queueName']} is another lane's")
    found += [f"{wanted}: is scaled by two" for wanted in sorted(set(scaled)) if scaled.count(wanted) > 1]
    return found


def scraping(things: list[dict]) -> list[str]:
    """Every pod that Prometheus is sent to, but for jobs, has the port, and a policy lets it in."""
    found = []
    for monitor in of(things, "PodMonitor"):
        wanted = {end["port"] for end in monitor["spec"]["podMetricsEndpoints"]}
        for workload in of(things, "Deployment", "StatefulSet"):
            if not matches(monitor["spec"]["selector"], labels(workload)):
                continue
            known = {port["name"] for container in containers(workload) for port in container.get("ports", [])}
            found += [f"{name(monitor)}: {name(workload)} has no port `{port}`" for port in sorted(wanted - known)]
        let_in = {port["port"] for each in of(things, "NetworkPolicy") for rule in each["spec"].get("ingress", []) for port in rule.get("ports", [])}
        found += [f"{name(monitor)}: no policy opens the port `{port}`" for port in sorted(wanted - let_in)]
    return found
