"""PPO on fixed rollouts: advantages, returns, losses, gradients and ten optimizer steps."""
import numpy as np
import torch

from gpt2 import (gradients, log_probs, nudged, optimizer, parameters, random_weights, rate, scalars, step, values_of)

CONFIG = {
    "learning_rate": 0.01, "value_learning_rate": 0.02, "lr_schedule": "linear", "lr_final": 0.1, "warmup_from": 0.0, "warmup_steps": 0,
    "adam_beta1": 0.9, "adam_beta2": 0.95, "adam_epsilon": 1e-5, "weight_decay": 0.1, "clip_norm": 0.5, "value_clip_norm": 0.7,
    "clip_range": 0.2, "value_clip_range": 0.2, "gamma": 1.0, "lambda": 0.95, "kl_coef": 0.07, "gamma_ptx": 1.7, "ema_decay": 0.8,
}
STEPS = 10


def make_case(m, rng):
    """Weights and rollouts: prompts and replies of many lengths, among them a reply of one token."""
    policy = random_weights(m, rng, scalar=False)
    value = random_weights(m, rng, scalar=True)
    weights = {
        "policy": policy, "reference": nudged(policy, rng, 0.03), "value": value,
        "policy_moved": nudged(policy, rng, 0.02), "value_moved": nudged(value, rng, 0.03),
    }
    episodes = []
    for i in range(8):
        start = int(rng.integers(2, 7))
        reply = 1 if i == 3 else int(rng.integers(2, m["context"] - start))
        episodes.append({"tokens": rng.integers(0, m["vocab"], start + reply).tolist(), "from": start, "score": round(float(rng.normal(0, 1)), 3)})
    minibatches = []
    for _ in range(STEPS // 2):
        order = rng.permutation(len(episodes)).tolist()
        minibatches += [order[:4], order[4:]]
    text = [rng.integers(0, m["vocab"], int(n)).tolist() for n in rng.integers(5, m["context"], 3)]
    return {"config": CONFIG, "episodes": episodes, "minibatches": minibatches, "text": text}, weights


def generalized_advantages(rewards, values, config):
    advantages, following = [], 0.0
    for t in reversed(range(len(rewards))):
        after = values[t + 1] if t + 1 < len(rewards) else 0.0
        delta = rewards[t] + config["gamma"] * after - values[t]
        following = delta + config["gamma"] * config["lambda"] * following
        advantages.insert(0, following)
    return torch.stack(advantages)


def prepare(m, case, weights):
    """The rollout's own figures, from the weights that made it."""
    config, out = case["config"], []
    policy, reference, value = (parameters(weights[k]) for k in ("policy", "reference", "value"))
    with torch.no_grad():
        for e in case["episodes"]:
            old, _ = log_probs(policy, m, e["tokens"], e["from"])
            ref, _ = log_probs(reference, m, e["tokens"], e["from"])
            values = scalars(value, m, e["tokens"][:-1])[e["from"] - 1:]
            rewards = -config["kl_coef"] * (old - ref)
            rewards[-1] += e["score"]
            advantages = generalized_advantages(rewards, values, config)
            out.append({"log_probs": old, "reference_log_probs": ref, "values": values, "advantages": advantages,
                        "returns": advantages + values, "kl": (old - ref).sum()})
        everything = torch.cat([o["advantages"] for o in out])
        for o in out:
            o["whitened"] = (o["advantages"] - everything.mean()) / torch.sqrt(everything.var(unbiased=False) + 1e-8)
    return out


def policy_loss(p, m, config, episodes, rolled):
    terms, clipped, kl, entropy = [], [], [], []
    for e, o in zip(episodes, rolled):
        now, entropies = log_probs(p, m, e["tokens"], e["from"])
        ratio = torch.exp(torch.clamp(now - o["log_probs"], -20, 20))
        free = -o["whitened"] * ratio
        held = -o["whitened"] * torch.clamp(ratio, 1 - config["clip_range"], 1 + config["clip_range"])
        terms.append(torch.maximum(free, held))
        clipped.append((held > free).double())
        kl.append((now - o["log_probs"]) ** 2)
        entropy.append(entropies)
    return torch.cat(terms).mean(), {
        "clipfrac": torch.cat(clipped).mean().item(), "approxkl": 0.5 * torch.cat(kl).mean().item(), "entropy": torch.cat(entropy).mean().item(),
    }


def value_loss(p, m, config, episodes, rolled):
    terms = []
    for e, o in zip(episodes, rolled):
        now = scalars(p, m, e["tokens"][:-1])[e["from"] - 1:]
        held = o["values"] + torch.clamp(now - o["values"], -config["value_clip_range"], config["value_clip_range"])
        terms.append(torch.maximum((now - o["returns"]) ** 2, (held - o["returns"]) ** 2))
    return 0.5 * torch.cat(terms).mean()


def cross_entropy(p, m, sequences):
    return -torch.cat([log_probs(p, m, s, 1)[0] for s in sequences]).mean()


def expected(m, case, weights):
    config, episodes = case["config"], case["episodes"]
    rolled = prepare(m, case, weights)
    figures = {"episodes": [{k: v.tolist() for k, v in o.items()} for o in rolled]}
    tensors = {}

    # Losses and gradients where policy and value model have moved away from the rollout.
    policy, value = parameters(weights["policy_moved"]), parameters(weights["value_moved"])
    loss, more = policy_loss(policy, m, config, episodes, rolled)
    loss.backward()
    figures["policy_loss"] = loss.item()
    figures.update(more)
    tensors["ppo_policy_gradient"] = gradients(policy)
    ptx = cross_entropy(policy, m, case["text"])
    (config["gamma_ptx"] * ptx).backward()  # into the same buffers
    figures["ptx_loss"] = ptx.item()
    tensors["ppo_mixed_gradient"] = gradients(policy)
    loss = value_loss(value, m, config, episodes, rolled)
    loss.backward()
    figures["value_loss"] = loss.item()
    tensors["ppo_value_gradient"] = gradients(value)

    # Ten steps from the rollout's own weights.
    policy, value = parameters(weights["policy"]), parameters(weights["value"])
    average = {k: v.detach().clone() for k, v in policy.items()}
    policy_steps, value_steps = optimizer(policy, config), optimizer(value, config)
    figures["steps"] = []
    for at, chosen in enumerate(case["minibatches"]):
        batch, own = [episodes[i] for i in chosen], [rolled[i] for i in chosen]
        policy_steps.zero_grad()
        value_steps.zero_grad()
        first, _ = policy_loss(policy, m, config, batch, own)
        first.backward()
        second = value_loss(value, m, config, batch, own)
        second.backward()
        now = rate(config, at, STEPS)
        policy_norm = step(policy_steps, policy, now, config["clip_norm"])
        value_norm = step(value_steps, value, now / config["learning_rate"] * config["value_learning_rate"], config["value_clip_norm"])
        for k in average:
            average[k] = config["ema_decay"] * average[k] + (1 - config["ema_decay"]) * policy[k].detach()
        figures["steps"].append({"policy_loss": first.item(), "value_loss": second.item(), "policy_norm": policy_norm, "value_norm": value_norm})
    tensors["ppo_policy_after"], tensors["ppo_value_after"] = values_of(policy), values_of(value)
    tensors["ppo_average_after"] = {k: v.numpy().astype(np.float32) for k, v in average.items()}
    return figures, tensors
