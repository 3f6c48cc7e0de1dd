"""Shapes: Kubernetes' own schemas, and those of KEDA, where the packages that bring them are installed."""

import copy
import json

from objects import name, of

# The version whose fields we use at most; older clusters refuse what they do not know by themselves.
KUBERNETES = "1.33"

# Fields that are newer than the package.
NEWER = {("ScaledObject", "spec.fallback.behavior")}

# What was found to be right: overlays share most of it.
GOOD = set()


def check(things: list[dict]) -> list[str]:
    return kubernetes(things) + keda(things)


def missing() -> list[str]:
    """Which of the packages are not there."""
    found = []
    for module in ("kubernetes_validate", "cloudcoil.models.keda", "jsonschema"):
        try:
            __import__(module)
        except ImportError:
            found.append(module)
    return found


def kubernetes(things: list[dict]) -> list[str]:
    try:
        import kubernetes_validate
    except ImportError:
        return []
    found = []
    for each in things:
        group, text = each["apiVersion"].split("/")[0], json.dumps(each)
        if text in GOOD or ("." in group and not group.endswith(".k8s.io")):
            continue
        try:
            kubernetes_validate.validate(each, KUBERNETES, strict=True)
            GOOD.add(text)
        except kubernetes_validate.ValidationError as error:
            found.append(f"{name(each)}: {'.'.join(map(str, error.path))}: {error.message[:200]}")
    return found


def keda(things: list[dict]) -> list[str]:
    try:
        import jsonschema
        from cloudcoil.models.keda import v1alpha1
    except ImportError:
        return []
    found = []
    for kind in ("ScaledObject", "TriggerAuthentication"):
        schema = strict(getattr(v1alpha1, kind).model_json_schema(by_alias=True))
        for each in of(things, kind):
            for error in jsonschema.Draft202012Validator(schema).iter_errors(known(each)):
                found.append(f"{name(each)}: {deepest(error)}")
    return found


def known(thing: dict) -> dict:
    """Without the fields that the package is too old for."""
    thing = copy.deepcopy(thing)
    for kind, path in NEWER:
        *way, last = path.split(".")
        part = thing if thing["kind"] == kind else {}
        for step in way:
            part = part.get(step, {})
        part.pop(last, None)
    return thing


def deepest(error) -> str:
    """Of "fits none of these" the reason that says most."""
    while error.context:
        error = max(error.context, key=lambda each: len(each.absolute_path))
    return f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def strict(schema: dict) -> dict:
    """An unknown field is dropped by the API server without a word, so here it is a finding."""
    for part in [schema, *schema.get("$defs", {}).values()]:
        if "properties" in part and part.get("title") != "ObjectMeta":
            part.setdefault("additionalProperties", False)
    return schema
