"""What annotations are made of: type variables, aliases, protocols."""

from tests.state.kinds import Kind, KindContract

KINDS = {
    "type variables": Kind(
        (
            "import typing\n"
            "T=typing.TypeVar('T',bound=int); U=typing.TypeVar('U',int,str); P=typing.ParamSpec('P'); N=typing.NewType('N',int); Ts=getattr(typing,'TypeVarTuple',lambda n:n)('Ts')\n"
            "class G(typing.Generic[T]): pass\n"
            "class PG(typing.Generic[P]): pass\n"
            "x=G[int]; y=typing.Optional[G[T]]; l=typing.List[int]; cb=typing.Callable[[int],str]; an=typing.Annotated[int,'m']; lit=typing.Literal['a',1]; un=typing.Union[int,str]; n=N(4); fr=typing.ForwardRef('X')\n"
            "ds=[T,P,N]"
        ),
        "N=None",
        (
            "x,y,l,cb,an,lit,un,n",
            "T.__bound__, U.__constraints__, P.__name__",
            "ds[0] is T, ds[1] is P, ds[2] is N",
            "N.__supertype__, N.__module__",
            "G.__parameters__[0] is T",
            "x.__origin__ is G",
            "fr",
            "Ts",
            "PG.__parameters__[0] is P",
            "y.__args__[0].__args__[0] is T",
        ),
    ),
    "generic aliases": Kind(
        (
            "import typing\n"
            "a=typing.Any; b=typing.ClassVar[int]; c=typing.Final; d=typing.Type[int]; e=typing.Tuple[int,...]; f=typing.get_type_hints; g=typing.Dict[str,typing.List[int]]; h=typing.IO[str]; i=typing.NoReturn; j=getattr(typing,'Self',None); k=typing.Concatenate[int, typing.ParamSpec('Q')]"
        ),
        "a=None",
        ("a,b,c,d,e,g,h,i,j",),
    ),
    "aliases of classes of the notebook": Kind(
        (
            "import typing, collections.abc as ca\n"
            "T=typing.TypeVar('T')\n"
            "class L(list[T] if 0 else typing.List[T]): pass\n"
            "x=L[int]([1]); y=ca.Callable[[int],str]; z=ca.Sequence[int]; w=dict[str,T]"
        ),
        "x.append(2)",
        (
            "x,y,z,w",
            "x.__orig_class__ if hasattr(x,'__orig_class__') else 0",
            "w[int]",
        ),
    ),
}


class TestKinds(KindContract):
    kinds = KINDS
