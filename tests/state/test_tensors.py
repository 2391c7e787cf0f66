"""torch: storages, tensors and what learns. Run where torch is installed (`make objects` installs it)."""

import pytest

from tests.state.kinds import Kind, KindContract
from tests.state.world import World

pytest.importorskip("torch")

KINDS = {
    "tensors that share a storage": Kind(
        "import torch\na = torch.arange(12.).reshape(3, 4)\nv = a[1:, ::2]\nt = a.T\ne = a[0].expand(3, 4)\n"
        "flat = a.view(-1)\nbits = a.view(torch.int32)\nd = a.detach()\nsame = a\nheld = {'v': v}",
        "v[0, 0] = 99",
        (
            "a, v, t, e, flat, bits, d",
            "v.stride(), t.stride(), e.stride(), v.storage_offset()",
            "same is a, held['v'] is v, v._base is a._base, t._base is v._base",
            "len({x.untyped_storage().data_ptr() for x in (a, v, t, e, flat, bits, d)})",
            "(flat.__setitem__(4, -1.0), v[0, 0], a[1, 0], d[1, 0], bits[1, 0])",
        ),
    ),
    "dtypes": Kind(
        "import torch\nb = torch.tensor([1.5, -0.0], dtype=torch.bfloat16); h = b.half(); c = torch.tensor([1j]); cj = c.conj(); n = c.conj().imag\n"
        "i = torch.tensor([True, False]); s = torch.tensor(5); em = torch.empty(0, 3); f8 = b.to(torch.float8_e5m2); u = torch.tensor([1], dtype=torch.uint16)",
        "b[0] = 3; c[0] = 2j; s += 1",
        (
            "b, h, c, cj, n, i, s, em.shape, f8.float(), u.dtype, u.tolist()",
            "cj.is_conj(), n.is_neg(), b.dtype, f8.dtype",
            "(c.__setitem__(0, 5j), cj[0])",
        ),
    ),
    "sparse and quantised": Kind(
        "import torch, warnings\nwarnings.simplefilter('ignore')\nm = torch.eye(3); coo = m.to_sparse(); csr = m.to_sparse_csr(); q = torch.quantize_per_tensor(m, 0.1, 3, torch.qint8)\n"
        "w = torch.eye(2).to_sparse().requires_grad_(); meta = torch.empty(2, 3, device='meta')",
        "coo.values()[0] = 9; csr.values()[0] = 9; q = None",
        (
            "coo, csr, q",
            "coo.is_coalesced(), q.q_scale(), q.q_zero_point()",
            "w.requires_grad, meta.shape, meta.device",
        ),
    ),
    "leaves": Kind(
        "import torch\nw = torch.ones(3, requires_grad=True); (w * 2).sum().backward(); g = w.grad; z = torch.zeros(2, requires_grad=True)\n"
        "w.tag = ['t']; calls = []\nz.register_hook(lambda grad: calls.append(float(grad.sum())))",
        "w.grad[0] = 9; w.tag.append(1); z.grad = torch.ones(2)",
        (
            "w, w.grad, w.grad is g, w.is_leaf, z.grad, w.tag",
            "((z * 3).sum().backward(), z.grad, calls)",
        ),
    ),
    "arrays and tensors over one memory": Kind(
        "import torch, numpy as np\na = np.arange(4.); t = torch.from_numpy(a); u = torch.arange(3); n = u.numpy(); part = n[1:]; tail = t[2:]",
        "a[2] = 7; u[1] = 9",
        (
            "a, t, u, n, part, tail",
            "(a.__setitem__(3, 50.0), t, tail)",
            "(t.__setitem__(0, -1.0), a)",
            "(u.__setitem__(2, 70), n, part)",
            "n.flags.writeable",
        ),
    ),
    "tensors over arrays that no name holds": Kind(
        "import torch, numpy as np\nclass Rows:\n  def __init__(self): self.x = np.arange(4.); self.t = torch.from_numpy(self.x)\n"
        "rows = Rows(); deep = {'a': [np.arange(3)]}; t = torch.from_numpy(deep['a'][0]); alone = torch.from_numpy(np.ones(2))",
        "t[0] = 77",
        (
            "deep, t, rows.x, rows.t, alone",
            "(t.__setitem__(1, 5), deep['a'][0])",
            "(rows.x.__setitem__(1, 5), rows.t)",
        ),
    ),
    "modules and what trains them": Kind(
        "import torch\nfrom torch import nn\ntorch.manual_seed(0)\nmodel = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1))\n"
        "tied = nn.Linear(3, 4); tied.weight = model[0].weight\n"
        "opt = torch.optim.AdamW(model.parameters(), lr=0.1); sched = torch.optim.lr_scheduler.StepLR(opt, 1)\nX = torch.ones(5, 3)\n"
        "def step():\n  opt.zero_grad(); loss = (model(X) ** 2).sum(); loss.backward(); opt.step(); sched.step(); return loss.item()\nfirst = step(); params = list(model.parameters())",
        "step()",
        (
            "first, model.state_dict()",
            "tied.weight is model[0].weight, params[0] is model[0].weight, opt.param_groups[0]['params'][0] is params[0]",
            "all(p in opt.state for p in params), opt.state[params[0]]['exp_avg']",
            "sched.optimizer is opt, opt.param_groups[0]['lr']",
            "[step(), step()]",
            "__import__('warnings').catch_warnings(record=True).__enter__()",
        ),
    ),
    "generators": Kind(
        "import torch\ng = torch.Generator().manual_seed(3); torch.rand(2, generator=g); same = g; d = torch.default_generator",
        "torch.rand(1, generator=g)",
        ("g is same, d is torch.default_generator", "torch.rand(2, generator=g)"),
    ),
    "datasets and loaders": Kind(
        "import torch\nfrom torch.utils.data import TensorDataset, DataLoader\nds = TensorDataset(torch.arange(6.).reshape(3, 2), torch.tensor([0, 1, 0])); dl = DataLoader(ds, batch_size=2); x = ds.tensors[0]",
        "x[0, 0] = 9",
        ("[b for b in dl]", "dl.dataset is ds, ds.tensors[0] is x"),
    ),
    "strange ones": Kind(
        "import torch\np = torch.nn.Parameter(torch.ones(2), requires_grad=False)\nclass T(torch.Tensor): pass\ns = torch.ones(3).as_subclass(T); s.note = 1\n"
        "torch.manual_seed(0); lazy = torch.nn.LazyLinear(2)\nst = torch.ones(2).untyped_storage(); sh = torch.ones(2).share_memory_(); rnn = torch.nn.LSTM(2, 2)",
        "p[0] = 5; s.note = 2; sh[0] = 3; rnn.weight_ih_l0.data[0] = 0",
        (
            "p, type(p).__name__, p.requires_grad",
            "s.tolist(), type(s) is T, s.note",
            "lazy, st.tolist()",
            "sh, sh.is_shared()",
            "rnn(torch.ones(1, 2))[0].tolist()",
        ),
    ),
}


class TestKinds(KindContract):
    kinds = KINDS


def test_a_computed_tensor_comes_back_without_its_graph_and_says_so() -> None:
    """The loss of a training cell is in every notebook: its value is wanted, its graph is gone."""
    world = World()
    world.run("import torch\nw = torch.ones(2, requires_grad=True)\nloss = (w * 3).sum()")
    assert "graph" in world.engine.rebuilt("loss")
    assert world.engine.rebuilt("w") == ""
    moment = world.moment()
    world.run("loss = None")
    world.restore(moment)
    assert world.value("loss.item(), loss.requires_grad, w.requires_grad") == (6.0, False, True)


def test_a_write_through_a_restored_view_is_known_to_autograd() -> None:
    """Over the same memory alone, gradients would silently be wrong."""
    make = "import torch\nb = torch.zeros(3)\nv = b[1:]\np = torch.ones(2, requires_grad=True)"
    see = "v.mul_(0); v.add_(p * 5); b.sum().backward(); grad = p.grad.tolist()"
    world = World()
    world.run(make)
    moment = world.moment()
    world.run("b = v = p = None")
    world.restore(moment)
    world.run(see)
    assert world.value("grad") == [5.0, 5.0]


def test_memory_is_saved_once_and_out_of_band() -> None:
    """However many tensors look at it."""
    world = World()
    world.run(
        "import torch\na = torch.rand(1 << 20)\nparts = list(a.split(1 << 16))\nm = torch.nn.Linear(4, 4)"
    )
    component = world.engine.live()["a"]
    assert component.roots == ("a", "parts")
    assert [sum(chunk.size for chunk in buffer) for buffer in component.buffers] == [4 << 20]


def test_a_tensor_where_it_is_not() -> None:
    """A device that is missing is a gap that names it; the others come back."""
    from runtrack_jupyter.state.rebuild import NotHereError, tensors

    with pytest.raises(NotHereError, match="xpu:7"):
        tensors.storage(None, 0, 4, "xpu:7", False)  # type: ignore[arg-type]  # it is not asked for anything


def test_the_generator_of_the_process_goes_back() -> None:
    """Initial weights and shuffles come from it."""
    world = World()
    world.run("import torch\ntorch.manual_seed(5); torch.rand(3)")
    moment = world.moment()
    assert "@rng.torch" in moment.components
    world.run("x = torch.rand(3)")
    drawn = world.value("x.tolist()")
    world.restore(moment)
    assert world.value("torch.rand(3).tolist()") == drawn


def test_a_change_through_a_tensor_is_one_of_what_holds_the_array() -> None:
    """Also where the array has no name of its own."""
    world = World()
    world.run("import torch, numpy as np\ndeep = {'a': [np.arange(3)]}; t = torch.from_numpy(deep['a'][0])")
    assert world.run("t[0] = 9", suspects={"t"}).changed == ("deep", "t")
