"""Fill square holes from their rings: the closed form of alternating projections, for a bank of correlation models.

Theory. Let k be the known ring of a hole u, and K a model's correlation matrix with the nugget s. Alternating between
"smooth as the model says" and "equal to the known pixels" converges to one point (`solver` does it step by step):

    x_u = m + K_uk A (x_k - m),   A = (K_kk + s I)^-1,   m = 1'A x_k / 1'A 1    (the mean is unknown)

K_uk A depends on the geometry only, so the fixed point of infinitely many iterations is one small matrix product.
Which model fits is told by the ring alone, through the likelihood of means over it:

    l = -(g - 1)/2 log(q'Q q + floor) - 1/2 (log det K + log 1'K^-1 1),   weights ~ exp(t (l - max l))

where q are the g ring means and Q is their mean-free precision. All models are stacked: one product scores the bank,
one fills. The stacked fill goes through a common basis of BASIS functions, which loses 0.05 dB and three quarters of
the work.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.correlation import NUGGET, Matrix, bank
from huizhen.processors.fill.ring import FORMS, GROUPS, Places, inside, ring

Field = NDArray[np.float32]

SIDES = (8, 16, 32)  # holes there are operators for
BASIS = {8: 48, 16: 48, 32: 64}  # functions that fills are made of; 64 is all of them for a hole of 8 × 8
SHRUNK = {8: 48, 16: 48, 32: 64}  # numbers a ring is told by
TRUST = 0.4  # the t above: the likelihood is worth less than its face value, since no model is true
NEAREST = 4  # power of the distance by which nearer pixels of the ring count more, where the bank is no use
FLOOR = 0.05  # grey levels squared (of 255) per mean: below this, differences are rounding
KEPT = len(SIDES) * len(FORMS)  # operators kept: all there are


@dataclass(frozen=True, slots=True)
class Operators:
    """The stacked operators of one hole size and pattern of known edges; J models, n ring pixels, g ring means.

    `look` (n, g + q + 1): the ring's means by group, the ring less its mean in q numbers, and its mean; `whiten` (g,
    J g); `bias` (J,); `reduce` (J q, r); `basis` (r, side²); `nearest` (n, side²): the mean of the ring by NEAREST;
    `variance` (J,): mean conditional variance of the hole per unit of the ring means' mean-free energy.
    """

    side: int
    look: Field
    whiten: Field
    bias: Field
    reduce: Field
    basis: Field
    nearest: Field
    variance: Field

    @property
    def models(self) -> int:
        """Count the models."""
        return len(self.bias)

    @property
    def pixels(self) -> int:
        """Count the ring's pixels."""
        return len(self.look)

    @property
    def groups(self) -> int:
        """Count the ring's means."""
        return len(self.whiten)


@dataclass(frozen=True, slots=True)
class Fit:
    """What the bank makes of m rings: the mean (m,), the fill's coefficients in the orthonormal basis (m, r), and the
    variance that the models expect (m,)."""

    mean: Field
    mixed: Field
    variance: Field


def fit(operators: Operators, rings: Field) -> Fit:
    """Fit rings (m, n), in grey levels of 255: `basis` turns its coefficients into pixels less the mean."""
    seen = rings @ operators.look
    likelihood, energy = _likelihoods(operators, seen[:, : operators.groups])
    likelihood -= likelihood.max(axis=1, keepdims=True)
    likelihood *= np.float32(TRUST)
    weight = np.exp(likelihood, out=likelihood)
    weight /= weight.sum(axis=1, keepdims=True)
    shrunk = seen[:, operators.groups : -1]
    weighted = (weight[:, :, None] * shrunk[:, None, :]).reshape(len(rings), -1)
    energy *= weight
    mixed = np.asarray(weighted @ operators.reduce, np.float32)
    return Fit(seen[:, -1], mixed, np.asarray(energy @ operators.variance, np.float32))


def likeliest(operators: Operators, ring: Field) -> int:
    """Give the index of the model that fits one ring (n,) best."""
    likelihood, _ = _likelihoods(operators, (ring @ operators.look)[None, : operators.groups])
    return int(likelihood.argmax())


def _likelihoods(operators: Operators, means: Field) -> tuple[Field, Field]:
    """Give the log-likelihood of every model for the means of m rings (m, g), and the whitened energy: both (m, J)."""
    white = (means @ operators.whiten).reshape(len(means), operators.models, -1)
    energy = np.einsum("mjg,mjg->mj", white, white)
    freedom = white.shape[2] - 1
    likelihood = np.log(energy + np.float32(FLOOR * (freedom + 1)))
    likelihood *= np.float32(-freedom / 2)
    likelihood += operators.bias
    return likelihood, energy


def fill_isotropic(operators: Operators, rings: Field) -> Field:
    """Fill rings (m, n) with the isotropic model alone: (m, side²)."""
    seen = rings @ operators.look[:, operators.groups :]
    shrunk, mean = seen[:, :-1], seen[:, -1:]
    return np.asarray(shrunk @ operators.reduce[: shrunk.shape[1]] @ operators.basis + mean, np.float32)


@lru_cache(maxsize=KEPT)
def operators_for(side: int, form: int) -> Operators:
    """Build the operators of a hole of `side` pixels with the edges of `form` known; kept once built."""
    known, hole = ring(side, form), inside(side)
    averaging = np.kron(np.eye(len(known.rows) * GROUPS // side), np.full((1, side // GROUPS), GROUPS / side))
    fills: list[Matrix] = []
    whitens: list[Matrix] = []
    bias: list[float] = []
    variance: list[float] = []
    typical = np.zeros((len(known.rows), len(known.rows)))
    for model in bank():
        among = model.between(*_apart(known, known)) + NUGGET * np.eye(len(known.rows))
        across = model.between(*_apart(hole, known))
        fill = kriging(across, among)
        fills.append(fill)
        typical += among
        whiten, log_volume = _whiten(averaging @ among @ averaging.T)
        whitens.append(whiten)
        bias.append(log_volume)
        conditional = 1 + NUGGET - np.einsum("un,un->u", fill, across)
        variance.append(float(conditional.mean()) / max(len(whiten) - 1, 1))
    root = np.linalg.cholesky(typical)
    basis = _common(np.concatenate([fill @ root for fill in fills], axis=1), BASIS[side])
    shrink = _common(np.concatenate([(fill @ root).T for fill in fills], axis=1), SHRUNK[side])
    shrink, unshrink = np.linalg.solve(root.T, shrink), root @ shrink
    reduce = np.concatenate([(basis.T @ fill @ unshrink).T for fill in fills])
    equal = np.full((len(known.rows), 1), 1 / len(known.rows))
    look = np.concatenate((averaging.T, shrink - equal @ shrink.sum(axis=0, keepdims=True), equal), axis=1)
    nearest = np.hypot(*_apart(known, hole)) ** -NEAREST
    nearest /= nearest.sum(axis=0)
    arrays = (look, np.concatenate(whitens).T, np.array(bias), reduce, basis.T, nearest, np.array(variance))
    return Operators(side, *(np.ascontiguousarray(array, np.float32) for array in arrays))


def kriging(across: Matrix, among: Matrix) -> Matrix:
    """Give the operator from known to wanted pixels for an unknown mean; its rows sum to 1.

    `across`: correlation of wanted with known pixels; `among`: of known pixels among each other, nugget included.
    """
    precision = np.linalg.inv(among)
    share = precision.sum(axis=1)
    operator = across @ precision
    return np.asarray(operator + np.outer(1 - operator.sum(axis=1), share / share.sum()))


def _whiten(covariance: Matrix) -> tuple[Matrix, float]:
    """Give the mean-free whitening root of the precision, and the logarithm that normalises the likelihood."""
    precision = np.linalg.inv(covariance)
    share = precision.sum(axis=1)
    size = len(covariance)
    root = np.linalg.cholesky(precision).T @ (np.eye(size) - np.outer(np.ones(size), share) / share.sum())
    _, log_determinant = np.linalg.slogdet(covariance)
    return root, float(-0.5 * (log_determinant + np.log(share.sum())))


def _common(together: Matrix, size: int) -> Matrix:
    """Give `size` orthonormal columns that all columns of a matrix are nearly made of, by a seeded sketch."""
    if size >= len(together):
        return np.eye(len(together))
    sketch = together @ np.random.default_rng(0).standard_normal((together.shape[1], size + 32))
    directions, _ = np.linalg.qr(together @ (together.T @ np.linalg.qr(sketch)[0]))
    left, _, _ = np.linalg.svd(directions.T @ together, full_matrices=False)
    return np.asarray(directions @ left[:, :size])


def _apart(first: Places, second: Places) -> tuple[Matrix, Matrix]:
    """Give how far down and right every pixel of `first` is from every one of `second`."""
    return (
        np.subtract.outer(first.rows, second.rows).astype(np.float64),
        np.subtract.outer(first.columns, second.columns).astype(np.float64),
    )
