"""torch and what is built on it or beside it: keras, jax, numba."""

import re

from tests.objects.entry import Entry, Shelf

__all__ = ["SHELVES"]

_TENSORS = (
    Entry(
        "tensors sharing a storage: slices, transposes, expanded",
        "import torch\na = torch.arange(12.).reshape(3, 4); v = a[1:, ::2]; t = a.T; e = a[0].expand(3, 4)",
        (
            "a, v, t, e, v.stride(), e.stride(), v._base is t._base",
            "(a.__setitem__((1, 0), -1.0), v, t, e)",
        ),
        "v[0, 0] = 99",
    ),
    Entry(
        "sparse tensors",
        "import torch, warnings; warnings.simplefilter('ignore')\nx = torch.eye(3).to_sparse(); y = torch.eye(3).to_sparse_csr()",
        ("x, y",),
        "x.values()[0] = 5",
    ),
    Entry(
        "quantised tensors",
        "import torch, warnings; warnings.simplefilter('ignore')\nx = torch.quantize_per_tensor(torch.eye(3), 0.1, 3, torch.qint8)",
        ("x, x.q_scale()",),
    ),
    Entry(
        "bfloat16 tensors",
        "import torch\nx = torch.tensor([1.5, -0.0]).bfloat16()",
        ("x, x.dtype",),
        "x[0] = 2",
    ),
    Entry(
        "a tensor over an array",
        "import torch, numpy as np\na = np.arange(4.); x = torch.from_numpy(a)",
        ("x", "(a.__setitem__(0, 7.0), x)"),
        "a[1] = 9",
    ),
    Entry(
        "an array over a tensor",
        "import torch\nx = torch.arange(4.); a = x.numpy()",
        ("a", "(x.__setitem__(0, 7.0), a)"),
        "a[1] = 9",
    ),
    Entry(
        "autograd leaves with .grad",
        "import torch\nw = torch.ones(3, requires_grad=True); (w * 2).sum().backward(); g = w.grad",
        ("w, w.grad, w.grad is g, w.requires_grad, w.is_leaf",),
        "w.grad[0] = 9",
    ),
    Entry(
        "tensors with a graph",
        "import torch\nw = torch.ones(3, requires_grad=True); loss = (w * 2).sum()",
        ("loss.item()",),
        "loss = None",
    ),
    Entry(
        "parameters shared between modules and optimisers",
        "import torch; torch.manual_seed(0)\nm = torch.nn.Linear(3, 3); n = torch.nn.Linear(3, 3); n.weight = m.weight\n"
        "o = torch.optim.Adam(list(m.parameters()))\ndef step():\n  o.zero_grad(); l = m(torch.ones(2, 3)).pow(2).sum(); l.backward(); o.step(); return l.item()\nstep()",
        (
            "n.weight is m.weight, o.param_groups[0]['params'][0] is m.weight, m.weight in o.state",
            "[step(), step()], m.weight",
        ),
        "step()",
    ),
    Entry(
        "a scheduler and its optimiser",
        "import torch\nm = torch.nn.Linear(1, 1); o = torch.optim.SGD(m.parameters(), lr=1.0); s = torch.optim.lr_scheduler.StepLR(o, 1); o.step(); s.step()",
        ("s.optimizer is o, o.param_groups[0]['lr']", "(o.step(), s.step(), o.param_groups[0]['lr'])"),
        "s.step()",
    ),
    Entry(
        "generators",
        "import torch\nx = torch.Generator().manual_seed(3)",
        ("torch.rand(2, generator=x)",),
        "torch.rand(1, generator=x)",
    ),
    Entry(
        "the generator of the process",
        "import torch\ntorch.manual_seed(3); x = torch.rand(2)",
        ("torch.rand(2)",),
        "torch.rand(1)",
    ),
    Entry(
        "a scripted module",
        "import torch, warnings; warnings.simplefilter('ignore')\nx = torch.jit.script(torch.nn.Linear(2, 2))",
        ("x.weight.shape",),
        "x.weight.data[0] = 1",
    ),
    Entry(
        "a compiled module",
        "import torch\nx = torch.compile(torch.nn.Linear(2, 2))",
        ("x.weight.shape",),
        "x = None",
    ),
    Entry(
        "a half read loader",
        "import torch\nd = torch.utils.data.DataLoader(torch.arange(4)); x = iter(d); next(x)",
        ("list(x)",),
        "next(x)",
    ),
)

_TORCH = Shelf(
    "torch",
    "torch",
    entries=_TENSORS,
    modules=(
        "torch",
        "torch.nn",
        "torch.nn.utils.rnn",
        "torch.optim",
        "torch.optim.lr_scheduler",
        "torch.optim.swa_utils",
        "torch.utils.data",
        "torch.distributions",
        "torch.distributions.transforms",
        "torch.distributions.constraints",
        "torch.autograd",
        "torch.amp",
        "torch.fx",
        "torch.profiler",
    ),
    prelude=(
        "import torch, warnings\nwarnings.simplefilter('ignore')\ntorch.manual_seed(0)\nmodel = torch.nn.Linear(3, 2)\n"
        "def trained(cls):\n    m = torch.nn.Linear(3, 2); o = cls(m.parameters())\n    m(torch.ones(1, 3)).sum().backward(); o.step(); return o\n"
        "opt = torch.optim.SGD(model.parameters(), lr=0.1)"
    ),
    recipes={
        **dict.fromkeys(
            (
                "Adadelta",
                "Adafactor",
                "Adagrad",
                "Adam",
                "AdamW",
                "Adamax",
                "ASGD",
                "NAdam",
                "RAdam",
                "RMSprop",
                "Rprop",
                "SGD",
            ),
            "trained(cls)",
        ),
        "LBFGS": "cls(model.parameters())",
        "Tensor": "torch.arange(6.0).reshape(2, 3)",
        "Parameter": "cls(torch.ones(2))",
        "Sequential": "cls(torch.nn.Linear(2, 2), torch.nn.ReLU())",
        "ModuleList": "cls([torch.nn.Linear(2, 2)])",
        "ModuleDict": "cls({'a': torch.nn.Linear(2, 2)})",
        "PackedSequence": "torch.nn.utils.rnn.pack_sequence([torch.ones(3), torch.ones(2)])",
        "GraphModule": "torch.fx.symbolic_trace(model)",
        "Generator": "torch.Generator().manual_seed(3)",
        "Size": "torch.Size([1, 2])",
        "device": "torch.device('cpu')",
        "dtype": "torch.float32",
        "layout": "torch.strided",
        "finfo": "torch.finfo(torch.float32)",
        "iinfo": "torch.iinfo(torch.int8)",
        "UntypedStorage": "torch.ones(2).untyped_storage()",
        "DataLoader": "cls(torch.utils.data.TensorDataset(torch.arange(4)))",
        "TensorDataset": "cls(torch.arange(4))",
        "Subset": "cls(torch.utils.data.TensorDataset(torch.arange(4)), [0, 1])",
        "Transformer": "cls(8, 2, 1, 1, 16)",
        "TransformerEncoder": "cls(torch.nn.TransformerEncoderLayer(8, 2, 16), 1)",
        "TransformerDecoder": "cls(torch.nn.TransformerDecoderLayer(8, 2, 16), 1)",
        "Normal": "cls(torch.zeros(2), torch.ones(2))",
        "MultivariateNormal": "cls(torch.zeros(2), torch.eye(2))",
        "Categorical": "cls(torch.ones(3))",
    },
    arguments={
        "": "2",
        "optimizer": "opt",
        "params": "model.parameters()",
        "model": "model",
        "module": "model",
        "encoder_layer": "torch.nn.TransformerEncoderLayer(8, 2, 16)",
        "d_model": "8",
        "nhead": "2",
        "num_heads": "2",
        "embed_dim": "8",
        "lr_lambda": "float",
        "schedulers": "[torch.optim.lr_scheduler.ConstantLR(opt), torch.optim.lr_scheduler.ExponentialLR(opt, 0.9)]",
        "milestones": "[1]",
        "gamma": "0.9",
        "loc": "torch.zeros(2)",
        "scale": "torch.ones(2)",
        "probs": "torch.full((2,), 0.5)",
        "concentration": "torch.ones(2)",
        "rate": "torch.ones(2)",
        "dataset": "torch.utils.data.TensorDataset(torch.arange(4))",
        "data_source": "[1, 2]",
        "datasets": "[[1], [2]]",
    },
    ignored=re.compile(r"\._inv$|_co_fields"),
    never={
        "Library": "it registers operators with the process",
        "profile": "it measures the process while it runs",
        "PyTorchFileReader": "it reads an open file",
        "PyTorchFileWriter": "it writes an open file",
    },
)

_KERAS = Shelf(
    "keras",
    "keras",
    modules=(
        "keras",
        "keras.layers",
        "keras.optimizers",
        "keras.losses",
        "keras.metrics",
        "keras.initializers",
        "keras.regularizers",
        "keras.callbacks",
        "keras.optimizers.schedules",
        "keras.constraints",
    ),
    entries=(
        Entry(
            "a trained model",
            "import os; os.environ['KERAS_BACKEND'] = 'torch'\nimport keras, numpy as np; keras.utils.set_random_seed(0)\n"
            "m = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(1)]); m.compile('adam', 'mse')\n"
            "X = np.ones((4, 2)); y = np.ones((4, 1)); h = m.fit(X, y, verbose=0)",
            ("m.predict(X, verbose=0).tolist()", "h.history", "m.optimizer.iterations.numpy() + 0"),
            "m.fit(X, y, verbose=0)",
        ),
    ),
    prelude="import os; os.environ.setdefault('KERAS_BACKEND', 'torch')\nimport keras",
    imports="import os; os.environ.setdefault('KERAS_BACKEND', 'torch')\nimport keras",
    arguments={
        "": "2",
        "units": "3",
        "filters": "2",
        "kernel_size": "2",
        "layer": "keras.layers.Dense(2)",
        "rate": "0.5",
    },
)

_JAX = Shelf(
    "jax",
    "jax",
    modules=("jax", "jax.numpy", "jax.random", "jax.tree_util", "jax.sharding"),
    entries=(
        Entry("arrays", "import jax.numpy as jnp\nx = jnp.arange(4.0); y = x[1:]", ("x, y, x.dtype",)),
        Entry(
            "keys of random numbers",
            "import jax\nx = jax.random.key(3); y = jax.random.PRNGKey(3)",
            ("jax.random.normal(x, (2,)), y",),
        ),
        Entry(
            "a compiled function", "import jax\n@jax.jit\ndef f(x): return x + 1\nf(1)", ("f(2)",), "f = None"
        ),
    ),
    prelude="import jax, jax.numpy as jnp",
    recipes={"Array": "jnp.arange(3)", "ndarray": "jnp.arange(3)"},
)

_NUMBA = Shelf(
    "numba",
    "numba",
    entries=(
        Entry(
            "a compiled function",
            "import numba\n@numba.njit\ndef f(x): return x + 1\nf(1)",
            ("f(2)",),
            "f = None",
        ),
        Entry(
            "a vectorised function",
            "import numba\n@numba.vectorize\ndef f(x): return x + 1\nf(1)",
            ("f(2)",),
            "f = None",
        ),
        Entry(
            "typed containers",
            "import numba\nx = numba.typed.List([1, 2]); d = numba.typed.Dict(); d['a'] = 1.0",
            ("list(x), dict(d)",),
            "x.append(3); d['b'] = 2.0",
        ),
    ),
)

SHELVES = (_TORCH, _KERAS, _JAX, _NUMBA)
