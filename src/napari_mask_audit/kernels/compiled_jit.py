"""How the compiled kernels are compiled: one decorator, and one processor instruction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit, types
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile at the first call for each set of argument types, and keep the code on disk.

    The interpreter lock is released inside, so that samples run in threads. No parallel loops:
    they take far longer to compile and the threads are busy with other samples anyway.
    """
    return cast(Function, njit(cache=True, nogil=True)(function))


def _count_trailing_zeros(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, True))

    return types.int64(types.uint64), generate


#: Position of the lowest set bit of a uint64 that is not 0; for use in compiled functions only.
lowest_bit: Callable[[Any], int] = cast(Any, intrinsic)(_count_trailing_zeros)
