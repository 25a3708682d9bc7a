"""A pack that is wrong stops at load, with file, line, key, reason and cure."""

from __future__ import annotations

from pathlib import Path

from baocao.settings import ConfigurationError


class PackError(ConfigurationError):
    """`file:line: key: reason; cure`."""

    def __init__(self, file: Path | str, line: int, key: str, reason: str, cure: str = "") -> None:
        self.file, self.line, self.key, self.reason, self.cure = Path(file), line, key, reason, cure
        place = f"{file}:{line}: {key}: " if key else f"{file}:{line}: "
        super().__init__(f"{place}{reason}; {cure}" if cure else f"{place}{reason}")
