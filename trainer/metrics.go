package trainer

import "strings"

// Metric names. Where TRL has a name, it is TRL's. Per token means over the valid reply tokens.
const (
	metricLoss            = "loss"
	metricGradNorm        = "grad_norm" // before clipping
	metricLearningRate    = "lr"
	metricEpoch           = "epoch"
	metricTokensPerSecond = "tokens_per_s" // read by networks in training
	metricSkippedSteps    = "skipped_steps"
	metricEvalLoss        = "eval/loss"
	metricPtxLoss         = "ptx/loss" // nats a token on pretraining text
	metricFLOP            = "flop"     // pretrain: so far, 6N + 12·L·A·T a token
	metricEvalPerByte     = "eval/nats_per_byte"

	// Pretrain with denoising: nats a predicted token, by part of the mixture.
	metricNextLoss      = "loss/next_token"
	metricMasksLoss     = "loss/masks"
	metricSentencesLoss = "loss/sentences"
	metricSpansLoss     = "loss/spans"

	// Reward model, on the batch.
	metricAccuracy   = "accuracy" // share of strict pairs in order
	metricMargin     = "margin"   // mean of r_w − r_l over strict pairs
	metricMinReward  = "min_reward"
	metricMeanReward = "mean_reward"
	metricMaxReward  = "max_reward"
	metricTasks      = "tasks"
	metricPairs      = "pairs"
	metricTieEta     = "tie_eta" // davidson's η

	// Reward model and DPO, on the validation split.
	metricEvalAccuracy       = "eval/accuracy"
	metricEvalAccuracyLow    = "eval/accuracy_low" // 95 %, bootstrap over prompts
	metricEvalAccuracyHigh   = "eval/accuracy_high"
	metricEvalPairs          = "eval/pairs"
	metricEvalPrompts        = "eval/prompts"
	metricEvalMargin         = "eval/margin"
	metricEvalLengthBaseline = "eval/length_baseline" // accuracy of looking at length alone
	metricReferenceMean      = "reference/mean"       // μ_ref after the shift
	metricReferenceStd       = "reference/std"        // σ_ref

	// DPO, on the batch: implicit rewards β·(log π − log π_ref), means over strict pairs.
	metricDPOChosen          = "rewards/chosen"
	metricDPORejected        = "rewards/rejected"
	metricDPOMargins         = "rewards/margins"
	metricDPOAccuracies      = "rewards/accuracies"
	metricDPOChosenLogProb   = "logps/chosen"
	metricDPORejectedLogProb = "logps/rejected"

	// PPO, on the rollout: of the policy that sampled it.
	metricKL                = "objective/kl"               // nats a sequence, Σ(log π − log π_ref)
	metricKLPerToken        = "objective/kl_per_token"     //
	metricEntropy           = "objective/entropy"          // Σ −log π of the sampled tokens, a sequence
	metricNonScoreReward    = "objective/non_score_reward" // −β·KL
	metricRLHFReward        = "objective/rlhf_reward"      // score − β·KL
	metricScores            = "objective/scores"           // after the missing-end rule
	metricKLCoef            = "objective/kl_coef"          // β
	metricScoresStd         = "objective/scores_std"
	metricScoreLengthCorr   = "objective/score_length_correlation"
	metricEndTokens         = "val/num_eos_tokens"         // replies of the rollout that end by themselves
	metricMeanLength        = "completions/mean_length"    // tokens, end included
	metricClippedRatio      = "completions/clipped_ratio"  // share without an end token
	metricDistinct2         = "completions/distinct_2"     // distinct bigrams over bigrams
	metricRepeated4         = "completions/repeated_4"     // share of a reply's 4-grams that it has had before
	metricSamplerGap        = "val/sampler_logprob_gap"    // largest |sampler − training path|
	metricReturnsMean       = "ppo/returns/mean"           //
	metricReturnsVar        = "ppo/returns/var"            //
	metricValueVarExplained = "ppo/val/var_explained"      // 1 − Var(R − V)/Var(R)
	metricAdvantagesMean    = "ppo/policy/advantages_mean" // before whitening
	metricEpisode           = "episode"                    // sampled so far
	metricEps               = "eps"                        // TRL: episodes a second

	// PPO, on held-out rankings: of the moving average, with each sample table.
	metricAgreement = "eval/agreement"

	// PPO, on the minibatch: of the policy before its step.
	metricApproxKL       = "policy/approxkl_avg" // ½·mean (log π − log π_old)²
	metricClipFrac       = "policy/clipfrac_avg"
	metricEntropyAvg     = "policy/entropy_avg" // of the distributions, a token
	metricPolicyLoss     = "loss/policy_avg"
	metricValueLoss      = "loss/value_avg"
	metricValueClipFrac  = "val/clipfrac_avg"
	metricRatio          = "val/ratio"
	metricRatioVar       = "val/ratio_var"
	metricPolicyGradNorm = "policy/grad_norm"
	metricValueGradNorm  = "val/grad_norm"
	metricValueLR        = "val/lr"
	metricPtxGradRatio   = "ptx/grad_norm_ratio" // ‖γ·g_ptx‖ over ‖g_ppo‖

	metricRolloutTime = "time/rollout_s"
	metricScoreTime   = "time/score_s" // scores, log-probabilities and values of a rollout
	metricUpdateTime  = "time/update_s"
	metricPtxTime     = "time/ptx_s"
	metricSampleTime  = "time/samples_s"
)

// histogramAdvantages are whitened, a token each: what the policy learns from. Their mean is 0, so there is no such metric.
const histogramAdvantages = "ppo/policy/advantages"

// IsTiming says that a metric measures the machine: it differs between two runs that are otherwise equal to the bit.
func IsTiming(name string) bool {
	return strings.HasPrefix(name, "time/") || name == metricTokensPerSecond || name == metricEps
}
