"""Training with torch: 200 MB in parameters and optimiser, tied weights, views, generators."""

from benchmarks.sessions.session import Session, cells_of, probes_of

__all__ = ["training"]

_SIZES = {"width": 4000, "rows": 6400, "big": 25_000_000}

_EPOCH = """
# %% an epoch
for batch in range(0, len(data), 320):
    history.append(train_step(data[batch : batch + 320]))
scheduler.step()
"""

_CELLS = f"""
# %%
import torch
from torch import nn

_ = torch.manual_seed(0)
# %%
data = torch.randn($rows, 64)
# %%
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.enter = nn.Linear(64, width)
        self.middle = nn.Linear(width, width)
        self.leave = nn.Linear(width, 64)
        self.leave.weight = nn.Parameter(self.enter.weight.detach().t().clone())
        self.tied = self.enter

    def forward(self, rows):
        hidden = torch.relu(self.enter(rows))
        return self.leave(torch.relu(self.middle(hidden)))
# %%
net = Net($width)
optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimiser, step_size=2, gamma=0.5)
# %%
history = []

def train_step(rows):
    optimiser.zero_grad()
    loss = ((net(rows + 0.1 * torch.randn_like(rows)) - rows) ** 2).mean()
    loss.backward()
    optimiser.step()
    return float(loss.detach())
{_EPOCH * 4}
# %%
with torch.no_grad():
    predicted = net(data[:100])
# %%
big = torch.zeros($big)
part = big[100:200]
# %%
big[150] = 1.0
# %%
weights = net.state_dict()
generator = torch.Generator().manual_seed(5)
noise = torch.randn(4, generator=generator)
# %%
leaf = torch.ones(3, requires_grad=True)
(leaf**2).sum().backward()
# %%
frozen = net.middle.weight.detach()
net.eval()
# %%
best = min(history)
del predicted
"""

_PROBES = """
data
[parameter.detach() for parameter in net.parameters()]
[type(module).__name__ for module in net.modules()]
isinstance(net, Net)
net.tied is net.enter
net.training
optimiser.param_groups[0]["lr"]
optimiser.param_groups[0]["params"][0] is next(net.parameters())
[sorted(state) for state in optimiser.state.values()]
[state["exp_avg"] for state in optimiser.state.values()]
all(parameter in optimiser.state for parameter in net.parameters())
scheduler.last_epoch, scheduler.optimizer is optimiser
history
train_step.__globals__["net"] is net
torch.get_rng_state()
predicted
big
part
part.data_ptr() - big.data_ptr()
weights["middle.weight"].data_ptr() == net.middle.weight.data_ptr()
generator.get_state()
noise
leaf, leaf.grad
leaf.is_leaf
frozen.data_ptr() == net.middle.weight.data_ptr()
best
net.middle.weight.grad
"""


def training(scale: float) -> Session:
    """Return the session with `scale` times as large tensors."""
    side = scale**0.5  # a square of parameters
    sizes = {"width": int(_SIZES["width"] * side), "rows": int(_SIZES["rows"] * side)}
    sizes["big"] = int(_SIZES["big"] * scale)
    return Session(
        name="training",
        title="torch, 200 MB in parameters and optimiser",
        cells=cells_of(_CELLS, sizes, least=320),
        probes=tuple(probes_of(_PROBES)),
        needs=("torch",),
        memory=int(1_200_000_000 * scale),
    )
