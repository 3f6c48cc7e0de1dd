"""Small words for rendered objects."""

WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "Job"}


def name(thing: dict) -> str:
    """Kind and name, for findings."""
    return f"{thing['kind']}/{thing['metadata']['name']}"


def of(things: list[dict], *kinds: str) -> list[dict]:
    return [thing for thing in things if thing["kind"] in kinds]


def workloads(things: list[dict]) -> list[dict]:
    return of(things, *WORKLOADS)


def pod(thing: dict) -> dict:
    return thing["spec"]["template"]["spec"]


def labels(thing: dict) -> dict:
    return thing["spec"]["template"]["metadata"].get("labels", {})


def containers(thing: dict) -> list[dict]:
    return [*pod(thing).get("initContainers", []), *pod(thing)["containers"]]


def matches(selector: dict, given: dict) -> bool:
    """Whether a label selector fits labels."""
    if any(given.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    for each in selector.get("matchExpressions", []):
        found = given.get(each["key"])
        fits = {
            "In": found in each.get("values", []),
            "NotIn": found not in each.get("values", []),
            "Exists": found is not None,
            "DoesNotExist": found is None,
        }[each["operator"]]
        if not fits:
            return False
    return True


def program(container: dict) -> str | None:
    """Which of our programs a container runs; none if it is somebody else's."""
    image = container.get("image", "").rsplit(":", 1)[0].rsplit("/", 1)[-1]
    if not image.startswith("platen-"):
        return None
    if (container.get("args") or [""])[0] == "platen":
        return "platen"
    return None if container.get("command") else image.removeprefix("platen-").removesuffix("-office")
