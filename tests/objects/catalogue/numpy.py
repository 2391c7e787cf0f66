"""numpy and scipy."""

from tests.objects.entry import Entry, Shelf

__all__ = ["SHELVES"]

_NP = "import numpy as np\n"
_FILE = (
    _NP
    + "import tempfile, os\np = os.path.join(tempfile.mkdtemp(), 'f'); np.arange(24, dtype='i4').tofile(p)\n"
)

_ARRAYS = (
    Entry(
        "views of views, transposes, strided and reversed views",
        _NP + "a = np.arange(24.).reshape(4, 6); v = a[1:, ::2]; w = v[0]; t = v.T; r = a[::-1, ::-2]",
        (
            "a, v, w, t, r, v.strides, t.strides, r.strides",
            "v.base is a.base, w.base is v.base, np.shares_memory(a, r)",
            "(a.__setitem__((1, 0), -1.0), v, w, t, r)",
        ),
        "w[0] = 99",
    ),
    Entry(
        "broadcast views and sliding windows",
        _NP
        + "a = np.arange(4.); b = np.broadcast_to(a, (3, 4)); s = np.lib.stride_tricks.sliding_window_view(a, 2)",
        ("b, s, b.strides, s.strides, b.flags.writeable", "(a.__setitem__(0, 9.0), b, s)"),
        "a[1] = 99",
    ),
    Entry(
        "a map of a file, for reading",
        _FILE + "a = np.memmap(p, 'i4', 'r', 8, (5, 4)); v = a[1:, ::2]",
        ("a.tolist(), v.tolist(), a.offset, a.mode, type(v).__name__, np.shares_memory(a, v)",),
    ),
    Entry(
        "a map of a file, for writing",
        _FILE + "a = np.memmap(p, 'i4', 'r+', shape=(3, 4)); v = a[1:]",
        ("a.tolist(), v.tolist(), np.shares_memory(a, v), a.mode",),
    ),
    Entry(
        "a map of a file, copied on write",
        _FILE + "a = np.memmap(p, 'i4', 'c', shape=(3, 4)); a[0] = 5",
        ("a.tolist(), a.mode",),
        "a[0] = 6",
    ),
    Entry(
        "structured arrays, their fields and records",
        _NP
        + "a = np.array([(1, 2.5), (3, 4.5)], [('x', 'i4'), ('y', 'f8')]); f = a['y']; r = a[1]; q = a.view(np.recarray)",
        ("a, f, r, q.x, f.base is a", "(r.__setitem__('x', 9), a, q.x)"),
        "a['x'][0] = 9",
    ),
    Entry(
        "object arrays",
        _NP + "x = [1]; a = np.array([x, None, {}], object); v = a[::-1]",
        ("a, v, a[0] is x, v[2] is x",),
        "x.append(2)",
    ),
    Entry(
        "masked arrays",
        _NP + "a = np.ma.array([1, 2, 3], mask=[0, 1, 0], fill_value=-1); v = a[1:]; d = a.data",
        ("a, a.mask, a.fill_value, v, d", "(d.__setitem__(0, 70), a[0])"),
        "a[0] = 9",
    ),
    Entry(
        "matrices and other subclasses",
        _NP
        + "import warnings; warnings.simplefilter('ignore')\nm = np.matrix([[1, 2]]); c = np.char.array(['a', 'b'])",
        ("m, c, type(m).__name__, m * m.T",),
        "m[0, 0] = 5",
    ),
    Entry(
        "read-only and Fortran-ordered arrays",
        _NP
        + "a = np.asfortranarray(np.arange(6).reshape(2, 3)); b = np.arange(3); b.flags.writeable = False",
        ("a, a.strides, a.flags.f_contiguous, b.flags.writeable",),
        "a[0, 0] = 9",
    ),
    Entry(
        "arrays over memory of others",
        _NP
        + "import array\nb = bytearray(8); a = np.frombuffer(b, 'u2'); r = array.array('d', [1, 2]); n = np.asarray(r)",
        ("a, b, n, r", "(a.__setitem__(0, 300), b, n.__setitem__(1, 5.0), r)"),
        "a[1] = 7",
    ),
    Entry(
        "generators, bit generators and seed sequences",
        _NP
        + "g = np.random.default_rng(5); g.random(3); b = np.random.PCG64(3); h = np.random.Generator(b); s = np.random.SeedSequence(7); s.spawn(1); o = np.random.RandomState(4)",
        ("g.random(2), h.random(2), h.bit_generator is b, s.spawn(1)[0].spawn_key, o.rand(2)",),
        "g.random(); h.random(); s.spawn(1)",
    ),
    Entry(
        "the generator of the process",
        _NP + "np.random.seed(3); np.random.rand(2)",
        ("np.random.rand(2)",),
        "np.random.rand(1)",
    ),
)

_NUMPY = Shelf(
    "numpy",
    "numpy",
    entries=_ARRAYS,
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
    entries=(
        Entry(
            "sparse matrices and arrays",
            _NP
            + "import scipy.sparse as sp\nm = sp.csr_matrix(np.eye(3)); d = m.data; c = sp.coo_array(np.eye(2)); k = sp.dok_array((2, 2)); k[0, 1] = 5; l = sp.lil_array((2, 2))",
            ("m.toarray(), m.data is d, c.toarray(), k.toarray(), l.toarray(), m.has_sorted_indices",),
            "d[0] = 9; k[0, 0] = 1",
        ),
        Entry(
            "trees, splines and frozen distributions",
            _NP
            + "from scipy import spatial, interpolate, stats\nt = spatial.cKDTree(np.eye(3)); s = interpolate.CubicSpline([0, 1, 2], [0, 1, 4]); f = stats.norm(1, 2)",
            ("t.query([1, 0, 0]), s(1.5), f.mean(), f.pdf(1)",),
        ),
    ),
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
