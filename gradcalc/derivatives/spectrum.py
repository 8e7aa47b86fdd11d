"""The extreme eigenvalues of a Hessian that is never formed: Lanczos' method on Hessian-vector products alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcalc.derivatives.products import Curvature, shape
from gradcalc.diagnostics import ExitStatus, error
from gradcalc.questions.answers import Request


def eigenvalues(request: Request, primal: Sequence[Any], count: int) -> list[float]:
    """``count`` eigenvalues of the Hessian of a number, the smallest first, from both ends of the spectrum.

    Of an odd count the upper end has one more. Where all are asked for there is no shorter way than the matrix, which is then
    made of as many products as it has columns. Raises GradcalcError where SciPy is not installed, where there are not so
    many, and where the method does not converge.
    """
    shapes = {node: shape(request, node) for node in request.wrt.values()}
    ends = np.cumsum([int(np.prod(each)) for each in shapes.values()])
    size = int(ends[-1]) if len(ends) else 0
    if not isinstance(count, int) or not 1 <= count <= size:
        raise error("option", f"the Hessian has {size} eigenvalues, and {count} are asked for",
                    hint=f"ask for 1 to {size}" if size else None)
    curvature = Curvature(request, primal)

    def times(vector: Any) -> Any:
        pieces = np.split(np.ravel(vector), ends[:-1])
        direction = {node: np.reshape(piece, each)[()] for (node, each), piece in zip(shapes.items(), pieces, strict=True)}
        return np.concatenate([np.ravel(found) for found in curvature.product(direction).values()])

    with request.xp.silent():
        if count == size:
            matrix = np.stack([times(unit) for unit in np.eye(size)])
            return [float(each) for each in np.linalg.eigvalsh((matrix + matrix.T) / 2.0)]
        return _lanczos(times, size, count)


def _lanczos(times: Any, size: int, count: int) -> list[float]:
    try:
        from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh
    except ImportError:
        raise error("missing", "--eigenvalues needs SciPy, which is not installed",
                    hint="pip install 'gradcalc[eigenvalues]'") from None
    operator = LinearOperator((size, size), matvec=times, dtype=np.float64)
    try:
        # A start of our own, so that the same question has the same answer.
        found = eigsh(operator, k=count, which="BE" if count > 1 else "LA", return_eigenvectors=False,
                      v0=np.random.default_rng(0).standard_normal(size), ncv=min(size, max(2 * count + 1, 40)))
    except (ArpackError, ArpackNoConvergence) as problem:
        raise error("undefined", f"the eigenvalues did not converge: {problem}", hint="ask for fewer, or for all of them",
                    status=ExitStatus.UNDEFINED) from problem
    return sorted(float(each) for each in found)
