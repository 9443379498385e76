"""The process that reads Parquet files on trial (try_parquet.py): lines of questions come in, lines of answers go out.

It runs by itself and takes nothing of the project, so that it begins quickly.
"""

import json
import re
import resource
import sys
from glob import escape
from typing import Any

import duckdb

_FILE = "read_parquet($path, hive_partitioning = false)"
_QUOTED = re.compile(r"""(["'])(?:(?!\1).)*(?:\1|$)""", re.DOTALL)  # a file's name, and values of it
_MOST_CHARACTERS = 200


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    _limit(question["cpu_seconds"], question["memory_bytes"])
    try:
        with duckdb.connect(config={"memory_limit": f"{question['memory_bytes'] // 2}B", "threads": 2}) as connection:
            connection.execute("set temp_directory = ''")
            return _read(connection, question)
    except (MemoryError, duckdb.OutOfMemoryException):
        return {
            "refused": "is no Parquet file that can be read in the memory that one of its size takes; "
            "deliver it again, in smaller row groups."
        }
    except duckdb.Error as error:
        if type(error).__name__ in _OF_DUCKDB:
            return {"refused": "is no readable Parquet file (its content contradicts itself); deliver it again."}
        said = _QUOTED.sub("…", str(error).splitlines()[0])[:_MOST_CHARACTERS].rstrip(" .")
        return {"refused": f"is no readable Parquet file ({said}); deliver it again."}
    except UnicodeError:
        return {"refused": "is no readable Parquet file (a column has a name that is no UTF-8); deliver it again."}


_OF_DUCKDB = ("InternalException", "FatalException")


def _limit(cpu_seconds: int, memory_bytes: int) -> None:
    """Let the system end this process, or refuse it memory, beyond what this file may take."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = round(used.ru_utime + used.ru_stime)
    for kind, limit in ((resource.RLIMIT_CPU, spent + cpu_seconds), (resource.RLIMIT_DATA, memory_bytes)):
        _, most = resource.getrlimit(kind)
        resource.setrlimit(kind, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))


def _read(connection: duckdb.DuckDBPyConnection, question: dict[str, Any]) -> dict[str, Any]:
    parameters = {"path": escape(question["file"])}
    (told,) = connection.execute("select num_rows from parquet_file_metadata($path)", parameters).fetchone() or (0,)
    if told > question["max_rows"]:
        return {"refused": f"tells {told:,} rows, more than a file of its size has; deliver it again."}
    described = connection.execute(f"select column_name from (describe select * from {_FILE})", parameters).fetchall()
    wanted = [name for (name,) in described if name in question["columns"]]
    quoted = ['"' + name.replace('"', '""') + '"' for name in wanted]
    (rows, _) = connection.execute(
        f"select count(*), bit_xor(hash({', '.join(['file_row_number', *quoted])})) from {_FILE}", parameters
    ).fetchone() or (0, None)
    if rows != told:
        return {"refused": f"tells {told:,} rows and holds {rows:,}; deliver it again."}
    return {}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin.buffer:
        print(json.dumps(_answer(json.loads(line))), flush=True)
