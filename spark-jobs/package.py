"""Packs the job for a cluster without internet: python package.py <folder> [requirements].

Writes main.py, steamer_spark.zip (the package and its schema) and packages.tar.gz (requirements.txt as wheels
for the cluster's Linux and Python, unpacked). The same sources give the same bytes. README.md says how they
are used.
"""

import gzip
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
SCHEMA = HERE.parent / "contracts/schemas/similarity-request.json"
# Dataproc 2.3: Debian 12, Python 3.11.
CLUSTER = [
    "--platform",
    "manylinux_2_17_x86_64",
    "--platform",
    "manylinux2014_x86_64",
    "--python-version",
    "3.11",
]
CLUSTER += ["--implementation", "cp", "--abi", "cp311", "--only-binary", ":all:"]


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    requirements = Path(sys.argv[2]) if len(sys.argv) == 3 else HERE / "requirements.txt"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "main.py", folder)
    pack_job(folder / "steamer_spark.zip")
    with tempfile.TemporaryDirectory() as packages:
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-compile",
        ]
        subprocess.run([*pip, *CLUSTER, "--target", packages, "-r", requirements], check=True)
        pack_packages(Path(packages), folder / "packages.tar.gz")


def pack_job(target: Path) -> None:
    sources = {f"steamer_spark/{file.name}": file for file in sorted((HERE / "steamer_spark").glob("*.py"))}
    sources[f"steamer_spark/{SCHEMA.name}"] = SCHEMA
    with zipfile.ZipFile(target, "w") as archive:
        for name, source in sources.items():
            # ZipInfo's default time is 1980, so the archive does not depend on the clock.
            archive.writestr(zipfile.ZipInfo(name), source.read_bytes(), zipfile.ZIP_DEFLATED)


def pack_packages(packages: Path, target: Path) -> None:
    files = sorted(file.relative_to(packages) for file in packages.rglob("*") if file.is_file())
    with target.open("wb") as out, gzip.GzipFile("", "wb", 1, out, mtime=0) as zipped:
        with tarfile.open(fileobj=zipped, mode="w") as archive:
            for file in files:
                # The packages' own tests are a fifth of their size.
                if "tests" not in file.parts and file.parts[0] != "bin":
                    archive.add(packages / file, str(file), filter=anonymous)


def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Removes times and owners, so that every packing yields the same bytes."""
    entry.mtime = entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main()
