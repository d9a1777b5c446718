package demo

import "slices"

// size is how much of everything a demo does.
type size struct {
	trainPrompts   int
	heldOutPrompts int
	annotators     int
	overlap        int     // judgments a task: rankings of one task cost the reward model nothing more, and average the noise
	flip           float64 // share of clear pairs that a simulated annotator reverses (AlpacaFarm's 25 %)
	maxNew         int     // tokens a reply
	reward         []string
	ppo            []string
}

const k = 4 // replies to rank, InstructGPT's smallest

// kinds are the requests that the demo asks: of those that the base model is for, the eighteen that a reward model
// of its size learns best from some thousand rankings. docs/base-model.md tells how they were chosen.
var kinds = []string{
	"past", "wish", "greet", "goodbye", "which", "thank", "invite", "sorry", "note", "opposite", "plural", "fix",
	"shorten", "colour", "text_colour", "question", "count_words", "advice",
}

// sizeOf gives the full size, planned for ten minutes on two full-speed cores, or the smoke run's.
//
// What the figures come from: with a small kl_coef the policy finds what the reward model wrongly likes, and gold falls while
// the score rises; the adaptive controller lowers it slowly from 0.2, as the advantages become clearer, and stops where the
// policy is about a nat away, since gold falls beyond that. λ = 1 because the value model knows nothing at first and replies
// are short. Without the pretraining mix the policy forgets facts that the reward model cannot see. Twenty judgments a
// task rather than more tasks: with a quarter of the pairs reversed, the noise is what the reward model suffers from. A
// thousand held-out prompts: of 300, a win rate is known to 0.035 only.
func sizeOf(quick bool) size {
	full := size{
		trainPrompts: 4000, heldOutPrompts: 1000, annotators: 24, overlap: 20, flip: 0.25, maxNew: 80,
		reward: []string{"batch_tasks=10", "learning_rate=0.0008", "warmup_steps=10", "max_new=80", "eval_every=60"},
		ppo: []string{
			"iterations=26", "episodes=576", "minibatches=4", "ppo_epochs=1", "warmup_iterations=3", "max_new=80", "rollout_batch=96",
			"learning_rate=0.0006", "lr_schedule=cosine", "lr_final=0.2", "value_learning_rate=0.0015", "kl_coef=0.2", "kl_target=1.25", "lambda=1",
			"ema_decay=0.9", "gamma_ptx=1", "rho=0.5", "ptx_context=64", "sample_every=8", "sample_prompts=8",
		},
	}
	if !quick {
		return full
	}
	quickSize := full
	quickSize.trainPrompts, quickSize.heldOutPrompts, quickSize.annotators, quickSize.overlap = 800, 160, 13, 2
	quickSize.ppo = append(slices.Clone(full.ppo), "iterations=8", "episodes=192", "sample_every=0")
	return quickSize
}
