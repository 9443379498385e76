"""Earlier versions of records, and withdrawn ones, as extracts hold them that are drawn again and again."""

from dataclasses import replace

import numpy as np

from simulator.arrays import NULL, Array
from simulator.tables import Column, Table, instants

_WITHDRAWN_CONTACTS = 2000
"""Of so many contacts one is withdrawn: a test call."""


def withdrawn_contacts(contacts: int) -> Array:
    """Return the rows of the contacts that a later version withdraws; shape (withdrawn,)."""
    return np.arange(_WITHDRAWN_CONTACTS // 3, contacts, _WITHDRAWN_CONTACTS)


def with_versions(table: Table, earlier: Table, withdrawn: Array, updated_at: Array, extract_at: int) -> Table:
    """Put earlier versions of some records before the current ones, and withdrawals of some after them.

    `withdrawn` are the rows of `table` to withdraw, `updated_at` the instants of its versions. The result has
    the column is_deleted.
    """
    withdrawn = withdrawn[updated_at[withdrawn] < extract_at]
    withdrawal = table.take(withdrawn).but(
        updated_at=instants(np.minimum(updated_at[withdrawn] + 3600, extract_at).astype(np.int32))
    )
    return earlier.marked().followed_by(table.marked(), withdrawal.marked(is_deleted=True))


def some(table: Table, every: int, offset: int = 0) -> Array:
    """Return every so-many-th row of a table."""
    return np.arange(offset, len(table), every)


def emptied(column: Column) -> Column:
    """Return the column with all values empty; for columns of one array."""
    return replace(column, arrays=(np.full_like(column.arrays[0], NULL),))
