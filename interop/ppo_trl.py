"""Measures iterations of TRL's experimental PPO (trl 0.26.2) on a CPU, for ppo_speed.py to compare with `rankloop bench ppo`.

Reads one JSON object, {"model", "episodes", "prompt_tokens", "new_tokens", "ppo_epochs", "minibatches", "lora_r", "repeats",
"threads"}, and answers with the medians of a case of `rankloop bench ppo --json`. "model" is a Hugging Face folder, or null
for SmolLM2-135M's shape with random weights.

Like for like: float32, replies of exactly new_tokens at temperature 1 (no stop token), no gradient checkpointing, one
optimizer step a minibatch, a value and a reward model of the policy's size, adapters on every matrix of policy and value
model alike, all episodes of a phase in one batch as TRL is fastest so. The phases are told apart by when TRL calls
batch_generation (rollout), masked_whiten of the advantages (the end of scoring) and log (the end of the update).
"""
import json
import os
import resource
import statistics
import sys
import tempfile
import time

import torch
import trl.experimental.ppo.ppo_trainer as ppo
from datasets import Dataset
from peft import LoraConfig, inject_adapter_in_model
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification, LlamaConfig, PreTrainedTokenizerFast

SMOLLM2 = dict(vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3,
               rope_theta=100000.0, rms_norm_eps=1e-5, max_position_embeddings=8192, tie_word_embeddings=True)


def models(case):
    """Policy, reward and value model; the reference is TRL's own copy, or the policy without its adapters."""
    config = AutoConfig.from_pretrained(case["model"]) if case["model"] else LlamaConfig(**SMOLLM2)
    if case["model"]:
        policy = AutoModelForCausalLM.from_pretrained(case["model"], dtype=torch.float32)
    else:
        policy = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    config.num_labels, config.pad_token_id = 1, 0
    reward, value = (AutoModelForSequenceClassification.from_config(config, dtype=torch.float32) for _ in range(2))
    value.load_state_dict(reward.state_dict())
    return policy, reward, value


def lora(rank):
    return LoraConfig(r=rank, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")


def adapted_value(value, rank):
    """The value model with adapters on its trunk, and a head that is trained."""
    inject_adapter_in_model(LoraConfig(r=rank, lora_alpha=32, lora_dropout=0.0, target_modules=["q_proj", "k_proj", "v_proj", "o_proj",
                                       "gate_proj", "up_proj", "down_proj", "c_attn", "c_proj", "c_fc"]), value)
    for parameter in value.score.parameters():
        parameter.requires_grad = True
    return value


def tokenizer(size):
    """TRL asks for the ids of padding and end alone; prompts come as ids."""
    words = {"<pad>": 0, "<eos>": 1} | {f"<{i}>": i for i in range(2, size)}
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer(WordLevel(words, unk_token="<eos>")), pad_token="<pad>", eos_token="<eos>", padding_side="left")


class Clock:
    """When the phases of each iteration ended."""

    def __init__(self):
        self.iterations, self.started = [], time.perf_counter()

    def watch(self):
        generate, whiten = ppo.batch_generation, ppo.masked_whiten

        def generation(*args, **kwargs):
            self.begun = time.perf_counter()
            result = generate(*args, **kwargs)
            self.generated = time.perf_counter()
            return result

        def whitened(*args, **kwargs):
            result = whiten(*args, **kwargs)
            self.scored = time.perf_counter()
            return result

        ppo.batch_generation, ppo.masked_whiten = generation, whitened

    def updated(self):
        now = time.perf_counter()
        self.iterations.append({"rollout": self.generated - self.begun, "scoring": self.scored - self.generated,
                                "update": now - self.scored, "whole": now - self.begun})


def measure(case):
    torch.set_num_threads(case["threads"])
    torch.manual_seed(1)
    policy, reward, value = models(case)
    parameters = sum(p.numel() for p in policy.parameters())
    rank = case["lora_r"]
    if rank:
        value = adapted_value(value, rank)
    size = policy.config.vocab_size
    prompts = torch.randint(2, size, (case["episodes"], round(case["prompt_tokens"]))).tolist()
    clock = Clock()
    clock.watch()

    class Trainer(ppo.PPOTrainer):
        def log(self, *args, **kwargs):
            clock.updated()

        def save_model(self, *args, **kwargs):
            pass

    with tempfile.TemporaryDirectory() as folder:
        args = ppo.PPOConfig(
            output_dir=folder, use_cpu=True, bf16=False, gradient_checkpointing=False, report_to=[], save_strategy="no", logging_steps=1, disable_tqdm=True,
            total_episodes=case["episodes"] * (case["repeats"] + 1), per_device_train_batch_size=case["episodes"], gradient_accumulation_steps=1,
            local_rollout_forward_batch_size=case["episodes"], num_ppo_epochs=case["ppo_epochs"], num_mini_batches=case["minibatches"],
            response_length=case["new_tokens"], temperature=1.0, stop_token=None, missing_eos_penalty=None, num_sample_generations=0,
            kl_coef=0.02, cliprange=0.2, cliprange_value=0.2, vf_coef=0.1, gamma=1.0, lam=0.95, whiten_rewards=False, learning_rate=1e-5)
        trainer = Trainer(args=args, processing_class=tokenizer(size), model=policy, ref_model=None, reward_model=reward, value_model=value,
                          train_dataset=Dataset.from_dict({"input_ids": prompts}), eval_dataset=Dataset.from_dict({"input_ids": prompts}),
                          peft_config=lora(rank) if rank else None)
        trainer.train()
    kept = clock.iterations[1:]  # the first warms up
    median = {phase: statistics.median(i[phase] for i in kept) for phase in kept[0]}
    return {
        "name": "trl 0.26.2, torch " + torch.__version__, "parameters": parameters, "lora_r": rank, "episodes": case["episodes"],
        "trainable": sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
        "prompt_tokens": len(prompts[0]), "new_tokens": case["new_tokens"], "threads": torch.get_num_threads(), "repeats": len(kept),
        "rollout_s_median": median["rollout"], "scoring_s_median": median["scoring"], "update_s_median": median["update"],
        "iteration_s_median": median["whole"], "tokens_per_s_median": case["episodes"] * case["new_tokens"] / median["whole"],
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


if __name__ == "__main__":
    request = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # TRL prints its own on standard output
    json.dump(measure(request), answers)
    answers.write("\n")
    answers.flush()
