"""Language, and the small tools that are in every notebook."""

import re

from tests.objects.entry import Entry, Shelf

__all__ = ["SHELVES"]

SHELVES = (
    Shelf(
        "nltk",
        "nltk",
        entries=(
            Entry(
                "counts",
                "import nltk\nx = nltk.FreqDist('hello'); s = nltk.PorterStemmer(); b = nltk.Tree.fromstring('(S (NP a))')",
                ("x.most_common(), s.stem('running'), str(b)",),
                "x['z'] = 9",
            ),
        ),
        modules=(
            "nltk.stem",
            "nltk.tokenize",
            "nltk.probability",
            "nltk.tree",
            "nltk.tag",
            "nltk.chunk",
            "nltk.collocations",
            "nltk.text",
            "nltk.lm",
        ),
        prelude="import nltk",
        arguments={"": "'a b c'"},
    ),
    Shelf(
        "spacy",
        "spacy",
        entries=(
            Entry(
                "a pipeline",
                "import spacy\nn = spacy.blank('en'); n.add_pipe('sentencizer'); d = n('Hello there. You.')",
                ("[t.text for t in d], [s.text for s in d.sents], n.pipe_names, d.vocab is n.vocab",),
                "n.remove_pipe('sentencizer')",
            ),
            Entry(
                "a span and a token",
                "import spacy\nn = spacy.blank('en'); d = n('Hello there'); s = d[0:1]; t = d[1]",
                ("s.text, t.text, s.doc is d, t.doc is d",),
                "d = s = t = None",
            ),
        ),
        modules=(
            "spacy.tokens",
            "spacy.matcher",
            "spacy.vocab",
            "spacy.strings",
            "spacy.language",
            "spacy.pipeline",
        ),
        ignored=re.compile(r"\.tensor$"),  # an empty one becomes read-only
        prelude="import spacy\nn = spacy.blank('en')",
        recipes={
            "Doc": "n('Hello there')",
            "Span": "n('Hello there')[0:1]",
            "Token": "n('Hello there')[0]",
            "Language": "n",
            "Vocab": "n.vocab",
        },
        arguments={"vocab": "n.vocab", "nlp": "n"},
    ),
    Shelf(
        "tokenizers",
        "tokenizers",
        entries=(
            Entry(
                "a tokenizer",
                "import tokenizers\nfrom tokenizers import models, trainers, pre_tokenizers\nx = tokenizers.Tokenizer(models.BPE()); x.pre_tokenizer = pre_tokenizers.Whitespace(); x.train_from_iterator(['a b ab'], trainers.BpeTrainer(vocab_size=10, show_progress=False))",
                ("x.to_str(), x.encode('ab').ids",),
                "x.add_tokens(['zz'])",
            ),
        ),
        modules=(
            "tokenizers",
            "tokenizers.models",
            "tokenizers.normalizers",
            "tokenizers.pre_tokenizers",
            "tokenizers.processors",
            "tokenizers.decoders",
            "tokenizers.trainers",
        ),
        prelude="import tokenizers",
    ),
    Shelf(
        "transformers",
        "transformers",
        entries=(
            Entry(
                "a model",
                "import torch, transformers; torch.manual_seed(0)\nm = transformers.BertModel(transformers.BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, vocab_size=20)).eval()",
                ("m(torch.tensor([[1, 2]])).last_hidden_state.tolist(), m.config.hidden_size",),
                "m.pooler.dense.weight.data[0] = 0",
            ),
            Entry(
                "a fast tokenizer",
                "import transformers, tokenizers\nt = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizers.Tokenizer(tokenizers.models.WordLevel({'a': 0, 'b': 1, '[UNK]': 2}, unk_token='[UNK]')), unk_token='[UNK]')",
                ("t('a')['input_ids'], t.unk_token",),
                "t.add_tokens(['q'])",
            ),
        ),
    ),
    Shelf(
        "pydantic",
        "pydantic",
        entries=(
            Entry(
                "models",
                "import pydantic\nclass M(pydantic.BaseModel):\n  a: int = 1\n  b: list[int] = []\n  _p: int = pydantic.PrivateAttr(3)\nm = M(a='5', b=[1]); b = m.b; m._p = 9",
                ("m, m.b is b, m._p, m.model_dump(), sorted(m.model_fields_set), isinstance(m, M), M(a=2)",),
                "m.b.append(2); m.a = 7",
            ),
        ),
        modules=("pydantic", "pydantic.types", "pydantic.networks", "pydantic.fields"),
        prelude="import pydantic",
    ),
    Shelf(
        "attrs",
        "attrs",
        entries=(
            Entry(
                "classes",
                "import attrs\n@attrs.define\nclass A:\n  a: int\n  b: list = attrs.field(factory=list)\n@attrs.frozen\nclass B:\n  x: int = 1\na = A(1); b = B(2); l = a.b",
                ("a, b, a.b is l, A(2), attrs.evolve(b, x=5), a == A(1), isinstance(a, A)",),
                "a.b.append(1); b = B(3)",
            ),
        ),
        modules=("attrs", "attr", "attrs.validators", "attrs.converters"),
        prelude="import attrs",
    ),
    Shelf(
        "joblib",
        "joblib",
        entries=(
            Entry(
                "a cached function",
                "import joblib, tempfile\nm = joblib.Memory(tempfile.mkdtemp(), verbose=0)\n@m.cache\ndef f(x): return x + 1\nf(1)",
                ("f(1)",),
                "f = None",
            ),
            Entry(
                "delayed calls",
                "import joblib\nx = [joblib.delayed(abs)(-i) for i in range(3)]",
                ("x, joblib.Parallel(1)(x)",),
                "x.append(1)",
            ),
        ),
        modules=("joblib",),
        ignored=re.compile(r"\.timestamp$"),
        prelude="import joblib",
    ),
    Shelf(
        "tqdm",
        "tqdm",
        entries=(
            Entry(
                "a progress bar",
                "import tqdm, io\nx = tqdm.tqdm(range(3), file=io.StringIO())",
                ("x.total",),
                "x.update(1)",
            ),
        ),
        modules=("tqdm",),
        never={"tqdm_gui": "it needs a display"},
        prelude="import tqdm",
    ),
    Shelf(
        "rich",
        "rich",
        entries=(
            Entry(
                "a table",
                "from rich.table import Table\nx = Table('a'); x.add_row('1')",
                ("x.row_count, [c.header for c in x.columns]",),
                "x.add_row('2')",
            ),
            Entry(
                "a console",
                "from rich.console import Console\nx = Console(width=50)",
                ("x.width",),
                "x = None",
            ),
        ),
        modules=(
            "rich.table",
            "rich.text",
            "rich.panel",
            "rich.tree",
            "rich.markdown",
            "rich.progress",
            "rich.style",
            "rich.console",
            "rich.columns",
        ),
        prelude="import rich",
    ),
    Shelf(
        "pyyaml",
        "pyyaml",
        modules=("yaml",),
        prelude="import yaml",
        arguments={"stream": "'a: 1'", "": "'a: 1'"},
    ),
)
