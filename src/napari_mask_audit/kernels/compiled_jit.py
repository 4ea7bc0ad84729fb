"""How the compiled kernels are compiled: one decorator, and a few processor instructions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

#: Pixels per word of a bit plane.
_LANES = 64


def compiled(function: Function) -> Function:
    """Compile at the first call for each set of argument types, and keep the code on disk.

    The interpreter lock is released inside, so that samples run in threads. No parallel loops:
    they take far longer to compile and the threads are busy with other samples anyway.
    """
    return cast(Function, njit(cache=True, nogil=True)(function))


def inlined(function: Function) -> Function:
    """Compile into the functions that call it: for the few lines inside a loop over pixels."""
    return cast(Function, njit(cache=True, nogil=True, forceinline=True)(function))


def _count_trailing_zeros(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, False))

    return types.int64(types.uint64), generate


def _count_leading_zeros(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], context.get_constant(types.boolean, False))

    return types.int64(types.uint64), generate


def _count_ones(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


def _compare_lanes(typing_context: Any, first: Any, i: Any, second: Any, j: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        loaded = []
        for place in (0, 2):
            kind = signature.args[place]
            array = context.make_array(kind)(context, builder, arguments[place])
            element = context.get_data_type(kind.dtype)
            lanes = ir.VectorType(element, _LANES)
            start = builder.gep(array.data, [arguments[place + 1]])
            pointer = builder.bitcast(start, lanes.as_pointer())
            loaded.append(builder.load(pointer, align=context.get_abi_alignment(element)))
        return builder.bitcast(builder.icmp_unsigned("!=", *loaded), ir.IntType(_LANES))

    contiguous = all(isinstance(a, types.Array) and a.layout == "C" for a in (first, second))
    if not contiguous or first.dtype != second.dtype:
        return None
    return types.uint64(first, types.int64, second, types.int64), generate


#: Position of the lowest set bit of a uint64, 64 if none is; for use in compiled functions only.
lowest_bit: Callable[[Any], int] = cast(Any, intrinsic)(_count_trailing_zeros)

#: How many bits of a uint64 are clear above the highest set one.
clear_above: Callable[[Any], int] = cast(Any, intrinsic)(_count_leading_zeros)

#: How many bits of a uint64 are set.
ones: Callable[[Any], int] = cast(Any, intrinsic)(_count_ones)

#: ``differing(a, i, b, j)``: bit k says whether a[i + k] and b[j + k] differ, for k < 64. Both
#: arrays are flat, contiguous and of one dtype. Nothing checks the bounds.
differing: Callable[[Any, int, Any, int], Any] = cast(Any, intrinsic)(_compare_lanes)
