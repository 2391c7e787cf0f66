"""What the secrets of well-known services, and assignments to secret environment variables, look like.

A shape with a group `value` is cut at that group, so that the text around it stays readable; without one it is cut whole.
No value may contain ``‹``: a text that was redacted once must not match again.
"""

from typing import NamedTuple

__all__ = ["SENSITIVE_NAME", "SHAPES", "Shape"]

# Names of environment variables whose values are secrets. Whole words where the word is part of harmless ones
# (KEYBOARD, XAUTHORITY, BYPASS), and not what only points at a secret or describes it (…_FILE, …_TYPE).
SENSITIVE_NAME = (
    r"(?!\w*_(?:FILE|PATH|DIR|DIRECTORY|HOME|SOCK|SOCKET|NAME|TYPE|MODE|CLASS|METHOD|BACKEND|PROVIDER|MANAGER|ALGORITHM"
    r"|TIMEOUT|EXPIRY|EXPIRES|TTL|LENGTH|SIZE|COUNT|LIMIT|ENABLED|DISABLED|VERSION|REGION|HOST|PORT|USER|USERNAME|URL|URI"
    r"|ENDPOINT|AUDIENCE|ISSUER|SCOPE|SCOPES)\b)"
    r"(?!\w*KEY_ID\b)(?!(?:OLD)?PWD\b)(?!GPG_KEY\b)"
    r"(?:\w*(?:TOKEN(?!IZ)|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|APIKEY|SSHPASS|CONNECTION_STRING)\w*"
    r"|(?:\w+_)?(?:KEY|KEYS|AUTH|PWD|PASS|PAT|DSN|COOKIE|BEARER|JWT)(?:_\w+)?)"
)

_START = r"(?<![A-Za-z0-9])"
_QUOTED = r"(?P<value>[^\s\"'‹›]{8,})"


class Shape(NamedTuple):
    """One kind of secret: its name in the marker, literals of which one is in every match, and the pattern."""

    name: str
    anchors: tuple[str, ...]
    pattern: str


SHAPES: tuple[Shape, ...] = (
    Shape(
        "private-key",
        ("PRIVATE KEY",),
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\\\s:,.()-]{32,}?"
        r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|(?=[\"'<`])|\Z)",
    ),
    Shape(
        "environment",
        ("environ[", "environ.setdefault(", "env ", "env'", 'env"', "export "),
        r"(?:environ(?:\[|\.setdefault\()\s*[\"'](?i:"
        + SENSITIVE_NAME
        + r")[\"']\s*(?:\]\s*=|,)\s*[rb]?[\"']"
        r"|\b(?:set_)?env[\"']?[, ]\s*[\"']?(?i:" + SENSITIVE_NAME + r")[= ]\s*"
        r"|\bexport\s+(?i:" + SENSITIVE_NAME + r")=[\"']?)(?![{$])" + _QUOTED,
    ),
    Shape("aws-access-key", ("AKIA", "ASIA"), _START + r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    Shape(
        "aws-secret-key",
        ("secret", "Secret", "SECRET"),
        r"(?i:aws_?secret_?(?:access_?)?key)[\"']?\s*[=:]\s*[\"']?(?P<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    ),
    Shape("github-token", ("gh",), _START + r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    Shape("github-token", ("github_pat_",), _START + r"github_pat_[A-Za-z0-9_]{22,255}"),
    Shape(
        "gitlab-token", ("gl",), _START + r"gl(?:pat|dt|rt|ptt|soat|cbt|ft|oas|imt|agent)-[A-Za-z0-9_-]{20,}"
    ),
    Shape("slack-token", ("xox", "xapp-"), _START + r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}"),
    Shape(
        "slack-webhook", ("hooks.slack.com",), r"hooks\.slack\.com/services/(?P<value>[A-Za-z0-9/_+-]{30,})"
    ),
    Shape("anthropic-key", ("sk-ant-",), _START + r"sk-ant-[A-Za-z0-9_-]{20,}"),
    # scikit-learn's HTML is full of classes such as sk-toggleable__label-arrow: the tail alone proves nothing.
    Shape("openai-key", ("sk-",), _START + r"sk-(?:proj|svcacct|admin|or-v1)-[A-Za-z0-9_-]{20,}"),
    Shape("openai-key", ("sk-",), _START + r"sk-(?=[A-Za-z]*[0-9])[A-Za-z0-9]{32,}(?![A-Za-z0-9_-])"),
    Shape("google-key", ("AIza",), _START + r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    Shape("google-token", ("ya29.", "GOCSPX-"), _START + r"(?:ya29\.|GOCSPX-)[A-Za-z0-9_-]{20,}"),
    Shape("huggingface-token", ("hf_",), _START + r"hf_[A-Za-z0-9]{30,}"),
    Shape("stripe-key", ("k_live_", "k_test_"), _START + r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    Shape("sendgrid-key", ("SG.",), _START + r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    Shape("databricks-token", ("dapi",), _START + r"dapi[0-9a-f]{32}"),
    Shape("npm-token", ("npm_",), _START + r"npm_[A-Za-z0-9]{36}"),
    Shape("pypi-token", ("pypi-Ag",), _START + r"pypi-Ag[A-Za-z0-9_-]{50,}"),
    Shape("replicate-token", ("r8_",), _START + r"r8_[A-Za-z0-9]{37}"),
    Shape("groq-key", ("gsk_",), _START + r"gsk_[A-Za-z0-9]{40,}"),
    Shape("xai-key", ("xai-",), _START + r"xai-[A-Za-z0-9]{40,}"),
    Shape("digitalocean-token", ("_v1_",), _START + r"do[opr]_v1_[a-f0-9]{64}"),
    Shape("azure-key", ("AccountKey=",), r"AccountKey=(?P<value>[A-Za-z0-9+/]{60,}={0,2})"),
    Shape("azure-signature", ("sig=",), r"[?&;]sig=(?P<value>[A-Za-z0-9%+/-]{40,}(?:%3[dD]|=)*)"),
    Shape("jwt", ("eyJ",), _START + r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"),
    Shape(
        "authorization",
        ("uthorization",),
        r"[Aa]uthorization[\"']?\s*[:=,]\s*f?[\"']?(?:Basic|Bearer|[Tt]oken)\s+(?P<value>[A-Za-z0-9._~+/-]{16,}=*)",
    ),
    Shape(
        "bearer-token",
        ("earer ",),
        r"\b[Bb]earer (?=[A-Za-z._~+/-]*[0-9])(?P<value>[A-Za-z0-9._~+/-]{20,}=*)",
    ),
    Shape(
        "url-password",
        ("://",),
        # A template such as {user}:{password}@ or $USER:$PASSWORD@ holds no secret, nor do stars.
        r"://[^\s:/@\"'<>‹›]*:(?!\{|\$\{?[A-Za-z_]|%s|%\(|\*)"
        r"(?P<value>[^\s/@\"'<>‹›]+)@(?=[A-Za-z0-9\[{$])",
    ),
    Shape("url-token", ("://",), r"://(?P<value>[A-Za-z0-9_-]{20,})@"),
)
