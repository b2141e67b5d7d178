"""Kinds of arrays, by what their numbers are."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Positions among the values of a variable, such as clusters; -1 where a value is missing.
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
# Names as text.
Ids = NDArray[np.object_]
