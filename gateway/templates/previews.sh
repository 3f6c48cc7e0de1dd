#!/usr/bin/env bash
# Makes the gallery's pictures anew, by a running server:
#   gateway/templates/previews.sh http://127.0.0.1:8080 cl-…
set -euo pipefail
base=$1 key=$2
cd "$(dirname "$0")"

for about in */about.json; do
    id=$(dirname "$about")
    # About 500 pixels wide, of a window as large as the template's own.
    body=$(jq --arg id "$id" '{templateId: $id, data: .sampleData, imageType: "png",
        viewPort: (.image.viewPort + {deviceScaleFactor: ([1, 560 / .image.viewPort.width] | min)})}' "$about")
    curl -fsS -H "X-API-Key: $key" --json "$body" "$base/v1/template/image" -o "$id/preview.png"
    echo "$id: $(stat -c %s "$id/preview.png") bytes"
done
