"""Groups of arrays that are selected, joined and read together."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Rng = np.random.Generator

NULL = -1
"""Stands for an empty value in every array of the simulator; no simulated number is negative."""


@dataclass
class Arrays:
    """Arrays of equal length, shape (rows,), one for each field."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(getattr(self, fields(self)[0].name))

    def take(self, rows: Array) -> Self:
        """Return the rows that an index or boolean array selects, in its order."""
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of all parts, one part after the other."""
        return cls(
            **{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)}
        )


def choose(rng: Rng, weights: Sequence[float], size: int) -> Array:
    """Draw positions in `weights` with a chance in proportion to the weight; shape (size,), int8."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    positions = np.searchsorted(cumulative / cumulative[-1], rng.random(size), side="right")
    return np.minimum(positions, len(weights) - 1).astype(np.int8)


def choose_by_row(rng: Rng, weights: Array) -> Array:
    """Draw a column for every row of `weights`, shape (rows, columns); shape (rows,), int8."""
    cumulative = np.cumsum(weights, axis=1)
    target = rng.random(len(weights)) * cumulative[:, -1]
    columns = (cumulative <= target[:, None]).sum(axis=1)
    drawn: Array = np.minimum(columns, weights.shape[1] - 1).astype(np.int8)
    return drawn


def chance(rng: Rng, probability: float | Array, size: int) -> Array:
    """Draw true with the probability given; shape (size,), boolean."""
    happens: Array = rng.random(size) < probability
    return happens


def seconds(values: Array, least: int = 0) -> Array:
    """Round to whole seconds, int32, not under `least`."""
    return np.maximum(np.rint(values), least).astype(np.int32)


def logistic(values: Array) -> Array:
    """Turn log-odds into probabilities."""
    return 1.0 / (1.0 + np.exp(-values))
