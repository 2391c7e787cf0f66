"""Pictures, maps and shapes."""

import re

from tests.objects.entry import Entry, Shelf

__all__ = ["SHELVES"]

_FOLDER = "import tempfile, os\nplace = tempfile.mkdtemp()\n"

SHELVES = (
    Shelf(
        "pillow",
        "pillow",
        entries=(
            Entry(
                "images",
                "from PIL import Image\nx = Image.new('RGB', (3, 2), 'red'); p = x.quantize(2); x.info['k'] = [1]; y = x",
                ("x.tobytes(), x.info, x.mode, y is x, p.getpalette(), p.mode, p.tobytes()",),
                "x.putpixel((0, 0), (1, 2, 3))",
            ),
            Entry(
                "an image in a file, not read yet",
                _FOLDER
                + "from PIL import Image\nImage.new('L', (2, 2), 7).save(os.path.join(place, 'f.png')); x = Image.open(os.path.join(place, 'f.png'))",
                ("x.tobytes(), x.size",),
                "x = None",
            ),
            Entry(
                "a drawing",
                "from PIL import Image, ImageDraw\ni = Image.new('L', (3, 3)); d = ImageDraw.Draw(i)",
                ("(d.point((1, 1), 9), i.tobytes())",),
                "d.point((0, 0), 5)",
            ),
        ),
        modules=(
            "PIL.Image",
            "PIL.ImageDraw",
            "PIL.ImageFilter",
            "PIL.ImageFont",
            "PIL.ImageEnhance",
            "PIL.ImagePalette",
            "PIL.ImageSequence",
            "PIL.ImageCms",
            "PIL.ImageOps",
            "PIL.PngImagePlugin",
            "PIL.TiffImagePlugin",
        ),
        prelude="from PIL import Image, ImageFont\nimage = Image.new('RGB', (3, 2), 'red')",
        recipes={"Image": "image", "FreeTypeFont": "ImageFont.load_default(12)"},
        arguments={"": "image", "image": "image", "im": "image"},
    ),
    Shelf(
        "opencv-python-headless",
        "opencv-python-headless",
        entries=(
            Entry(
                "key points", "import cv2\nx = cv2.KeyPoint(1.0, 2.0, 3.0)", ("x.pt, x.size",), "x.size = 9"
            ),
            Entry(
                "a detector",
                "import cv2\nx = cv2.ORB_create(7)",
                ("x.getMaxFeatures()",),
                "x.setMaxFeatures(9)",
            ),
        ),
        modules=("cv2",),
        prelude="import cv2",
    ),
    Shelf(
        "imageio",
        "imageio",
        entries=(
            Entry(
                "an image",
                "import imageio, numpy as np\nx = imageio.core.util.Array(np.zeros((2, 2)), {'k': 1})",
                ("x.meta, x.tolist(), type(x).__name__",),
                "x[0, 0] = 5",
            ),
        ),
        modules=("imageio",),
        prelude="import imageio",
    ),
    Shelf(
        "scikit-image",
        "scikit-image",
        entries=(
            Entry(
                "regions",
                "import numpy as np\nfrom skimage.measure import label, regionprops\nl = label(np.eye(3)); r = regionprops(l)",
                ("r[0].area, r[0].bbox",),
                "l[0, 0] = 0",
            ),
        ),
        modules=(
            "skimage.transform",
            "skimage.measure",
            "skimage.feature",
            "skimage.graph",
            "skimage.future",
            "skimage.util",
        ),
        prelude="import numpy as np",
        arguments={"": "np.eye(3)", "image": "np.eye(3)"},
    ),
    Shelf(
        "shapely",
        "shapely",
        entries=(
            Entry(
                "shapes",
                "import shapely, shapely.prepared\nx = shapely.Point(1, 2); y = shapely.Polygon([(0, 0), (1, 0), (1, 1)]); p = shapely.prepared.prep(y); t = shapely.STRtree([x, y])",
                ("x.wkt, y.wkb, y.contains(x), t.query(x).tolist()",),
                "x = None",
            ),
        ),
        modules=("shapely", "shapely.geometry"),
        prelude="import shapely",
        recipes={
            "LinearRing": "cls([(0, 0), (1, 0), (1, 1)])",
            "LineString": "cls([(0, 0), (1, 1)])",
            "Polygon": "cls([(0, 0), (1, 0), (1, 1)])",
            "Point": "cls(1, 2)",
        },
    ),
    Shelf(
        "geopandas",
        "geopandas",
        entries=(
            Entry(
                "a frame",
                "import geopandas as gpd, shapely\nx = gpd.GeoDataFrame({'a': [1, 2]}, geometry=[shapely.Point(0, 0), shapely.Point(1, 1)], crs=4326); g = x.geometry",
                (
                    "x.to_wkt().to_dict(), str(x.crs), type(g).__name__, x.geometry.name, x.sindex.query(shapely.Point(0, 0)).tolist()",
                ),
                "x.loc[0, 'a'] = 9",
            ),
        ),
        ignored=re.compile(r"\._cache\b|\._id$|\.__wrapped|_mgr$"),
        modules=("geopandas",),
        prelude="import geopandas as gpd, shapely",
        recipes={
            "GeoSeries": "gpd.GeoSeries([shapely.Point(0, 0)], crs=4326)",
            "GeoDataFrame": "gpd.GeoDataFrame({'a': [1]}, geometry=[shapely.Point(0, 0)])",
        },
    ),
)
