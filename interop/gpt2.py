"""GPT-2 in PyTorch, from its description alone, in float64, and the file formats that both sides share.

Nothing here is taken from Rankloop's Go code: it is the other opinion that the Go code is compared with.
"""
import json
import math
import struct

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def tensor_shapes(m):
    """Names and shapes of Hugging Face's GPT-2; its Conv1D stores [in, out]."""
    c, f = m["dim"], m["hidden"]
    shapes = {"transformer.wte.weight": (m["vocab"], c), "transformer.wpe.weight": (m["context"], c)}
    for i in range(m["layers"]):
        at = f"transformer.h.{i}."
        shapes.update({
            at + "ln_1.weight": (c,), at + "ln_1.bias": (c,),
            at + "attn.c_attn.weight": (c, 3 * c), at + "attn.c_attn.bias": (3 * c,),
            at + "attn.c_proj.weight": (c, c), at + "attn.c_proj.bias": (c,),
            at + "ln_2.weight": (c,), at + "ln_2.bias": (c,),
            at + "mlp.c_fc.weight": (c, f), at + "mlp.c_fc.bias": (f,),
            at + "mlp.c_proj.weight": (f, c), at + "mlp.c_proj.bias": (c,),
        })
    shapes.update({"transformer.ln_f.weight": (c,), "transformer.ln_f.bias": (c,)})
    return shapes


def random_weights(m, rng, scalar):
    """Weights far from the symmetric start, rounded to float32 since that is what is exchanged."""
    weights = {}
    shapes = tensor_shapes(m)
    if scalar:
        shapes["score.weight"] = (1, m["dim"])
    for name, shape in shapes.items():
        x = rng.normal(0, 0.3, shape)
        if name.endswith(("ln_1.weight", "ln_2.weight", "ln_f.weight")):
            x += 1
        weights[name] = x.astype(np.float32)
    return weights


def nudged(weights, rng, deviation):
    return {k: (v + rng.normal(0, deviation, v.shape)).astype(np.float32) for k, v in weights.items()}


def parameters(weights):
    return {k: torch.tensor(v.astype(np.float64), requires_grad=True) for k, v in weights.items()}


def hidden(p, m, tokens):
    """[T] ids -> [T, C], after the last normalisation."""
    t = len(tokens)
    x = p["transformer.wte.weight"][tokens] + p["transformer.wpe.weight"][:t]
    mask = torch.tril(torch.ones(t, t, dtype=torch.bool))
    size = m["dim"] // m["heads"]
    for i in range(m["layers"]):
        w = {k.split(f"transformer.h.{i}.")[1]: v for k, v in p.items() if k.startswith(f"transformer.h.{i}.")}
        h = F.layer_norm(x, (m["dim"],), w["ln_1.weight"], w["ln_1.bias"], m["layer_norm_eps"])
        q, k, v = (h @ w["attn.c_attn.weight"] + w["attn.c_attn.bias"]).split(m["dim"], dim=1)
        q, k, v = (y.view(t, m["heads"], size).transpose(0, 1) for y in (q, k, v))
        scores = (q @ k.transpose(1, 2)) / math.sqrt(size)
        attention = scores.masked_fill(~mask, float("-inf")).softmax(-1) @ v
        attention = attention.transpose(0, 1).reshape(t, m["dim"])
        x = x + attention @ w["attn.c_proj.weight"] + w["attn.c_proj.bias"]
        h = F.layer_norm(x, (m["dim"],), w["ln_2.weight"], w["ln_2.bias"], m["layer_norm_eps"])
        h = h @ w["mlp.c_fc.weight"] + w["mlp.c_fc.bias"]
        h = 0.5 * h * (1 + torch.tanh(math.sqrt(2 / math.pi) * (h + 0.044715 * h ** 3)))
        x = x + h @ w["mlp.c_proj.weight"] + w["mlp.c_proj.bias"]
    return F.layer_norm(x, (m["dim"],), p["transformer.ln_f.weight"], p["transformer.ln_f.bias"], m["layer_norm_eps"])


def log_probs(p, m, tokens, start):
    """log p of tokens[start:], each from what stands before it, and the entropies of those distributions."""
    logits = hidden(p, m, tokens[:-1]) @ p["transformer.wte.weight"].T
    all_logs = logits.log_softmax(-1)
    rows = torch.arange(start - 1, len(tokens) - 1)
    chosen = all_logs[rows, torch.tensor(tokens[start:])]
    return chosen, -(all_logs[rows].exp() * all_logs[rows]).sum(-1)


def scalars(p, m, tokens):
    """[T] ids -> [T]: the scalar head on every token."""
    return (hidden(p, m, tokens) @ p["score.weight"].T).squeeze(-1)


def optimizer(p, config):
    """torch.optim.AdamW; decay on matrices only."""
    groups = [
        {"params": [v for v in p.values() if v.ndim > 1], "weight_decay": config["weight_decay"]},
        {"params": [v for v in p.values() if v.ndim == 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=1.0, betas=(config["adam_beta1"], config["adam_beta2"]), eps=config["adam_epsilon"])


def step(opt, p, rate, clip_norm):
    """One clipped step at a rate; returns the gradient's norm before clipping."""
    norm = torch.nn.utils.clip_grad_norm_(list(p.values()), clip_norm).item()
    for group in opt.param_groups:
        group["lr"] = rate
    opt.step()
    return norm


def gradients(p):
    return {k: (v.grad if v.grad is not None else torch.zeros_like(v)).numpy().astype(np.float32) for k, v in p.items()}


def values_of(p):
    return {k: v.detach().numpy().astype(np.float32) for k, v in p.items()}


def rate(config, at, total):
    """Linear warm-up, then the schedule down to lr_final at the last step."""
    peak, warm = config["learning_rate"], config["warmup_steps"]
    if at < warm:
        return peak * (config["warmup_from"] + (1 - config["warmup_from"]) * (at + 1) / warm)
    done = (at - warm) / (total - warm - 1)
    if config["lr_schedule"] == "cosine":
        return peak * (config["lr_final"] + (1 - config["lr_final"]) * 0.5 * (1 + math.cos(math.pi * done)))
    return peak * (1 - (1 - config["lr_final"]) * done)


def write_safetensors(path, groups):
    """{group: {name: float32 array}} -> one file with tensors group/name."""
    header, blobs, at = {}, [], 0
    for group, tensors in groups.items():
        for name, array in tensors.items():
            data = np.ascontiguousarray(array, dtype="<f4").tobytes()
            header[f"{group}/{name}"] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [at, at + len(data)]}
            blobs.append(data)
            at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
