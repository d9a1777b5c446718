// Package trainer holds the training algorithms: pretraining, supervised tuning, the reward model and PPO. Each is one
// file that reads top to bottom like the algorithm; what they share (configuration, sequences, schedules, state) stands
// beside them. It knows no SQL and no HTTP: jobs gives it checkpoints, records and prompts, and calls Advance.
//
// Two rules hold everywhere. Everything is reproducible: a run draws all randomness from its seed and the place where
// it is needed (stream.go), so a saved run carries counters, not generators, and 2N steps equal N steps, a save, a fresh
// process and N more, bit for bit on one kernel set. And every mean is taken over the valid tokens (or tasks) of the
// whole batch, never of the micro-batch that happens to be in memory.
//
// Sources named in comments: InstructGPT is Ouyang et al. 2022 (arXiv 2203.02155), PPO is Schulman et al. 2017
// (1707.06347), GAE is Schulman et al. 2015 (1506.02438), lm-human-preferences is Ziegler et al. 2019 (1909.08593) and
// its code. Metric names follow TRL's.
package trainer
