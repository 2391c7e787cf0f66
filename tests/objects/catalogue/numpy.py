"""numpy and scipy."""

from tests.objects.entry import Shelf

__all__ = ["SHELVES"]

_NUMPY = Shelf(
    "numpy",
    "numpy",
    modules=("numpy", "numpy.random", "numpy.polynomial", "numpy.ma", "numpy.dtypes"),
    prelude="import numpy as np, tempfile, os",
    recipes={
        "numpy.broadcast": "np.broadcast(np.arange(3), np.ones((2, 1)))",
        "numpy.flatiter": "np.arange(3).flat",
        "numpy.memmap": "np.memmap(os.path.join(tempfile.mkdtemp(), 'f'), 'i4', 'w+', shape=(3,))",
        "numpy.object_": "np.object_([1])",
        "numpy.recarray": "np.rec.array([(1, 2.0)], names='a,b')",
        "numpy.record": "np.rec.array([(1, 2.0)], names='a,b')[0]",
        "numpy.void": "np.array([(1, 2.0)], [('a', 'i4'), ('b', 'f8')])[0]",
        "numpy.ufunc": "np.add",
        "numpy.datetime64": "np.datetime64('2020-01-01')",
        "numpy.dtype": "np.dtype([('a', 'i4'), ('b', 'f8', (2,))])",
        "numpy.dtypes.DateTime64DType": "np.dtype('M8[D]')",
        "numpy.dtypes.TimeDelta64DType": "np.dtype('m8[s]')",
        "numpy.dtypes.VoidDType": "np.dtype('V8')",
        "numpy.random.Generator": "np.random.default_rng(3)",
        "numpy.random.BitGenerator": "np.random.PCG64(3)",
    },
)

_SCIPY = Shelf(
    "scipy",
    "scipy",
    modules=(
        "scipy.sparse",
        "scipy.interpolate",
        "scipy.integrate",
        "scipy.optimize",
        "scipy.spatial",
        "scipy.spatial.transform",
        "scipy.signal",
        "scipy.stats",
        "scipy.ndimage",
        "scipy.io",
        "scipy.odr",
        "scipy.cluster.hierarchy",
        "scipy.constants",
        "scipy.fft",
        "scipy.linalg",
        "scipy.special",
    ),
    prelude="import numpy as np, scipy\npoints = np.random.default_rng(0).random((12, 2))",
    recipes={
        "KDTree": "cls(points)",
        "cKDTree": "cls(points)",
        "Delaunay": "cls(points)",
        "ConvexHull": "cls(points)",
        "Voronoi": "cls(points)",
        "Rotation": "cls.from_euler('z', 90, degrees=True)",
        "CubicSpline": "cls([0.0, 1, 2, 3], [0.0, 1, 4, 9])",
        "BSpline": "scipy.interpolate.make_interp_spline([0.0, 1, 2, 3], [0.0, 1, 4, 9])",
        "gaussian_kde": "cls(points.T)",
        "OptimizeResult": "scipy.optimize.minimize(np.sum, [1.0], options={'maxiter': 2})",
    },
    arguments={"": "[1.0, 2.0, 3.0, 4.0]", "A": "np.eye(3)"},
)

SHELVES = (_NUMPY, _SCIPY)
