"""Calls that only make a value: no side effect, and the same value every time, as long as their arguments allow it.

Everything else is taken for unknown. What a name means here is what it means in the library: before anything is run
again, the caller looks whether it still does.
"""

from typing import Literal, NamedTuple

__all__ = [
    "ATTRIBUTES",
    "CALLS",
    "CONTAINERS",
    "DECORATORS",
    "ITERABLE",
    "METHODS",
    "MODULES",
    "OBSERVERS",
    "SHOWERS",
    "STEADY",
    "Known",
]

Arguments = Literal["plain", "hold", "lazy", "eat"]


class Known(NamedTuple):
    """The type that a call gives, and what it does with its arguments.

    ``plain``: looks into them, so they must be numbers and texts, or containers of nothing else. ``hold``: keeps them
    and looks at nothing. ``lazy``: asks each for an iterator and takes nothing from it. ``eat``: iterates over them.
    """

    kind: str
    arguments: Arguments


def _table(arguments: Arguments, *lines: str) -> dict[str, Known]:
    """Read names, each with its type after a colon (none: it depends); without a colon that is its last part."""
    found = {}
    for each in " ".join(lines).split():
        name, said, kind = each.partition(":")
        found[name] = Known(kind if said else name.rpartition(".")[2], arguments)
    return found


CALLS: dict[str, Known] = {
    **_table(
        "plain",
        "builtins.abs: builtins.bool builtins.bytes builtins.bytearray builtins.complex builtins.dict builtins.divmod:tuple",
        "builtins.float builtins.frozenset builtins.int builtins.max: builtins.min: builtins.range builtins.round:",
        "builtins.set builtins.slice builtins.sorted:list builtins.str builtins.sum: builtins.len:int builtins.ord:int",
        "builtins.chr:str builtins.pow: builtins.hex:str builtins.bin:str builtins.oct:str builtins.repr:str",
        "collections.Counter collections.OrderedDict collections.defaultdict collections.deque",
        "csv.Sniffer datetime.date datetime.datetime datetime.time datetime.timedelta datetime.timezone",
        "decimal.Decimal fractions.Fraction array.array uuid.UUID string.Template struct.Struct:Struct",
        "io.StringIO io.BytesIO pathlib.Path:PosixPath pathlib.PurePath:PurePosixPath json.loads: ast.parse:Module",
        "hashlib.md5:HASH hashlib.sha1:HASH hashlib.sha224:HASH hashlib.sha256:HASH hashlib.sha384:HASH",
        "hashlib.sha512:HASH hashlib.blake2b hashlib.blake2s hashlib.sha3_256 hashlib.sha3_512 hashlib.new:HASH",
        "hmac.new:HMAC zlib.crc32:int zlib.compress:bytes zlib.decompress:bytes zlib.compressobj:Compress",
        "zlib.decompressobj:Decompress bz2.BZ2Compressor bz2.BZ2Decompressor lzma.LZMACompressor lzma.LZMADecompressor",
        "base64.b64encode:bytes base64.b64decode:bytes re.compile:Pattern re.match:Match re.search:Match",
        "re.fullmatch:Match re.finditer:callable_iterator re.findall:list re.split:list re.sub:str re.escape:str",
        "itertools.count itertools.repeat operator.itemgetter operator.attrgetter operator.methodcaller",
        "random.Random:Random xml.parsers.expat.ParserCreate:xmlparser sqlite3.connect:Connection",
        "math.sqrt:float math.floor:int math.ceil:int math.log:float math.exp:float math.pow:float",
        "numpy.zeros:ndarray numpy.ones:ndarray numpy.full:ndarray numpy.arange:ndarray numpy.linspace:ndarray",
        "numpy.eye:ndarray numpy.array:ndarray numpy.asarray:ndarray numpy.ndindex",
    ),
    **_table(
        "hold",
        "builtins.object builtins.memoryview functools.partial types.SimpleNamespace types.MappingProxyType:mappingproxy",
        "contextlib.nullcontext contextlib.closing contextvars.ContextVar threading.Lock:lock threading.RLock:RLock",
        "threading.Event threading.Condition threading.Semaphore threading.BoundedSemaphore threading.Barrier",
        "threading.local:_local queue.Queue queue.LifoQueue queue.PriorityQueue queue.SimpleQueue",
        "asyncio.Lock asyncio.Event asyncio.Queue asyncio.Semaphore asyncio.Condition numpy.nditer numpy.ndenumerate",
        "builtins.type:type builtins.isinstance:bool builtins.callable:bool",
    ),
    **_table(
        "lazy",
        "builtins.iter: builtins.zip builtins.enumerate builtins.reversed: csv.reader csv.DictReader itertools.chain",
        "itertools.cycle itertools.islice itertools.zip_longest itertools.pairwise itertools.compress itertools.batched",
        "itertools.chain.from_iterable:chain itertools.groupby itertools.accumulate itertools.tee:tuple",
    ),
    # The first argument is kept and called later; the others are asked for an iterator.
    **_table(
        "lazy",
        "builtins.map builtins.filter itertools.starmap itertools.takewhile itertools.dropwhile itertools.filterfalse",
    ),
    **_table(
        "eat",
        "builtins.list builtins.tuple itertools.product itertools.permutations itertools.combinations",
        "itertools.combinations_with_replacement",
    ),
}

_TEXT = (
    "capitalize casefold center count encode endswith expandtabs find format index isalnum isalpha isascii isdecimal "
    "isdigit isidentifier islower isnumeric isspace istitle isupper ljust lower lstrip partition removeprefix "
    "removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title "
    "translate upper zfill join decode"
)
_LISTS = frozenset(("partition", "rpartition", "rsplit", "split", "splitlines"))
_NUMBERS = frozenset(("count", "find", "index", "rfind", "rindex"))


def _of_text(kind: str, method: str) -> Known:
    if method in _LISTS:
        return Known("list", "plain")
    if method in _NUMBERS:
        return Known("int", "plain")
    if method.startswith(("is", "starts", "ends")):
        return Known("bool", "plain")
    return Known({"encode": "bytes", "decode": "str"}.get(method, kind), "plain")


METHODS: dict[tuple[str, str], Known] = {
    **{(kind, method): _of_text(kind, method) for kind in ("str", "bytes") for method in _TEXT.split()},
    **{("dict", method): Known(f"dict_{method}", "hold") for method in ("keys", "values", "items")},
    **{(kind, "copy"): Known(kind, "plain") for kind in ("dict", "list", "set", "bytearray", "ndarray")},
    ("Connection", "cursor"): Known("Cursor", "hold"),
    **{("Pattern", method): Known("Match", "plain") for method in ("match", "search", "fullmatch")},
    ("Pattern", "finditer"): Known("callable_iterator", "plain"),
    ("Pattern", "findall"): Known("list", "plain"),
    ("Pattern", "split"): Known("list", "plain"),
    ("Pattern", "sub"): Known("str", "plain"),
    ("Pattern", "scanner"): Known("SRE_Scanner", "plain"),
    ("DataFrame", "iterrows"): Known("generator", "plain"),
    ("DataFrame", "itertuples"): Known("map", "plain"),
    ("DataFrame", "items"): Known("generator", "plain"),
    ("DataFrame", "groupby"): Known("DataFrameGroupBy", "plain"),
    ("DataFrame", "rolling"): Known("Rolling", "plain"),
    ("Series", "rolling"): Known("Rolling", "plain"),
}

ATTRIBUTES: dict[tuple[str, str], str] = {
    ("ndarray", "flat"): "flatiter",
    ("ndarray", "T"): "ndarray",
    ("ndarray", "data"): "memoryview",
    **{("range", name): "int" for name in ("start", "stop", "step")},
    **{("Path", name): "Path" for name in ("parent",)},
}

DECORATORS = frozenset(
    """
    functools.cache functools.lru_cache functools.wraps contextlib.contextmanager contextlib.asynccontextmanager
    builtins.staticmethod builtins.classmethod builtins.property functools.cached_property dataclasses.dataclass
    """.split()  # noqa: SIM905 # a list of names reads better so
)

CONTAINERS = frozenset(
    """
    list tuple dict set frozenset str bytes bytearray range deque Counter OrderedDict defaultdict ndarray DataFrame
    Series dict_keys dict_values dict_items array
    """.split()  # noqa: SIM905
)
_ITERATORS = frozenset(
    """
    generator zip map filter enumerate reversed chain cycle islice zip_longest pairwise compress batched groupby count
    repeat accumulate product permutations combinations combinations_with_replacement starmap takewhile dropwhile
    filterfalse reader DictReader callable_iterator flatiter nditer ndenumerate list_iterator tuple_iterator
    str_iterator range_iterator dict_keyiterator set_iterator list_reverseiterator StringIO TextIOWrapper tee _tee
    bytes_iterator bytearray_iterator str_ascii_iterator BufferedReader BytesIO ndindex Cursor
    """.split()  # noqa: SIM905
)
# Types of libraries whose ``__iter__`` changes nothing. Sets of texts have another order in every process.
ITERABLE = (CONTAINERS - {"set", "frozenset"}) | _ITERATORS

# Of these an iterator that was asked for nothing yet does not notice what is changed in them.
STEADY = (ITERABLE - CONTAINERS) | {"list", "tuple", "str", "bytes", "bytearray", "range"}

# Modules of the standard library whose attributes are functions, classes and constants, and do not change.
MODULES = frozenset(name.rpartition(".")[0].removesuffix(".chain") for name in CALLS) - {
    "builtins",
    "contextvars",
}

# These look at a value and leave it as it is, where its class is a library's.
OBSERVERS = frozenset(("type", "isinstance", "id", "callable"))
SHOWERS = frozenset(("print", "repr", "str", "display", "len"))
