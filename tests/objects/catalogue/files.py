"""Files, databases and the web."""

import re

from tests.objects.entry import Entry, Shelf

__all__ = ["SHELVES"]

_FOLDER = "import tempfile, os\nplace = tempfile.mkdtemp()\n"

SHELVES = (
    Shelf(
        "duckdb",
        "duckdb",
        entries=(
            Entry(
                "a connection in memory",
                "import duckdb\nc = duckdb.connect(); c.execute('create table t as select 1 as a')",
                ("c.execute('select * from t').fetchall()",),
                "c.execute('insert into t values (2)')",
            ),
            Entry(
                "a relation", "import duckdb\nr = duckdb.sql('select 1 as a')", ("r.fetchall()",), "r = None"
            ),
        ),
        modules=("duckdb",),
        prelude="import duckdb",
        recipes={"DuckDBPyConnection": "duckdb.connect()", "DuckDBPyRelation": "duckdb.sql('select 1 as a')"},
    ),
    Shelf(
        "sqlalchemy",
        "sqlalchemy",
        entries=(
            Entry(
                "an engine",
                "import sqlalchemy as sa\ne = sa.create_engine('sqlite://')",
                ("e.url",),
                "e = None",
            ),
            Entry(
                "a table",
                "import sqlalchemy as sa\nm = sa.MetaData(); t = sa.Table('t', m, sa.Column('a', sa.Integer, primary_key=True)); q = sa.select(t).where(t.c.a > 1)",
                ("str(q), t.metadata is m, list(m.tables)",),
                "sa.Table('u', m, sa.Column('b', sa.Text))",
            ),
        ),
        modules=("sqlalchemy", "sqlalchemy.types", "sqlalchemy.orm"),
        # Names made of addresses, what is computed at first use, and which expression one was copied from.
        ignored=re.compile(
            r"_anon_map_key|_propagate_attrs|_is_clone_of|\.dispatch\b|impl_instance|\.info$|_default_path_loader_key"
            r"|_memoized|\.doc$|\.key$|_renders_in_subqueries|_wildcard_token|\.comparator\b"
        ),
        prelude="import sqlalchemy as sa",
        recipes={
            "MetaData": "cls()",
            "Table": "cls('t', sa.MetaData(), sa.Column('a', sa.Integer))",
            "Column": "cls('a', sa.Integer)",
        },
    ),
    Shelf(
        "h5py",
        "h5py",
        entries=(
            Entry(
                "an open file",
                _FOLDER
                + "import h5py\nf = h5py.File(os.path.join(place, 'f'), 'w'); d = f.create_dataset('d', data=[1, 2])",
                ("d[:].tolist()",),
                "d[0] = 5",
            ),
        ),
        modules=("h5py",),
        prelude=_FOLDER + "import h5py\nfile = h5py.File(os.path.join(place, 'f'), 'w')",
        recipes={
            "File": "file",
            "Dataset": "file.create_dataset('d', data=[1])",
            "Group": "file.create_group('g')",
            "AttributeManager": "file.attrs",
            "Empty": "cls('f')",
        },
    ),
    Shelf(
        "zarr",
        "zarr",
        entries=(
            Entry(
                "an array in memory", "import zarr\nz = zarr.array([1, 2, 3])", ("z[:].tolist()",), "z[0] = 9"
            ),
            Entry(
                "an array in a folder",
                _FOLDER
                + "import zarr\nz = zarr.open_array(os.path.join(place, 'z'), mode='w', shape=(3,), dtype='i4')",
                ("z.shape",),
                "z[0] = 9",
            ),
        ),
        modules=("zarr", "zarr.storage", "zarr.codecs"),
        prelude="import zarr",
        recipes={"Array": "zarr.array([1, 2])", "Group": "zarr.group()"},
    ),
    Shelf(
        "tables",
        "tables",
        entries=(
            Entry(
                "an open file",
                _FOLDER
                + "import tables\nf = tables.open_file(os.path.join(place, 'f'), 'w'); a = f.create_array('/', 'a', [1, 2])",
                ("a.read()",),
                "a[0] = 5",
            ),
        ),
        modules=("tables",),
        prelude="import tables",
    ),
    Shelf(
        "openpyxl",
        "openpyxl",
        entries=(
            Entry(
                "a workbook",
                "import openpyxl\nw = openpyxl.Workbook(); s = w.active; s['A1'] = 5; c = s['A1']",
                ("s['A1'].value, s['A1'] is c, w.active is s",),
                "s['A1'] = 6",
            ),
        ),
        modules=("openpyxl", "openpyxl.styles", "openpyxl.chart", "openpyxl.cell", "openpyxl.utils.cell"),
        prelude="import openpyxl",
    ),
    Shelf(
        "beautifulsoup4",
        "beautifulsoup4",
        entries=(
            Entry(
                "a parsed page",
                "import bs4\ns = bs4.BeautifulSoup('<p>a <b>c</b></p>', 'html.parser'); b = s.b",
                ("str(s), str(b)",),
                "b.string = 'z'",
            ),
        ),
        modules=("bs4",),
        prelude="import bs4",
        recipes={
            "BeautifulSoup": "cls('<p>a</p>', 'html.parser')",
            "Tag": "bs4.BeautifulSoup('<p>a</p>', 'html.parser').p",
        },
    ),
    Shelf(
        "lxml",
        "lxml",
        entries=(
            Entry(
                "a tree",
                "from lxml import etree\nr = etree.fromstring('<a><b/></a>'); b = r[0]",
                ("etree.tostring(r), r[0] is b",),
                "b.set('k', 'v')",
            ),
        ),
        modules=("lxml.etree", "lxml.html"),
        prelude="from lxml import etree",
        recipes={"_Element": "etree.fromstring('<a/>')"},
    ),
    Shelf(
        "requests",
        "requests",
        entries=(
            Entry(
                "a session",
                "import requests\ns = requests.Session(); s.headers['a'] = 'b'; s.cookies.set('k', 'v'); s.hooks['response'].append(len)",
                ("s.headers['a'], dict(s.cookies), s.hooks",),
                "s.headers['a'] = 'c'",
            ),
            Entry(
                "a response",
                "import requests\nr = requests.Response(); r._content = b'abc'; r.status_code = 200; r.url = 'u'; r.extra = [1]",
                ("r.text, r.status_code, r.url, r.extra",),
                "r.status_code = 500",
            ),
        ),
        modules=(
            "requests",
            "requests.auth",
            "requests.adapters",
            "requests.cookies",
            "requests.structures",
            "requests.models",
        ),
        prelude="import requests",
        arguments={"username": "'u'", "password": "'p'"},
    ),
    Shelf(
        "ibis-framework",
        "ibis-framework",
        entries=(
            Entry(
                "a table in memory",
                "import ibis\nt = ibis.memtable({'a': [1, 2]}); e = t.a.sum()",
                ("str(e.type()), t.columns",),
                "t = None",
            ),
        ),
        modules=("ibis",),
        ignored=re.compile("__precomputed_hash__"),
        prelude="import ibis",
    ),
    Shelf(
        "fsspec",
        "fsspec",
        entries=(
            Entry(
                "a file system",
                "import fsspec\nf = fsspec.filesystem('file')",
                ("f.protocol, f is fsspec.filesystem('file')",),
                "f = None",
            ),
        ),
        ignored=re.compile("_fs_token"),  # another in every process
        modules=("fsspec", "fsspec.implementations.local", "fsspec.implementations.memory"),
        prelude="import fsspec",
    ),
    Shelf(
        "dask",
        "dask",
        entries=(
            Entry(
                "delayed",
                "import dask\n@dask.delayed\ndef f(x): return x + 1\nx = f(f(1))",
                ("x.compute(scheduler='sync')",),
                "x = None",
            ),
            Entry(
                "an array",
                "import dask.array as da\nx = da.ones((4, 4), chunks=2).sum(axis=0)",
                ("x.compute(scheduler='sync').tolist(), x.chunks",),
                "x = None",
            ),
        ),
        modules=("dask", "dask.array", "dask.bag", "dask.delayed"),
        prelude="import dask, dask.array, dask.bag",
        recipes={
            "Array": "dask.array.ones(3)",
            "Bag": "dask.bag.from_sequence([1, 2])",
            "Item": "dask.bag.from_sequence([1, 2]).sum()",
        },
        ignored=re.compile(r"-token"),
    ),
)
