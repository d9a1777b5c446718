"""Learning from rankings: the reward model with each rule for ties, and DPO with each loss."""
import itertools
import math

import torch
import torch.nn.functional as F

from gpt2 import gradients, log_probs, nudged, optimizer, parameters, random_weights, rate, scalars, step, values_of

OPTIMIZATION = {
    "learning_rate": 0.02, "lr_schedule": "cosine", "lr_final": 0.1, "warmup_from": 0.1, "warmup_steps": 2,
    "adam_beta1": 0.9, "adam_beta2": 0.95, "adam_epsilon": 1e-5, "weight_decay": 0.05, "clip_norm": 0.8,
}
REWARD_CASES = [
    {"name": "drop", "ties": "drop", "pair_norm": "used"},
    {"name": "drop_all", "ties": "drop", "pair_norm": "all"},
    {"name": "half", "ties": "half", "pair_norm": "used"},
    {"name": "davidson", "ties": "davidson", "pair_norm": "used", "eta": 0.3, "tie_learning_rate": 0.05},
]
DPO_CASES = [
    {"name": "sigmoid", "loss": "sigmoid", "beta": 0.4, "label_smoothing": 0.0, "average_log_prob": False, "ties": "drop", "pair_norm": "used"},
    {"name": "smoothed", "loss": "sigmoid", "beta": 0.4, "label_smoothing": 0.1, "average_log_prob": False, "ties": "half", "pair_norm": "used"},
    {"name": "ipo", "loss": "ipo", "beta": 0.2, "label_smoothing": 0.0, "average_log_prob": True, "ties": "drop", "pair_norm": "used"},
]
STEPS = 10


def make_case(m, rng):
    tasks = []
    for k in (4, 2, 5, 3, 3):
        prompt = rng.integers(0, m["vocab"], int(rng.integers(2, 6))).tolist()
        replies = [prompt + rng.integers(0, m["vocab"], int(rng.integers(1, 10))).tolist() for _ in range(k)]
        rankings = []
        for _ in range(int(rng.integers(1, 3))):
            order, tiers = rng.permutation(k).tolist(), []
            for response in order:
                if len(tiers) > 1 and rng.random() < 0.4:
                    tiers[-1].append(response)
                else:
                    tiers.append([response])
            rankings.append({"tiers": tiers, "weight": round(float(rng.uniform(0.5, 2)), 2), "margin": round(float(rng.uniform(0, 0.3)), 2)})
        tasks.append({"prompt": len(prompt), "sequences": replies, "rankings": rankings})
    policy = random_weights(m, rng, scalar=False)
    weights = {"reward": random_weights(m, rng, scalar=True), "dpo_start": policy, "dpo_moved": nudged(policy, rng, 0.02)}
    return {"optimization": OPTIMIZATION, "tasks": tasks, "batches": [[0, 1, 2, 3, 4][at % 2::2] + [4] * (at % 3 == 0) for at in range(STEPS)],
            "reward": REWARD_CASES, "dpo": DPO_CASES}, weights


def pairs(tiers):
    """(better, worse, tied) for every two responses."""
    place = {response: at for at, tier in enumerate(tiers) for response in tier}
    for a, b in itertools.combinations(sorted(place), 2):
        if place[a] == place[b]:
            yield a, b, True
        elif place[a] < place[b]:
            yield a, b, False
        else:
            yield b, a, False


def batch_loss(tasks, rewards, case, pair_loss):
    """The mean over tasks of the mean over their rankings of weight · Σ pairs / C. rewards: one list a task."""
    total = 0.0
    for task, r in zip(tasks, rewards):
        terms = []
        for ranked in task["rankings"]:
            used = [(w, l, tied) for w, l, tied in pairs(ranked["tiers"]) if not (tied and case["ties"] == "drop")]
            if not used:
                continue
            k = len(task["sequences"])
            norm = k * (k - 1) / 2 if case["pair_norm"] == "all" else len(used)
            losses = [pair_loss(r[w] - r[l] - (0 if tied else ranked["margin"]), tied) for w, l, tied in used]
            terms.append(ranked["weight"] * sum(losses) / norm)
        total = total + sum(terms) / len(terms)
    return total / len(tasks)


def reward_pair_loss(case, eta):
    def loss(delta, tied):
        if case["ties"] == "davidson":
            d = torch.exp(delta / 2) + torch.exp(-delta / 2) + torch.exp(eta)
            return torch.log(d) - (eta if tied else delta / 2)
        if tied:
            return -0.5 * (F.logsigmoid(delta) + F.logsigmoid(-delta))
        return -F.logsigmoid(delta)
    return loss


def dpo_pair_loss(case):
    def directed(delta, epsilon):
        if case["loss"] == "ipo":
            return (delta / case["beta"] - (1 - 2 * epsilon) / (2 * case["beta"])) ** 2
        return -(1 - epsilon) * F.logsigmoid(delta) - epsilon * F.logsigmoid(-delta)
    return lambda delta, tied: directed(delta, 0.5 if tied else case["label_smoothing"])


def reward_expected(m, shared, weights, case):
    tasks, config = shared["tasks"], shared["optimization"]
    p, eta = parameters(weights["reward"]), torch.tensor(case.get("eta", 0.0), requires_grad=True)

    def loss_of(batch):
        rewards = [[scalars(p, m, s)[-1] for s in task["sequences"]] for task in batch]
        return batch_loss(batch, rewards, case, reward_pair_loss(case, eta)), rewards

    loss, rewards = loss_of(tasks)
    loss.backward()
    figures = {"loss": loss.item(), "rewards": [[r.item() for r in row] for row in rewards], "d_eta": 0.0 if eta.grad is None else eta.grad.item()}
    tensors = {f"reward_{case['name']}_gradient": gradients(p)}

    steps, figures["losses"] = optimizer(p, config), []
    eta_steps = torch.optim.Adam([eta], lr=1.0, betas=(config["adam_beta1"], config["adam_beta2"]), eps=config["adam_epsilon"])
    for at, chosen in enumerate(shared["batches"]):
        steps.zero_grad()
        eta_steps.zero_grad()
        loss, _ = loss_of([tasks[i] for i in chosen])
        loss.backward()
        now = rate(config, at, STEPS)
        step(steps, p, now, config["clip_norm"])
        if case["ties"] == "davidson":
            eta_steps.param_groups[0]["lr"] = now / config["learning_rate"] * case["tie_learning_rate"]
            eta_steps.step()
        figures["losses"].append(loss.item())
    figures["eta_after"] = eta.item()
    tensors[f"reward_{case['name']}_after"] = values_of(p)
    return figures, tensors


def dpo_expected(m, shared, weights, case):
    tasks, config = shared["tasks"], shared["optimization"]

    def sequence_log_probs(p, task):
        rows = [log_probs(p, m, s, task["prompt"])[0] for s in task["sequences"]]
        return [row.mean() if case["average_log_prob"] else row.sum() for row in rows]

    with torch.no_grad():
        frozen = parameters(weights["dpo_start"])
        reference = {id(task): sequence_log_probs(frozen, task) for task in tasks}

    def loss_of(p, batch):
        rewards = [[case["beta"] * (now - ref) for now, ref in zip(sequence_log_probs(p, task), reference[id(task)])] for task in batch]
        return batch_loss(batch, rewards, case, dpo_pair_loss(case))

    p = parameters(weights["dpo_moved"])
    loss = loss_of(p, tasks)
    loss.backward()
    figures = {"loss": loss.item(), "losses": []}
    tensors = {f"dpo_{case['name']}_gradient": gradients(p)}

    p = parameters(weights["dpo_start"])
    steps = optimizer(p, config)
    for at, chosen in enumerate(shared["batches"]):
        steps.zero_grad()
        loss = loss_of(p, [tasks[i] for i in chosen])
        loss.backward()
        step(steps, p, rate(config, at, STEPS), config["clip_norm"])
        figures["losses"].append(loss.item())
    tensors[f"dpo_{case['name']}_after"] = values_of(p)
    return figures, tensors
