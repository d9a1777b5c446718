package demo

import "slices"

// size is how much of everything a demo does.
type size struct {
	trainPrompts   int
	heldOutPrompts int
	annotators     int
	overlap        int     // judgments a task: more than one, so that agreement can be told
	flip           float64 // share of clear pairs that a simulated annotator reverses (AlpacaFarm's 25 %)
	maxNew         int     // tokens a reply
	reward         []string
	ppo            []string
}

const k = 4 // replies to rank, InstructGPT's smallest

// sizeOf gives the full size, planned for half of ten minutes on two full-speed cores, or the smoke run's.
func sizeOf(quick bool) size {
	full := size{
		trainPrompts: 2500, heldOutPrompts: 300, annotators: 8, overlap: 2, flip: 0.25, maxNew: 80,
		reward: []string{"batch_tasks=12", "learning_rate=0.0008", "warmup_steps=10", "max_new=80", "eval_every=60"},
		ppo: []string{
			"iterations=26", "episodes=384", "minibatches=4", "ppo_epochs=2", "warmup_iterations=2", "max_new=80", "rollout_batch=96",
			"learning_rate=0.0002", "value_learning_rate=0.0006", "kl_coef=0.05", "ema_decay=0.95",
			"gamma_ptx=0.3", "rho=0.25", "ptx_context=64", "sample_every=8", "sample_prompts=8",
		},
	}
	if !quick {
		return full
	}
	quickSize := full
	quickSize.trainPrompts, quickSize.heldOutPrompts = 800, 160
	quickSize.ppo = append(slices.Clone(full.ppo), "iterations=7", "episodes=192", "sample_every=0")
	return quickSize
}
