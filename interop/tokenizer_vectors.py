"""Token ids of Hugging Face's tokenizers, for model/tokenizer to be compared with.

    pip install tokenizers==0.23.3 jinja2==3.1.6
    python tokenizer_vectors.py stream DIR/NAME.json DIR/NAME.jsonl --count 100000 --seed 1
    python tokenizer_vectors.py chats tokenizer_config.json DIR/NAME.chats.jsonl
    RANKLOOP_TOKENIZER_VECTORS=DIR go test -tags interop ./model/tokenizer -run Outside

DIR/NAME.json is a tokenizer; its vectors and its conversations lie next to it.

    python tokenizer_vectors.py golden ../model/tokenizer/testdata

writes the small vocabularies, and their vectors, that the tests of the package hold.
"""

import argparse
import hashlib
import json
import os
import random
import unicodedata

import jinja2.sandbox
import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")

WORDS = """the of and to in is you that it he was for on are as with his they at be this have from or one had by word
but not what all were we when your can said there use an each which she do how their if will up other about out many then
them these so some her would make like him into time has look two more write go see number no way could people my than
first water been call who oil its now find long down day did get come made may part It's don't WE'LL they're I'm I'd you've
Straße naïve café Ångström über résumé El Niño coöperate façade Zürich smørrebrød Dvořák Łódź""".split()
SCRIPTS = [
    "Съешь же ещё этих мягких французских булок да выпей чаю", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία",
    "我能吞下玻璃而不伤身体。今天天气很好，我们去公园散步吧！", "いろはにほへと ちりぬるを わかよたれそ カタカナも混ぜて、句読点。",
    "키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다", "दिल्ली में आज मौसम बहुत अच्छा है और हम बाहर जाएँगे",
    "نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر", "דג סקרן שט בים מאוכזב ולפתע מצא חברה", "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า",
    "Příliš žluťoučký kůň úpěl ďábelské ódy", "Pchnąć w tę łódź jeża lub ośm skrzyń fig", "Tiếng Việt có nhiều dấu thanh",
]
CODE = [
    "def f(x, *, y=None):\n    return [i**2 for i in range(10) if i % 2 == 0]\n", "if (a != b && c->d <= 0x1F) { return !e; }\r\n",
    "SELECT * FROM t WHERE id IN (1, 23, 456, 7890) -- done;\n", "\tfor (int i=0;i<n;++i)\n\t\tsum += a[i]*b[i];\n\n\n",
    "<div class=\"x\">\n  <a href='https://example.org/?q=1&r=2#top'>x</a>\n</div>", "{\"key\": [1, 2.5e-10, true, null], \"k2\": {}}",
    "func (t *T) M() error { return fmt.Errorf(\"%w: %d\", err, n) }", "#!/bin/sh\nset -eu\necho \"$HOME\" | sed 's/a/b/g' > /dev/null 2>&1",
    "let s = r#\"raw\"#; // comment ///\n/* block */", "a_b-c.d:e;f,g!h?i@j#k$l%m^n&o*p(q)r[s]t{u}v|w\\x/y`z~",
]
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🇩🇪", "❤️", "🏳️‍🌈", "✨", "1️⃣", "🫠", "🪿", "©️", "™"]
SPACES = " \t\n\r\v\f\x1c\x85\xa0\u1680\u2000\u2003\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
CONTRACTIONS = ["'s", "'S", "'t", "'T", "'re", "'rE", "'RE", "'ve", "'Ve", "'m", "'M", "'ll", "'lL", "'d", "'D", "'ſ", "'", "''", "’s", "'x", "'l", "'r", "'v"]
MARKERS = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|im_end|", "<|im_", "<|", "|>", "<|im_start|>user\n", "<|im_end|>\n", "<|begin_of_text|>",
    "<|eot_id|>", "<|start_header_id|>", "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|repo_name|>", "<repo_name>", "<file_sep>", "<|pad|>",
    "<|im_start|><|im_start|>", "<<|im_end|>>", "<|reserved_special_token_0|>", "<jupyter_code>", " <strip> ", "\t<left>", "<right>\n\n", "<word>", "a<word>", "<wordy>", "<é>", "<e\u0301>",
]
MARKS = "\u0300\u0301\u0302\u0303\u0308\u0323\u0327\u0328\u031b\u0345\u0338\u05b0\u05bc\u0651\u0e38\u3099\u1ab0\U0001d165"
BASES = "aeiouAEIOUcnszyuơưạâêôăαωиבكかはホ\u1100\u1161\u11a8가각\u0915\u0928\u09c7\u09be\u0dd9\u0dcf\u0dca"


def letters(r):
    return r.choice(["".join(r.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(r.randint(1, 12))), r.choice(WORDS), r.choice(WORDS).upper()])


def anything(r):
    """Code points of every plane, assigned or not."""
    while True:
        c = r.choice([r.randrange(0x80), r.randrange(0x800), r.randrange(0x10000), r.randrange(0x20000), r.randrange(0x110000)])
        if not 0xD800 <= c < 0xE000:
            return chr(c)


FRAGMENTS = [
    lambda r: " ".join(letters(r) for _ in range(r.randint(1, 6))),
    lambda r: r.choice(WORDS) + r.choice(CONTRACTIONS) + r.choice(["", " ", r.choice(WORDS)]),
    lambda r: (lambda s, a: s[a : a + r.randint(1, 12)])(r.choice(SCRIPTS), r.randint(0, 30)),
    lambda r: (lambda s, a: s[a : a + r.randint(1, 40)])(r.choice(CODE), r.randint(0, 40)),
    lambda r: "".join(r.choice(EMOJI) for _ in range(r.randint(1, 4))),
    lambda r: "".join(r.choice("0123456789") for _ in range(r.randint(1, 9))),
    lambda r: r.choice(["3.14", "1,000,000", "٣٤٥", "१२३", "Ⅷ", "½", "²³", "①②", "１２３", "0x7f", "1e-9", "𝟘𝟙", "〇一二"]),
    lambda r: "".join(r.choice(SPACES) for _ in range(r.randint(1, 6))),
    lambda r: r.choice([" ", "\n", "\r\n", "\t", "\n\n", "  \n"]) * r.randint(1, 7),
    lambda r: r.choice(MARKERS),
    lambda r: "".join(r.choice(BASES) + "".join(r.choice(MARKS) for _ in range(r.choice([0, 1, 1, 2, 3]))) for _ in range(r.randint(1, 4))),
    lambda r: r.choice(BASES) + "".join(r.choice(MARKS) for _ in range(r.randint(25, 45))) if r.random() < 0.1 else r.choice(BASES),
    lambda r: unicodedata.normalize(r.choice(["NFD", "NFC", "NFKD"]), r.choice(WORDS + SCRIPTS)),
    lambda r: "".join(anything(r) for _ in range(r.randint(1, 6))),
    lambda r: "".join(r.choice("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~…“”«»—") for _ in range(r.randint(1, 6))),
    lambda r: r.choice("ab \n.é中😀1") * r.randint(1, 40),
    lambda r: "".join(chr(r.randrange(32)) for _ in range(r.randint(1, 3))),
]


def text(r):
    return "".join(r.choice(FRAGMENTS)(r) for _ in range(r.choice([0, 1, 1, 2, 2, 3, 4, 5, 6, 8, 12])))


def vector(t, s):
    """The ids of s: with its markers, as plain text, as a document; what is the same as the ids is left out."""
    ids = t.encode(s, add_special_tokens=False).ids
    row = {"text": s, "ids": ids}
    document = t.encode(s).ids
    if document != ids:
        row["document"] = document
    t.encode_special_tokens = True
    plain = t.encode(s, add_special_tokens=False).ids
    t.encode_special_tokens = False
    if plain != ids:
        row["plain"] = plain
    decoded = t.decode(plain, skip_special_tokens=True)
    if decoded != s:
        row["decoded"] = decoded
    return row


def stream(a):
    t, r = Tokenizer.from_file(a.tokenizer), random.Random(a.seed)
    with open(a.out, "w", encoding="utf-8") as out:
        for _ in range(a.count):
            out.write(json.dumps(vector(t, text(r)), ensure_ascii=False) + "\n")


def byte_level(**options):
    return pre_tokenizers.ByteLevel(**{"add_prefix_space": False, "trim_offsets": True, "use_regex": True, **options})


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(pattern, behavior, invert)


def special(*names):
    return [AddedToken(n, special=True, normalized=False) for n in names]


MARKED = special("<|endoftext|>", "<|im_start|>", "<|im_end|>")
ODD = [
    AddedToken("<strip>", lstrip=True, rstrip=True, normalized=False), AddedToken("<left>", lstrip=True, normalized=False),
    AddedToken("<right>", rstrip=True, normalized=True), AddedToken("<word>", single_word=True, normalized=False),
    AddedToken("<é>", normalized=True), AddedToken("  ", rstrip=True, normalized=False), AddedToken("<|im_", normalized=False),
    AddedToken("the", single_word=True, normalized=True), AddedToken("\n\n\n", lstrip=True, normalized=False),
]
FAMILIES = {
    "gpt2": (None, byte_level(), processors.ByteLevel(trim_offsets=False), MARKED, {}),
    "llama3": (
        None, pre_tokenizers.Sequence([split(Regex(LLAMA3)), byte_level(use_regex=False)]),
        processors.Sequence([processors.ByteLevel(), processors.TemplateProcessing(
            single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1", special_tokens=[("<|begin_of_text|>", 0)])]),
        special("<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>"), {"ignore_merges": True},
    ),
    "qwen2": (
        normalizers.NFC(), pre_tokenizers.Sequence([split(Regex(QWEN2)), byte_level(use_regex=False)]), processors.ByteLevel(),
        MARKED + [AddedToken("<tool_call>", normalized=False), AddedToken("</tool_call>", normalized=False)], {},
    ),
    "smollm2": (None, pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level()]), None, MARKED, {}),
    "unknown": (None, byte_level(), None, MARKED + special("<unk>"), {"unk_token": "<unk>", "fuse_unk": False}),
    "fused": (None, byte_level(), None, MARKED + special("<unk>"), {"unk_token": "<unk>", "fuse_unk": True}),
    "odd": (
        normalizers.Sequence([normalizers.NFC()]),
        pre_tokenizers.Sequence([split("-", "merged_with_previous"), pre_tokenizers.Digits(individual_digits=False), byte_level(add_prefix_space=True)]),
        processors.TemplateProcessing(single="<|im_start|> $A <|im_end|>", special_tokens=[("<|im_start|>", 1), ("<|im_end|>", 2)]), MARKED + ODD, {},
    ),
}
for name, behavior, invert in [
    ("removed", "removed", False), ("next", "merged_with_next", False), ("contiguous", "contiguous", False), ("inverted", "merged_with_previous", True),
]:
    FAMILIES["split-" + name] = (
        None, pre_tokenizers.Sequence([split(Regex(r"\p{N}"), behavior, invert), split("e", behavior, invert), byte_level(use_regex=False)]), None, MARKED, {},
    )


def train(family, size, alphabet):
    """A small vocabulary of the family. With half an alphabet some bytes have no token, as in SmolLM2."""
    normalizer, words, post, added, options = FAMILIES[family]
    t = Tokenizer(models.BPE(**options))
    if normalizer:
        t.normalizer = normalizer
    t.pre_tokenizer, t.decoder = words, decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, show_progress=False, special_tokens=[a for a in added if a.special],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet() if alphabet else [],
    )
    r = random.Random(5)
    corpus = [" ".join(r.choice(WORDS) for _ in range(12)) for _ in range(150)] + SCRIPTS + CODE + [text(r) for _ in range(40 if alphabet else 0)]
    t.train_from_iterator(corpus, trainer)
    t.add_tokens([a for a in added if not a.special])
    if post:
        t.post_processor = post
    return t


TEMPLATES = [
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe brief + kind<|im_end|>\n' }}"
    "{% endif %}{{\"<|im_start|>\" ~ message[\"role\"] ~ '\n' ~ message['content'] | trim ~ '<|im_end|>' ~ '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    """{#- with tools #}
{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'It\\'s you }} who helps.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n" }}
    {%- for tool in tools %}{{- tool | tojson }}{%- endfor %}
    {{- '<|im_end|>\\n' }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nIt\\'s you }} who helps.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant") %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
]


def chats(path, templates):
    """Conversations as the templates render them, in the environment that transformers sets up."""
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    r = random.Random(9)
    with open(path, "w", encoding="utf-8") as out:
        for template in templates:
            for turns in [1, 1, 2, 3, 3, 5, 6]:
                messages = [{"role": ("user", "assistant")[i % 2], "content": text(r).replace("<|im_", "<|im")} for i in range(turns)]
                if turns % 2 == 0:
                    messages.insert(0, {"role": "system", "content": "  Rules. \n"})
                rendered = environment.from_string(template).render(messages=messages, add_generation_prompt=True)
                out.write(json.dumps({"template": template, "messages": messages, "text": rendered}) + "\n")


def classes():
    """A digest of what every code point is: a letter 1, a number 2, white space 3; 4 more for \\w, 8 more for a digit."""
    kinds = [split(Regex(r), "removed") for r in (r"\p{L}", r"\p{N}", r"\s")]
    digits = pre_tokenizers.Digits(individual_digits=True)
    words = Tokenizer(models.WordLevel({"": 0}, unk_token=""))
    words.add_tokens([AddedToken("<w>", single_word=True, normalized=False)])
    digest = hashlib.sha256()
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        c = chr(code)
        kind = next((i + 1 for i, k in enumerate(kinds) if not k.pre_tokenize_str(c)), 0)
        kind += 4 * (1 not in words.encode(c + "<w>").ids) + 8 * (len(digits.pre_tokenize_str("a" + c)) == 2)
        digest.update(bytes([kind]))
    return digest.hexdigest()


def compositions():
    """A digest of what NFC makes of every code point among marks of other classes: their order, and what is composed."""
    nfc = normalizers.NFC()
    digest = hashlib.sha256()
    for code in range(0x110000):
        if not 0xD800 <= code < 0xE000:
            digest.update(nfc.normalize_str("a\u0345" + chr(code) + "\u0334\u0301b").encode() + b"\n")
    return digest.hexdigest()


def golden(a):
    for name, digest in [("classes", classes()), ("compositions", compositions())]:
        with open(os.path.join(a.folder, name + ".sha256"), "w", encoding="utf-8") as out:
            out.write(digest + "\n")
    chats(os.path.join(a.folder, "chats.jsonl"), TEMPLATES)
    for family in FAMILIES:
        t = train(family, 460 if family in ("gpt2", "llama3", "qwen2", "smollm2") else 380, alphabet=family not in ("smollm2", "unknown", "fused"))
        path = os.path.join(a.folder, "family-" + family)
        with open(path + ".json", "w", encoding="utf-8") as out:
            json.dump(json.loads(t.to_str()), out, ensure_ascii=False, separators=(",", ":"))
        r = random.Random(7)
        main = family in ("gpt2", "llama3", "qwen2", "smollm2", "odd")
        count = {"llama3": 180, "odd": 120}.get(family, 220) if main else 80
        with open(path + ".jsonl", "w", encoding="utf-8") as out:
            for s in [""] + [f(r) for f in FRAGMENTS * (6 if main else 2)] + [text(r) for _ in range(count)]:
                out.write(json.dumps(vector(t, s), separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    p = commands.add_parser("stream")
    p.add_argument("tokenizer")
    p.add_argument("out")
    p.add_argument("--count", type=int, default=100_000)
    p.add_argument("--seed", type=int, default=1)
    p.set_defaults(run=stream)
    p = commands.add_parser("chats")
    p.add_argument("config")
    p.add_argument("out")
    p.set_defaults(run=lambda a: chats(a.out, [json.load(open(a.config, encoding="utf-8"))["chat_template"]]))
    p = commands.add_parser("golden")
    p.add_argument("folder")
    p.set_defaults(run=golden)
    a = parser.parse_args()
    print("tokenizers", tokenizers.__version__)
    a.run(a)


if __name__ == "__main__":
    main()
