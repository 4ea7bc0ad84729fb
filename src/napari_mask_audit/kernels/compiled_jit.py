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


def _load_bytes(count: int) -> Callable[..., Any]:
    def load(typing_context: Any, words: Any, place: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array = context.make_array(words)(context, builder, arguments[0])
            first = builder.bitcast(array.data, ir.IntType(8).as_pointer())
            start = builder.gep(first, [arguments[1]])
            pointer = builder.bitcast(start, ir.IntType(8 * count).as_pointer())
            loaded = builder.load(pointer, align=1)
            return loaded if count == 8 else builder.zext(loaded, ir.IntType(64))

        return types.uint64(words, types.int64), generate

    return load


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


def _compare_pairs(typing_context: Any, labels: Any, starts: Any, label: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(labels)(context, builder, arguments[0])
        element = context.get_data_type(labels.dtype)
        pair = ir.VectorType(element, 2)
        parts = []
        for number in range(starts.count):
            start = builder.extract_value(arguments[1], number)
            pointer = builder.bitcast(builder.gep(array.data, [start]), pair.as_pointer())
            parts.append(builder.load(pointer, align=context.get_abi_alignment(element)))
        while len(parts) > 1:  # join halves until one vector is left
            lanes = 2 * parts[0].type.count
            order = ir.Constant(ir.VectorType(ir.IntType(32), lanes), list(range(lanes)))
            parts = [
                builder.shuffle_vector(parts[k], parts[k + 1], order)
                for k in range(0, len(parts), 2)
            ]
        wanted = ir.Constant(parts[0].type, ir.Undefined)
        for lane in range(parts[0].type.count):
            place = ir.Constant(ir.IntType(32), lane)
            wanted = builder.insert_element(wanted, arguments[2], place)
        equal = builder.icmp_unsigned("==", parts[0], wanted)
        bits = builder.bitcast(equal, ir.IntType(parts[0].type.count))
        return builder.zext(bits, ir.IntType(64))

    if labels.dtype != label or starts.count not in (2, 4):
        return None
    return types.int64(labels, starts, label), generate


#: Position of the lowest set bit of a uint64, 64 if none is; for use in compiled functions only.
lowest_bit: Callable[[Any], int] = cast(Any, intrinsic)(_count_trailing_zeros)

#: How many bits of a uint64 are clear above the highest set one.
clear_above: Callable[[Any], int] = cast(Any, intrinsic)(_count_leading_zeros)

#: How many bits of a uint64 are set.
ones: Callable[[Any], int] = cast(Any, intrinsic)(_count_ones)

#: ``two_bytes(words, place)``: the bytes at `place` and after it of an array of words, as a uint64;
#: eight of them with ``eight_bytes``. Nothing checks the bounds.
two_bytes: Callable[[Any, Any], Any] = cast(Any, intrinsic)(_load_bytes(2))
eight_bytes: Callable[[Any, Any], Any] = cast(Any, intrinsic)(_load_bytes(8))

#: ``differing(a, i, b, j)``: bit k says whether a[i + k] and b[j + k] differ, for k < 64. Both
#: arrays are flat, contiguous and of one dtype. Nothing checks the bounds.
differing: Callable[[Any, int, Any, int], Any] = cast(Any, intrinsic)(_compare_lanes)

#: ``equal_pairs(a, starts, label)``: bit 2k says whether a[starts[k]] is the label, bit 2k + 1
#: whether the element after it is. `a` is flat and contiguous; two or four starts, not checked.
equal_pairs: Callable[[Any, Any, Any], int] = cast(Any, intrinsic)(_compare_pairs)
