"""Checks deploy/ without a cluster and without Docker: `deploy/check.sh` runs it.

One finding a line; the exit code is 1 if there is any. Facts come from the Rust sources, so that an
option, a queue or a probe that changes there is found here.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import compose
import monitoring
import network
import options
import pods
import proofs
import references
import render
import schemas
import seccomp
from faults import FAULTS
from sources import Sources


def examine(copy: render.Copy, overlay: str, sources: Sources, page: str) -> list[str]:
    try:
        things = copy.render(overlay)
    except render.RenderError as error:
        return [f"does not render: {error}"]
    found = options.check(things, sources) + references.check(things, sources, page)
    return found + pods.check(things, sources) + network.check(things) + schemas.check(things)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kustomize", nargs="+", help="the command that renders; without it nothing is rendered")
    arguments = parser.parse_args()
    deploy = Path(__file__).resolve().parent.parent
    sources = Sources(deploy.parent)
    page = (deploy.parent / "docs/operations.md").read_text()
    found = sources.problems + compose.check(deploy, sources) + compose.dockerfile(deploy)
    found += monitoring.check(deploy, page) + proofs.check(deploy.parent)
    found += render.unreferenced(deploy / "k8s") + seccomp.check(deploy / "k8s/components/seccomp/chromium.json")
    for module in schemas.missing():
        print(f"skipped: shapes by {module}, which is not installed")
    if arguments.kustomize:
        found += rendered(deploy, arguments.kustomize, sources, page)
    else:
        print("skipped: nothing was rendered, for want of kubectl or kustomize")
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


def rendered(deploy: Path, kustomize: list[str], sources: Sources, page: str) -> list[str]:
    found = []
    with render.Copy(deploy, kustomize) as copy:
        for overlay in copy.overlays():
            findings = examine(copy, overlay, sources, page)
            found += [f"{overlay}: {line}" for line in findings]
            print(f"overlay {overlay}: {len(findings)} findings")
    if found:
        return found
    with ThreadPoolExecutor(2) as pool:
        missed = list(pool.map(lambda fault: unseen(deploy, kustomize, sources, page, fault), FAULTS))
    print(f"faults: {len(FAULTS) - sum(map(bool, missed))} of {len(FAULTS)} found")
    return [line for line in missed if line]


def unseen(deploy: Path, kustomize: list[str], sources: Sources, page: str, fault: tuple) -> str | None:
    """Why a fault was not found; none if it was."""
    path, right, wrong, overlay, word = fault
    with render.Copy(deploy, kustomize) as copy:
        file = copy.root / path
        text = file.read_text()
        if right not in text:
            return f"faults.py: {path} has no {right!r} to be broken"
        file.write_text(text.replace(right, wrong))
        found = examine(copy, overlay, sources, page) if overlay else seccomp.check(file)
    if schemas.missing() and not found:
        return None
    return None if any(word in line for line in found) else f"faults.py: {path} with {wrong!r} was not found: {found}"


if __name__ == "__main__":
    sys.exit(main())
