"""Who may talk to whom: nobody by default, renderers never to what is private or to the database."""

from ipaddress import ip_address, ip_network

from objects import labels, matches, name, of, workloads

# One address of each range that a page must never reach.
PRIVATE = [
    "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.0.1", "198.18.0.1", "0.0.0.1", "224.0.0.1",
    "::1", "fd00:ec2::254", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "ff02::1",
]  # fmt: skip


def check(things: list[dict]) -> list[str]:
    policies = of(things, "NetworkPolicy")
    found = []
    for space in {workload["metadata"].get("namespace") for workload in workloads(things)}:
        closed = [
            each for each in policies
            if each["metadata"].get("namespace") == space and each["spec"]["podSelector"] == {}
            and set(each["spec"]["policyTypes"]) == {"Ingress", "Egress"} and not each["spec"].get("ingress") and not each["spec"].get("egress")
        ]  # fmt: skip
        if not closed:
            found.append(f"namespace {space}: nothing is denied by default")
    for policy in policies:
        for rule in policy["spec"].get("egress", []):
            found += [f"{name(policy)}: {address} is open" for block in rule.get("to", []) for address in open_in(block.get("ipBlock"))]
    for workload in workloads(things):
        if workload["metadata"]["name"].startswith("platen-renderer"):
            found += to_database(workload, policies)
    return found


def open_in(block: dict | None) -> list[str]:
    if not block:
        return []
    inside = lambda address, net: address.version == ip_network(net).version and address in ip_network(net)
    return [
        text for text in PRIVATE
        if inside(ip_address(text), block["cidr"]) and not any(inside(ip_address(text), out) for out in block.get("except", []))
    ]  # fmt: skip


def to_database(workload: dict, policies: list[dict]) -> list[str]:
    found = []
    for policy in policies:
        if not matches(policy["spec"]["podSelector"], labels(workload)):
            continue
        for rule in policy["spec"].get("egress", []):
            if not rule.get("to"):
                found.append(f"{name(policy)}: opens everything to {name(workload)}")
            if any(port.get("port") == 5432 for port in rule.get("ports", [])):
                found.append(f"{name(policy)}: opens the database to {name(workload)}")
    return found
