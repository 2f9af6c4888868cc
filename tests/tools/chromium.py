"""Makes sure that a Chromium is there: exit code 0 when it is, 1 when it must be, 75 to go without.

Found by name; installed with apt where we are root on Debian. In CI the browser tests must run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
GO_WITHOUT = 75


def find() -> str | None:
    """The path of a Chromium, or None. `CHROMIUM` names one that lies elsewhere."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> bool:
    """Try Debian's package; True when a Chromium is there afterwards."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    sys.stdout.write("… installing Chromium for the browser tests\n")
    sys.stdout.flush()
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
    ):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(command, env=environment, capture_output=True, stdin=subprocess.DEVNULL).returncode:
            return False
    return find() is not None


def how_many() -> int:
    """How many browser tests there are, counted in their files."""
    files = Path("tests/browser").glob("test_*.py")
    return sum(line.startswith(("def test_", "async def test_")) for file in files for line in file.open())


def main() -> int:
    if find() or install():
        return 0
    if os.environ.get("CI"):
        sys.stdout.write("✗ The browser tests need Chromium, and it cannot be installed here.\n")
        return 1
    sys.stdout.write(f"! No Chromium here: {how_many()} browser tests did not run (apt install chromium).\n")
    return GO_WITHOUT


if __name__ == "__main__":
    sys.exit(main())
