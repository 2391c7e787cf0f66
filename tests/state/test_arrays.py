"""numpy: memory, views and everything that looks at it."""

from tests.state.kinds import Kind, KindContract

KINDS = {
    "views": Kind(
        "import numpy as np\na = np.arange(12.).reshape(3, 4)\nv = a[1:, ::2]\nr = a[::-1, 1]\nt = a.T\n"
        "vv = v[0]\nb = np.broadcast_to(a[0], (3, 4))\nflat = a.reshape(-1)",
        "v[0, 0] = 99",
        (
            "a, v, r, t, vv, b",
            "np.shares_memory(a, v), np.shares_memory(a, b)",
            "v.base is a.base, vv.base is v.base, t.base is a.base",
            "v.strides, r.strides, b.strides, t.flags.f_contiguous, b.flags.writeable",
            "(flat.__setitem__(4, -1.0), v[0, 0], vv[0])",
        ),
    ),
    "views by stride tricks": Kind(
        "import numpy as np\na = np.arange(6.)\ns = np.lib.stride_tricks.sliding_window_view(a, 3)\nt = np.lib.stride_tricks.as_strided(a, (2, 2), (8, 16))",
        "a[0] = 9",
        ("s, t, s.strides, s.flags.writeable", "(a.__setitem__(1, 77.0), s, t)"),
    ),
    "an owner and its view": Kind(
        "import numpy as np\na = np.arange(10)\nv = a[2:5]\nheld = {'v': v}",
        "a[2] = 7",
        ("v.base is a", "held['v'] is v", "(a.__setitem__(3, 50), v)", "a.flags.owndata, a.flags.writeable"),
    ),
    "orders": Kind(
        "import numpy as np\nf = np.asfortranarray(np.arange(6).reshape(2, 3))\nk = np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2).copy('K')\n"
        "w = k[0]\nnc = np.ndarray((3,), 'i4', bytearray(range(40)), 2, (12,))",
        "f[0, 0] = 9; k[0, 0, 0] = 9; nc[0] = 1",
        (
            "f, f.flags.f_contiguous, f.strides",
            "k, k.strides, k.flags.owndata",
            "w.base is k",
            "nc, nc.strides",
        ),
    ),
    "dtypes": Kind(
        "import numpy as np\nd = np.array(['2020-01-01', 'NaT'], 'M8[D]'); td = np.array([1, 2], 'm8[s]'); h = np.array([1.5], 'f2')\n"
        "be = np.arange(3, dtype='>i4'); s = np.array(['ab', 'c']); by = np.array([b'x']); c = np.array([1j]); bo = np.array([True])\n"
        "st = np.array([(1, 2.5, 'q')], dtype=[('a', 'i4'), ('b', 'f8'), ('c', 'U3')]); col = st['b']\n"
        "nan = np.array([np.nan, -0.0]); sc = np.float32(1.5); dt = np.dtype('f4'); uf = np.add",
        "st['a'][0] = 9; d[0] = '1999-01-01'",
        (
            "d, td, h, be, be.dtype, s, by, c, bo, st, col, nan, sc, dt",
            "type(sc), uf is np.add",
            "col.base is st",
            "np.signbit(nan[1])",
        ),
    ),
    "odd shapes": Kind(
        "import numpy as np\nz = np.array(5); e = np.empty((0, 3), 'i2'); zv = z[()]; es = np.array([], 'U'); v = e[:, 1]; one = np.ones((1, 5, 1))[:, ::-2]",
        "z[()] = 6; e = None",
        ("z, z.shape, e, e.shape, e.dtype, zv, es, es.dtype, v.shape, one, one.strides",),
    ),
    "read-only arrays": Kind(
        "import numpy as np\na = np.arange(4); v = a[1:]; a.flags.writeable = False; f = np.frombuffer(b'abcdefgh', 'u1')",
        "a = None",
        ("a, v, f", "a.flags.writeable, v.flags.writeable, f.flags.writeable", "(v.__setitem__(0, 77), a)"),
    ),
    "object arrays": Kind(
        "import numpy as np\nx = [1]\no = np.array([x, None, 'a', {}], object)\nv = o[1:]\nm = np.array([[1, 'a'], [x, 2]], object)\ncol = m[:, 0]\n"
        "cyc = np.empty(1, object); cyc[0] = cyc\nso = np.array([(1, x)], dtype=[('n', 'i4'), ('o', object)])",
        "x.append(2); v[0] = 5",
        (
            "o, m, col",
            "o[0] is x, v.base is o, col[1] is x, so['o'][0] is x",
            "cyc[0] is cyc",
            "(v.__setitem__(0, 'w'), o[1])",
            "np.shares_memory(m, col)",
        ),
    ),
    "a view among its own elements": Kind(
        "import numpy as np\no = np.array([1, 2, 3], object)\nv = o[::-1]\nv[0] = v\nw = np.array([[1, 2], [3, 4]], object)\nt = w.T; t[0, 0] = t; row = w[1:]",
        "o[0] = 0; w[1, 1] = 9",
        (
            "v[0] is v, o[2] is v, v.base is o",
            "t[0, 0] is t, t.base is w, row.base is w, row.tolist()",
            "v[1:]",
        ),
    ),
    "subclasses": Kind(
        "import numpy as np\nma = np.ma.array([1, 2, 3], mask=[0, 1, 0], fill_value=-1); raw = ma.data; mt = np.matrix([[1, 2]]); re = np.rec.array([(1, 2.)], names='a,b')\n"
        "class Unit(np.ndarray):\n  def __array_finalize__(self, o): self.unit = getattr(o, 'unit', None)\nu = np.arange(3.).view(Unit); u.unit = ['m']; part = u[1:]",
        "ma[0] = 9; u.unit.append('x'); mt[0, 0] = 5; u[1] = 44",
        (
            "ma, ma.mask, ma.fill_value, type(ma).__name__, raw",
            "(raw.__setitem__(0, 70), ma[0])",
            "mt, type(mt).__name__, re.a, type(re).__name__",
            "u, u.unit, type(u) is Unit, part, part.unit is u.unit",
            "np.shares_memory(u, part)",
        ),
    ),
    "memory of others": Kind(
        "import numpy as np, array\nba = bytearray(range(16)); a = np.frombuffer(ba, 'u1'); b = np.frombuffer(ba, 'u2', offset=4)\n"
        "ar = array.array('d', [1, 2, 3]); n = np.asarray(ar); n2 = n[1:]",
        "a[4] = 0; n[0] = 7",
        (
            "a, b, n, ar",
            "(a.__setitem__(4, 200), b[0], ba[4])",
            "(n.__setitem__(1, 55.0), ar[1], n2[0])",
        ),
    ),
    "the same array everywhere": Kind(
        "import numpy as np\na = np.arange(5)\nl = [a, a, {'a': a}]\nt = (a[1:3],)",
        "a[1] = 100",
        ("l[0] is l[1] is l[2]['a'] is a", "(a.__setitem__(2, 9), t[0])"),
    ),
    "generators": Kind(
        "import numpy as np\ng = np.random.default_rng(5); g.random(3); same = g; rs = np.random.RandomState(4); rs.rand(2); bound = g.normal",
        "g.random(); rs.rand()",
        ("g is same", "g.random(2), rs.rand(2)", "bound.__self__ is g"),
    ),
    "sparse and estimators": Kind(
        "import numpy as np, scipy.sparse as sp\nm = sp.csr_matrix(np.eye(3)); d = m.data\n"
        "from sklearn.tree import DecisionTreeClassifier\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
        "X = np.arange(20.).reshape(10, 2); y = np.arange(10) % 2\n"
        "p = make_pipeline(StandardScaler(), DecisionTreeClassifier(random_state=0)).fit(X, y); scaler = p[0]; tree = p[1].tree_",
        "m.data[0] = 9; p[0].mean_[0] = 5",
        (
            "m.toarray(), m.data is d",
            "p.predict(X), p[0] is scaler, p[1].tree_ is tree, tree.threshold",
            "scaler.mean_",
        ),
    ),
}


class TestKinds(KindContract):
    kinds = KINDS
