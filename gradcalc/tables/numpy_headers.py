"""The headers of NumPy's arrays: read from any version of the format, and written for column names in any script.

This module decides which headers are accepted. It must not know what the array is used for.
"""

import ast
import struct
import tokenize
import warnings
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

#: What NumPy raises for a header that is damaged or makes no sense.
HEADER_ERRORS = (ValueError, SyntaxError, TypeError, KeyError, OverflowError, RecursionError, MemoryError, tokenize.TokenError)
#: The longest header that is read. NumPy has the same limit.
LONGEST = 10_000


def read(stream: BinaryIO) -> tuple[tuple[int, ...], bool, Any]:
    """The shape of the array that begins here, whether it stands column by column, and its type.

    Raises ValueError where there is no such header.
    """
    try:
        version = npy.read_magic(stream)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is slow to read what Python 2 wrote
            if version == (1, 0):
                found = npy.read_array_header_1_0(stream)
            else:
                found = npy.read_array_header_2_0(stream) if version == (2, 0) else _in_utf8(stream)
    except HEADER_ERRORS as problem:
        raise ValueError(_reason(problem)) from problem
    if not all(type(size) is int and size >= 0 for size in found[0]):
        raise ValueError(f"no array has the shape {found[0]}")
    return found


def _in_utf8(stream: BinaryIO) -> tuple[tuple[int, ...], bool, Any]:
    """A header of version 3, for which NumPy has no public reader."""
    size = stream.read(4)
    (length,) = struct.unpack("<I", size) if len(size) == 4 else (0,)
    text = stream.read(min(length, LONGEST + 1))
    if not length or len(text) < length:
        raise ValueError("the header ends too early" if length <= LONGEST else "the header is too long")
    found = ast.literal_eval(text.decode())
    return tuple(found["shape"]), bool(found["fortran_order"]), npy.descr_to_dtype(found["descr"])


def _reason(problem: BaseException) -> str:
    """Why a header cannot be read, in words that do not need a programmer."""
    text = " ".join(str(problem).split())
    return text if type(problem) is ValueError and "<" not in text else "its header makes no sense"


def write(stream: Any, dtype: np.dtype[Any], rows: int) -> None:
    """The header of an array with so many rows."""
    about = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": (rows,)}
    if all(name.isascii() for name in dtype.names or ()):
        npy.write_array_header_2_0(stream, about)
        return
    text = repr(about).encode()
    text += b" " * (-(len(text) + 13) % 64) + b"\n"
    stream.write(npy.magic(3, 0) + struct.pack("<I", len(text)) + text)
