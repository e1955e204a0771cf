"""Tensors of the Open Inference Protocol V2, as JSON and as bytes (the binary tensor extension)."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, Struct, UnsetType

from roadworthy.serving.exchange import Refusal

_NUMPY = {
    "BOOL": "?",
    "UINT8": "u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "INT8": "i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}
DATATYPES = (*_NUMPY, "BYTES")
_LENGTH_BYTES = 4


class Tensor(Struct):
    """One input as the client sends it; either `data`, or `binary_data_size` among the parameters."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | UnsetType = UNSET
    parameters: dict[str, Any] | None = None


class Wanted(Struct):
    """One output that the client asks for."""

    name: str
    parameters: dict[str, Any] | None = None


class InferRequest(Struct):
    """The JSON part of a V2 request."""

    inputs: list[Tensor]
    id: str = ""
    parameters: dict[str, Any] | None = None
    outputs: list[Wanted] | None = None


_decode = msgspec.json.Decoder(InferRequest).decode


def read_request(body: bytes, *, json_bytes: int | None) -> InferRequest:
    """The JSON part of a V2 body; binary tensors are read into `data`.

    Args:
        body: the whole body.
        json_bytes: length of the JSON part (`Inference-Header-Content-Length`), None where all of it is JSON.

    Raises:
        Refusal: 400, with the reason.
    """
    end = len(body) if json_bytes is None else json_bytes
    if not 0 <= end <= len(body):
        raise Refusal(400, "binary", f"inference-header-content-length is {end}, and the body has {len(body)} bytes")
    request: InferRequest = read_json(body[:end], _decode)
    if json_bytes is not None:
        for tensor in request.inputs:
            end = _take_binary(tensor, body, end)
        if end != len(body):
            raise Refusal(400, "binary", f"{len(body) - end} bytes are left over after the last binary tensor")
    return request


def read_json(body: bytes, decode: Any) -> Any:
    """A JSON body by a msgspec decoder; whatever is wrong with it is a 400."""
    try:
        return decode(body)
    except msgspec.ValidationError as err:
        raise Refusal(400, "schema", f"the body does not fit: {err}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as err:
        raise Refusal(400, "json", f"the body is no JSON: {err}") from None
    except RecursionError:
        raise Refusal(400, "json", "the body is nested too deeply") from None


def rows_of(tensor: Tensor) -> int:
    """How many rows a tensor of shape [n] or [n, 1] says that it holds."""
    shape = tensor.shape
    if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
        return shape[0]
    raise Refusal(400, "shape", f"input {tensor.name[:200]!r} has shape {shape[:8]} where [n] or [n, 1] is expected")


def values_of(tensor: Tensor) -> list[Any]:
    """The values of a tensor in row-major order; nested lists are flattened."""
    if tensor.datatype not in DATATYPES:
        raise Refusal(400, "datatype", f"datatype {tensor.datatype[:40]!r} is none of {', '.join(DATATYPES)}")
    if tensor.data is UNSET:
        raise Refusal(400, "schema", f"input {tensor.name[:200]!r} has neither data nor binary_data_size")
    data: list[Any] = tensor.data
    if data and type(data[0]) is list:
        if not all(type(row) is list for row in data):
            raise Refusal(400, "shape", f"input {tensor.name[:200]!r} mixes rows and values")
        data = [value for row in data for value in row]
    return data


def binary_of(values: Sequence[Any], datatype: str) -> bytes:
    r"""Values as the bytes of a binary tensor.

    >>> binary_of(["a"], "BYTES")
    b'\x01\x00\x00\x00a'
    """
    if datatype != "BYTES":
        return np.asarray(values, _NUMPY[datatype]).tobytes()
    encoded = [value.encode() for value in values]
    return b"".join(len(value).to_bytes(_LENGTH_BYTES, "little") + value for value in encoded)


def _take_binary(tensor: Tensor, body: bytes, at: int) -> int:
    size = (tensor.parameters or {}).get("binary_data_size")
    if size is None:
        return at
    if type(size) is not int or size < 0 or at + size > len(body) or tensor.data is not UNSET:
        raise Refusal(400, "binary", f"binary_data_size of input {tensor.name[:200]!r} does not fit the body")
    chunk = body[at : at + size]
    if tensor.datatype == "BYTES":
        tensor.data = _strings(chunk, tensor.name)
    elif tensor.datatype in _NUMPY:
        kind = np.dtype(_NUMPY[tensor.datatype])
        if size % kind.itemsize:
            raise Refusal(
                400, "binary", f"input {tensor.name[:200]!r}: {size} bytes are no whole {tensor.datatype} values"
            )
        tensor.data = np.frombuffer(chunk, kind).tolist()
    return at + size


def _strings(chunk: bytes, name: str) -> list[bytes]:
    values: list[bytes] = []
    at = 0
    while at < len(chunk):
        begin = at + _LENGTH_BYTES
        end = begin + int.from_bytes(chunk[at:begin], "little")
        if begin > len(chunk) or end > len(chunk):
            raise Refusal(400, "binary", f"input {name[:200]!r}: a string is longer than the tensor")
        values.append(chunk[begin:end])
        at = end
    return values
