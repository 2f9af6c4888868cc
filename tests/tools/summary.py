"""Adds up the JUnit reports of one `make test`: `python -m tests.tools.summary .parley/reports`."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree  # our own files


def count(folder: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped over all reports in a folder."""
    total, bad, skipped = 0, 0, 0
    for report in sorted(folder.glob("*.xml")):
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314
            total += int(suite.get("tests", 0))
            bad += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped += int(suite.get("skipped", 0))
    return total - bad - skipped, bad, skipped


def main() -> int:
    """Print the closing line; the exit code is 1 when a test failed or none ran."""
    passed, failed, skipped = count(Path(sys.argv[1]))
    sys.stdout.write(f"\n{passed} passed, {failed} failed, {skipped} skipped\n")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
