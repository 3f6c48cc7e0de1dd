"""Chromium's profile: what its sandbox needs, and nothing that leads out of a container."""

import json
from pathlib import Path

NEW_USER, NEW_PROCESS, NEW_NETWORK, NEW_MOUNT = 0x10000000, 0x20000000, 0x40000000, 0x00020000

# With rights in a user namespace of one's own, each of these is the beginning of a way out.
NEVER = {
    "mount", "umount2", "move_mount", "fsopen", "open_tree", "pivot_root", "setns", "bpf", "keyctl", "add_key", "userfaultfd",
    "io_uring_setup", "perf_event_open", "ptrace", "init_module", "finit_module", "kexec_load", "open_by_handle_at", "clone3",
}  # fmt: skip


def check(path: Path) -> list[str]:
    profile = json.loads(path.read_text())
    found = []
    if profile["defaultAction"] != "SCMP_ACT_ERRNO":
        found.append("chromium.json: allows by default")
    for rule in profile["syscalls"]:
        # Docker knows conditions that Kubernetes' runtimes read over, which would allow all of it.
        if set(rule) - {"names", "action", "args", "errnoRet"}:
            found.append(f"chromium.json: a rule has parts that only some runtimes know: {sorted(rule)}")
        if rule["action"] == "SCMP_ACT_ALLOW":
            found += [f"chromium.json: allows {call}" for call in sorted(NEVER & set(rule["names"]))]
    for call in ("clone", "unshare"):
        for flag, wanted in ((NEW_USER, True), (NEW_PROCESS, True), (NEW_NETWORK, True), (NEW_MOUNT, False)):
            if allows(profile, call, flag) != wanted:
                found.append(f"chromium.json: {call} with {flag:#x} is {'refused' if wanted else 'allowed'}")
    if not allows(profile, "chroot", 0):
        found.append("chromium.json: chroot is refused")
    return found


def allows(profile: dict, call: str, first: int) -> bool:
    for rule in profile["syscalls"]:
        if call in rule["names"] and rule["action"] == "SCMP_ACT_ALLOW":
            if all(fits(argument, first) for argument in rule.get("args", [])):
                return True
    return False


def fits(argument: dict, first: int) -> bool:
    if argument["op"] == "SCMP_CMP_MASKED_EQ":
        return first & argument["value"] == argument["valueTwo"]
    return first == argument["value"]
