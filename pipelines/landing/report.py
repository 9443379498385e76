"""What a landing did, file by file."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["landed", "skipped", "refused"]


@dataclass(frozen=True)
class FileResult:
    """What became of one file. `path` is relative to the extracts folder; lines are data records, no header."""

    path: str
    source: str
    table: str
    status: Status
    bytes: int
    lines: int = 0
    loaded: int = 0
    rejected: int = 0
    load_id: int | None = None
    message: str = ""


@dataclass(frozen=True)
class LandReport:
    """What became of every file, what the user should know besides, and which sources have ever landed."""

    files: list[FileResult]
    notices: list[str]
    sources: set[str]

    @property
    def lines(self) -> int:
        """Records in the files that were landed now."""
        return sum(result.lines for result in self.files)

    @property
    def loaded(self) -> int:
        """Records of them that are in the raw tables."""
        return sum(result.loaded for result in self.files)

    @property
    def rejected(self) -> int:
        """Records of them that were rejected."""
        return sum(result.rejected for result in self.files)

    @property
    def refused(self) -> list[FileResult]:
        """The files that were refused as a whole."""
        return [result for result in self.files if result.status == "refused"]
