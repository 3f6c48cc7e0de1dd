"""Manifests as a cluster would get them: every overlay by kustomize, in a copy with secrets to play with."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

# What is rendered: the overlays, and one of what no overlay has: scaling without KEDA, traces, files.
PLAIN = """apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../../base]
components: [../../components/hpa, ../../components/seccomp, ../../components/otlp, ../../components/office]
"""


class RenderError(Exception):
    """kustomize refused."""


class Copy:
    """A copy of deploy/k8s, to render from and to break."""

    def __init__(self, deploy: Path, kustomize: list[str]):
        self._folder = tempfile.TemporaryDirectory(prefix="platen-check-")
        self.root = Path(self._folder.name) / "k8s"
        self._kustomize = kustomize
        shutil.copytree(deploy / "k8s", self.root, ignore=shutil.ignore_patterns("secrets"))
        subprocess.run([self.root / "overlays/kind/secrets.sh"], check=True, stdout=subprocess.DEVNULL)
        plain = self.root / "overlays/plain"
        plain.mkdir()
        (plain / "kustomization.yaml").write_text(PLAIN)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def overlays(self) -> list[str]:
        return sorted(path.parent.name for path in self.root.glob("overlays/*/kustomization.yaml"))

    def render(self, overlay: str) -> list[dict]:
        command = [*self._kustomize, str(self.root / "overlays" / overlay)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RenderError(done.stderr.strip())
        return [each for each in yaml.safe_load_all(done.stdout) if each]


def unreferenced(root: Path) -> list[str]:
    """Files that no kustomization names: they would be thought to do something."""
    named = set()
    for file in root.rglob("kustomization.yaml"):
        text = yaml.safe_load(file.read_text())
        paths = [*text.get("resources", []), *text.get("components", [])]
        paths += [patch["path"] for patch in text.get("patches", []) if "path" in patch]
        for generator in text.get("configMapGenerator", []):
            paths += generator.get("files", [])
        for path in paths:
            target = (file.parent / path).resolve()
            named.add(target / "kustomization.yaml" if target.is_dir() else target)
    files = {path.resolve() for path in root.rglob("*") if path.suffix in {".yaml", ".yml", ".json"}}
    entries = {path.resolve() for path in root.glob("overlays/*/kustomization.yaml")}
    entries |= {path.resolve() for path in root.glob("components/*/kustomization.yaml")}
    return [f"{path.relative_to(root.resolve())}: no kustomization names it" for path in sorted(files - named - entries)]
