"""compose.yaml: its variables, secrets and rights, by the same rules."""

import re
from pathlib import Path

import yaml

from pods import FAREWELL
from sources import seconds


def check(deploy: Path, sources) -> list[str]:
    text = (deploy / "compose.yaml").read_text()
    example = (deploy / "compose.env.example").read_text()
    found = []
    demanded = set(re.findall(r"\$\{([A-Z0-9_]+):\?", text))
    offered = set(re.findall(r"^([A-Z0-9_]+)=$", example, re.M))
    found += [f"compose.env.example: lacks {each}" for each in sorted(demanded - offered)]
    found += [f"compose.env.example: {each} is asked for by nobody" for each in sorted(offered - demanded)]
    for service, spec in yaml.safe_load(text)["services"].items():
        image = spec["image"]
        for port in spec.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                found.append(f"compose.yaml: {service} is published to everybody")
        if not image.startswith("platen-"):
            continue
        which = "platen" if spec.get("command", [""])[0] == "platen" else image.removeprefix("platen-").removesuffix("-office")
        given, known = set(spec["environment"]), sources.options[which]
        found += [f"compose.yaml: {service}: {which} knows no {each}" for each in sorted(given - set(known))]
        found += [f"compose.yaml: {service}: {each} is missing" for each, needed in sorted(known.items()) if needed and each not in given]
        if which == "platen":
            continue
        if not spec.get("read_only") or spec.get("cap_drop") != ["ALL"] or "no-new-privileges:true" not in spec.get("security_opt", []):
            found.append(f"compose.yaml: {service} has more rights than it needs")
        if "memory" not in spec["deploy"]["resources"]["limits"]:
            found.append(f"compose.yaml: {service} has no bound of memory")
        if seconds(spec["stop_grace_period"]) < seconds(spec["environment"]["PLATEN_STOP_TIMEOUT"]) + FAREWELL:
            found.append(f"compose.yaml: {service} is killed before it has finished")
        for option in spec.get("security_opt", []):
            if option.startswith("seccomp=") and not (deploy / option.removeprefix("seccomp=")).is_file():
                found.append(f"compose.yaml: {service}: there is no {option}")
    return found


def dockerfile(deploy: Path) -> list[str]:
    text = (deploy / "Dockerfile").read_text()
    root = deploy.parent
    found = []
    version = re.search(r'channel = "([^"]+)"', (root / "rust-toolchain.toml").read_text())[1]
    if f"ARG RUST_VERSION={version}\n" not in text:
        found.append(f"Dockerfile: its Rust is not {version}, which rust-toolchain.toml names")
    fonts = set(re.findall(r"need_package (fonts-\S+)", (deploy / "install.sh").read_text()))
    found += [f"Dockerfile: lacks {font}, which deploy/install.sh installs" for font in sorted(fonts) if font not in text]
    targets = re.findall(r"^FROM \S+ AS (\S+)$", text, re.M)
    for target in ("gateway", "renderer", "renderer-office", "dispatcher", "all-in-one"):
        if target not in targets:
            found.append(f"Dockerfile: has no target {target}")
    if targets[-1] != "all-in-one":
        found.append("Dockerfile: the default is not all-in-one")
    for variable in set(re.findall(r"\b(PLATEN_[A-Z0-9_]+)=", text)):
        if not any(f'"{variable}"' in path.read_text() for path in root.glob("*/src/**/*.rs")) and not any(
            f'"{variable}"' in path.read_text() for path in root.glob("deploy/standalone/src/**/*.rs")
        ):
            found.append(f"Dockerfile: no program knows {variable}")
    return found
