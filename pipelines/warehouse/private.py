"""Who may read what is no publication: nobody but the user whose it is, since it says who the customers are."""

import os
import stat
from pathlib import Path

# As a umask, and as what is taken away from what is there.
NOBODY_ELSE = 0o077


def keep_private(*paths: Path) -> None:
    """Take all rights of others to files and folders away, if they are there and the user's own.

    Nobody gets below a folder without rights to it, so what is in it needs no change.
    """
    for path in paths:
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        if status.st_mode & NOBODY_ELSE and status.st_uid == os.getuid():
            path.chmod(stat.S_IMODE(status.st_mode) & ~NOBODY_ELSE)
