"""Every endpoint and parameter of the cloudlayer dialect has a row in its page, and every row tests that exist."""

import re
from pathlib import Path

PAGE = "docs/cloudlayer.md"
FIELDS = "gateway/src/cloudlayer/request/body.rs"
ROUTES = "gateway/src/routes.rs"

PROOF = re.compile(r"`((?:[a-z_]+/)?[a-z_0-9]+)::([a-z_0-9]+)`")


def check(root: Path) -> list[str]:
    tests = Tests(root)
    rows, found, is_table = [], [], False
    for number, line in enumerate((root / PAGE).read_text().splitlines(), 1):
        cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("|") else []
        if not cells or cells[-1] == "proof":
            is_table = bool(cells)
        elif is_table and not line.startswith("| ---"):
            rows.append(cells[0])
            proofs = PROOF.findall(cells[-1])
            found += [f"{PAGE}:{number}: there is no test {where}::{name}" for where, name in proofs if not tests.has(where, name)]
            found += [] if proofs else [f"{PAGE}:{number}: a row without a test"]
    claimed = " ".join(rows)
    missing = [f"`{name}` of {FIELDS}" for name in fields(root) if f"`{name}`" not in claimed]
    missing += [f"`{path}` of {ROUTES}" for path in routes(root) if not re.search(rf"`(?:GET|POST|DELETE) {re.escape(path)}`", claimed)]
    return found + [f"{PAGE}: no row is about {name}" for name in missing]


def fields(root: Path) -> list[str]:
    known = re.search(r"const KNOWN: &\[&str\] = &\[(.*?)\];", (root / FIELDS).read_text(), re.S)
    return re.findall(r'"(\w+)"', known[1])


def routes(root: Path) -> list[str]:
    table = re.search(r"fn cloudlayer\(.*?\n}", (root / ROUTES).read_text(), re.S)
    return [re.sub(r"\{(\w+)\}", r":\1", path) for path in re.findall(r'\.route\("([^"]+)"', table[0])]


class Tests:
    """The tests of the sources, by the file that they stand in."""

    def __init__(self, root: Path):
        folders = ("tests/it", "gateway/src", "renderer/src", "dispatcher/src", "common/src")
        self.files = [path for folder in folders for path in (root / folder).rglob("*.rs")]

    def has(self, where: str, name: str) -> bool:
        """`where` is a file's name, behind one of the folders above it where there are several of that name."""
        folder, _, stem = where.rpartition("/")
        meant = [path for path in self.files if path.stem == stem and (not folder or folder in path.parts)]
        return any(self.holds(path, name) for path in meant)

    def holds(self, path: Path, name: str) -> bool:
        text = path.read_text()
        if re.search(rf"#\[(?:tokio::)?test[^\]]*\]\s*(?:async )?fn {name}\(", text):
            return True
        both = re.search(r"on_both!\((.*?)\);", text, re.S)
        return bool(both) and name in re.split(r"[\s,]+", both[1])
