"""Makes tokenizer.json and golden.json with the Hugging Face tokenizers library.

    pip install tokenizers && python golden.py

The Go tests require that Parse reads that tokenizer.json and encodes to the
same ids, and that Train learns the same vocabulary from corpus.txt.
"""
import json
import os

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

here = os.path.dirname(os.path.abspath(__file__))
specials = ["<|endoftext|>", "<|pad|>", "<|im_start|>", "<|im_end|>"]
tok = Tokenizer(models.BPE())
tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tok.decoder = decoders.ByteLevel()
corpus = open(os.path.join(here, "corpus.txt"), encoding="utf-8").read()
tok.train_from_iterator([corpus], trainers.BpeTrainer(
    vocab_size=700, min_frequency=2, special_tokens=specials, show_progress=False,
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
tok.save(os.path.join(here, "tokenizer.json"), pretty=False)

cases = [
    "", " ", "  ", "a", "Hello, world!", "I'm sure they've said 'tis so; we'll see. It's JOHN'S",
    "''s 's ' s 'll 'LL", "tabs\tand\nnewlines\n\n\n  indented\n\ttext  ", "   leading", "trailing   ",
    "x = 3.14159; y2 = 10_000", "naïve café – “quotes” … ½ Ⅳ ٣٤", "人类反馈的强化学习。 好的!", "Привет, как дела?",
    "👍🏽 family 👩‍👩‍👧 flags 🇫🇷", "a\u00a0b\u2003 c\u3000d\u0085e", "zero\u200bwidth", "\r\n\r\n x\r\n",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "the the the  the   the", "e\u0301 combining", "\x00\x01\x7f",
    "ᾳ Ǆ ª º ℵ", "a 'b' c's d'", "हिन्दी में पाठ", "한국어 텍스트", "\u180e mongolian \u1680 ogham",
]
golden = [{"text": t, "ids": tok.encode(t).ids} for t in cases]
with open(os.path.join(here, "golden.json"), "w", encoding="utf-8") as f:
    json.dump(golden, f, ensure_ascii=True, indent=0)
