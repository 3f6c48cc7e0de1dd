"""Variables: each is known to the program that gets it, and each that it can't do without is given."""

from objects import containers, name, of, program, workloads


def check(things: list[dict], sources) -> list[str]:
    settings = {each["metadata"]["name"]: set(each.get("data", {})) for each in of(things, "ConfigMap")}
    anybody = set().union(*sources.options.values())
    found = []
    for each in of(things, "ConfigMap"):
        for variable in each.get("data", {}):
            if variable.startswith("PLATEN_") and variable not in anybody:
                found.append(f"{name(each)}: no program knows {variable}")
    for workload in workloads(things):
        for container in containers(workload):
            which = program(container)
            if which is None:
                continue
            place, known = f"{name(workload)} {container['name']}", sources.options[which]
            listed = [variable["name"] for variable in container.get("env", [])]
            given = set(listed)
            found += [f"{place}: {variable} is given twice" for variable in sorted(given) if listed.count(variable) > 1]
            found += [f"{place}: {which} knows no {variable}" for variable in sorted(given - set(known))]
            for source in container.get("envFrom", []):
                given |= settings.get(source.get("configMapRef", {}).get("name"), set())
            found += [f"{place}: {variable} is missing" for variable, needed in sorted(known.items()) if needed and variable not in given]
            found += switches(place, container)
    return found


def switches(place: str, container: dict) -> list[str]:
    """The command line takes no other words for a switch, and no empty ones for times."""
    found = []
    for variable in container.get("env", []):
        if variable["name"] in {"PLATEN_NO_SANDBOX", "PLATEN_S3_VIRTUAL_HOSTED"} and variable.get("value") not in {"true", "false"}:
            found.append(f"{place}: {variable['name']} takes `true` or `false`")
    return found
