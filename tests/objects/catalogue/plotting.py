"""Libraries that draw."""

import re

from tests.objects.entry import Entry, Shelf

__all__ = ["SHELVES"]

# The canvas and what belongs to its window; the numbers of connections.
_WINDOW = (
    r"\.canvas\b|\._original_dpi|_canvas_callbacks|_axobservers|\.manager\b|_cid_gen|_mouseover_set|_cid\b"
    r"|_func_cid_map|_invalid$|_renderer$|_axstack\._counter|(_parent|igure|^)\.stale_callback$"
)

_MATPLOTLIB = Shelf(
    "matplotlib",
    "matplotlib",
    entries=(
        Entry(
            "a figure with axes",
            "import matplotlib; matplotlib.use('agg')\nimport matplotlib.pyplot as plt\nf, a = plt.subplots(); l, = a.plot([1, 2], label='x'); a.legend(); a.set_title('t'); plt.close(f)",
            (
                "a.figure is f, a.lines[0] is l, l.get_ydata().tolist(), a.get_title()",
                "len(a.get_legend().get_texts())",
            ),
            "l.set_ydata([5, 6]); a.set_title('u')",
        ),
        Entry(
            "an image and its colour bar",
            "import matplotlib; matplotlib.use('agg')\nimport matplotlib.pyplot as plt, numpy as np\nf, a = plt.subplots(); d = np.arange(4.).reshape(2, 2); i = a.imshow(d); c = f.colorbar(i); plt.close(f)",
            ("i.get_array().tolist(), c.mappable is i, i.get_clim()",),
            "i.set_clim(0, 9)",
        ),
    ),
    modules=(
        "matplotlib.artist",
        "matplotlib.axes",
        "matplotlib.axis",
        "matplotlib.collections",
        "matplotlib.colors",
        "matplotlib.container",
        "matplotlib.dates",
        "matplotlib.figure",
        "matplotlib.font_manager",
        "matplotlib.gridspec",
        "matplotlib.image",
        "matplotlib.legend",
        "matplotlib.lines",
        "matplotlib.markers",
        "matplotlib.offsetbox",
        "matplotlib.patches",
        "matplotlib.path",
        "matplotlib.scale",
        "matplotlib.style",
        "matplotlib.table",
        "matplotlib.text",
        "matplotlib.ticker",
        "matplotlib.transforms",
        "matplotlib.tri",
        "matplotlib.widgets",
        "mpl_toolkits.mplot3d",
    ),
    prelude="import matplotlib; matplotlib.use('agg')\nimport matplotlib.pyplot as plt, numpy as np\nfig, ax = plt.subplots()\nplt.close(fig)",
    recipes={
        "Figure": "cls()",
        "SubFigure": "plt.figure().subfigures(1, 2)[0]",
        "Axes": "plt.figure().add_subplot()",
        "Axes3D": "plt.figure().add_subplot(projection='3d')",
        "Path": "cls([[0, 0], [1, 1]])",
        "Polygon": "cls([[0, 0], [1, 1], [1, 0]])",
        "Triangulation": "cls([0, 1, 0], [0, 0, 1])",
        "LineCollection": "cls([[[0, 0], [1, 1]]])",
        "PolyCollection": "cls([[[0, 0], [1, 1], [1, 0]]])",
    },
    arguments={
        "": "[0.0, 1.0]",
        "ax": "ax",
        "axes": "ax",
        "figure": "fig",
        "fig": "fig",
        "xy": "(0.0, 0.0)",
        "width": "1.0",
        "height": "1.0",
        "radius": "1.0",
        "s": "'text'",
        "axis": "ax.xaxis",
        "parent": "ax",
        "colors": "['r', 'g']",
        "segments": "[[[0, 0], [1, 1]]]",
        "nrows": "2",
        "ncols": "2",
        "handles": "[]",
        "labels": "[]",
    },
    ignored=re.compile(_WINDOW),
)

_SEABORN = Shelf(
    "seaborn",
    "seaborn",
    entries=(
        Entry(
            "a grid",
            "import matplotlib; matplotlib.use('agg')\nimport seaborn as sns, pandas as pd, matplotlib.pyplot as plt\ndf = pd.DataFrame({'a': [1, 2, 3], 'b': [3, 1, 2], 'c': list('xyx')})\ng = sns.FacetGrid(df, col='c'); g.map(plt.scatter, 'a', 'b'); plt.close(g.figure)",
            ("g.data is df, g.axes.shape, g.axes[0, 0].figure is g.figure",),
            "g.axes[0, 0].set_title('other')",
        ),
        Entry(
            "a palette",
            "import seaborn as sns\nx = sns.color_palette('deep', 3)",
            ("x, type(x).__name__",),
            "x.append((0, 0, 0))",
        ),
    ),
    modules=("seaborn", "seaborn.objects"),
    ignored=re.compile(_WINDOW),
    prelude="import matplotlib; matplotlib.use('agg')\nimport seaborn as sns, pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3], 'b': [3, 1, 2]})",
    arguments={"": "df", "data": "df"},
)

_PLOTLY = Shelf(
    "plotly",
    "plotly",
    entries=(
        Entry(
            "a figure",
            "import plotly.graph_objects as go\nx = go.Figure(go.Scatter(x=[1, 2], y=[3, 4])); t = x.data[0]; x.update_layout(title='t')",
            ("x.to_dict()", "x.data[0] is t"),
            "t.y = [5, 6]",
        ),
    ),
    modules=("plotly.graph_objects",),
    prelude="import plotly.graph_objects as go",
    never={"FigureWidget": "it needs a notebook's widgets"},
)

_BOKEH = Shelf(
    "bokeh",
    "bokeh",
    entries=(
        Entry(
            "a figure",
            "from bokeh.plotting import figure\nfrom bokeh.models import ColumnDataSource\ns = ColumnDataSource({'x': [1, 2], 'y': [3, 4]}); f = figure(title='t'); r = f.line('x', 'y', source=s)",
            ("f.title.text, r.data_source is s, s.data['y'], f.renderers[0] is r",),
            "s.data['y'] = [5, 6]",
        ),
    ),
    modules=("bokeh.models", "bokeh.plotting"),
    prelude="import bokeh.models",
)

_ALTAIR = Shelf(
    "altair",
    "altair",
    entries=(
        Entry(
            "a chart",
            "import altair as alt, pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': [3, 4]}); x = alt.Chart(df).mark_point().encode(x='a', y='b')",
            ("x.to_dict(), x.data is df",),
            "x.title = 't'",
        ),
    ),
    modules=("altair",),
    prelude="import altair as alt, pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})",
)

SHELVES = (_MATPLOTLIB, _SEABORN, _PLOTLY, _BOKEH, _ALTAIR)
