"""Where things lie in a checkout, so that no other module spells a path."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Checkout:
    """One working copy. `root` is absolute; nothing is created here."""

    root: Path
    state: Path
    """Private to one running Parley and not in git: embedded servers, logs, locks."""

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def model(self) -> Path:
        """The trained archive that the engine serves."""
        return self.models / "parley.tar.gz"

    @property
    def trained_parts(self) -> Path:
        """Rasa's cache of the parts of earlier trainings."""
        return self.root / ".rasa" / "cache"

    @property
    def encoder(self) -> Path:
        return self.models / "encoder"

    @property
    def articles(self) -> Path:
        return self.root / "kb" / "articles"

    @property
    def kb_index(self) -> Path:
        return self.models / "kb"

    @property
    def python(self) -> Path:
        """The interpreter of the root environment."""
        return self.root / ".venv" / "bin" / "python"

    @property
    def engine_bin(self) -> Path:
        """The programs of the engine's environment."""
        return self.root / "engine" / ".venv" / "bin"


def here() -> Checkout:
    """The checkout this code runs from; `PARLEY_STATE` moves its state elsewhere, beside another one's."""
    root = Path(__file__).resolve().parent.parent
    return Checkout(root, Path(os.environ.get("PARLEY_STATE") or root / ".parley").absolute())
