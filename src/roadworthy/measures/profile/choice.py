"""Which kernel counts: plain numpy for small tables, compiled loops for large ones where numba is installed."""

from functools import cache
from importlib.util import find_spec

from roadworthy.kernel.catalogue import resolve
from roadworthy.measures.profile.kernels import Kernel
from roadworthy.measures.profile.plain import PlainKernel

LARGE = 2_000_000
"""Cells from which on loading the compiled loops (half a second) costs less than it saves."""

_COMPILED = "roadworthy.measures.profile.compiled:CompiledKernel"


def kernel_for(cells: int) -> Kernel:
    """The kernel for a table of so many cells; both give the same bytes.

    >>> type(kernel_for(1000)).__name__
    'PlainKernel'
    """
    return _compiled() if cells >= LARGE and find_spec("numba") is not None else PlainKernel()


@cache
def _compiled() -> Kernel:
    kernel: Kernel = resolve(_COMPILED)()
    return kernel
