#!/usr/bin/env python3
"""Makes the gallery's pictures anew, by a running server:

    gateway/templates/previews.py http://127.0.0.1:8080 cl-…
"""

import json
import sys
from pathlib import Path
from urllib.request import Request, urlopen

WIDTH = 560


def main(base: str, key: str) -> None:
    for path in sorted(Path(__file__).parent.glob("*/about.json")):
        about = json.loads(path.read_text())
        window = about["image"]["viewPort"]
        body = {
            "templateId": path.parent.name,
            "data": about["sampleData"],
            "viewPort": {**window, "deviceScaleFactor": min(1, WIDTH / window["width"])},
        }
        request = Request(f"{base}/v1/template/image", json.dumps(body).encode(), {"X-API-Key": key})
        with urlopen(request, timeout=60) as answer:
            picture = answer.read()
        (path.parent / "preview.png").write_bytes(picture)
        print(f"{path.parent.name}: {len(picture)} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
