"""Log lines: coloured on a terminal, plain elsewhere, or one JSON object a line for machines."""

import json
import logging
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.logging import RichHandler

log = logging.getLogger("ccw")


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(
            {
                "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
                "level": record.levelname.lower(),
                "message": record.getMessage(),
            }
        )


def set_up_logs(log_format: str) -> None:
    """Send the runner's log to standard error in `log_format`, text or json."""
    handler: logging.Handler
    if log_format == "json":
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_JsonFormatter())
    elif sys.stderr.isatty():
        handler = RichHandler(console=Console(stderr=True), show_path=False, rich_tracebacks=False)
    else:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    log.handlers = [handler]
    logging.raiseExceptions = False  # a full disk stops dbt's log file, and not with a stack for each of its lines
    log.setLevel(logging.INFO)
    log.propagate = False
